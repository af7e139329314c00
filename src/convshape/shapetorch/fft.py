"""Discrete Fourier transforms: `torch.fft`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ShapeError
from . import dtypes
from .arguments import axes, axis, integer, integers, number, shape, size
from .layout import itself, unknowable
from .operation import operation
from .ops.creation import _dtype
from .ops.views import roll
from .tensor import Tensor, new, tensor

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: From complex numbers to complex, from real to half as many complex ones, and back.
_COMPLEX, _TO_HALF, _FROM_HALF = "complex", "to half", "from half"


def _transformed(
    input: Tensor, kind: str, along: tuple[int, ...], wanted: tuple[int | None, ...], norm: Any
) -> Tensor:
    """Return the transform along dimensions, each of a wanted number of points, or of its own."""
    if norm not in (None, "forward", "backward", "ortho"):
        raise ShapeError(f"has norm={norm!r}, which is neither 'forward', 'backward' nor 'ortho'")
    if input.dtype in (dtypes.float16, dtypes.bfloat16, dtypes.complex32):
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="a tensor of float32")
    if kind == _TO_HALF and input.dtype.is_complex:
        raise ShapeError(f"transforms real numbers, but receives {input.dtype.name}")
    sizes = list(input.shape)
    for place, (index, points) in enumerate(zip(along, wanted, strict=True)):
        last = place == len(along) - 1
        own = sizes[index] if not (last and kind == _FROM_HALF) else 2 * (sizes[index] - 1)
        count = own if points is None else points
        if count < 1:
            raise ShapeError(
                f"cannot transform {count} points: dimension {index} of {shape(input.shape)}"
            )
        sizes[index] = count // 2 + 1 if last and kind == _TO_HALF else count
    if along and 0 in sizes:  # which the library of torch on x86 cannot do
        raise ShapeError(f"has nothing to transform: {shape(input.shape)}")
    real = dtypes.to_real(input.dtype if input.dtype.kind >= dtypes.FLOATING else dtypes.float32)
    return new(tuple(sizes), real if kind == _FROM_HALF else dtypes.to_complex(real))


def _along_one(name: str, kind: str) -> Callable[..., Tensor]:
    def call(input: Tensor, n: int | None = None, dim: int = -1, norm: str | None = None) -> Tensor:
        """Transform along one dimension, cut or padded to `n` points.

        Raises:
            ShapeError: there is no such dimension, or nothing to transform.
        """
        if not tensor("input", input).shape:
            raise ShapeError("has no dimension to transform along: it is a scalar")
        along = axis("dim", dim, input.ndim)
        points = None if n is None else integer("n", n)
        return _transformed(input, kind, (along,), (points,), norm)

    call.__name__ = call.__qualname__ = name
    return operation(unknowable(call))


def _along_several(name: str, kind: str, default: tuple[int, ...] | None) -> Callable[..., Tensor]:
    def call(input: Tensor, s: Any = None, dim: Any = default, norm: str | None = None) -> Tensor:
        """Transform along dimensions, each cut or padded to its size in `s`; -1 keeps it.

        Raises:
            ShapeError: a dimension does not exist or is named twice, or there is nothing to transform.
        """
        rank = tensor("input", input).ndim
        given = None if s is None else integers("s", s if isinstance(s, (tuple, list)) else (s,))
        if dim is not None:
            along = axes("dim", dim, rank)
            if along and not rank:
                raise ShapeError("has no dimension to transform along: it is a scalar")
            if given is not None and len(given) != len(along):
                raise ShapeError(f"has {len(given)} sizes for {len(along)} dimensions")
        elif default:
            raise ShapeError("needs dimensions as dim, but receives None")
        elif given is not None and len(given) > rank:
            raise ShapeError(f"has {len(given)} sizes for {rank} dimensions")
        else:
            along = tuple(range(rank - (rank if given is None else len(given)), rank))
        if not along and kind != _COMPLEX:
            raise ShapeError("needs at least one dimension to transform along")
        wanted = tuple(None if n == -1 else n for n in given or (-1,) * len(along))
        return _transformed(input, kind, along, wanted, norm)

    call.__name__ = call.__qualname__ = name
    return operation(unknowable(call))


_KINDS = {
    "fft": _COMPLEX, "ifft": _COMPLEX, "rfft": _TO_HALF, "ihfft": _TO_HALF, "irfft": _FROM_HALF,
    "hfft": _FROM_HALF,
}  # fmt: skip
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
        rank = tensor("input", input).ndim
        given = (
            dim
            if isinstance(dim, (tuple, list))
            else (integer("dim", dim),)
            if dim is not None
            else ()
        )
        along = range(rank) if dim is None else integers("dim", given)
        if not rank or not along:
            raise ShapeError(
                f"has no dimension to shift along: dim={dim!r} of {shape(input.shape)}"
            )
        for each in along:
            axis("dim", each, rank)
        shifted: Tensor = roll(input, [input.shape[i] // 2 for i in along], [*along])
        return shifted

    call.__name__ = call.__qualname__ = name
    return operation(itself(call))


fftshift, ifftshift = _shift("fftshift"), _shift("ifftshift")


def _frequencies(name: str, count: Callable[[int], int]) -> Callable[..., Tensor]:
    def call(n: int, d: float = 1.0, **options: Any) -> Tensor:
        """List the frequencies of a transform of `n` points that lie `d` apart."""
        number("d", d)
        kind = _dtype(options, dtypes.float32)
        if kind.kind < dtypes.FLOATING:
            raise ShapeError(f"has dtype={kind!r}, which holds no frequencies")
        return new(size((count(integer("n", n)),)), kind)

    call.__name__ = call.__qualname__ = name
    return operation(call)


fftfreq = _frequencies("fftfreq", lambda n: n)
rfftfreq = _frequencies("rfftfreq", lambda n: abs(n) // 2 + 1 if n >= -1 else n)
