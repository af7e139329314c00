"""Random calls of Fourier transforms, windows and frequencies."""

from __future__ import annotations

from .choices import KINDS, Pick, any_shape, mostly, often, some_of
from .data import Call, T
from .tensors import dim, dims


def fourier(pick: Pick) -> Call:
    """Fourier transforms, windows and frequencies."""
    base = pick(("fft", "ifft", "rfft", "irfft", "hfft", "ihfft"))
    which = pick(("", "", "2", "n", "shift", "freq", "window", "stft", "stft"))
    norm = some_of(pick, norm=mostly(("ortho", "forward", None), ("x",)))
    x = T(any_shape(pick), often(pick, ("float32", "float64", "complex64", "int64"), KINDS))
    points = (1, 2, 3, 5, 8)
    if which == "":
        size = mostly(points, (0, -1, None, True))
        return Call(f"fft.{base}", (x,), norm | some_of(pick, n=size, dim=dim))
    if which in ("2", "n"):
        sizes = [often(pick, (*points, -1), (0,)) for _ in range(pick((1, 2, 2, 3)))]
        listed = some_of(pick, s=lambda pick: pick((tuple, list))(sizes), dim=dims)
        return Call(f"fft.{base}{which}", (x,), norm | listed)
    if which == "shift":
        return Call(pick(("fft.fftshift", "fft.ifftshift")), (x,), some_of(pick, dim=dims))
    if which == "freq":
        name = pick(("fft.fftfreq", "fft.rfftfreq"))
        return Call(name, (pick((0, 1, 4, 5, -1)),), some_of(pick, d=(0.5,)))
    if which == "window":
        name = f"{pick(('hann', 'hamming', 'blackman', 'bartlett', 'kaiser'))}_window"
        return Call(name, (pick((0, 1, 5, -1, True, 2.0)), *pick(((), (True,), (False,), (1,)))))
    return _short_time(pick)


def _short_time(pick: Pick) -> Call:
    n_fft = pick((4, 8, 10, 5, 1, 0))
    named = some_of(
        pick,
        hop_length=(1, 2, 3, 5, 0),
        win_length=(n_fft, n_fft, 4, 20),
        center=(True, False),
        onesided=(True, False),
    )
    if pick((True, False)):
        length = often(pick, (named.get("win_length", n_fft),), (3,))
        named["window"] = T((length,), "float32", 1)
    if pick((True, False)):
        modes = ("reflect", "constant", "replicate", "circular")
        named |= some_of(pick, return_complex=(True, True, False), pad_mode=modes)
        shape = pick(((40,), (2, 33), (3,), (2, 9), (), (2, 2, 40)))
        return Call("stft", (T(shape, often(pick, ("float32",), KINDS)), n_fft), named)
    frames = (pick((n_fft // 2 + 1, n_fft // 2 + 1, n_fft)), pick((1, 5, 9)))
    named |= some_of(pick, length=(10, 7, 30))
    x = T(pick(((*frames,), (2, *frames))), often(pick, ("complex64",), KINDS), 1)
    return Call("istft", (x, n_fft), named)
