"""Padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ....errors import ShapeError
from ... import dtypes
from ...arguments import integers, number, shape
from ...layout import follow_format, is_unknown, itself, lay, preserved, strides
from ...operation import operation
from ...tensor import check_value, new, tensor
from .common import RANKS, spatial

if TYPE_CHECKING:
    from typing import Any

    from ...tensor import Tensor


@operation
@itself
def pad(input: Tensor, pad: Any, mode: str = "constant", value: float | None = None) -> Tensor:
    """Pad the last axes: ``pad`` is (left, right) of the last axis, then of the one before it, and so on.

    Negative amounts cut off. ``reflect``, ``replicate`` and ``circular`` pad exactly the spatial axes of
    ``(N, C, *size)`` or ``(C, *size)``.

    Raises:
        ShapeError: an axis would be cut below nothing, or is too short to reflect or to wrap around.
    """
    input = tensor("input", input)
    amounts = integers("pad", pad)
    axes = len(amounts) // 2
    if len(amounts) % 2:
        raise ShapeError(f"needs two amounts for each axis, but receives {len(amounts)}: {amounts}")
    if axes > input.ndim:
        raise ShapeError(
            f"has amounts for {axes} axes, but its input has {input.ndim}: {shape(input.shape)}"
        )
    if mode not in _PADDINGS:
        raise ShapeError(f"has mode={mode!r}, which is none of {', '.join(map(repr, _PADDINGS))}")
    if mode != "constant":
        if value is not None and value != 0:
            raise ShapeError(f"has mode={mode!r}, which takes no value, but value={value!r}")
        if axes not in RANKS:
            raise ShapeError(f"pads 1, 2 or 3 axes with mode={mode!r}, not {axes}")
        lead, size = spatial(input, axes)
        if mode != "circular" and (0 in lead[-1:] or 0 in size):
            raise ShapeError(f"receives an empty input: {shape(input.shape)}")
        if mode != "circular" and input.dtype is dtypes.bool:
            raise ShapeError("is not defined for bool")
    elif value is not None and max(amounts, default=0) > 0:
        check_value(float(number("value", value)), input.dtype)
        if value < 0 and input.dtype is dtypes.uint8:
            raise ShapeError(f"has value={value}, which uint8 cannot hold")
    elif value is not None:
        number("value", value)
    head = input.shape[: input.ndim - axes]
    sides = list(zip(amounts[-2::-2], amounts[-1::-2], strict=True))
    try:
        out = tuple(
            _PADDINGS[mode](n, left, right)
            for n, (left, right) in zip(input.shape[len(head) :], sides, strict=True)
        )
    except ShapeError as error:
        if mode in _LIMITS:
            most = [max(n + _LIMITS[mode], 0) for n in input.shape[::-1] for _ in range(2)]
            change = {"padding": tuple(map(min, amounts, most))}
            raise ShapeError(error.what, change=change) from None
        raise
    if mode in ("reflect", "replicate") and max(out) < 1:
        raise ShapeError(f"would leave nothing of {shape(input.shape)}")
    result = new((*head, *out), input.dtype)
    if mode == "constant" and max(amounts, default=0) <= 0 and not is_unknown(input):
        lay(result, preserved(result.shape, strides(input)))  # a copy of what is left
        return result
    return result if mode == "circular" else follow_format(result, input)


def _pad_constant(size: int, left: int, right: int) -> int:
    if size + min(left, 0) < 0 or size + min(left, 0) + min(right, 0) < 0:
        raise ShapeError(f"cannot cut {-min(left, 0)} and {-min(right, 0)} off an axis of {size}")
    return size + left + right


def _pad_replicate(size: int, left: int, right: int) -> int:
    if size + left + right < 0:
        raise ShapeError(f"cannot cut {-left - right} off an axis of {size}")
    return size + left + right


def _pad_reflect(size: int, left: int, right: int) -> int:
    if max(left, right) >= size:
        raise ShapeError(f"reflects {max(left, right)}, which must be less than the axis of {size}")
    return _pad_replicate(size, left, right)


def _pad_circular(size: int, left: int, right: int) -> int:
    if max(left, right) > size:
        raise ShapeError(f"wraps {max(left, right)} around, which is more than the axis of {size}")
    return _pad_replicate(size, left, right)


#: How much larger or smaller than the axis a padding may be that is made of it.
_LIMITS = {"reflect": -1, "circular": 0}
_PADDINGS = {
    "constant": _pad_constant,
    "reflect": _pad_reflect,
    "replicate": _pad_replicate,
    "circular": _pad_circular,
}
