"""`check` and `diff`: networks as they are expected to be, and two of them side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..api import trace
from ..errors import Error
from .expect import Expectation, failures, number

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..api import TraceOptions
    from .comparison import Comparison


def check(
    target: Any,
    *inputs: Any,
    expect: str | Sequence[str] = (),
    max_params: int | str | None = None,
    max_macs: int | str | None = None,
    fits: str | Sequence[str] = (),
    **options: Unpack[TraceOptions],
) -> list[Error]:
    """Return what is otherwise than expected of a network: nothing where all is as it should be.

    Args:
        target: a file or a module, as `convshape.trace` takes it.
        inputs: those of `convshape.trace`.
        expect: ``"out=10"``, ``"conv1.out=Nx6x28x28"``, one or several.
        max_params: the most parameters: ``62006``, ``"1.5M"``.
        max_macs: the most multiply-accumulates.
        fits: sizes that the input may have, all of them: ``"H=32..,multiple of 32"``, one or
            several.
        options: the other arguments of `convshape.trace`.

    Raises:
        SpecError: an expectation cannot be read.
    """
    texts = [expect] if isinstance(expect, str) else expect
    sizes = [fits] if isinstance(fits, str) else fits
    return Expected(texts, max_params, max_macs, sizes).failures(target, *inputs, **options)


class Expected:
    """What networks are expected to be, for the arguments see `check`.

    Raises:
        SpecError: an expectation cannot be read.
    """

    def __init__(
        self,
        expect: Sequence[str],
        max_params: int | str | None,
        max_macs: int | str | None,
        fits: Sequence[str],
    ) -> None:
        self._wanted = [Expectation(text) for text in expect]
        most = {"params": max_params, "macs": max_macs}
        self._limits = {name: number(str(n)) for name, n in most.items() if n is not None}
        self._sizes = []
        if fits:
            from .fits import Fits

            self._sizes = [Fits(text) for text in fits]

    def failures(self, target: Any, *inputs: Any, **options: Unpack[TraceOptions]) -> list[Error]:
        """Return what is otherwise than expected of a network, or why it cannot be read."""
        try:
            errors = failures(trace(target, *inputs, **options), self._wanted, self._limits)
            if self._sizes:
                from .fits import failures as not_fitting

                errors += not_fitting(target, self._sizes, *inputs, **options)
        except Error as error:
            return [error]
        return errors


def diff(a: Any, b: Any, *inputs: Any, **options: Unpack[TraceOptions]) -> Comparison:
    """Return two networks side by side: their rows aligned by path.

    Args:
        a: a file or a module, as `convshape.trace` takes it, or a `Trace`.
        b: the other.
        inputs: those of `convshape.trace`, for both.
        options: the other arguments of `convshape.trace`, for both.

    Raises:
        SpecError: a file cannot be read.
        ShapeError: a layer cannot be made.
    """
    from ..result import Trace
    from .comparison import Comparison

    sides = (x if isinstance(x, Trace) else trace(x, *inputs, **options) for x in (a, b))
    return Comparison(*sides)
