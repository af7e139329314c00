"""Parameters and memory: of a run, and of the parts of it."""

from __future__ import annotations

from collections.abc import Iterable

from ..run.record import Call, Row, Run, tensors
from ..shapetorch.dtypes import dtype
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.nn.parameter import Parameter, is_lazy
from ..shapetorch.tensor import Tensor

#: Operations whose results share the memory of their tensor; others return it, or make a copy.
VIEWS = frozenset(
    "reshape view view_as reshape_as flatten ravel unflatten squeeze unsqueeze permute transpose "
    "swapaxes swapdims t adjoint movedim moveaxis expand broadcast_to expand_as narrow select "
    "getitem split chunk split_with_sizes tensor_split hsplit vsplit dsplit unbind diagonal detach "
    "real view_as_real view_as_complex".split()
)


def parameters(modules: Iterable[Module]) -> list[Parameter]:
    """Return the parameters of modules, each once; a lazy one has no number yet and is left out."""
    unique = {
        id(p): p
        for module in modules
        if "_parameters" in module.__dict__
        for p in module.__dict__["_parameters"].values()
        if p is not None and not is_lazy(p)
    }
    return list(unique.values())


def activations(run: Run) -> list[list[Tensor]]:
    """Return what each call computed, each tensor once: no inputs, no views, which share memory."""
    known = {id(tensor) for tensor in run.inputs}
    result: list[list[Tensor]] = []
    for call in run.calls:
        result.append([])
        if isinstance(call, Row) and call.end > call.index + 1:
            continue  # what it returns comes from the calls in it
        takes_memory = call.name not in VIEWS and not is_in_place(call)
        for tensor in tensors(call.result):
            if id(tensor) not in known and takes_memory:
                result[-1].append(tensor)
            known.add(id(tensor))
    return result


def is_in_place(call: Call) -> bool:
    """Return whether an operation writes its result into what it was given."""
    if call.name.endswith("_"):
        return True
    is_function = not isinstance(call.call, (Module, str))
    return is_function and bool(call.arguments().get("inplace"))


def bytes_of(several: Iterable[Tensor], dtype: dtype | None) -> int:
    """Count the bytes of tensors, their floating-point numbers in `dtype` if one is given."""
    return sum(
        tensor.numel()
        * (dtype if dtype and tensor.dtype.is_floating_point else tensor.dtype).itemsize
        for tensor in several
    )
