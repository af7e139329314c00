"""What the values of several families need."""

from __future__ import annotations

from typing import Any

from ...errors import ShapeError, SpecError
from ...readers.expressions.evaluate import evaluate
from ...shapetorch.arguments import shape
from ...shapetorch.tensor import Tensor

Fields = dict[str, Any]


def refused(layer: str, *inputs: tuple[int, ...]) -> Fields:
    """Return the refusal of a layer for inputs of these shapes, and the fix that it offers."""
    try:
        evaluate(layer, {}, lambda *_: ("", ""))(*map(Tensor, inputs))
    except ShapeError as error:
        return {"layer": layer, "refusal": error.message, "fix": error.fix}
    raise SpecError(
        f"these numbers fit: {layer} takes {', '.join(map(shape, inputs))}",
        fix="paste the whole error",
    )


def one_or_all(sizes: tuple[int, ...]) -> str:
    """Write a kernel as people do: one number where all are the same."""
    return str(sizes[0]) if len(set(sizes)) == 1 else str(tuple(sizes))


def times(larger: int, smaller: int) -> int | None:
    """Return how many times `smaller` makes `larger`, if it does."""
    return larger // smaller if smaller > 0 and larger > 0 and larger % smaller == 0 else None
