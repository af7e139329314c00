"""Discrete Fourier transforms: `torch.fft`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ShapeError
from . import dtypes
from .arguments import Axis, axes, axis, integers, one_of, shape, size
from .layout import NEVER_KNOWN, OWN, PACKED
from .operation import FUNCTION, declaring
from .operation import named as named_rule
from .ops import rearranging
from .ops.creation import _dtype
from .ops.spectral import FREQUENCIES
from .tensor import Tensor, new

transforming = declaring(layout=NEVER_KNOWN, macs=None, field=FREQUENCIES, spaces=FUNCTION)

#: From complex numbers to complex, from real to half as many complex ones, and back.
_COMPLEX, _TO_HALF, _FROM_HALF = "complex", "to half", "from half"
_KINDS = {
    "fft": _COMPLEX, "ifft": _COMPLEX, "rfft": _TO_HALF, "ihfft": _TO_HALF, "irfft": _FROM_HALF,
    "hfft": _FROM_HALF,
}  # fmt: skip


def _transform(
    input: Tensor, kind: str, along: tuple[int, ...], wanted: tuple[int | None, ...], norm: Any
) -> Tensor:
    """Return the transform along dimensions, each of a wanted number of points, or of its own."""
    if norm is not None:
        one_of("norm", norm, ("forward", "backward", "ortho"))
    if input.dtype in (dtypes.float16, dtypes.bfloat16, dtypes.complex32):
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="a tensor of float32")
    if kind == _TO_HALF and input.dtype.is_complex:
        raise ShapeError(f"transforms real numbers, but receives {input.dtype.name}")
    sizes = list(input.shape)
    for index, points in zip(along, wanted, strict=True):
        halved = kind if index == along[-1] else _COMPLEX
        points_of_input = 2 * (sizes[index] - 1) if halved == _FROM_HALF else sizes[index]
        count = points_of_input if points is None else points
        if count < 1:
            raise ShapeError(
                f"cannot transform {count} points: dimension {index} of {shape(input.shape)}"
            )
        sizes[index] = count // 2 + 1 if halved == _TO_HALF else count
    if along and 0 in sizes:  # which the library of torch on x86 cannot do
        raise ShapeError(f"has nothing to transform: {shape(input.shape)}")
    real = dtypes.to_real(input.dtype if input.dtype.kind >= dtypes.FLOATING else dtypes.float32)
    return new(tuple(sizes), real if kind == _FROM_HALF else dtypes.to_complex(real))


def _along_one(name: str, kind: str) -> Callable[..., Tensor]:
    def call(input: Tensor, n: int | None = None, dim: Axis = -1, norm: Any = None) -> Tensor:
        """Transform along one dimension, cut or padded to `n` points.

        Raises:
            ShapeError: there is no such dimension, or nothing to transform.
        """
        if not input.shape:
            raise ShapeError("has no dimension to transform along: it is a scalar")
        return _transform(input, kind, (dim,), (n,), norm)

    return transforming()(named_rule(name, call))


def _along_several(name: str, kind: str, default: tuple[int, ...] | None) -> Callable[..., Tensor]:
    def call(input: Tensor, s: Any = None, dim: Any = default, norm: Any = None) -> Tensor:
        """Transform along dimensions, each cut or padded to its size in `s`; -1 keeps it.

        Raises:
            ShapeError: a dimension does not exist or is there twice, or there is nothing.
        """
        rank = input.ndim
        sizes = None if s is None else integers("s", s if isinstance(s, (tuple, list)) else (s,))
        if dim is not None:
            along = axes("dim", dim, rank)
            if along and not rank:
                raise ShapeError("has no dimension to transform along: it is a scalar")
            if sizes is not None and len(sizes) != len(along):
                raise ShapeError(f"has {len(sizes)} sizes for {len(along)} dimensions")
        elif default:
            raise ShapeError("needs dimensions as dim, but receives None")
        elif sizes is not None and len(sizes) > rank:
            raise ShapeError(f"has {len(sizes)} sizes for {rank} dimensions")
        else:
            along = tuple(range(0 if sizes is None else rank - len(sizes), rank))
        if not along and kind != _COMPLEX:
            raise ShapeError("needs at least one dimension to transform along")
        wanted = tuple(None if n == -1 else n for n in sizes or (-1,) * len(along))
        return _transform(input, kind, along, wanted, norm)

    return transforming()(named_rule(name, call))


fft, ifft, rfft, ihfft, irfft, hfft = (_along_one(name, kind) for name, kind in _KINDS.items())
fft2, ifft2, rfft2, ihfft2, irfft2, hfft2 = (
    _along_several(f"{name}2", kind, (-2, -1)) for name, kind in _KINDS.items()
)
fftn, ifftn, rfftn, ihfftn, irfftn, hfftn = (
    _along_several(f"{name}n", kind, None) for name, kind in _KINDS.items()
)


def _shift(name: str) -> Callable[..., Tensor]:
    def call(input: Tensor, dim: Any = None) -> Tensor:
        """Move the zero frequency to the middle along `dim`, or back; the shape stays."""
        rank = input.ndim
        dims = range(rank) if dim is None else dim if isinstance(dim, (tuple, list)) else (dim,)
        if not rank or not dims:
            raise ShapeError(
                f"has no dimension to shift along: dim={dim!r} of {shape(input.shape)}"
            )
        along = [axis("dim", d, rank) for d in integers("dim", tuple(dims))]
        shifted: Tensor = rearranging.roll(input, [input.shape[i] // 2 for i in along], along)
        return shifted

    return transforming(layout=OWN)(named_rule(name, call))


fftshift, ifftshift = _shift("fftshift"), _shift("ifftshift")


def _frequencies(name: str, count: Callable[[int], int]) -> Callable[..., Tensor]:
    def call(n: int, d: float = 1.0, **options: Any) -> Tensor:
        """List the frequencies of a transform of `n` points that lie `d` apart."""
        kind = _dtype(options, dtypes.float32)
        if kind.kind != dtypes.FLOATING:
            raise ShapeError(f"has dtype={kind!r}, which holds no frequencies")
        return new(size((count(n),)), kind)

    return transforming(layout=PACKED, field="constant")(named_rule(name, call))


fftfreq = _frequencies("fftfreq", lambda n: n)
rfftfreq = _frequencies("rfftfreq", lambda n: abs(n) // 2 + 1 if n >= -1 else n)
