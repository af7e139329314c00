"""Equations with the numbers filled in: ``⌊(32 + 2·0 − 1·(5 − 1) − 1) / 1⌋ + 1 = 28``.

The equations are those in the docstrings of `convshape.sizes`, the one place where they are
written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from .. import sizes
from ..shapetorch.arguments import shown
from ..shapetorch.nn.modules.constructor import signature
from ..shapetorch.operation import facts_of

#: The letters of spatial axes, by how many there are.
AXES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}
_BELOW_ONE = re.compile(r"= (0|-\d+)$")
_NAME = re.compile(r"[a-z_]{2,}")


def lines(module: Any, shape: Sequence[int], format: str = "table") -> list[str]:
    """Return the equation of each spatial axis of a layer, or one where they are all the same.

    Args:
        module: the layer; one without an equation of its own has no lines.
        shape: what comes in, ``(N, C, *size)`` or ``(C, *size)``.
        format: ``"markdown"`` and ``"latex"`` display them as mathematics.
    """
    if format != "table":
        from .markup import equations

        return equations(lines(module, shape), format)
    equation = _equation(type(module))
    if equation is None or getattr(module, "scale_factor", 1) is None:
        return []
    axis = _WITH_NUMBERS.get(equation) or partial(_filled, equation)
    names = [name for name in list(signature(equation))[1:] if hasattr(module, name)]
    size = shape[-module._axes :] if hasattr(module, "_axes") else shape[2:]
    columns = []
    for name in names:
        value = getattr(module, name)
        if name == "stride" and value is None:  # of pooling, which then takes steps of a window
            value = module.kernel_size
        several = isinstance(value, (tuple, list))
        columns.append(value if several and len(value) == len(size) else (_one(value),) * len(size))
    labels: dict[str, list[str]] = {}
    for label, n, *values in zip(AXES[len(size)], size, *columns, strict=True):
        labels.setdefault(axis(n, **dict(zip(names, values, strict=True))), []).append(label)
    if len(labels) == 1:
        return list(labels)
    return [f"{', '.join(axes)}: {equation}" for equation, axes in labels.items()]


def failing_axes(module: Any, shape: Sequence[int]) -> list[str]:
    """Return the equations by which nothing would be the output of a layer: ``... = 0``."""
    if len(shape) - getattr(module, "_axes", 0) not in (1, 2):
        return []
    try:
        return [line for line in lines(module, shape) if _BELOW_ONE.search(line)]
    except Exception:  # the arguments of a layer that refuses may be anything
        return []


def _one(value: Any) -> Any:
    """Return what holds for every axis: a value, or the only one of a tuple."""
    return value[0] if isinstance(value, (tuple, list)) else value


def symbols(layer: type) -> str:
    """Return the equation of an axis of a layer in symbols, or nothing if it has none."""
    equation = _equation(layer)
    if equation is sizes.pool_size:  # which is the one of a convolution, but for `ceil_mode`
        equation = sizes.conv_size
    return formula(equation) if equation else ""


def _equation(layer: Any) -> Callable[..., Any] | None:
    """Return the equation that is declared of the function of a layer."""
    facts = facts_of(getattr(layer, "_function", None))
    return facts.equation if facts else None


def _conv_axis(size: int, padding: int | str, **values: int) -> str:
    if padding == "same":
        before, after = sizes.same_padding(values["kernel_size"], values["dilation"])
        return (
            f"{size}: padding='same' adds {before} before and {after} after, which keeps the size"
        )
    return _filled(sizes.conv_size, size, padding=0 if padding == "valid" else padding, **values)


def _pool_axis(size: int, ceil_mode: bool, dilation: int = 1, **values: int) -> str:
    values = {"padding": 0, **values, "dilation": dilation}
    if not ceil_mode:
        return _filled(sizes.conv_size, size, **values)
    text = _filled(sizes.ceil_size, size, **values)
    out = sizes.pool_size(size, ceil_mode=True, **values)
    if out == sizes.ceil_size(size, **values):
        return text
    return f"{text}, less the last window, which would start in the right padding: {out}"


def _filled(equation: Callable[..., int], size: int, **values: Any) -> str:
    """Put numbers for the names in the text of `equation`, and add the result."""
    values["size"] = size
    numbers = {name: shown(value) for name, value in values.items()}
    numbers = {n: f"({v})" if " " in v else v for n, v in numbers.items()}
    filled = _NAME.sub(lambda name: numbers[name[0]], sizes.EQUATIONS[equation.__name__])
    return f"{filled} = {shown(equation(**values))}"


def formula(equation: Callable[..., int]) -> str:
    """Return an equation in symbols."""
    return sizes.EQUATIONS[equation.__name__]


#: What writes the equation of one axis with numbers, where it is more than these.
_WITH_NUMBERS: dict[Callable[..., Any], Callable[..., str]] = {
    sizes.conv_size: _conv_axis,
    sizes.pool_size: _pool_axis,
}
