"""Changes of the tensors of an operation: transposed, with another axis, resized, expanded.

Each kind of operation has a function, which takes the tensors and yields what may be written in
their place: the index of a tensor and a template. All are tested in the text.
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING

from ..rewrites import several, whole_call
from ..run.record import tensors
from ..run.trial import Change
from ..shapetorch import hooks
from ..shapetorch.nn.modules.module import Module
from ..shapetorch.nn.parameter import Parameter
from .operands import exchanged, operand, operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..edits import CallText
    from ..fixes import Edit
    from ..rewrites import Rewrite, Sources
    from ..run.record import Row
    from ..shapetorch.tensor import Tensor
    from .diagnosis import Diagnosis

    #: The index of a tensor, and its new text: ``{x}`` is the tensor, ``{y}`` the other one.
    Template = tuple[int, str]

#: Up to how many rows less a map is padded, or cropped, to the size of another.
_FEW = 4
_HOMES = ("F", "nn.functional", "torch.nn.functional")


def other_operands(run: Diagnosis) -> Iterator[Change]:
    """Apply what refuses its tensors to the same ones in another form."""
    row = run.refused
    if row is None:
        return
    name = row.name.removesuffix("_")
    called = run.path_of(row.call).rpartition(".")[2] if isinstance(row.call, Module) else name
    operands = tensors((row.args, row.kwargs))
    line = run.line_of(row)
    if name in ("matmul", "bmm", "mm") and len(operands) == 2:
        a, b = (operand.shape for operand in operands)
        if a[:-2] == b[:-2] and b[-1] == a[-2] and a[-1] != a[-2]:
            yield Change("", rewrites=[exchanged(line, name)])
    if name in ("mm", "dot"):
        yield Change("", rewrites=[whole_call(line, name, _of_batches)])
    kinds = [kind for names, kind in _KINDS if name in names or any(map(name.endswith, names))]
    for kind in kinds:
        is_enough = len(operands) > 1 or kind in _ALONE
        for index, template in kind(*operands) if is_enough else ():
            giver = run.giver(operands[index]) if index < len(operands) else None
            if not (giver and giver.name == "transpose" and template.endswith("(1, 2)")):
                yield Change("", rewrites=[_written(line, called, index, template)])


def _of_batches(call: CallText) -> str | None:
    """Write a product of matrices, or of vectors, as one of batches of them."""
    if call.name == "mm":
        return call.text.replace(f"{call.callee}(", f"{call.callee[:-2]}matmul(", 1)
    a, b = [*map(call.part, call.node.args), ""][:2]
    return f"({a} * {b}).sum(-1)" if b else None


def shortened(run: Diagnosis) -> Iterator[Change]:
    """Cut what is made for the longest sequence, as positions and masks are, to the others."""
    row = run.refused
    if row is None or row.name not in (*_POINTWISE, "add_", "masked_fill", "where"):
        return
    pair = [*enumerate(tensors((row.args, row.kwargs)))][:2]
    for index, long in pair if len(pair) == 2 else ():
        other = pair[1 - index][1]
        lead = other.ndim - long.ndim
        sizes = [(n, axis) for axis, n in enumerate(long.shape, lead)]
        batch_axis = 0 if other.shape[:1] == (run.run.batch,) else -1
        longer = [axis for n, axis in sizes if axis >= 0 and n > other.shape[axis] > 1]
        longer = [axis for axis in longer if axis != batch_axis]
        fit = all(n in (1, other.shape[axis]) or axis in longer for n, axis in sizes if axis >= 0)
        if lead >= 0 and fit and longer and _is_constant(run, long):
            cuts = [f":{{y}}.size({axis})" if axis in longer else ":" for _, axis in sizes]
            text = f"{{x}}[{', '.join(cuts[: max(longer) - lead + 1])}]"
            yield Change("", rewrites=[operand(run.line_of(row), row.name, index, text)])


def _is_constant(run: Diagnosis, tensor: Tensor) -> bool:
    """Return whether a tensor comes from no input, nor is it trained for the places of an image."""
    if any(other.ndim > 3 for other in run.inputs) and isinstance(tensor, Parameter):
        return False
    giver = run.giver(tensor)
    first = [giver, *run.givers(giver)][-1] if giver is not None else None
    operands = tensors((first.args, first.kwargs)) if first is not None else [tensor]
    return not any(other is input for other in operands[:1] for input in run.inputs)


def other_maps(run: Diagnosis) -> Iterator[Change]:
    """Pad, crop or resize one of two maps that meet but for a few rows, one enlarged before."""
    maps = tensors((run.refused.args, run.refused.kwargs)) if run.refused else []
    is_near = len(maps) == 2 and maps[0].ndim == maps[1].ndim and _apart(*maps) < _FEW
    if run.refused is not None and is_near and any(map(_enlarges, run.givers(run.refused))):
        yield from any_maps(run)


def _apart(a: Tensor, b: Tensor) -> int:
    """Return by how many elements two maps differ, along the worst axis."""
    return max((abs(n - m) for n, m in zip(a.shape[2:], b.shape[2:], strict=True)), default=0)


def _enlarges(row: Row) -> bool:
    """Return whether a call makes a map at least twice as large."""
    if not row.inputs or not row.outputs:
        return False
    return prod(row.outputs[0][2:]) >= 2 * prod(row.inputs[0][2:])


def interpolated(run: Diagnosis) -> Iterator[Change]:
    """Interpolate one of two maps to the size of the other, in place of a factor."""
    row = run.refused
    maps = tensors((row.args, row.kwargs)) if row else []
    for index, giver in enumerate(map(run.giver, maps)) if len(maps) == 2 else ():
        if row and giver and giver.name == "interpolate":
            places = run.line_of(row), run.line_of(giver)
            yield Change("", rewrites=[partial(_to_size, *places, row.name, 1 - index)])


def _to_size(
    where: str, giver: str, name: str, index: int, sources: Sources
) -> Iterator[Sequence[Edit]]:
    for operation in operations(sources, where, name):
        other = operation.text(index) if index < len(operation.operands) else ""
        for call in sources.calls(giver, "interpolate") if other else ():
            for keyword in call.node.keywords:
                if keyword.arg == "scale_factor":
                    (_, end), text = call.span(keyword.value), f"size={other}.shape[2:]"
                    start = end - len(call.part(keyword.value)) - len("scale_factor=")
                    yield [call.source.edit(start, end, text)]


def any_maps(run: Diagnosis) -> Iterator[Change]:
    """Pad, crop or resize one of two maps that meet to the size of the other."""
    row = run.refused
    maps = tensors((row.args, row.kwargs)) if row else []
    if maps and maps[0].ndim == 3 and 1 not in (getattr(r.call, "_axes", 0) for r in run.done):
        return  # steps of features, which are not resized
    if row and len(maps) == 2 and row.name.removesuffix("_") in (*_POINTWISE, *_JOINING):
        for index, template in _maps(*maps):
            name = row.name.removesuffix("_")
            yield Change("", rewrites=[_written(run.line_of(row), name, index, template)])


def _written(line: str, called: str, index: int, template: str) -> Rewrite:
    if "F." not in template:
        return operand(line, called, index, template)
    homes = _HOMES[1:] if hooks.line is None else _HOMES
    return several(
        *(operand(line, called, index, template.replace("F.", f"{home}.")) for home in homes)
    )


def _products(a: Tensor, b: Tensor, *_: Tensor) -> Iterator[Template]:
    """Transpose a factor, with which columns meet rows."""
    if a.ndim < 2 or b.ndim < 2:
        return
    if (a.ndim, b.ndim) in ((2, 3), (3, 2)):
        yield int(b.ndim == 2), "{x}.unsqueeze(1)"  # a vector for each sample
        yield int(b.ndim == 2), "{x}.unsqueeze(2)"
    if a.shape[-1] == b.shape[-1]:
        yield 1, "{x}.transpose(-2, -1)"
    if a.ndim == b.ndim > 2:
        yield 1, "{x}.T.transpose(-2, -1)"  # what turns all axes round is to turn two
    if a.shape[-2] == b.shape[-2]:
        yield 0, "{x}.transpose(-2, -1)"
    for index, (one, other) in enumerate(((a, b), (b, a))):
        if one.ndim == other.ndim == 4 and one.shape[2] == other.shape[1]:
            yield index, "{x}.transpose(1, 2)"  # its heads are behind its steps


def _pointwise(a: Tensor, b: Tensor, *_: Tensor) -> Iterator[Template]:
    """Add the missing axes to the tensor with fewer of them, or put the channels first."""
    if a.ndim == b.ndim == 1:
        yield from ((index, "{x}.unsqueeze(1)") for index in range(2))  # a row for each element
    small, large = sorted((a, b), key=lambda operand: operand.ndim)
    missing = large.ndim - small.ndim
    place = 0 if small is a else 1
    fits = all(n in (1, m) for n, m in zip(small.shape, large.shape, strict=False))
    for index, (one, other) in enumerate(((a, b), (b, a))):
        if one.ndim == other.ndim > 2 and one.shape[-2:] == other.shape[:-3:-1]:
            yield index, "{x}.transpose(-2, -1)"  # its steps are the last
    for index, (one, other) in enumerate(((b, a), (a, b))):
        if one.ndim > 2 and one.shape == (*other.shape[:1], *other.shape[2:], *other.shape[1:2]):
            yield 1 - index, "{x}.movedim(-1, 1)"  # its channels are the last
        if one.ndim == 3 and other.shape == (one.shape[1], 1, one.shape[2]):
            yield index, "{x}.transpose(0, 1)"  # its steps come first
    if small.ndim == 1 and large.ndim > 2 and small.shape == large.shape[1:2]:
        yield place, "{x}" + _axes_behind(1, large.ndim - 2)  # one number for each channel
    if missing and small.ndim and fits:
        yield place, "{x}" + _axes_behind(small.ndim, missing)


def _axes_behind(ndim: int, missing: int) -> str:
    """Write an index that adds axes: ``[:, :, None, None]``, or ``.unsqueeze(1)`` for one."""
    if missing == 1:
        return f".unsqueeze({ndim})"
    return f"[{', '.join([':'] * ndim + ['None'] * missing)}]"


def _joined(*operands: Tensor) -> Iterator[Template]:
    """Flatten the tensor with more axes, take its last step, or expand that of one sample."""
    a, b = operands[:2]
    ranks = [operand.ndim for operand in operands]
    if len({*ranks}) > 1:
        large, small = ranks.index(max(ranks)), ranks.index(min(ranks))
        yield large, "{x}.flatten(1)"
        yield small, "{x}.unsqueeze(1)"
        for index in ("[-1]", "[:, -1]") if ranks[large] == ranks[small] + 1 == 3 else ():
            yield large, f"{{x}}{index}"  # of the states, or of the outputs, of a recurrent layer
    elif a.shape[:1] != b.shape[:1] and 1 in (a.shape[0], b.shape[0]):
        rest = ", ".join(["-1"] * (a.ndim - 1))
        yield int(b.shape[0] == 1), f"{{x}}.expand({{y}}.size(0), {rest})"


def _maps(a: Tensor, b: Tensor) -> Iterator[Template]:
    """Give the smaller of two maps the size of the other: pad it where a few rows are missing."""
    if not 3 <= a.ndim == b.ndim <= 5 or a.shape[2:] == b.shape[2:]:
        return
    smaller = int(prod(b.shape[2:]) < prod(a.shape[2:]))
    axes = range(a.ndim - 1, 1, -1)
    pads = ", ".join(f"0, {{y}}.size({axis}) - {{x}}.size({axis})" for axis in axes)
    if _apart(a, b) < _FEW:
        yield smaller, f"F.pad({{x}}, ({pads}))"
    yield smaller, "F.interpolate({x}, size={y}.shape[2:])"


def _losses(a: Tensor, b: Tensor, *_: Tensor) -> Iterator[Template]:
    """Give a target the axes of what is compared with it, or its kind of number."""
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        yield 1, "{x}.unsqueeze(" + str(b.ndim) + ")"
        yield 0, "{x}.squeeze(" + str(b.ndim) + ")"
    if b.ndim > 1 and 1 in b.shape[1:]:
        axis = b.shape.index(1, 1)
        yield 1, f"{{x}}.squeeze({axis})"
        if b.dtype.is_floating_point:
            yield 1, f"{{x}}.squeeze({axis}).long()"
    if b.shape[:1] != a.shape[:1] == (b.numel(),):
        yield 1, "{x}.flatten()"
    yield 1, "{x}.long()" if b.dtype.is_floating_point else "{x}.float()"
    if a.shape[:1] == b.shape[:1] and b.ndim == a.ndim - 1:
        yield 0, "{x}.transpose(1, 2)" if a.ndim == 3 else "{x}.movedim(-1, 1)"


def _sequences(*_: Tensor) -> Iterator[Template]:
    """Put the steps before the batch."""
    yield 0, "{x}.transpose(0, 1)"


def _picked(x: Tensor, index: Tensor, *_: Tensor) -> Iterator[Template]:
    """Look up one element of each row, as ``gather(1, index)`` does."""
    if index.ndim == x.ndim - 1:
        yield 2, "{x}.unsqueeze(1)"


def _masked(*_: Tensor) -> Iterator[Template]:
    """Give a mask of numbers as one of bools."""
    yield 1, "{x}.bool()"
    yield 1, "{x} == 0"


def _expanded(*_: Tensor) -> Iterator[Template]:
    """Add the axis that is to be expanded."""
    yield 0, "{x}.unsqueeze(1)"
    yield 0, "{x}.unsqueeze(-1)"


def _pooled(x: Tensor, *_: Tensor) -> Iterator[Template]:
    """Leave out an axis of one element."""
    yield from (
        (0, f"{{x}}.squeeze({axis})") for axis in range(x.ndim)[:0:-1] if x.shape[axis] == 1
    )


def _indices(indices: Tensor, *_: Tensor) -> Iterator[Template]:
    """Look up whole numbers."""
    if indices.dtype.is_floating_point:
        yield 0, "{x}.long()"


_POINTWISE = ("add", "sub", "mul", "div")
_JOINING = ("cat", "concat", "concatenate")
_KINDS: tuple[tuple[tuple[str, ...], Callable[..., Iterator[Template]]], ...] = (
    (("matmul", "bmm", "mm"), _products),
    (_POINTWISE, _pointwise),
    (_JOINING, _joined),
    (
        ("cross_entropy", "nll_loss", "with_logits", "_loss", "Loss", "binary_cross_entropy"),
        _losses,
    ),
    (("embedding", "Embedding"), _indices),
    (("ctc_loss", "CTCLoss"), _sequences),
    (("gather",), _picked),
    (("masked_fill",), _masked),
    (("expand",), _expanded),
    (("pool1d", "pool2d", "Pool1d", "Pool2d"), _pooled),
)
#: Operations with one tensor, or with others that are not in the text.
_ALONE = (_indices, _masked, _expanded, _pooled)
