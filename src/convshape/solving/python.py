"""One layer backwards in Python: `convshape.solve_conv` and so on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from .layer import solve

if TYPE_CHECKING:
    from .bounds import Bound
    from .solved import ConvSolution, ConvTransposeSolution, PoolSolution


def solve_conv(
    in_: Bound | None = None,
    out: Bound | None = None,
    *,
    kernel_size: Bound | None = None,
    stride: Bound | None = None,
    padding: Bound | None = None,
    dilation: Bound | None = None,
    per_axis: bool = False,
) -> list[ConvSolution]:
    """Find the arguments of a convolution, or its input sizes, that give a size.

    Args:
        in_: the input's spatial size, sizes to choose from, or a tuple of these for several axes;
            None asks for it.
        out: the wanted output sizes, or ``"same"``, ``"half"``, ``"/4"``, ``"x2"``: without `in_`
            of every input size.
        kernel_size: an int fixes it; a range, a list or text (``"1..7"``) leaves a choice; a tuple
            has one of these for each axis. By default 1 to 11.
        stride: by default 1, 2 or 4.
        padding: by default 0 to 5.
        dilation: by default 1.
        per_axis: whether every axis may have arguments of its own.

    Returns:
        What people write comes first; 10,000 at most; an empty list where nothing fits.

    Raises:
        SpecError: a bound cannot be read, the bounds contradict each other, or are too wide to try
            all.

    >>> solve_conv(224, 112)[0]
    ConvSolution(in_=(224,), out=(112,), kernel_size=(3,), stride=(2,), padding=(1,), dilation=(1,))
    """
    bounds = {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
    }
    return _solutions("conv", in_, out, bounds, per_axis)


def solve_pool(
    in_: Bound | None = None,
    out: Bound | None = None,
    *,
    kernel_size: Bound | None = None,
    stride: Bound | None = None,
    padding: Bound | None = None,
    dilation: Bound | None = None,
    ceil_mode: bool | None = None,
    per_axis: bool = False,
) -> list[PoolSolution]:
    """Find the arguments of a pooling, or its input sizes, that give a size: see `solve_conv`.

    By default the stride may also be the kernel's size, and `ceil_mode` is tried both ways.

    Raises:
        SpecError: see `solve_conv`.

    >>> solve_pool(28, 14)[0].kernel_size
    (2,)
    """
    bounds = {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "ceil_mode": ceil_mode,
    }
    return _solutions("pool", in_, out, bounds, per_axis)


def solve_conv_transpose(
    in_: Bound | None = None,
    out: Bound | None = None,
    *,
    kernel_size: Bound | None = None,
    stride: Bound | None = None,
    padding: Bound | None = None,
    output_padding: Bound | None = None,
    dilation: Bound | None = None,
    per_axis: bool = False,
) -> list[ConvTransposeSolution]:
    """Find the arguments of a transposed convolution, or its input sizes: see `solve_conv`.

    By default `output_padding` is all that torch takes.

    Raises:
        SpecError: see `solve_conv`.

    >>> solve_conv_transpose(7, 14, kernel_size=4)[0].padding
    (1,)
    """
    bounds = {
        "kernel_size": kernel_size,
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "output_padding": output_padding,
    }
    return _solutions("deconv", in_, out, bounds, per_axis)


def _solutions(kind: str, in_: Any, out: Any, bounds: dict[str, Any], per_axis: bool) -> list[Any]:
    try:
        solved = solve(kind, in_, out, bounds, per_axis)
        if not solved.complete:
            raise SpecError(solved.note, fix="narrower bounds")
    except SpecError as error:
        texts = {
            n: re.sub(r"\binput\b(?==| has )", "in_", getattr(error, n)) for n in ("what", "fix")
        }
        raise error.changed(**texts) from None
    return solved.solutions
