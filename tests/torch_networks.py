"""Network files judged by convshape and by torch: one reader, with torch for its vocabulary."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn.parameter import is_lazy

from convshape.api import traced
from convshape.errors import ShapeError, SpecError, UnknownOperation
from convshape.readers.expressions.vocabulary import Vocabulary
from convshape.readers.network_file.reader import read
from convshape.run.program import Program
from convshape.shapetorch.nn.parameter import is_lazy as ours_is_lazy
from convshape.verify.generators.data import flat

TORCH = Vocabulary(torch)


@dataclass(frozen=True)
class Facts:
    """What came of a network: refused, or the shapes of each module, in order, and parameters."""

    accepted: bool
    rows: tuple[tuple[str, tuple[tuple[int, ...], ...]], ...] = ()
    parameters: tuple[tuple[str, tuple[int, ...] | None], ...] = ()
    count: int = 0
    message: str = field(default="", compare=False)
    #: How a tensor lies in memory is not known to convshape, and it says so.
    unknown: bool = field(default=False, compare=False)

    def agrees(self, theirs: Facts) -> bool:
        """Return whether this, convshape's, is torch's."""
        return self.unknown or self == theirs


def _shapes(value: Any) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(each.shape) for each in flat(value) if hasattr(each, "shape"))


def by_convshape(text: str) -> Facts:
    """Judge a network file; anything but an answer or a refusal is an error of ours."""
    try:
        network = read(text, "net.yaml")
        result = traced(Program(network.module, network.inputs))
    except (ShapeError, SpecError) as error:
        return Facts(accepted=False, message=str(error))
    if result.error is not None:
        unknown = isinstance(result.error, UnknownOperation) and "in memory" in str(result.error)
        return Facts(accepted=False, message=str(result.error), unknown=unknown)
    rows = tuple((r.path, tuple(r.outputs or ())) for r in result if r.kind == "module")
    return Facts(True, rows, _parameters(network.module), result.params)


def by_torch(text: str, device: str = "cpu") -> Facts:
    """Judge a network file by the layers and functions of torch."""
    try:
        network = read(text, "net.yaml", vocabulary=TORCH)
        module = network.module.to(device)
        tensors = [
            torch.zeros(each.shape, dtype=getattr(torch, each.dtype.name), device=device)
            for each in network.inputs
        ]
        rows = torch_rows(module, *tensors)
    except Exception as error:
        return Facts(accepted=False, message=f"{type(error).__name__}: {error}")
    return Facts(
        True,
        rows,
        _parameters(module),
        sum(p.numel() for p in module.parameters() if not is_lazy(p)),
    )


def torch_rows(module: torch.nn.Module, *inputs: torch.Tensor) -> tuple[tuple[str, Any], ...]:
    """Run a module of torch in evaluation mode; return what each call in it gave, parents first."""
    rows: list[Any] = []
    open_rows: list[int] = []

    def before(path: str) -> Any:
        def hook(module: Any, args: Any) -> None:
            open_rows.append(len(rows))
            rows.append(path)

        return hook

    def after(module: Any, args: Any, output: Any) -> None:
        index = open_rows.pop()
        rows[index] = (rows[index], _shapes(output))

    for path, each in module.named_modules():
        each.register_forward_pre_hook(before(path))
        each.register_forward_hook(after)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module.eval()(*inputs)
    return tuple(rows)


def _parameters(module: Any) -> tuple[tuple[str, tuple[int, ...] | None], ...]:
    """Return the parameters by name; those of a lazy layer that is never called have no shape."""
    return tuple(
        (name, None if ours_is_lazy(each) or is_lazy(each) else tuple(each.shape))
        for name, each in module.named_parameters()
    )
