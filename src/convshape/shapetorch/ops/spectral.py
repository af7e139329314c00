"""Spectra of signals: short-time Fourier transforms and their windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import ShapeError, UnknownOperation
from .. import dtypes
from ..arguments import number, one_of, shape, size
from ..layout import NEVER_KNOWN, PACKED
from ..operation import FUNCTION, Unknown, operation
from ..operation import named as named_rule
from ..tensor import Tensor, new
from .creation import _dtype

FREQUENCIES = Unknown("its elements are frequencies")


def _frames(
    n_fft: int, hop_length: int | None, win_length: int | None, window: Tensor | None
) -> tuple[int, int]:
    """Return how far frames lie apart, and the length of the window."""
    hop = n_fft // 4 if hop_length is None else hop_length
    length = n_fft if win_length is None else win_length
    if not 0 < length <= n_fft:
        raise ShapeError(f"has win_length={length}, which must be from 1 to n_fft={n_fft}")
    if hop <= 0:
        raise ShapeError(f"has hop_length={hop}, which must be positive")
    if window is not None and window.shape != (length,):
        raise ShapeError(f"has a window of {shape(window.shape)} for win_length={length}")
    return hop, length


def _rows(n_fft: int, onesided: bool | None, of_complex: bool) -> int:
    """Return how many frequencies there are, of which those of real numbers are half as many."""
    if onesided and of_complex:
        raise ShapeError("has onesided=True, which complex numbers cannot be", fix="onesided=False")
    return n_fft // 2 + 1 if onesided or (onesided is None and not of_complex) else n_fft


def _padded(length: int, half: int, mode: str) -> int:
    """Return the length of a signal that is padded at each end by half a frame."""
    limits = {
        "constant": half,
        "replicate": length and half,
        "reflect": length - 1,
        "circular": length,
    }
    one_of("pad_mode", mode, limits)
    if half > limits[mode]:
        raise ShapeError(f"pads {half} elements at each end in mode {mode}, but there are {length}")
    return length + 2 * half


@operation(layout=NEVER_KNOWN, macs=None, field=FREQUENCIES, takes_numpy=False)
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
    align_to_window: Any = None,
) -> Tensor:
    """Transform frames of `n_fft` points: ``(N, L)`` to ``(N, n_fft/2 + 1, frames)``.

    Raises:
        ShapeError: the signal is shorter than a frame or its padding, or the window does not fit.
    """
    s = input.shape
    windowed = input.dtype if window is None else dtypes.promote_types(input.dtype, window.dtype)
    if len(s) not in (1, 2) or input.dtype.kind < dtypes.FLOATING or windowed.itemsize == 2:
        raise ShapeError(
            f"expects (N, L) or (L) of float32, but receives {shape(s)} {input.dtype.name}"
        )
    if align_to_window is not None:
        raise UnknownOperation("stft: align_to_window is not known to convshape")
    hop, _ = _frames(n_fft, hop_length, win_length, window)
    length = _padded(s[-1], n_fft // 2, pad_mode) if center else s[-1]
    if not 0 < n_fft <= length:
        raise ShapeError(f"has n_fft={n_fft} for a signal of {length}")
    of_complex = windowed.is_complex
    rows = _rows(n_fft, onesided, of_complex)
    if return_complex is None and not of_complex:
        raise ShapeError("needs return_complex for real numbers", fix="return_complex=True")
    result = (*s[:-1], rows, 1 + (length - n_fft) // hop)
    real = dtypes.to_real(windowed)
    if return_complex is None or return_complex:
        return new(result, dtypes.to_complex(real))
    return new((*result, 2), real)


@operation(layout=PACKED, macs=None, field=FREQUENCIES, takes_numpy=False)
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
    s = input.shape
    if len(s) not in (2, 3) or not input.dtype.is_complex:
        raise ShapeError(
            f"expects (N, rows, frames) of complex64, but receives {shape(s)} {input.dtype.name}"
        )
    hop, wide = _frames(n_fft, hop_length, win_length, window)
    rows = _rows(n_fft, s[-2] != n_fft if onesided is None else onesided, return_complex)
    if s[-2] != rows or 0 in s:
        raise ShapeError(
            f"needs {rows} rows of at least 1 frame for n_fft={n_fft}, but receives {shape(s)}"
        )
    if hop > wide:
        raise ShapeError(f"has hop_length={hop}, which must be at most win_length={wide}")
    last = hop * (s[-1] - 1)  # where the last frame begins
    first = n_fft // 2 if center else 0
    wanted = last + n_fft - 2 * first if length is None else size((length,))[0]
    covered = (n_fft - wide) // 2
    if wanted < 1 or (center and not first and length is None):  # torch cuts off all up to -0
        raise ShapeError(f"makes a signal of {wanted} elements: {shape(s)}")
    if first < covered or min(first + wanted, last + n_fft) > covered + last + wide:
        raise ShapeError(f"has windows of {wide} elements that do not cover the signal of {wanted}")
    return new((*s[:-2], wanted), input.dtype if return_complex else dtypes.to_real(input.dtype))


def _window(name: str) -> Callable[..., Tensor]:
    def call(window_length: int, periodic: bool = True, *numbers: Any, **options: Any) -> Tensor:
        """Make a window of this length."""
        for value in numbers:
            number("its numbers", value)
        for parameter in ("alpha", "beta"):
            options.pop(parameter, None)
        kind = _dtype(options, dtypes.float32)
        if kind.kind != dtypes.FLOATING:
            raise ShapeError(f"has dtype={kind!r}, which is not a floating-point type")
        return new(size((window_length,)), kind)

    return operation(layout=PACKED, macs=None, field="constant", spaces=FUNCTION)(
        named_rule(name, call)
    )


bartlett_window, blackman_window, hamming_window, hann_window, kaiser_window = map(
    _window,
    ("bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"),
)
