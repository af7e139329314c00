"""torch.nn.utils: what reparametrizes weights, and what is about gradients, which are not here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ....errors import ShapeError
from ...dtypes import float32
from ...ops.joining import cat
from ...ops.reductions import norm_except_dim
from ...tensor import Tensor, new
from ..modules.conv import _ConvTransposeNd
from ..modules.module import Module
from ..parameter import Parameter
from . import parametrizations as parametrizations
from . import parametrize as parametrize
from . import rnn as rnn


def _take(module: Module, name: str) -> Parameter:
    """Take a parameter out of the module, which keeps its value as a plain attribute."""
    weight = module._parameters.pop(name, None)
    if weight is None:
        raise ShapeError(f"{type(module).__name__} has no parameter {name!r} to reparametrize")
    object.__setattr__(module, name, new(weight.shape, weight.dtype))
    return weight


def _restore(module: Module, name: str, gone: Iterable[str]) -> Module:
    weight = getattr(module, name)
    for member in (name, *gone):
        if hasattr(module, member):
            delattr(module, member)
    module.register_parameter(name, Parameter(new(weight.shape, weight.dtype)))
    return module


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """Make a weight of its length, ``<name>_g``, along `dim` and its direction, ``<name>_v``."""
    weight = _take(module, name)
    module.register_parameter(
        f"{name}_g", Parameter(norm_except_dim(weight, 2, -1 if dim is None else dim))
    )
    module.register_parameter(f"{name}_v", Parameter(new(weight.shape, weight.dtype)))
    return module


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Make one parameter of a weight that `weight_norm` took apart."""
    if f"{name}_g" not in module._parameters:
        raise ValueError(f"weight_norm of {name!r} not found in {module!r}")
    return _restore(module, name, (f"{name}_g", f"{name}_v"))


def spectral_norm(
    module: Module,
    name: str = "weight",
    n_power_iterations: int = 1,
    eps: float = 1e-12,
    dim: Any = None,
) -> Module:
    """Divide a weight, ``<name>_orig``, by its largest singular value (buffers ``_u``, ``_v``)."""
    if n_power_iterations <= 0:
        raise ShapeError(
            f"spectral_norm makes n_power_iterations={n_power_iterations}, which must be positive"
        )
    if dim is None:
        dim = int(isinstance(module, _ConvTransposeNd))
    weight = _take(module, name)
    height = weight.shape[dim]
    module.register_parameter(f"{name}_orig", weight)
    module.register_buffer(f"{name}_u", new((height,), float32))
    module.register_buffer(f"{name}_v", new((weight.numel() // (height or 1),), float32))
    return module


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """Make a plain parameter of a weight that `spectral_norm` divides."""
    if f"{name}_orig" not in module._parameters:
        raise ValueError(f"spectral_norm of {name!r} not found in {module!r}")
    return _restore(module, name, (f"{name}_orig", f"{name}_u", f"{name}_v"))


def parameters_to_vector(parameters: Iterable[Tensor]) -> Tensor:
    """Return the parameters one after the other as a vector."""
    return cat([p.view(-1) for p in parameters])


def vector_to_parameters(vec: Tensor, parameters: Iterable[Tensor]) -> None:
    """Make parts of a vector the parameters.

    Raises:
        ShapeError: the vector has too few elements.
    """
    start = 0
    for parameter in parameters:
        count = parameter.numel()
        parameter.data = vec[start : start + count].view(parameter.shape).data
        start += count


def skip_init(module_cls: type[Module], *args: Any, **kwargs: Any) -> Module:
    """Make a layer without filling its parameters."""
    kwargs.pop("device", None)
    return module_cls(*args, **kwargs)


def clip_grad_norm_(*args: Any, **kwargs: Any) -> Tensor:
    """Return the length of the gradients: a scalar."""
    return new((), float32)


def clip_grad_value_(*args: Any, **kwargs: Any) -> None:
    """Limit the gradients, which are not here."""
