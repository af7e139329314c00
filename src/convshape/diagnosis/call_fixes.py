"""Changes of calls that lack something: the size of what was pooled, a mask for each head."""

from __future__ import annotations

import ast
import re
from functools import partial
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from ..rewrites import appended, number, receiver, whole_call
from ..run.record import first_shapes, tensors
from ..run.trial import Change
from ..shapetorch.nn.modules.constructor import arguments
from ..shapetorch.nn.modules.module import Module
from .axis_fixes import called
from .operands import operand
from .size_fixes import changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..edits import CallText
    from ..fixes import Edit
    from ..rewrites import Sources
    from ..run.record import Row
    from .diagnosis import Diagnosis

    Shape = tuple[int, ...]


def per_head(run: Diagnosis) -> Iterator[Change]:
    """Repeat an attention mask for each head, where it has one for each sample."""
    row = run.refused
    heads = getattr(row.call, "num_heads", 0) if row else 0
    mask = row.kwargs.get("attn_mask") if row else None
    if not row or not heads or getattr(mask, "ndim", 0) != 3:
        return
    name = run.path_of(row.call).rpartition(".")[2] if isinstance(row.call, Module) else ""
    text = f"attn_mask=mask.repeat_interleave({heads}, 0): one for each head"
    rewrite = partial(_repeated, run.line_of(row), name, heads)
    yield Change(text, rewrites=[rewrite])


def _repeated(where: str, name: str, heads: int, sources: Sources) -> Iterator[Sequence[Edit]]:
    for call in sources.calls(where, name):
        masks = [keyword.value for keyword in call.node.keywords if keyword.arg == "attn_mask"]
        for mask in masks:
            text = call.part(mask)
            if not isinstance(mask, (ast.Name, ast.Attribute, ast.Call)):
                text = f"({text})"
            edit = call.source.edit(*call.span(mask), f"{text}.repeat_interleave({heads}, 0)")
            yield [edit]


def shorter_mask(run: Diagnosis) -> Iterator[Change]:
    """Cut a mask that is made for the longest sequence to that of the input."""
    row, wanted, came = run.refused, run.error.wanted, run.error.received
    if row is None or run.error.argument != "attn_mask" or came < wanted:
        return
    if any(sizes != sizes[:1] * 2 for sizes in (wanted, came)):
        return
    axis = 1 if getattr(row.call, "batch_first", False) else 0
    cut = f"[:{{x}}.size({axis}), :{{x}}.size({axis})]"
    yield Change("", rewrites=[partial(_masks, run.line_of(row), cut)])


def turned_mask(run: Diagnosis) -> Iterator[Change]:
    """Exchange the axes of a mask, which are the samples and the steps."""
    row, wanted, came = run.refused, run.error.wanted, run.error.received
    if row is not None and "_mask" in run.error.argument and wanted == came[::-1]:
        yield Change("", rewrites=[partial(_masks, run.line_of(row), ".transpose(0, 1)")])


def _masks(where: str, behind: str, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Write something behind the mask of a call: ``{x}`` is its first argument."""
    for call in sources.calls(where):
        for keyword in call.node.keywords:
            if "mask" in (keyword.arg or "") and call.node.args:
                _, end = call.span(keyword.value)
                text = behind.format(x=call.part(call.node.args[0]))
                yield [call.source.edit(end, end, text)]


def listed(run: Diagnosis) -> Iterator[Change]:
    """Give tensors that are to be joined as a list."""
    row = run.refused
    if row is not None and run.error.wanted is list:
        for more in ("", ", dim=1"):
            text = partial(_listed_text, more)
            yield Change("", only=True, rewrites=[whole_call(run.line_of(row), row.name, text)])


def _listed_text(more: str, call: CallText) -> str | None:
    args = [*takewhile(lambda node: not isinstance(node, ast.Constant), call.node.args)]
    if not args:
        return None
    (start, _), (_, end) = call.span(args[0]), call.span(args[-1])
    text = call.source.text
    return f"{text[call.start : start]}[{text[start:end]}]{more}{text[end : call.end]}"


def other_indices(run: Diagnosis) -> Iterator[Change]:
    """Give the unpoolings the indices of the poolings in the opposite order: the last first."""
    row, network = run.refused, run.run.module
    if row is None or network is None or "Unpool" not in row.name:
        return
    paths = (path for path, module in network.named_modules() if "Unpool" in type(module).__name__)
    names = {path.rpartition(".")[2] for path in paths}
    yield Change("", rewrites=[partial(_opposite, run.line_of(row), names)])


def _opposite(where: str, names: set[str], sources: Sources) -> Iterator[Sequence[Edit]]:
    source, _ = sources.at(where) or (None, 0)
    lines = range(1, len(source.starts) + 1) if source else ()
    calls = [call for line in lines if source for call in source.calls(line) if call.name in names]
    places = [call.span(call.node.args[1]) for call in calls if len(call.node.args) > 1]
    if source:
        texts = [source.text[slice(*span)] for span in reversed(places)]
        yield [source.edit(*span, text) for span, text in zip(places, texts, strict=True)]


def unpool_sizes(run: Diagnosis) -> Iterator[Change]:
    """Give each unpooling the size of what was pooled, where it would give another."""
    pooled = {
        id(row.result[1]): row.inputs[0]
        for row in run.done
        if "Pool" in row.name and isinstance(row.result, tuple) and row.inputs
    }
    rows = [row for row in (*run.done, run.refused) if row and "Unpool" in row.name]
    wrong: dict[int, tuple[int, ...]] = {}
    for row in rows:
        operands = tensors((row.args, row.kwargs))
        size = pooled.get(id(operands[1])) if len(operands) > 1 else None
        if size is not None and (row.outputs is None or row.outputs[0] != size):
            wrong[row.index] = size[len(size) - getattr(row.call, "_axes", 2) :]
    if wrong:
        sizes = " and ".join(dict.fromkeys(map(str, wrong.values())))
        rewrite = partial(_sized, run, rows, wrong)
        yield Change(f"output_size={sizes} in the unpooling", rewrites=[rewrite])


def _sized(
    run: Diagnosis, rows: list[Row], wrong: dict[int, tuple[int, ...]], sources: Sources
) -> Iterator[Sequence[Edit]]:
    """Write the sizes in calls that follow one another, or are inside one another."""
    for step in (1, -1):
        edits: list[Edit] = []
        for line in dict.fromkeys(run.line_of(row) for row in rows):
            here = [row for row in rows if run.line_of(row) == line]
            call = here[0].call
            name = run.path_of(call).rpartition(".")[2] if isinstance(call, Module) else ""
            for row, text in zip(here, sources.calls(line, name)[::step], strict=False):
                if row.index in wrong:
                    size = str(wrong[row.index])
                    edits += text.with_arguments({"output_size": size}, ())
        if edits:
            yield edits


def other_arguments(run: Diagnosis) -> Iterator[Change]:
    """Give a function that refuses other arguments, as it says itself."""
    row = run.refused
    if row is None or isinstance(row.call, (Module, str)):
        return
    for change in run.error.changes:
        yield changed(run, row, change)


def made_sizes(run: Diagnosis) -> Iterator[Change]:
    """Create states or a mask, such as ``torch.zeros(1, x.size(0), 32)``, of the right size."""
    row, wanted, came = run.refused, run.error.wanted, run.error.received
    if row is None or not isinstance(came, tuple) or len(came) != len(wanted):
        return
    makers = [
        run.giver(tensor) for tensor in tensors((row.args, row.kwargs)) if tensor.shape == came
    ]
    lines = dict.fromkeys(run.line_of(maker) for maker in makers if maker and not maker.inputs)
    if lines:
        yield Change("", rewrites=[partial(_made, line, came, wanted) for line in lines])


def _made(where: str, came: Shape, wanted: Shape, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Write the sizes of a call in another order, or a multiple of those that differ."""
    for call in sources.calls(where):
        args = call.node.args
        args = args[0].elts if args and isinstance(args[0], (ast.Tuple, ast.List)) else args
        texts = [call.part(arg) for arg in args[: len(came)]]
        if len(texts) != len(came):
            continue
        if sorted(came) == sorted(wanted):
            others = [texts[came.index(size)] for size in wanted]
        else:
            sizes = zip(args, texts, came, wanted, strict=False)
            others = [text if a == b else _scaled(node, text, a, b) for node, text, a, b in sizes]
        yield [
            call.source.edit(*call.span(node), other)
            for node, text, other in zip(args, texts, others, strict=False)
            if text != other
        ]
    for old, new in zip(came, wanted, strict=True):
        yield from number(where, old, new)(sources) if old != new else ()


def _scaled(node: ast.expr, text: str, came: int, wanted: int) -> str:
    """Return the text of a size that is to be another: of a name, a multiple or a part."""
    if isinstance(node, ast.Constant):
        return str(wanted)
    if came and wanted > came and wanted % came == 0:
        return f"{text} * {wanted // came}"
    return f"{text} // {came // wanted}" if wanted and came % wanted == 0 else text


def lettered(run: Diagnosis) -> Iterator[Change]:
    """Give the batch a letter in an einsum that is written for one sample."""
    row = run.refused
    equation = row.args[0] if row is not None and row.name == "einsum" and row.args else None
    if row is None or not isinstance(equation, str):
        return
    terms, arrow, result = equation.partition("->")
    letter = next(letter for letter in "bnzyx" if letter not in equation)
    ranks = [operand.ndim for operand in tensors((row.args, row.kwargs))]
    if [len(term.strip()) + 1 for term in terms.split(",")] == ranks:
        batched = re.sub(r"\w+", rf"{letter}\g<0>", terms)
        other = f"{batched}{arrow}{arrow and re.sub(r'^ *', lambda m: m[0] + letter, result)}"
        yield Change("", rewrites=[partial(_written, run.line_of(row), equation, other)])


def _written(where: str, old: str, new: str, sources: Sources) -> Iterator[Sequence[Edit]]:
    source, line = sources.at(where) or (None, 0)
    if source:
        start, end = source.span(line)
        for match in re.finditer(re.escape(old), source.text[start:end]):
            yield [source.edit(start + match.start(), start + match.end(), new)]


def repeated(run: Diagnosis) -> Iterator[Change]:
    """Repeat the last axes once: ``x.repeat(2, 1, 1)``."""
    row = run.refused
    if row is not None and row.name == "repeat":
        for more in ("1", "1, 1"):
            yield Change("", rewrites=[appended(run.line_of(row), "repeat", more)])


def undecided(run: Diagnosis) -> Iterator[Change]:
    """Compare the outputs for all classes with the targets, not the class that is the largest."""
    row = run.refused
    givers = [run.giver(tensor) for tensor in tensors((row.args, row.kwargs))] if row else []
    for giver in givers:
        if giver is not None and giver.name == "argmax":
            yield Change("", rewrites=[whole_call(run.line_of(giver), "argmax", receiver)])


def paired(run: Diagnosis) -> Iterator[Change]:
    """Give an LSTM both of its states, where it is given one."""
    row = run.refused
    if row is not None and run.error.argument == "hx" and run.error.wanted is tuple:
        both = operand(run.line_of(row), called(run, row), 1, "({x}, torch.zeros_like({x}))")
        yield Change("", rewrites=[both])


def batches_first(run: Diagnosis) -> Iterator[Change]:
    """Let the layer that an attention is in take the batch first, as a mask is made for it."""
    row = run.refused
    if row is None or not isinstance(row.call, Module) or "_mask" not in run.error.argument:
        return
    for _, layer in run.around(row.call):
        if arguments(layer).get("batch_first") is False:
            rewrite = run.with_arguments(layer, {"batch_first": True})
            yield Change("", only=True, rewrites=[rewrite])


def steps(run: Diagnosis) -> Iterator[Change]:
    """Take a step of a sequence behind the axis of the batch: ``x[:, t]``."""
    row, batch = run.refused, run.run.batch
    first = [run.giver(tensor) for tensor in tensors((row.args, row.kwargs))] if row else []
    givers = (item for last in first if last for item in (last, *run.givers(last)))
    for giver in givers:
        came, went = first_shapes(giver)
        if giver.name == "getitem" and came[:1] == (batch,) != went[:1] and came[1:]:
            yield Change("", rewrites=[partial(_step, run.line_of(giver))])


#: Functions that leave out an axis.
_REDUCING = ("mean", "sum", "max", "min", "amax", "amin", "logsumexp", "std", "var", "norm")


def along_another_axis(run: Diagnosis) -> Iterator[Change]:
    """Reduce, or take a step of, another axis: the features that a layer wants are to be left."""
    names = {"in_features", "input_size", "embed_dim"} & run.error.change.keys()
    wanted = {getattr(run.error.module, name, None) for name in names}
    for giver in islice(run.givers(run.refused), 3) if run.refused and names else ():
        came, went = first_shapes(giver)
        if giver.name in _REDUCING and len(came) > len(went) and wanted & {*came[1:]}:
            axes = [n for n in range(1, len(came)) if came[n] not in wanted]
            rewrites = [partial(_along, run.line_of(giver), giver.name, axis) for axis in axes]
            yield from (Change("", only=True, rewrites=[rewrite]) for rewrite in rewrites)
        elif giver.name == "getitem" and len(came) == 3 and came[2] in wanted:
            yield Change("", only=True, rewrites=[partial(_of_steps, run.line_of(giver))])


def _along(where: str, name: str, axis: int, sources: Sources) -> Iterator[Sequence[Edit]]:
    for call in sources.calls(where, name):
        named = [item.value for item in call.node.keywords if item.arg in ("dim", "axis")]
        for node in named or call.node.args[-1:]:
            if isinstance(node, (ast.Constant, ast.UnaryOp)):
                yield [call.source.edit(*call.span(node), str(axis))]


def _of_steps(where: str, sources: Sources) -> Iterator[Sequence[Edit]]:
    """Index the axis of the steps, ``x[:, -1]``, in place of that of the features."""
    source, line = sources.at(where) or (None, 0)
    if source:
        for match in re.finditer(r"(?<=\[):, :(?=, -?\d+\])", source.text):
            if source.text.count("\n", 0, match.start()) + 1 == line:
                yield [source.edit(*match.span(), ":")]


def kept(run: Diagnosis) -> Iterator[Change]:
    """Keep the axes that were reduced before tensors meet: ``x.mean(1, keepdim=True)``."""
    row = run.refused
    if row is None or row.name.removesuffix("_") not in ("add", "sub", "mul", "div"):
        return
    places = set()
    for item in run.done:
        came, went = first_shapes(item)
        if item.name in _REDUCING and len(went) == len(came) - 1:
            places.add((run.line_of(item), item.name))
    if places:
        yield Change("", rewrites=[partial(_with_axis, *place) for place in sorted(places)])


def _with_axis(where: str, name: str, sources: Sources) -> Iterator[Sequence[Edit]]:
    for call in sources.calls(where, name):
        yield call.with_arguments({"keepdim": "True"}, ())


def _step(where: str, sources: Sources) -> Iterator[Sequence[Edit]]:
    source, line = sources.at(where) or (None, 0)
    if source:
        for match in re.finditer(r"\w\[(?=-?\w+\])", source.text[slice(*source.span(line))]):
            start = source.starts[line - 1] + match.end()
            yield [source.edit(start, start, ":, ")]
