"""Write docs/coverage.md: which names of torch convshape knows, and which it refuses as unknown.

    python tests/write_coverage.py [--check]

With --check nothing is written; it exits with 1 where the file is out of date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch

from convshape import shapetorch
from convshape.readers.expressions.vocabulary import MODULES, SPACES
from convshape.shapetorch import torch_module
from convshape.shapetorch.ops.spaces import METHODS

FILE = Path(__file__).parent.parent / "docs" / "coverage.md"

HEADER = """\
# Supported names of torch {version}

Every public name of `torch.nn`, `torch.nn.functional`, `torch.Tensor`, `torch.fft`, `torch.linalg`,
`torch.special` and the tensor functions of `torch`. This page is written by
`python tests/write_coverage.py`. Supported names agree with torch; unsupported names are refused
with `UnknownOperation`, never guessed. Operations whose result shape depends on tensor values
(`nonzero`, `unique`, a mask as index) are supported for small tensors with known values, and
refused for others.

Public networks that agree with torch from their sources, call by call: [models.md](models.md).
"""


def public(owner: Any) -> set[str]:
    return {
        name
        for name in dir(owner)
        if not name.startswith("_") and callable(getattr(owner, name, None))
    }


def functions() -> set[str]:
    """Return the names in `torch` that take or make tensors, which a subclass can override."""
    candidates = (
        *torch.overrides.get_overridable_functions()[torch],
        *torch.overrides.get_ignored_functions(),
    )
    names = {getattr(each, "__name__", "") for each in candidates}
    return {name for name in names & public(torch) if not name.endswith("_")}


def section(title: str, names: set[str], known: set[str]) -> str:
    missing = sorted(names - known)
    lines = [f"\n## {title}: {len(names & known)} of {len(names)}\n"]
    if names & known:
        lines += [", ".join(f"`{n}`" for n in sorted(names & known)) + ".\n"]
    if missing:
        lines += ["Not known: " + ", ".join(f"`{n}`" for n in missing) + ".\n"]
    return "\n".join(lines)


def text() -> str:
    nn, functional = shapetorch.nn, shapetorch.nn.functional
    own = {"channel_shuffle"}  # in torch.nn.functional by another way than the rest
    in_functional = {
        name
        for name in public(torch.nn.functional)
        if getattr(getattr(torch.nn.functional, name), "__module__", "") not in ("typing", "torch")
        and name[0].islower()
    } | own
    parts = [
        section("torch.nn", set(torch.nn.modules.__all__), set(nn.__all__)),
        section("torch.nn.functional", in_functional, set(functional.__all__)),
        section("torch", functions(), set(torch_module.namespace("torch").__dict__)),
        section(
            "torch.Tensor",
            {n for n in public(torch.Tensor) if not n.endswith("_")},
            METHODS.keys() | {n for n in dir(shapetorch.Tensor) if not n.startswith("_")},
        ),
        *(
            section(
                f"torch.{name}",
                public(getattr(torch, name)) - {"LinAlgError", "Tensor"},
                set(SPACES[name]),
            )
            for name in MODULES
        ),
    ]
    return HEADER.format(version=torch.__version__.partition("+")[0]) + "".join(parts)


def main() -> int:
    if "--check" in sys.argv[1:]:
        return FILE.read_text() != text()
    FILE.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
