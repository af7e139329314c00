"""Compare live modules of torchvision with their sources.

    python tests/compare_live.py [NAME ...]

Each classification, segmentation and video model (or those that are named) is created with torch
and traced as a module; its source is traced without torch. Rows, outputs, parameters and MACs must
be equal. Weights are not filled, which takes minutes: no shape depends on them.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import torch
from torchvision import models

import convshape as cs

#: The first words of the names of networks that do not take an image of 224 × 224.
SHAPES = {
    "inception": (3, 299, 299),
    ("mc3", "r2plus1d", "r3d"): (3, 16, 112, 112),
    ("mvit", "s3d", "swin3d"): (3, 16, 224, 224),
}


def keep_weights_unfilled() -> None:
    def unchanged(tensor: Any, *_: Any, **__: Any) -> Any:
        return tensor

    for name in dir(torch.nn.init):
        if name.endswith("_") and not name.startswith("_"):
            setattr(torch.nn.init, name, unchanged)
    torch.Tensor.normal_ = torch.Tensor.uniform_ = unchanged


def rows(trace: Any) -> list[Any]:
    return [(row.path, row.outputs, row.params, row.macs) for row in trace.rows]


def is_equal(name: str) -> bool:
    build = models.get_model_builder(name)
    options = "weights_backbone=None" if "segmentation" in build.__module__ else ""
    shape = next((s for words, s in SHAPES.items() if name.startswith(words)), (3, 224, 224))
    module = build(**{options.partition("=")[0]: None} if options else {}).eval()
    live = cs.trace(module, shape)
    file = sys.modules[build.__module__].__file__
    source = cs.trace(f"{file}:{name}({options})", shape)
    return not live.error and not source.error and rows(live) == rows(source)


def main(names: list[str]) -> int:
    keep_weights_unfilled()
    kinds = (models, models.segmentation, models.video)
    names = names or [name for kind in kinds for name in models.list_models(kind)]
    different = 0
    for name in names:
        started = time.perf_counter()
        equal = is_equal(name)
        different += not equal
        took = time.perf_counter() - started
        print(f"{name}: {'equal' if equal else 'DIFFERENT'}, {took:.1f} s", flush=True)
    print(f"{len(names) - different} of {len(names)} are equal")
    return different


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
