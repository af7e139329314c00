"""`torch.nn.utils.prune`: masked parameters, which keep their shapes and are counted as before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ....errors import ShapeError
from ...arguments import axis
from ..modules.module import Module


def identity(module: Module, name: str) -> Module:
    """Mask a parameter: ``weight`` becomes ``weight_orig``, with a buffer ``weight_mask``."""
    if not is_masked(module, name):
        original = getattr(module, name)
        del module._parameters[name]
        module.register_parameter(f"{name}_orig", original)
        module.register_buffer(f"{name}_mask", original.detach() * 0)
    masked = module.get_parameter(f"{name}_orig") * module.get_buffer(f"{name}_mask")
    setattr(module, name, masked)
    return module


def is_masked(module: Module, name: str) -> bool:
    """Return whether a parameter is masked already."""
    return f"{name}_mask" in module._buffers


def random_unstructured(module: Module, name: str, amount: float) -> Module:
    """Mask some elements of a parameter."""
    _check_amount(amount, getattr(module, name).numel())
    return identity(module, name)


def l1_unstructured(
    module: Module, name: str, amount: float, importance_scores: Any = None
) -> Module:
    """Mask the smallest elements of a parameter."""
    return random_unstructured(module, name, amount)


def random_structured(module: Module, name: str, amount: float, dim: int) -> Module:
    """Mask some slices along a dimension of a parameter."""
    sizes = getattr(module, name).shape
    if len(sizes) < 2:
        raise ShapeError(f"prunes slices of at least 2 dimensions, not {sizes}", kind=ValueError)
    _check_amount(amount, sizes[axis("dim", dim, len(sizes))])
    return identity(module, name)


def ln_structured(
    module: Module, name: str, amount: float, n: Any, dim: int, importance_scores: Any = None
) -> Module:
    """Mask the slices of the smallest norm along a dimension of a parameter."""
    return random_structured(module, name, amount, dim)


def _check_amount(amount: Any, most: int) -> None:
    """Refuse what is neither a fraction nor a number of elements."""
    if amount < 0 or (isinstance(amount, float) and amount > 1) or amount > most:
        raise ShapeError(
            f"has amount={amount!r}, which must be a fraction, or an int up to {most}",
            kind=ValueError,
        )


def custom_from_mask(module: Module, name: str, mask: Any) -> Module:
    """Mask a parameter by a tensor of its shape."""
    if mask.shape != getattr(module, name).shape:
        raise ShapeError(f"needs a mask of {getattr(module, name).shape}", kind=AssertionError)
    return identity(module, name)


def global_unstructured(
    parameters: Iterable[tuple[Module, str]],
    pruning_method: Any,
    importance_scores: Any = None,
    **kwargs: Any,
) -> None:
    """Mask elements of several parameters."""
    for module, name in parameters:
        identity(module, name)


def remove(module: Module, name: str) -> Module:
    """Make a masked parameter a plain one again."""
    if not is_masked(module, name):
        raise ShapeError(f"has no mask of {name!r} to remove", kind=ValueError)
    original = module._parameters.pop(f"{name}_orig")
    del module._buffers[f"{name}_mask"]
    delattr(module, name)
    module.register_parameter(name, original)
    return module


def is_pruned(module: Module) -> bool:
    """Return whether a module has masked parameters."""
    return any(
        name.endswith("_mask") and f"{name.removesuffix('mask')}orig" in part._parameters
        for part in module.modules()
        for name in part._buffers
    )
