"""Padding."""

from __future__ import annotations

from ....errors import ShapeError
from ... import dtypes
from ...arguments import Ints, one_of, shape
from ...layout import OWN, follow_format, is_unknown, lay, preserved, strides
from ...operation import operation
from ...tensor import Tensor, check_value, new
from .common import RANKS, check_nonempty, spatial

_MODES = ("constant", "reflect", "replicate", "circular")
#: How much longer than the axis a padding may be that is made of it, and what is wrong beyond that.
_LIMITS = {
    "reflect": (-1, "reflects {}, which must be less than the axis of {}"),
    "circular": (0, "wraps {} around, which is more than the axis of {}"),
}


@operation(layout=OWN, macs=None, field="pad")
def pad(input: Tensor, pad: Ints, mode: str = "constant", value: float | None = None) -> Tensor:
    """Pad the last axes: ``pad`` is (left, right) of the last, then of the one before, and so on.

    Negative amounts cut off. ``reflect``, ``replicate`` and ``circular`` pad exactly the spatial
    axes of ``(N, C, *size)`` or ``(C, *size)``.

    Raises:
        ShapeError: an axis would be cut below nothing, or is too short to reflect or to wrap
            around.
    """
    axes = len(pad) // 2
    if len(pad) % 2:
        raise ShapeError(f"needs two amounts for each axis, but receives {len(pad)}: {pad}")
    if axes > input.ndim:
        raise ShapeError(
            f"has amounts for {axes} axes, but its input has {input.ndim}: {shape(input.shape)}"
        )
    one_of("mode", mode, _MODES)
    if mode != "constant":
        _check_mode(input, axes, mode, value)
    elif value is not None and any(n > 0 for n in pad):
        check_value(float(value), input.dtype)
    head, size = input.shape[: input.ndim - axes], input.shape[input.ndim - axes :]
    sides = list(zip(pad[-2::-2], pad[-1::-2], strict=True))
    if mode in _LIMITS:
        _check_reach(mode, size, sides)
    for n, (left, right) in zip(size, sides, strict=True):
        _check_cut(n, left, right, apart=mode == "constant")
    out = tuple(n + left + right for n, (left, right) in zip(size, sides, strict=True))
    if mode in ("reflect", "replicate") and all(n < 1 for n in out):
        raise ShapeError(f"would leave nothing of {shape(input.shape)}")
    result = new((*head, *out), input.dtype)
    if mode == "constant" and all(n <= 0 for n in pad) and not is_unknown(input):
        lay(result, preserved(result.shape, strides(input)))  # a copy of what is left
        return result
    return result if mode == "circular" else follow_format(result, input)


def _check_mode(input: Tensor, axes: int, mode: str, value: float | None) -> None:
    """Refuse what torch cannot pad with elements of the input itself."""
    if value is not None and value != 0:
        raise ShapeError(f"has mode={mode!r}, which takes no value, but value={value!r}")
    if axes not in RANKS:
        raise ShapeError(f"pads 1, 2 or 3 axes with mode={mode!r}, not {axes}")
    lead, size = spatial(input, axes)
    if mode != "circular":
        check_nonempty(input, lead[-1], *size)
        if input.dtype is dtypes.bool:
            raise ShapeError("is not defined for bool")


def _check_reach(mode: str, size: Ints, sides: list[tuple[int, int]]) -> None:
    """Refuse a side that is longer than what it is made of."""
    slack, limit = _LIMITS[mode]
    for n, amounts in zip(size, sides, strict=True):
        if max(amounts) > n + slack:
            most = [max(n + slack, 0) for n in size]
            fitting = [
                min(a, m) for m, side in zip(most, sides, strict=True) for a in reversed(side)
            ]
            raise ShapeError(
                limit.format(max(amounts), n), change={"padding": tuple(reversed(fitting))}
            )


def _check_cut(size: int, left: int, right: int, apart: bool) -> None:
    """Refuse to cut more off than there is, also where the other side adds as much (`apart`)."""
    cut = (-min(left, 0), -min(right, 0))
    if apart and size < sum(cut):
        raise ShapeError(f"cannot cut {cut[0]} and {cut[1]} off an axis of {size}")
    if size + left + right < 0:
        raise ShapeError(f"cannot cut {-left - right} off an axis of {size}")
