"""The bounds of a search for one layer, as users write them.

Bounds are strings as on the command line (``1..11``, ``1,2,4``, ``3x5`` for two axes), numbers,
ranges or lists; a tuple has one of these for each axis.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..analysis.inverse import END, Axis, Conv, ConvTranspose, Pool
from ..analysis.values import Ratio, Values
from ..equations import LEAST
from ..errors import SpecError

#: A number, numbers to choose from, or text; for several axes a tuple of these.
Bound = int | str | Iterable[int] | tuple[int | Iterable[int], ...]

LAYERS = {"conv": Conv(), "pool": Pool(), "deconv": ConvTranspose()}
#: What they are called in sentences.
TITLES = {"conv": "convolution", "pool": "pooling", "deconv": "transposed convolution"}
#: The bounds of what is not given; the output padding may be all that is legal.
DEFAULTS = {"kernel_size": "1..11", "stride": "1,2,4", "padding": "0..5", "dilation": "1"}
_SAME, _HALF = Ratio(1, 1), Ratio(1, 2)
#: Arguments, which torch counts in 32 bits, are smaller than this.
ARGUMENT_END = 2**31
_MOST_RATIO = 1000


def axes_of(
    kind: str, in_: Bound | None, out: Bound | None, arguments: dict[str, Bound | bool | None]
) -> tuple[list[Axis], list[str]]:
    """Return what is asked along each axis, and the arguments with separate bounds per axis."""
    known = {"in": in_, "out": out, **arguments}
    if out is None:
        raise SpecError(
            f"solve {kind} needs --out, the wanted output size",
            fix=f"--out 112, same, half or x2; to compute an output size, use convshape {kind}",
        )
    ratio = _ratio(out)
    read: dict[str, list[Values]] = {
        name: _per_axis(name, value)
        for name, value in known.items()
        if value is not None and name != "ceil_mode" and not (name == "out" and ratio)
    }
    count = max(map(len, read.values()), default=1)
    _check_axes(kind, read, count)
    several = [name for name in read if len(read[name]) > 1]

    def values(name: str, index: int) -> Values | None:
        column = read.get(name) or ([_values(name, DEFAULTS[name])] if name in DEFAULTS else None)
        return column and column[index if len(column) > 1 else 0]  # type: ignore[return-value]

    axes = []
    for index in range(count):
        bounds: Any = [values(name, index) for name in DEFAULTS]
        extra = _extra(kind, arguments, values("output_padding", index), bounds[1], bounds[3])
        own_stride = kind == "pool" and "stride" not in read
        wanted: Any = ratio or values("out", index)
        kernel, stride, padding, dilation = bounds
        axes.append(
            Axis(values("in", index), wanted, kernel, stride, padding, dilation, extra, own_stride)
        )
    for axis in axes:
        _check_bounds(kind, axis)
    return axes, ["extra" if name == "output_padding" else name for name in several]


def _extra(
    kind: str, arguments: dict[str, Any], values: Values | None, stride: Values, dilation: Values
) -> Values:
    """Return the values of the argument that only this kind of layer has."""
    mode = arguments.get("ceil_mode")
    if mode is not None:
        return Values(range(int(mode), int(mode) + 1))
    return values or Values(range(LAYERS[kind].most_extra(stride.most, dilation.most) + 1))


def _check_axes(kind: str, read: dict[str, list[Values]], count: int) -> None:
    if count > 3:
        raise SpecError(
            f"{kind} takes 1 to 3 spatial dimensions, got {count}",
            fix="leave the batch and the channels out",
        )
    most = next((name for name in read if len(read[name]) == count), "")
    for name, values in read.items():
        if len(values) not in (1, count):
            raise SpecError(
                f"{option(name)} has {len(values)} axes, but {option(most)} has {count}",
                fix=f"one for all axes, or {count}",
            )


def _check_bounds(kind: str, axis: Axis) -> None:
    """Refuse bounds in which no layer is legal, whatever comes in."""
    layer = LAYERS[kind]
    half = layer.most_padding(axis.kernel_size.most)
    if axis.padding.least > half:
        raise SpecError(
            f"--padding {axis.padding} is more than half of --kernel-size {axis.kernel_size}, "
            "which pooling does not accept",
            fix=f"--padding {half}",
        )
    most = layer.most_extra(axis.stride.most, axis.dilation.most)
    if kind == "deconv" and axis.extra.least > most:
        raise SpecError(
            f"--output-padding {axis.extra} is not smaller than --stride {axis.stride} or "
            f"--dilation {axis.dilation}",
            fix=f"--output-padding {most}",
        )


def _ratio(out: Any) -> Ratio | None:
    """Return the ratio that is asked for, if it is one."""
    if not isinstance(out, str):
        return None
    text = out.strip().lower().replace("×", "x")
    words = {"same": _SAME, "half": _HALF}
    number = text[1:]
    if text in words:
        return words[text]
    if text[:1] not in ("x", "/") or not (number.isascii() and number.isdigit()):
        return None
    if not 1 <= int(number[:9]) <= _MOST_RATIO:
        raise SpecError(f"--out {out[:20]}: the factor is from 1 to {_MOST_RATIO}", fix="--out x2")
    return Ratio(int(number), 1) if text[0] == "x" else Ratio(1, int(number))


def option(name: str) -> str:
    """Return an argument as the command line has it."""
    return f"--{name.replace('_', '-')}"


def _per_axis(name: str, value: Bound) -> list[Values]:
    if isinstance(value, str):
        text = value.replace("×", "x").replace("X", "x")
        return [_values(name, part, value) for part in text.split("x")]
    parts = value if isinstance(value, tuple) else (value,)
    if not parts:
        raise SpecError(f"{name} has no values")
    return [_of_numbers(name, part) for part in parts]


def _of_numbers(name: str, value: Any) -> Values:
    """Return what a number, a range or other numbers leave to choose from."""
    if isinstance(value, str):
        return _values(name, value)
    if isinstance(value, range) and value.step == 1:
        ranges = [value]
    else:
        numbers = [value] if hasattr(type(value), "__index__") else value
        try:
            ranges = [range(n.__index__(), n.__index__() + 1) for n in numbers]
        except (AttributeError, TypeError):
            raise SpecError(
                f"{name} needs an int, a range or a list of ints, but receives {value!r}"
            ) from None
    if not any(ranges):
        raise SpecError(f"{name} has no values: {value!r}")
    for item in ranges:
        _check_limits(name, item, str(value))
    return Values(*ranges)


def _values(name: str, text: str, whole: str = "") -> Values:
    """Read numbers and ranges: ``3``, ``1,2,4``, ``1..11``."""
    ranges = []
    for part in text.split(","):
        first, dots, last = part.partition("..")
        ends = [
            _number(name, end.strip(), whole or text)
            for end in ((first, last) if dots else (first,))
        ]
        if ends[0] > ends[-1]:
            raise SpecError(
                f"{option(name)} {(whole or text)[:60]}: the range {part.strip()} is empty",
                fix=f"{option(name)} {ends[-1]}..{ends[0]}",
            )
        ranges.append(range(ends[0], ends[-1] + 1))
        _check_limits(name, ranges[-1], whole or text)
    return Values(*ranges)


def _number(name: str, text: str, whole: str) -> int:
    digits = text.removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) <= 30:
        return int(text)
    shown = whole[:60]
    if name == "in" and text.isidentifier():
        raise SpecError(
            f"--in {shown}: solve needs numbers, and {text[:20]!r} is a symbol",
            fix="leave it out to solve for the input size, or --in 224",
        )
    if name == "padding" and text in ("same", "valid"):
        raise SpecError(
            f"--padding {shown}: solve needs a number",
            fix="--out same" if text == "same" else "--padding 0",
        )
    missing = f"{text[:40]!r} is not a whole number" if text else "a number is missing"
    example = (
        "224, 32x48 for two axes, 220..230, or for --out same, half, x2"
        if name in ("in", "out")
        else "3, 1..11, 1,2,4, or 3x5 for two axes"
    )
    raise SpecError(
        f"cannot read {option(name)} {shown!r}: {missing}", fix=f"write it as {example}"
    )


def _check_limits(name: str, numbers: range, text: str) -> None:
    least = LEAST.get(name, 1)
    end = END if name in ("in", "out") else ARGUMENT_END
    if numbers.start < least:
        raise SpecError(
            f"{option(name)} {text[:60]} starts below the minimum, {least}",
            fix=f"{option(name)} {least}"
            + (f"..{numbers.stop - 1}" if numbers.stop - 1 > least else ""),
        )
    if numbers.stop > end:
        raise SpecError(
            f"{option(name)} {text[:60]} is larger than torch can count",
            fix=f"{option(name)} {end - 1} at most",
        )
