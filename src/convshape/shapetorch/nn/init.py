"""torch.nn.init: it fills tensors, which changes no shape, and refuses what it cannot fill."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

from ...errors import ShapeError
from ..arguments import shape
from ..operation import named
from ..tensor import Tensor
from ..tensor import tensor as checked

_GAINS = dict.fromkeys("linear conv1d conv2d conv3d sigmoid".split(), 1.0) | {
    **dict.fromkeys("conv_transpose1d conv_transpose2d conv_transpose3d".split(), 1.0),
    "tanh": 5.0 / 3,
    "relu": sqrt(2.0),
    "selu": 3.0 / 4,
}


def calculate_gain(nonlinearity: str, param: Any = None) -> float:
    """Return by how much a nonlinearity makes its input narrower.

    Raises:
        ShapeError: it is none that torch knows.
    """
    if nonlinearity == "leaky_relu":
        return sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity not in _GAINS:
        raise ShapeError(f"nn.init.calculate_gain knows no nonlinearity {nonlinearity!r}")
    return _GAINS[nonlinearity]


def _calculate_fan_in_and_fan_out(tensor: Tensor) -> tuple[int, int]:
    """Return how many inputs an output of a layer of this weight has, and outputs an input."""
    if tensor.ndim < 2:
        raise ShapeError(
            f"cannot count the inputs of a weight of fewer than 2 dimensions: {shape(tensor.shape)}"
        )
    field = 1
    for size in tensor.shape[2:]:
        field *= size
    return tensor.shape[1] * field, tensor.shape[0] * field


def _calculate_correct_fan(tensor: Tensor, mode: str) -> int:
    """Return the inputs or the outputs, whichever `mode` names."""
    if mode.lower() not in ("fan_in", "fan_out"):
        raise ShapeError(f"mode={mode!r} is neither 'fan_in' nor 'fan_out'")
    return _calculate_fan_in_and_fan_out(tensor)[mode.lower() == "fan_out"]


def _of_ranks(name: str, tensor: Any, *ranks: int) -> Tensor:
    """Return a tensor that has one of these numbers of dimensions."""
    target = checked("tensor", tensor)
    if target.ndim not in ranks:
        counts = " or ".join(map(str, ranks)) if len(ranks) < 4 else f"at least {ranks[0]}"
        raise ShapeError(
            f"needs {counts} dimensions, but receives {target.ndim}: {shape(target.shape)}",
            operation=f"nn.init.{name}",
        )
    return target


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with numbers evenly distributed from `a` to `b`."""
    return checked("tensor", tensor).uniform_(a, b)  # type: ignore[no-any-return]


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, generator: Any = None) -> Tensor:
    """Fill with numbers from a normal distribution."""
    return checked("tensor", tensor).normal_(mean, std)  # type: ignore[no-any-return]


def trunc_normal_(
    tensor: Tensor,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: Any = None,
) -> Tensor:
    """Fill with numbers from a normal distribution between `a` and `b`."""
    return normal_(tensor, mean, std)


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Fill with one number."""
    return checked("tensor", tensor).fill_(val)  # type: ignore[no-any-return]


def ones_(tensor: Tensor) -> Tensor:
    """Fill with ones."""
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Fill with zeros."""
    return constant_(tensor, 0.0)


def _xavier(name: str) -> Callable[..., Tensor]:
    def call(tensor: Tensor, gain: float = 1.0, generator: Any = None) -> Tensor:
        """Fill a weight of at least two dimensions, by its fans."""
        return normal_(_of_ranks(name, tensor, *_WITH_FANS))

    return named(name, call)


def _kaiming(name: str) -> Callable[..., Tensor]:
    def call(
        tensor: Tensor,
        a: float = 0,
        mode: str = "fan_in",
        nonlinearity: str = "leaky_relu",
        generator: Any = None,
    ) -> Tensor:
        """Fill a weight of at least two dimensions, by its fan and what follows it.

        Raises:
            ShapeError: it has fewer dimensions, or torch knows no such fan or nonlinearity.
        """
        if 0 not in checked("tensor", tensor).shape:
            _calculate_correct_fan(_of_ranks(name, tensor, *_WITH_FANS), mode)
            calculate_gain(nonlinearity, a)
        return normal_(tensor)

    return named(name, call)


_WITH_FANS = tuple(range(2, 65))
xavier_uniform_, xavier_normal_ = map(_xavier, ("xavier_uniform_", "xavier_normal_"))
kaiming_uniform_, kaiming_normal_ = map(_kaiming, ("kaiming_uniform_", "kaiming_normal_"))


def orthogonal_(tensor: Tensor, gain: float = 1, generator: Any = None) -> Tensor:
    """Fill a weight of at least two dimensions with orthogonal rows."""
    return normal_(_of_ranks("orthogonal_", tensor, *_WITH_FANS))


def eye_(tensor: Tensor) -> Tensor:
    """Fill a matrix with ones on its diagonal, and zeros elsewhere."""
    return normal_(_of_ranks("eye_", tensor, 2))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01, generator: Any = None) -> Tensor:
    """Fill a matrix with numbers, of which some in each column are zeros."""
    return normal_(_of_ranks("sparse_", tensor, 2), 0, std)


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Fill the weight of a convolution so that it keeps its input.

    Raises:
        ShapeError: it has no such dimensions, or the groups do not divide its first one.
    """
    if _of_ranks("dirac_", tensor, 3, 4, 5).shape[0] % groups:
        raise ShapeError(f"nn.init.dirac_ cannot divide {tensor.shape[0]} by groups={groups}")
    return normal_(tensor)


# torch's older names of them.
uniform, normal, constant, eye, dirac = uniform_, normal_, constant_, eye_, dirac_
xavier_uniform, xavier_normal = xavier_uniform_, xavier_normal_
kaiming_uniform, kaiming_normal = kaiming_uniform_, kaiming_normal_
orthogonal, sparse = orthogonal_, sparse_
