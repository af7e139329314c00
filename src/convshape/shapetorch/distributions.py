"""torch.distributions, as variational networks use them, and the shapes of their samples."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from math import prod
from typing import Any

from ..errors import ShapeError, UnknownOperation
from . import dtypes
from .arguments import shape
from .layout import lay
from .tensor import Tensor, broadcast_shapes, new, packed, result_type
from .tensor_attributes import Size

Shape = tuple[int, ...]


__all__ = [
    "Bernoulli", "Beta", "Categorical", "Cauchy", "Dirichlet", "Distribution", "Exponential",
    "Gamma", "Geometric", "Gumbel", "HalfCauchy", "HalfNormal", "Independent", "Laplace",
    "LogNormal", "MultivariateNormal", "Normal", "OneHotCategorical",
    "OneHotCategoricalStraightThrough", "Poisson", "RelaxedBernoulli", "Uniform", "kl_divergence",
    "register_kl",
]  # fmt: skip


class Distribution:
    """A family of distributions over events of one shape, a member for each place of the batch.

    The subclasses define the names of their parameters, how many of the last dimensions of each
    belong to the event, and the samples.

    Raises:
        ShapeError: the parameters do not broadcast.
    """

    _parameters: tuple[str, ...] = ()
    #: Of these one is given, and the other is made of it.
    _either: tuple[str, ...] = ()
    _event_dims = 0
    #: Whether it makes one tensor of its parameters.
    _stacked = False
    #: The dtype of what is drawn; None for that of the parameters.
    _drawn: dtypes.dtype | None = None
    has_rsample = False
    batch_shape: Size
    event_shape: Size

    def __init__(self, *args: Any, validate_args: Any = None, **named: Any) -> None:
        names = (*self._parameters, *self._either, "validate_args")
        values = dict(zip(names, args, strict=False)) | named
        unknown = sorted(values.keys() - set(names))
        missing = [name for name in self._parameters if values.get(name) is None]
        if unknown or missing or len(args) > len(names):
            raise ShapeError(f"{type(self).__name__} takes {', '.join(names[:-1])}")
        chosen = [name for name in self._either if values.get(name) is not None]
        if self._either and len(chosen) != 1:
            raise ShapeError(f"needs either {' or '.join(self._either)}, but not both")
        self._expand_parameters({name: values[name] for name in (*self._parameters, *chosen)})

    def _expand_parameters(self, values: dict[str, Any]) -> None:
        tensors = [value for value in values.values() if isinstance(value, Tensor)]
        kind = (
            reduce(dtypes.promote_types, (t.dtype for t in tensors)) if tensors else dtypes.float32
        )
        sizes = broadcast_shapes(*(t.shape for t in tensors))
        for name, value in values.items():
            dtype = value.dtype if isinstance(value, Tensor) and not self._stacked else kind
            setattr(self, name, new(sizes, dtype))
        for name in self._either:
            if name not in values:
                setattr(self, name, new(sizes, kind))
        self._place(sizes, kind)

    def _place(self, sizes: Shape, kind: dtypes.dtype) -> None:
        cut = len(sizes) - self._event_dims
        if cut < 0:
            raise ShapeError(f"needs at least {self._event_dims} dimensions: {shape(sizes)}")
        self._dtype = kind
        self.batch_shape, self.event_shape = Size(sizes[:cut]), Size(sizes[cut:])

    def parameters(self) -> list[Any]:
        """Return what it was made of, which is what a network gives."""
        return [getattr(self, name) for name in self.parameter_names()]

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """Return the names of what it was made of."""
        return (*cls._parameters, *cls._either)

    def _extended(self, sample_shape: Any = ()) -> Shape:
        return (*sample_shape, *self.batch_shape, *self.event_shape)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw: ``(*sample_shape, *batch_shape, *event_shape)``."""
        result = new(self._extended(sample_shape), self._drawn or self._dtype)
        if self._stacked:  # the first of each pair that torch draws
            lay(result, tuple(2 * step for step in packed(result.shape)))
        return result

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Draw, so that gradients pass: ``(*sample_shape, *batch_shape, *event_shape)``.

        Raises:
            ShapeError: gradients do not pass through this distribution.
        """
        if not self.has_rsample:
            raise ShapeError(f"{type(self).__name__} has no rsample", fix="sample")
        return self.sample(sample_shape)

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the density at values: their shape without that of the event.

        Raises:
            ShapeError: the values do not broadcast with batch and event.
        """
        if not isinstance(value, Tensor):
            raise ShapeError(f"needs a tensor as value, but receives {value!r}")
        sizes = value.shape
        if len(sizes) < len(self.event_shape):
            raise ShapeError(f"needs values of {shape(self._extended())}: {shape(sizes)}")
        joined = broadcast_shapes(sizes, self._extended())
        cut = len(joined) - len(self.event_shape)
        if (
            joined[cut:] != self.event_shape
            or sizes[len(sizes) - len(joined) + cut :] != joined[cut:]
        ):
            raise ShapeError(f"needs events of {shape(self.event_shape)}: {shape(sizes)}")
        return new(joined[:cut], result_type(value, new(self._extended(), self._dtype)))

    cdf = icdf = log_prob

    def entropy(self) -> Tensor:
        """Return the entropy: of the shape of the batch."""
        return new(self.batch_shape, self._dtype)

    perplexity = entropy

    @property
    def mean(self) -> Tensor:
        """The means, of batch and event."""
        return new(self._extended(), self._dtype)

    stddev = variance = mode = mean

    @property
    def param_shape(self) -> Size:
        """The shape of the parameters."""
        return Size(self._extended())

    def expand(self, batch_shape: Any) -> Any:
        """Return the same with a larger batch."""
        sizes = tuple(batch_shape)
        if broadcast_shapes(sizes, self.batch_shape) != sizes:
            raise ShapeError(f"cannot expand {shape(self.batch_shape)} to {shape(sizes)}")
        result = object.__new__(type(self))
        result.__dict__.update(self.__dict__)
        result.batch_shape = Size(sizes)
        for name in self.parameter_names():
            value: Tensor = getattr(self, name)
            event = value.shape[len(self.batch_shape) :]
            setattr(result, name, new((*sizes, *event), value.dtype))
        return result


def _family(
    name: str,
    parameters: str,
    *,
    either: str = "",
    reparametrised: bool = True,
    events: int = 0,
    stacked: bool = False,
) -> type[Distribution]:
    facts = {
        "_parameters": tuple(parameters.split()), "_either": tuple(either.split()),
        "has_rsample": reparametrised, "_event_dims": events, "_stacked": stacked,
    }  # fmt: skip
    return type(name, (Distribution,), facts)


_DISCRETE: dict[str, Any] = {"either": "probs logits", "reparametrised": False}
Normal = _family("Normal", "loc scale")
LogNormal = _family("LogNormal", "loc scale")
Laplace = _family("Laplace", "loc scale")
Cauchy = _family("Cauchy", "loc scale")
Gumbel = _family("Gumbel", "loc scale")
Uniform = _family("Uniform", "low high")
Exponential = _family("Exponential", "rate")
HalfNormal = _family("HalfNormal", "scale")
HalfCauchy = _family("HalfCauchy", "scale")
Beta = _family("Beta", "concentration1 concentration0", stacked=True)
Gamma = _family("Gamma", "concentration rate")
Dirichlet = _family("Dirichlet", "concentration", events=1)
Poisson = _family("Poisson", "rate", reparametrised=False)
Bernoulli = _family("Bernoulli", "", **_DISCRETE)
Geometric = _family("Geometric", "", **_DISCRETE)
OneHotCategorical = _family("OneHotCategorical", "", events=1, **_DISCRETE)
OneHotCategoricalStraightThrough = _family(
    "OneHotCategoricalStraightThrough", "", events=1, either="probs logits"
)


class RelaxedBernoulli(Distribution):
    """Numbers between 0 and 1, the nearer to these the lower the temperature."""

    _either = ("probs", "logits")
    has_rsample = True

    def __init__(self, temperature: Any, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.temperature = temperature


class Categorical(Distribution):
    """One of the classes along the last dimension of `probs` or `logits`, by its number."""

    _either = ("probs", "logits")
    _drawn = dtypes.int64

    def _place(self, sizes: Shape, kind: dtypes.dtype) -> None:
        if not sizes:
            raise ShapeError("needs at least one dimension, of classes")
        self._dtype = kind
        self._num_events = sizes[-1]
        self.batch_shape, self.event_shape = Size(sizes[:-1]), Size(())

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw: ``(*sample_shape, *batch_shape)``, all draws of a place one after the other."""
        result, draws = super().sample(sample_shape), tuple(sample_shape)
        places = (step * prod(draws) for step in packed(self.batch_shape))
        lay(result, (*packed(draws), *places))
        return result

    def log_prob(self, value: Tensor) -> Tensor:
        """Return the logarithm of the probability of classes."""
        joined: Tensor = super().log_prob(value)
        return new(joined.shape, self._dtype)

    @property
    def param_shape(self) -> Size:
        """The shape of the parameters, with the classes."""
        return Size((*self.batch_shape, self._num_events))


class MultivariateNormal(Distribution):
    """Vectors ``(*batch, n)`` around `loc`, whose spread is a matrix ``(*batch, n, n)``."""

    _parameters = ("loc", "scale_tril")
    _event_dims = 1
    has_rsample = True

    def __init__(
        self,
        loc: Tensor,
        covariance_matrix: Any = None,
        precision_matrix: Any = None,
        scale_tril: Any = None,
        validate_args: Any = None,
    ) -> None:
        matrices = [m for m in (covariance_matrix, precision_matrix, scale_tril) if m is not None]
        if len(matrices) != 1:
            raise ShapeError("needs one of covariance_matrix, precision_matrix and scale_tril")
        (matrix,) = matrices
        if loc.ndim < 1 or matrix.ndim < 2:
            raise ShapeError(
                f"needs vectors and matrices: {shape(loc.shape)}, {shape(matrix.shape)}"
            )
        batch = broadcast_shapes(matrix.shape[:-2], loc.shape[:-1])
        n = loc.shape[-1]
        self._place((*batch, n), loc.dtype)
        self.loc = new((*batch, n), loc.dtype)
        self.scale_tril = new((*batch, *matrix.shape[-2:]), matrix.dtype)

    @property
    def covariance_matrix(self) -> Tensor:
        """The matrix of the spread: ``(*batch, n, n)``."""
        return self.scale_tril

    precision_matrix = covariance_matrix

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Draw vectors: ``(*sample_shape, *batch, n)``."""
        n = self.event_shape[0]
        if self.scale_tril.shape[-2:] != (n, n):
            raise ShapeError(f"has vectors of {n} and matrices of {shape(self.scale_tril.shape)}")
        return super().sample(sample_shape)


class Independent(Distribution):
    """Another distribution, of whose batch the last dimensions count as the event."""

    _parameters = ("base_dist",)

    def __init__(
        self, base_distribution: Any, reinterpreted_batch_ndims: int, validate_args: Any = None
    ) -> None:
        cut = len(base_distribution.batch_shape) - reinterpreted_batch_ndims
        if cut < 0:
            raise ShapeError(
                f"has reinterpreted_batch_ndims={reinterpreted_batch_ndims} for a batch of "
                f"{shape(base_distribution.batch_shape)}"
            )
        self.base_dist = base_distribution
        self.has_rsample, self._drawn = base_distribution.has_rsample, base_distribution._drawn
        self._dtype = base_distribution._dtype
        sizes = base_distribution.batch_shape
        self.batch_shape = Size(sizes[:cut])
        self.event_shape = Size((*sizes[cut:], *base_distribution.event_shape))


def kl_divergence(p: Distribution, q: Distribution) -> Tensor:
    """Return how far one distribution is from another of its kind: the shape of both batches.

    Raises:
        ShapeError: the batches do not broadcast, or the events differ.
        UnknownOperation: they are of different kinds.
    """
    if type(p) is not type(q):
        raise UnknownOperation(
            f"kl_divergence of {type(p).__name__} and {type(q).__name__} is not known to convshape"
        )
    if p.event_shape != q.event_shape:
        raise ShapeError(f"has events of {shape(p.event_shape)} and {shape(q.event_shape)}")
    sizes = broadcast_shapes(p.batch_shape, q.batch_shape)
    return new(sizes, dtypes.promote_types(p._dtype, q._dtype))


def register_kl(*kinds: Any) -> Callable[[Any], Any]:
    """Leave a function as it is that knows the divergence of two kinds."""
    return lambda function: function
