"""Random sampling: in place of a tensor's elements, or by its elements as parameters."""

from __future__ import annotations

from typing import Any

from ...errors import ShapeError
from .. import dtypes
from ..arguments import integer, number, shape, size
from ..layout import OWN, PACKED, UNKNOWN_LAYOUT, alone
from ..operation import FUNCTION, METHOD, Unknown, declaring
from ..tensor import Tensor, broadcast_shapes, new
from .creation import _dtype, bounded, drawn, draws, like_another

#: Declares what draws numbers.
drawing = declaring(macs=None, field=Unknown("random numbers see nothing"))
#: Declares what fills a tensor with them.
filling = declaring(
    layout=OWN, macs=None, field=Unknown("it writes over what it had"), spaces=METHOD
)


def _real(input: Tensor, of_bool: bool = True) -> Tensor:
    if input.dtype.kind == dtypes.COMPLEX or (input.dtype is dtypes.bool and not of_bool):
        raise ShapeError(f"is not defined for {input.dtype.name}")
    return input


def _floating(input: Tensor) -> Tensor:
    if input.dtype.kind != dtypes.FLOATING:
        raise ShapeError(f"is not defined for {input.dtype.name}", fix="a tensor of float32")
    return input


def _continuous(input: Tensor) -> Tensor:
    if input.dtype.kind < dtypes.FLOATING:
        raise ShapeError(
            f"makes no random numbers of {input.dtype.name}", fix="a tensor of float32"
        )
    return input


def _probability(p: Any) -> None:
    if not 0 <= number("p", p) <= 1:
        raise ShapeError(f"has p={p!r}, which is not a probability: it must be from 0 to 1")


@filling()
def normal_(self: Tensor, mean: float = 0, std: float = 1, *, generator: Any = None) -> Tensor:
    """Fill with numbers from a normal distribution."""
    draws()
    if std < 0:
        raise ShapeError(f"has std={std!r}, which must be at least 0")
    return alone(_continuous(self)) if self.numel() else self


@filling(names={"from": "from_"})
def uniform_(self: Tensor, from_: float = 0, to: float = 1, *, generator: Any = None) -> Tensor:
    """Fill with numbers evenly distributed between two."""
    draws()
    limits = dtypes.finfo(_continuous(self).dtype)
    if self.dtype.is_complex and not self.numel():
        return self
    if not limits.min <= from_ <= to <= limits.max:
        raise ShapeError(f"finds no number from {from_!r} to below {to!r}")
    if to - from_ > limits.max:
        raise ShapeError(f"cannot hold the distance from {from_!r} to {to!r} in {self.dtype.name}")
    return alone(self)


@filling()
def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Any = None) -> Tensor:
    """Fill with ones, with probability `p`, and zeros."""
    draws()
    if isinstance(p, Tensor):
        if self.numel() and broadcast_shapes(self.shape, p.shape) != self.shape:
            raise ShapeError(f"has probabilities of {shape(p.shape)} for {shape(self.shape)}")
        if self.numel():
            _floating(p)
    else:
        _probability(p)
    return alone(_real(self)) if self.numel() else self


@filling(names={"from": "from_"})
def random_(
    self: Tensor, *limits: Any, from_: Any = None, to: Any = None, generator: Any = None
) -> Tensor:
    """Fill with random ints: ``random_()``, ``random_(to)`` or ``random_(from, to)``."""
    draws()
    if len(limits) > 2 or (from_ is not None and to is None):
        raise ShapeError("takes no limit, `to`, or `from` and `to`", kind=TypeError)
    limits = *limits, *(limit for limit in (from_, to) if limit is not None)
    low, high = (0, *(integer("a limit", limit) for limit in limits))[-2:] if limits else (0, 1)
    if low >= high:
        raise ShapeError(f"finds no int from {low} to below {high}")
    if self.dtype.kind == dtypes.COMPLEX:
        raise ShapeError(f"is not defined for {self.dtype.name}")
    if self.dtype.kind == dtypes.INTEGER:
        least, most = dtypes.iinfo(self.dtype).min, dtypes.iinfo(self.dtype).max
    else:
        least, most = (0, 1) if self.dtype is dtypes.bool else (low, high - 1)
    if limits and not least <= low < high <= most + 1:
        raise ShapeError(f"has limits {low} and {high}, which {self.dtype.name} cannot hold")
    return alone(self)


@drawing(layout=UNKNOWN_LAYOUT, spaces=FUNCTION)
def binomial(count: Tensor, prob: Tensor, generator: Any = None) -> Tensor:
    """Draw how many of `count` trials succeed with probability `prob`; the two broadcast."""
    draws()
    _floating(count)
    _floating(prob)
    result = new(broadcast_shapes(count.shape, prob.shape), count.dtype)
    if count.dtype is not prob.dtype or count.dtype.itemsize == 2:
        raise ShapeError(f"is not defined for {count.dtype.name} and {prob.dtype.name}")
    return result


@filling()
def exponential_(self: Tensor, lambd: float = 1, *, generator: Any = None) -> Tensor:
    """Fill with numbers from an exponential distribution."""
    draws()
    if lambd <= 0:
        raise ShapeError(f"has lambd={lambd!r}, which must be positive")
    return alone(_floating(self)) if self.numel() else self


@filling()
def cauchy_(self: Tensor, median: float = 0, sigma: float = 1, *, generator: Any = None) -> Tensor:
    """Fill with numbers from a Cauchy distribution."""
    draws()
    if sigma <= 0:
        raise ShapeError(f"has sigma={sigma!r}, which must be positive")
    return alone(_floating(self))


@filling()
def log_normal_(self: Tensor, mean: float = 1, std: float = 2, *, generator: Any = None) -> Tensor:
    """Fill with numbers whose logarithms are normally distributed."""
    draws()
    if std <= 0:
        raise ShapeError(f"has std={std!r}, which must be positive")
    return alone(_floating(self)) if self.numel() else self


@filling()
def geometric_(self: Tensor, p: float, *, generator: Any = None) -> Tensor:
    """Fill with the number of trials, of probability `p`, up to the first success."""
    draws()
    if not 0 < p < 1:
        raise ShapeError(f"has p={p!r}, which must be between 0 and 1")
    return alone(_real(self, of_bool=False)) if self.numel() else self


@drawing(layout=PACKED)
def bernoulli(input: Tensor, p: Any = None, *, generator: Any = None) -> Tensor:
    """Draw ones and zeros by the probabilities in `input`, or of probability `p`."""
    draws()
    if p is not None:
        _probability(p)
    if input.numel():
        (_floating if p is None else _real)(input)
    return new(input.shape, input.dtype)


@drawing(layout=PACKED)
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Any = None
) -> Tensor:
    """Draw `num_samples` indices for each row of weights, ``(n,)`` or ``(m, n)``.

    Raises:
        ShapeError: there are fewer weights than samples drawn without replacement, or other
            dimensions.
    """
    draws()
    s = input.shape
    if len(s) not in (1, 2):
        raise ShapeError(f"expects a vector or matrix of weights, but receives {shape(s)}")
    _floating(input)
    if num_samples <= 0:
        raise ShapeError(f"cannot draw {num_samples} samples")
    if not replacement and num_samples > s[-1]:
        raise ShapeError(
            f"cannot draw {num_samples} of {s[-1]} without replacement", fix="replacement=True"
        )
    return new((*s[:-1], num_samples), dtypes.int64)


@drawing(layout=PACKED, spaces=FUNCTION)
def poisson(input: Tensor, generator: Any = None) -> Tensor:
    """Draw from Poisson distributions by the rates in `input`."""
    draws()
    _floating(input)
    return new(input.shape, input.dtype)


@drawing(layout=PACKED, spaces=FUNCTION)
def normal(
    mean: Any, std: Any = 1.0, size: Any = None, *, generator: Any = None, **options: Any
) -> Tensor:
    """Draw from normal distributions: with tensors of means or deviations, or `size` numbers."""
    draws()
    tensors = [item for item in (mean, std) if isinstance(item, Tensor)]
    if size is not None:
        if tensors:
            raise ShapeError("takes a size for numbers only: mean and std have sizes of their own")
        number("mean", mean)
        sizes, kind = _size(size), _dtype(options, dtypes.float32)
    else:
        if not tensors:
            raise ShapeError("needs a tensor as mean or std, or size")
        sizes, kind = broadcast_shapes(*(item.shape for item in tensors)), tensors[0].dtype
        for item in (mean, std):
            if not isinstance(item, Tensor):
                number("mean and std", item)
    if not isinstance(std, Tensor) and number("std", std) < 0:
        raise ShapeError(f"has std={std!r}, which must be at least 0")
    if isinstance(std, Tensor) and std.dtype.kind == dtypes.COMPLEX:
        raise ShapeError("has deviations of complex numbers")
    result = new(sizes, kind)
    return _continuous(result) if result.numel() else result


_size = size


@drawing(layout=OWN, spaces=FUNCTION)
def randint_like(input: Tensor, *bounds: Any, **options: Any) -> Tensor:
    """Make random ints in the shape of a tensor: ``(input, high)`` or ``(input, low, high)``."""
    draws(options)
    limits = bounded(bounds, options)
    return drawn(like_another(input, options), limits)
