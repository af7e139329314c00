"""`torch.func`: functions of functions. A mapped or differentiated function is called once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import Any

from ..errors import ShapeError, UnknownOperation
from . import hooks
from .arguments import shape
from .dtypes import FLOATING
from .known_values import forget
from .nn import Module
from .tensor import UNKNOWN, Tensor, new

__all__ = ["functional_call", "grad", "jacfwd", "jacrev", "stack_module_state", "vmap"]


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """Map a function over a dimension of its tensors; `func` sees them without it.

    Raises:
        ShapeError: when called, there is nothing to map over, sizes differ, or `func` returns no
            tensor.
    """
    if randomness not in ("error", "different", "same"):
        raise ShapeError(f"vmap has randomness={randomness!r}", fix="'different'")
    if chunk_size is not None and chunk_size <= 0:
        raise ShapeError(f"vmap has chunk_size={chunk_size!r}, which must be at least 1")

    @wraps(func)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        if not isinstance(in_dims, (int, tuple)):
            raise ShapeError(f"vmap needs in_dims as an int or a tuple, but receives {in_dims!r}")
        if not args:
            raise ShapeError("vmap needs at least one argument to map over")
        sizes: list[int] = []
        parts = _each(partial(_part, sizes), args, in_dims)
        if not sizes:
            raise ShapeError("vmap needs at least one tensor to map over")
        if len(set(sizes)) > 1:
            raise ShapeError(f"vmap maps over one size, but receives {', '.join(map(str, sizes))}")
        outer, hooks.randomness = hooks.randomness, randomness
        try:
            result = func(*parts, **kwargs)
        finally:
            hooks.randomness = outer
        return _each(partial(_whole, sizes[0]), result, out_dims, False)

    return mapped


def _each(change: Callable[[Any, Any], Any], value: Any, dims: Any, is_input: bool = True) -> Any:
    """Change each item of a group of groups, by the dimension of it or of its group."""
    if not isinstance(value, (list, tuple, dict)):
        if isinstance(dims, (list, tuple, dict)) and not (not is_input and len(dims) == 1):
            raise ShapeError(f"vmap has {dims!r} where one dimension is wanted")
        return change(value, dims if not isinstance(dims, (list, tuple)) else dims[0])
    keys = list(value) if isinstance(value, dict) else range(len(value))
    if isinstance(dims, (list, tuple, dict)):
        if len(dims) != len(value):
            raise ShapeError(f"vmap has {len(dims)} dimensions for {len(value)} values")
        dims_of_items = [dims[key] for key in keys]
    else:
        dims_of_items = [dims] * len(value)
    items = [_each(change, value[k], d, is_input) for k, d in zip(keys, dims_of_items, strict=True)]
    if isinstance(value, dict):
        return dict(zip(keys, items, strict=True))
    return type(value)(items) if type(value) in (list, tuple) else type(value)(*items)


def _axis(dim: Any, rank: int, what: str) -> int:
    if not isinstance(dim, int) or not -rank <= dim < rank:
        raise ShapeError(f"vmap has the dimension {dim!r} for {what}")
    return dim % rank


def _part(sizes: list[int], value: Any, dim: Any) -> Any:
    """Return what the function sees of an input, and note the size that is mapped over."""
    if dim is None:
        return value
    if not isinstance(value, Tensor):
        raise ShapeError(f"vmap cannot map over {value!r:.40}", fix="in_dims=None for it")
    axis = _axis(dim, value.ndim, shape(value.shape))
    sizes.append(value.shape[axis])
    return _laid_out_anyhow((*value.shape[:axis], *value.shape[axis + 1 :]), value)


def _whole(size: int, value: Any, dim: Any) -> Tensor:
    """Return an output with the dimension that is mapped over."""
    if not isinstance(value, Tensor):
        raise ShapeError(f"vmap needs a function that gives tensors, not {type(value).__name__}")
    if dim is None:
        raise UnknownOperation("vmap with out_dims=None is not known to convshape")
    axis = _axis(dim, value.ndim + 1, f"an output of {shape(value.shape)}")
    return _laid_out_anyhow((*value.shape[:axis], size, *value.shape[axis:]), value)


def _laid_out_anyhow(sizes: Sequence[int], like: Tensor) -> Tensor:
    forget(like)  # the function may write into it
    result: Tensor = new(tuple(sizes), like.dtype)
    if result.ndim > 1:
        result.memory = UNKNOWN
    return result


def _argument(args: tuple[Any, ...], argnums: int) -> Tensor:
    if isinstance(argnums, int) and not -len(args) <= argnums < len(args):
        raise ShapeError(f"has argnums={argnums}, but {len(args)} arguments by place")
    if not isinstance(argnums, int) or not isinstance(args[argnums], Tensor):
        raise UnknownOperation("derivatives of anything but one tensor are not known to convshape")
    result: Tensor = args[argnums]
    if result.dtype.kind < FLOATING:
        raise ShapeError(f"finds no derivative by a tensor of {result.dtype.name}")
    return result


def grad(func: Callable[..., Any], argnums: int = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Return a function that gives the gradient of `func`, a number, by one of its tensors."""

    @wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        result = func(*args, **kwargs)
        value, aux = result if has_aux else (result, None)
        if not isinstance(value, Tensor) or value.ndim:
            raise ShapeError("grad needs a function that gives a tensor without dimensions")
        by = _argument(args, argnums)
        derivative = new(by.shape, by.dtype)
        derivative.memory = UNKNOWN if by.shape else None
        return (derivative, aux) if has_aux else derivative

    return gradient


def jacrev(func: Callable[..., Any], argnums: int = 0, **options: Any) -> Callable[..., Any]:
    """Return a function that gives the derivatives of a tensor by another: ``(*out, *in)``."""
    if options.get("has_aux"):
        raise UnknownOperation("has_aux=True is not known to convshape")

    @wraps(func)
    def jacobian(*args: Any, **kwargs: Any) -> Tensor:
        value, by = func(*args, **kwargs), _argument(args, argnums)
        if not isinstance(value, Tensor):
            raise UnknownOperation("derivatives of several results are not known to convshape")
        return _laid_out_anyhow((*value.shape, *by.shape), value)

    return jacobian


def jacfwd(func: Callable[..., Any], argnums: int = 0, **options: Any) -> Callable[..., Any]:
    """Return the same as `jacrev`, which torch computes the other way round."""
    return jacrev(func, argnums, **options)


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """Call a module with other tensors in place of its parameters and buffers of these names."""
    parts = parameter_and_buffer_dicts
    tensors = (
        parts if isinstance(parts, dict) else {k: v for part in parts for k, v in part.items()}
    )
    known = {name for name, _ in (*module.named_parameters(), *module.named_buffers())}
    if strict and known != tensors.keys():
        names = ", ".join(sorted(known ^ tensors.keys()))
        raise ShapeError(f"functional_call with strict=True needs all names: {names}")
    kept: list[tuple[dict[str, Any], str, Any]] = []
    try:
        for path, tensor in tensors.items():
            home, _, name = path.rpartition(".")
            owner = vars(module.get_submodule(home))
            registries = (owner.get(kind, {}) for kind in ("_parameters", "_buffers"))
            members = next((members for members in registries if name in members), None)
            if members is None:
                continue
            kept.append((members, name, members[name]))
            members[name] = tensor
        return module(
            *(args if isinstance(args, tuple) else () if args is None else (args,)),
            **(kwargs or {}),
        )
    finally:
        for members, name, tensor in reversed(kept):
            members[name] = tensor


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters of several modules, and their buffers, stacked by their names."""
    from .ops.spaces import FUNCTIONS

    if not models:
        raise ShapeError("stack_module_state needs at least one module")
    states: list[list[dict[str, Tensor]]] = [
        [dict(m.named_parameters()) for m in models],
        [dict(m.named_buffers()) for m in models],
    ]
    parameters, buffers = (
        {name: FUNCTIONS["stack"]([state[name] for state in all_of]) for name in all_of[0]}
        for all_of in states
    )
    return parameters, buffers
