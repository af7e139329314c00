"""The ONNX operators, by the headings of its documentation, as calls of torch functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import (
    convolution,
    elementwise,
    indexing,
    matrices,
    normalization,
    pooling,
    quantization,
    recurrent,
    reductions,
    shapes,
    subgraphs,
)

_FAMILIES = (
    convolution, elementwise, indexing, matrices, normalization, pooling, quantization, recurrent,
    reductions, shapes, subgraphs,
)  # fmt: skip

#: What an operator gives: a rule of its node and inputs, None for those that are left out.
OPERATORS: dict[str, Callable[..., Any]] = {
    name: rule for family in _FAMILIES for name, rule in family.OPERATORS.items()
}
