"""torch.nn.init: it fills tensors, which changes no shape, and refuses what it cannot fill."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

from ...errors import ShapeError
from ..arguments import shape
from ..known_values import forget
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


def _filler(name: str, *ranks: int) -> Callable[..., Any]:
    """Return a function that returns its tensor, of one of these numbers of dimensions."""

    def call(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        target = checked("tensor", tensor)
        forget(target)
        if ranks and target.ndim not in ranks:
            counts = " or ".join(map(str, ranks)) if len(ranks) < 4 else f"at least {ranks[0]}"
            raise ShapeError(
                f"needs {counts} dimensions, but receives {target.ndim}: {shape(target.shape)}",
                operation=f"nn.init.{name}",
            )
        return target

    call.__name__ = call.__qualname__ = name
    return call


_WITH_FANS = tuple(range(2, 65))
uniform_, normal_, trunc_normal_, constant_, ones_, zeros_ = map(
    _filler, "uniform_ normal_ trunc_normal_ constant_ ones_ zeros_".split()
)
xavier_uniform_, xavier_normal_ = (
    _filler(name, *_WITH_FANS) for name in ("xavier_uniform_", "xavier_normal_")
)
kaiming_uniform_, kaiming_normal_, orthogonal_ = (
    _filler(name, *_WITH_FANS) for name in ("kaiming_uniform_", "kaiming_normal_", "orthogonal_")
)
eye_, sparse_, dirac_ = _filler("eye_", 2), _filler("sparse_", 2), _filler("dirac_", 3, 4, 5)

# torch's older names of them.
uniform, normal, constant, eye, dirac = uniform_, normal_, constant_, eye_, dirac_
xavier_uniform, xavier_normal = xavier_uniform_, xavier_normal_
kaiming_uniform, kaiming_normal = kaiming_uniform_, kaiming_normal_
orthogonal, sparse = orthogonal_, sparse_
