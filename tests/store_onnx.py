"""Store networks of torchvision as ONNX graphs without weights, and the shapes that torch gives.

    python tests/store_onnx.py

It needs torch, torchvision and onnx; `tests/readers/onnx/test_onnx.py` needs none of torchvision.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import onnx
import torch

FOLDER = Path(__file__).parent / "readers" / "onnx"
NAMES = ("resnet18", "mobilenet_v3_small", "deeplabv3_mobilenet_v3_large")


def shapes(net: torch.nn.Module, example: torch.Tensor) -> list[list[int]]:
    """Return what each convolution and linear layer gives, in order."""
    found: list[list[int]] = []
    for part in net.modules():
        if isinstance(part, (torch.nn.Conv2d, torch.nn.Linear)):
            part.register_forward_hook(lambda _, __, out: found.append(list(out.shape)))
    with torch.no_grad():
        net.eval()(example)
    return list(found)


def without_weights(net: torch.nn.Module, example: torch.Tensor) -> Any:
    """Return the exported model, whose larger tensors lie in a file that is not kept."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / "net.onnx"
        torch.onnx.export(net.eval(), (example,), str(path), dynamo=False)
        model = onnx.load(path)
        onnx.save(model, path, save_as_external_data=True, location="weights", size_threshold=256)
        return onnx.load(path, load_external_data=False)


def main() -> None:
    from torchvision import models

    wanted = {}
    for name in NAMES:
        weights = {"weights_backbone": None} if "deeplab" in name else {}
        net = models.get_model(name, weights=None, **weights)
        example = torch.zeros(1, 3, 224, 224)
        wanted[name] = shapes(net, example)
        onnx.save(without_weights(net, example), FOLDER / f"{name}.onnx")
    (FOLDER / "shapes.json").write_text(json.dumps(wanted) + "\n")


if __name__ == "__main__":
    main()
