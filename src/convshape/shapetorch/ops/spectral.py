"""Spectra of signals: short-time Fourier transforms and their windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import flag, integer, number, shape, size
from ..layout import packing, unknowable
from ..operation import operation
from ..tensor import Tensor, new, tensor
from .creation import _dtype

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _frames(n_fft: Any, hop_length: Any, win_length: Any, window: Any) -> tuple[int, int, int]:
    """Return the points of a frame, how far frames lie apart, and the length of the window."""
    points = integer("n_fft", n_fft)
    hop = points // 4 if hop_length is None else integer("hop_length", hop_length)
    length = points if win_length is None else integer("win_length", win_length)
    if not 0 < length <= points:
        raise ShapeError(f"has win_length={length}, which must be from 1 to n_fft={points}")
    if hop <= 0:
        raise ShapeError(f"has hop_length={hop}, which must be positive")
    if window is not None and tensor("window", window).shape != (length,):
        raise ShapeError(f"has a window of {shape(window.shape)} for win_length={length}")
    return points, hop, length


def _product(input: Tensor, window: Any) -> dtypes.dtype:
    return dtypes.promote_types(input.dtype, tensor("window", window).dtype)


def _sided(onesided: Any, of_complex: bool) -> bool:
    if onesided is None:
        return not of_complex
    if flag("onesided", onesided) and of_complex:
        raise ShapeError("has onesided=True, which complex numbers cannot be", fix="onesided=False")
    return bool(onesided)


@operation
@unknowable
def stft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    pad_mode: str = "reflect",
    normalized: bool = False,
    onesided: bool | None = None,
    return_complex: bool | None = None,
    align_to_window: bool | None = None,
) -> Tensor:
    """Transform frames of `n_fft` points, `hop_length` apart: ``(N, L)`` to ``(N, n_fft/2 + 1, frames)``.

    Raises:
        ShapeError: the signal is shorter than a frame or its padding, or the window does not fit.
    """
    s = tensor("input", input).shape
    windowed = input.dtype if window is None else _product(input, window)
    if len(s) not in (1, 2) or input.dtype.kind < dtypes.FLOATING or windowed.itemsize == 2:
        raise ShapeError(
            f"expects (N, L) or (L) of float32, but receives {shape(s)} {input.dtype.name}"
        )
    if align_to_window is not None:
        raise UnknownOperation("stft: align_to_window is not known to convshape")
    points, hop, _ = _frames(n_fft, hop_length, win_length, window)
    length = s[-1]
    if flag("center", center):
        half = points // 2
        limits = {
            "constant": half,
            "replicate": length and half,
            "reflect": length - 1,
            "circular": length,
        }
        if pad_mode not in limits:
            raise ShapeError(f"has pad_mode={pad_mode!r}, which is none of {', '.join(limits)}")
        if half > limits[pad_mode]:
            raise ShapeError(
                f"pads {half} elements at each end in mode {pad_mode}, but there are {length}"
            )
        length += 2 * half
    if not 0 < points <= length:
        raise ShapeError(f"has n_fft={points} for a signal of {length}")
    of_complex = windowed.is_complex
    rows = points // 2 + 1 if _sided(onesided, of_complex) else points
    if return_complex is None and not of_complex:
        raise ShapeError("needs return_complex for real numbers", fix="return_complex=True")
    result = (*s[:-1], rows, 1 + (length - points) // hop)
    real = dtypes.to_real(windowed)
    if return_complex is None or flag("return_complex", return_complex):
        return new(result, dtypes.to_complex(real))
    return new((*result, 2), real)


@operation
@packing
def istft(
    input: Tensor,
    n_fft: int,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: Tensor | None = None,
    center: bool = True,
    normalized: bool = False,
    onesided: bool | None = None,
    length: int | None = None,
    return_complex: bool = False,
) -> Tensor:
    """Make the signal of frames of frequencies: ``(N, n_fft/2 + 1, frames)`` to ``(N, L)``.

    Raises:
        ShapeError: the frequencies are not those of `n_fft` points, or the window does not fit.
    """
    s = tensor("input", input).shape
    if len(s) not in (2, 3) or not input.dtype.is_complex:
        raise ShapeError(
            f"expects (N, rows, frames) of complex64, but receives {shape(s)} {input.dtype.name}"
        )
    points, hop, wide = _frames(n_fft, hop_length, win_length, window)
    if onesided is None:
        onesided = s[-2] != points
    rows = points // 2 + 1 if _sided(onesided, flag("return_complex", return_complex)) else points
    if s[-2] != rows or 0 in s:
        raise ShapeError(
            f"needs {rows} rows of at least 1 frame for n_fft={points}, but receives {shape(s)}"
        )
    if hop > wide:
        raise ShapeError(f"has hop_length={hop}, which must be at most win_length={wide}")
    total = points + hop * (s[-1] - 1)
    first = points // 2 if flag("center", center) else 0
    wanted = total - 2 * first if length is None else size((integer("length", length),))[0]
    covered = (points - wide) // 2
    if wanted < 1 or (center and not first and length is None):  # torch cuts off all up to -0
        raise ShapeError(f"makes a signal of {wanted} elements: {shape(s)}")
    if first < covered or min(first + wanted, total) > covered + hop * (s[-1] - 1) + wide:
        raise ShapeError(f"has windows of {wide} elements that do not cover the signal of {wanted}")
    return new((*s[:-2], wanted), input.dtype if return_complex else dtypes.to_real(input.dtype))


def _window(name: str) -> Callable[..., Tensor]:
    def call(window_length: int, periodic: bool = True, *numbers: Any, **options: Any) -> Tensor:
        """Make a window of this length."""
        flag("periodic", periodic)
        for each in numbers:
            number("its numbers", each)
        for each in ("alpha", "beta"):
            options.pop(each, None)
        kind = _dtype(options, dtypes.float32)
        if kind.kind != dtypes.FLOATING:
            raise ShapeError(f"has dtype={kind!r}, which is no floating-point type")
        return new(size((integer("window_length", window_length),)), kind)

    call.__name__ = call.__qualname__ = name
    return operation(call)


bartlett_window, blackman_window, hamming_window, hann_window, kaiser_window = map(
    _window,
    ("bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"),
)
