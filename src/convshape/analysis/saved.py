"""What autograd keeps of a run for the pass backwards, as torch's derivatives need it.

The formulas are those of torch's ``derivatives.yaml``: a convolution keeps its input, a ReLU its
output, an addition nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..run.record import Call, Run, tensors
from ..shapetorch.dtypes import dtype
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.nn.parameter import Parameter
from ..shapetorch.tensor import Tensor
from .totals import VIEWS, is_in_place

_OUTPUT = frozenset(
    "relu sigmoid hardsigmoid tanh softmax log_softmax softmin exp sqrt rsqrt reciprocal "
    "normalize dropout".split()
)
_NOTHING = frozenset(
    "add sub rsub neg cat stack concat concatenate mean sum pad interpolate upsample clone "
    "contiguous to float half double pixel_shuffle pixel_unshuffle channel_shuffle roll flip "
    "zeros ones zeros_like ones_like randn_like rand_like empty_like arange full repeat unfold "
    "fold identity type_as reflection_pad2d setitem size".split()
)
#: Of an output's elements: what is kept beside the tensors, in bytes.
_INDICES, _MASK = 8, 1


def saved_bytes(run: Run, dtype: dtype | None = None) -> int:
    """Count the bytes that autograd keeps of a run's results, without inputs and parameters.

    Args:
        run: what happened.
        dtype: what floating-point numbers are kept in; their own dtype unless given.
    """
    bases: dict[int, Tensor] = {}
    kept: dict[int, Tensor] = {}
    beside = 0
    for call in run.calls:
        if not isinstance(call.call, Module) or call.call._macs:
            for tensor in _kept(call):
                base = bases.get(id(tensor), tensor)
                kept[id(base)] = base
            beside += _beside(call)
        _share(call, bases)
    owned = {id(tensor) for tensor in run.inputs}
    if run.module is not None:
        owned |= {id(buffer) for buffer in run.module.buffers()}
    sizes = (
        tensor.numel() * _itemsize(tensor, dtype)
        for tensor in kept.values()
        if id(tensor) not in owned and not isinstance(tensor, Parameter)
    )
    return beside + sum(sizes)


def _itemsize(tensor: Tensor, dtype: dtype | None) -> int:
    return (dtype if dtype and tensor.dtype.is_floating_point else tensor.dtype).itemsize


def _kept(call: Call) -> Iterator[Tensor]:
    """Yield the tensors that the derivative of a call needs."""
    name = call.name.rstrip("_")
    if name in _NOTHING or name in VIEWS:
        return
    if name not in _OUTPUT:
        yield from tensors((call.args, call.kwargs))
    if name in _OUTPUT or "attention" in name or isinstance(call.call, Module):
        yield from tensors(call.result)


def _beside(call: Call) -> int:
    """Return the bytes of what a call keeps that nobody sees: indices of maxima, masks."""
    name = call.name
    results = tensors(call.result)
    if not results:
        return 0
    if "max_pool" in name:
        return results[0].numel() * _INDICES
    if name == "multi_head_attention_forward":  # queries, keys and values, and the heads' results
        query, key = tensors((call.args, call.kwargs))[:2]
        return (2 * query.numel() + 2 * key.numel()) * query.dtype.itemsize
    return results[0].numel() * _MASK if "dropout" in name else 0


def _share(call: Call, bases: dict[int, Tensor]) -> None:
    """Note which results lie in the memory of an argument."""
    if call.name in VIEWS or is_in_place(call):
        operands = tensors((call.args, call.kwargs))
        if operands:
            base = bases.get(id(operands[0]), operands[0])
            for tensor in tensors(call.result):
                bases[id(tensor)] = base
