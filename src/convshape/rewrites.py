"""Changes of a network as changes of its text: which calls of a line, and what becomes of them.

Each yields the possible edits, most likely first: a line may have several calls. The caller tries
them with the network of the changed text.
"""

from __future__ import annotations

import ast
import re
from functools import partial
from itertools import islice, product
from math import prod
from typing import TYPE_CHECKING

from .edits import Source, composed, edited
from .user_frames import place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .edits import CallText
    from .fixes import Edit

    #: Yields the edits of a text that may be meant.
    Rewrite = Callable[["Sources"], Iterator[Sequence[Edit]]]

#: ``net.py:7``, ``net.yaml:7:12``, ``net.ipynb, cell 2, line 7``.
_PLACE = re.compile(r"(.+?)(?::|, line )(\d+)(?::(\d+))?\Z")
#: How many ways to read a change are tried.
_MOST = 16
#: A call of more characters than this is shown by the line that changes.
_LONGEST = 120


class Sources:
    """The texts of a network's files.

    Args:
        text: gives the text of a file by its name, or nothing.
    """

    def __init__(self, text: Callable[[str], str]) -> None:
        self._text = text
        self._sources: dict[str, Source] = {}

    def at(self, where: str) -> tuple[Source, int] | None:
        """Return the text that a place is in, and its line."""
        match = _PLACE.match(where)
        if match is None:
            return None
        file, line, _ = match.groups()
        source = self.of_file(file)
        return (source, int(line)) if source.text and int(line) <= len(source.starts) else None

    def of_file(self, file: str) -> Source:
        """Return the text of a file, which is empty where there is none to be had."""
        if file not in self._sources:
            self._sources[file] = Source(file, self._text(file))
        return self._sources[file]

    def calls(self, where: str, name: str = "") -> list[CallText]:
        """Return the calls of a name that begin in a line, the one at its column first."""
        there = self.at(where)
        if there is None:
            return []
        source, line = there
        match = _PLACE.match(where)
        assert match is not None
        start = source.starts[line - 1] + int(match[3] or 1) - 1
        return sorted(source.calls(line, name), key=lambda call: (call.start < start, call.start))

    def edited(self, edits: Sequence[Edit]) -> dict[str, str]:
        """Return the texts of the files that edits change, as they are then."""
        files = {edit.file for edit in edits}
        return {
            file: edited(self.of_file(file).text, [e for e in edits if e.file == file])
            for file in files
        }

    def composed(self, first: Sequence[Edit], second: Sequence[Edit]) -> tuple[Edit, ...]:
        """Return the edits that do what `first` does, and then what `second` does.

        There are none where the second changes what the first has written.
        """
        every: list[Edit] = []
        for file in dict.fromkeys(edit.file for edit in (*first, *second)):
            parts = ([edit for edit in edits if edit.file == file] for edits in (first, second))
            edits = composed(self.of_file(file), *parts)
            if not edits:
                return ()
            every += edits
        return tuple(every)

    def shown(self, edits: Sequence[Edit]) -> str:
        """Return the calls, or else the lines, that edits change, as they are then."""
        shown: dict[tuple[str, int, int], list[Edit]] = {}
        for edit in edits:
            shown.setdefault(self._around(edit), []).append(edit)
        places: dict[str, list[str]] = {}
        for span, group in shown.items():
            places.setdefault(self._shown(*span, group), []).append(
                place(group[0].file, group[0].line)
            )
        return " and ".join(f"{text} {', '.join(dict.fromkeys(at))}" for text, at in places.items())

    def _shown(self, file: str, start: int, end: int, edits: Sequence[Edit]) -> str:
        """Return a part of a text as it is with edits, or a line that is put in, and ``in``."""
        source = self.of_file(file)
        rest = len(source.text) - end
        text = edited(source.text, edits)[start : -rest or None]
        word = "before" if start == end else "in"
        return f"{' '.join(text.split())} {word}"

    def _around(self, edit: Edit) -> tuple[str, int, int]:
        """Return the call, or of a long one the line, that an edit changes: file, start and end."""
        source = self.of_file(edit.file)
        first, last = source.offsets(edit)
        if edit.text.endswith("\n"):
            return edit.file, first, last
        spans = ((call.start, call.end) for call in source.around(edit))
        shown = (span for span in spans if span != (first, last) and span[1] - span[0] <= _LONGEST)
        return edit.file, *next(shown, source.span(edit.line))


def line_of(where: str) -> str:
    """Return a place without its column, or nothing where it is of no line."""
    match = _PLACE.match(where)
    return place(match[1], int(match[2])) if match else ""


def alternatives(rewrites: Sequence[Rewrite], sources: Sources) -> Iterator[tuple[Edit, ...]]:
    """Yield the edits that may be meant by changes that belong together."""
    choices = [list(islice(rewrite(sources), _MOST)) for rewrite in rewrites]
    for edits in islice(product(*choices), _MOST):
        yield tuple(dict.fromkeys(edit for group in edits for edit in group))


def arguments(where: str, name: str, change: Mapping[str, str], order: Sequence[str]) -> Rewrite:
    """Give the call of a name in a line other arguments; `order` is that in which it takes them."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        for call in sources.calls(where, name):
            yield call.with_arguments(change, order)
        there = sources.at(where)
        if there is not None:  # the mapping form: each argument has a line, or a place in braces
            yield from _mapped(*there, change)

    return rewrite


def exchanged(where: str, name: str, first: str, second: str, order: Sequence[str]) -> Rewrite:
    """Exchange the texts of two arguments of the calls of a name in a line."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        for call in sources.calls(where, name):
            one, two = (call.argument(argument, order) for argument in (first, second))
            if one is not None and two is not None:
                yield call.with_arguments({first: call.part(two), second: call.part(one)}, order)

    return rewrite


def product_of(
    where: str, name: str, argument: str, order: Sequence[str], sizes: Sequence[int]
) -> Rewrite:
    """Give an argument other factors where it is a product: ``Linear(16 * 5 * 5, 10)``.

    `sizes` are the factors that it is to have, if it has as many; else one of its own changes.
    """

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        for call in sources.calls(where, name):
            node = call.argument(argument, order)
            text = call.part(node) if node is not None else ""
            if re.fullmatch(r"\d+(\s*\*\s*\d+)+", text):
                for factors in _factors([*map(int, re.findall(r"\d+", text))], sizes):
                    numbers = iter(factors)
                    product = re.sub(r"\d+", lambda _: str(next(numbers)), text)  # noqa: B023
                    yield call.with_arguments({argument: product}, order)

    return rewrite


def _factors(old: Sequence[int], sizes: Sequence[int]) -> Iterator[Sequence[int]]:
    if len(old) == len(sizes):
        yield sizes
    for i, factor in enumerate(old):
        rest = prod(old) // factor if factor else 0
        if rest and prod(sizes) % rest == 0:
            yield [*old[:i], prod(sizes) // rest, *old[i + 1 :]]


def _mapped(source: Source, line: int, change: Mapping[str, str]) -> Iterator[Sequence[Edit]]:
    start, _ = source.span(line)
    edits = []
    for name, text in change.items():
        match = re.compile(rf"\b{name}\s*:\s*([^\s,}}#][^,}}#\n]*?)(?=\s*[,}}#\n]|\Z)").search(
            source.text, start
        )
        if match is None:
            return
        edits.append(source.edit(match.start(1), match.end(1), text))
    yield edits


def first_argument(where: str, name: str, template: str) -> Rewrite:
    """Change the first argument of a name's calls in a line, by `template`: ``{}.flatten(1)``."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        for call in sources.calls(where, name):
            edit = call.with_first(template)
            if edit is not None:
                yield [edit]

    return rewrite


def whole_call(where: str, name: str, change: Callable[[CallText], str | None]) -> Rewrite:
    """Put something else in place of the call of a name in a line."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        for call in sources.calls(where, name):
            text = change(call)
            if text is not None:
                yield [call.replaced(text)]

    return rewrite


def receiver(call: CallText) -> str:
    """Return the text of the tensor of a call: ``x.view(...)``, ``torch.flatten(x)``."""
    callee = call.node.func
    is_method = isinstance(callee, ast.Attribute) and ast.unparse(callee.value) != "torch"
    return call.part(callee.value if is_method else call.node.args[0])


def first_name(where: str, count: int, other: str = "_") -> Rewrite:
    """Let the value that a line names be one of several, the first: ``x, _ = self.lstm(x)``."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        source, line = sources.at(where) or (None, 0)
        match = source and re.compile(r"[ \t]*(\w+)(?= ?[=:] )").match(
            source.text, source.starts[line - 1]
        )
        if not source or not match:
            return
        for before in range(count if other == "_" else 1):
            behind = f", {other}" * (count - 1 - before)
            edits = [(match.start(1), "_, " * before), (match.end(1), behind)]
            yield [source.edit(at, at, text) for at, text in edits if text]

    return rewrite


def appended(where: str, name: str, argument: str) -> Rewrite:
    """Give the calls of a name in a line one more argument by place."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        for call in sources.calls(where, name):
            yield [call.source.edit(call.end - 1, call.end - 1, f", {argument}")]

    return rewrite


def edited_call(call: CallText, edit: Edit) -> str:
    """Return the text of a call with an edit of a part of it."""
    text, (first, last) = call.source.text, call.source.offsets(edit)
    return text[call.start : first] + edit.text + text[last : call.end]


def entry_before(where: str, name: str, text: str) -> Rewrite:
    """Write an entry of a network file before the one that a place is in."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        there = sources.at(where)
        if there is None:
            return
        source, line = there
        start, end = source.span(line)
        entry = source.text[start:end]
        indent = entry[: len(entry) - len(entry.lstrip())]
        if entry.lstrip().startswith("- "):
            new = f"- {text}"
        elif re.match(r"[\w, ()\"']+:\s", entry.lstrip()):
            taken = re.findall(r"^\s*(\w+)\s*:", source.text, re.M)
            free = next(n for n in (name, *(f"{name}{i}" for i in range(2, 99))) if n not in taken)
            new = f"{free}: {text}"
        else:
            return
        yield [source.edit(start, start, f"{indent}{new}\n")]

    return rewrite


def layer_before(where: str, name: str, text: str) -> Rewrite:
    """Write a layer before one that is in a call of its own, as in ``nn.Sequential(...)``."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        for call in sources.calls(where, name):
            prefix = call.callee.rpartition(".")[0]
            layer = f"{prefix}.{text}" if prefix else text
            yield [call.source.edit(call.start, call.start, f"{layer}, ")]

    return rewrite


def number(where: str, old: int, new: int) -> Rewrite:
    """Put another number in place of one in a line: of each, then of all that are the same."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        there = sources.at(where)
        if there is None:
            return
        source, line = there
        edits = [
            source.edit(start, end, str(new))
            for start, end, value in source.numbers(line)
            if value == old
        ]
        yield from ([edit] for edit in edits)
        if len(edits) > 1:
            yield edits

    return rewrite


def first_two_swapped(where: str) -> Rewrite:
    """Exchange the first two arguments of a call in a line."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        swaps = (call.with_first_two_swapped() for call in sources.calls(where))
        yield from filter(None, swaps)

    return rewrite


def swapped_numbers(where: str, one: int, other: int) -> Rewrite:
    """Exchange two numbers of a call in a line."""

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        for call in sources.calls(where):
            values = {getattr(arg, "value", None): arg for arg in reversed(call.node.args)}
            if one in values and other in values:
                pairs = (values[one], other), (values[other], one)
                yield [call.source.edit(*call.span(arg), str(new)) for arg, new in pairs]

    return rewrite


def parameter(
    inner: str, name: str, argument: str, order: Sequence[str], outer: str, new: int
) -> Rewrite:
    """Give the block that a layer is in another number, where the layer takes it by a name.

    Args:
        inner: where the layer is made.
        name: the layer's.
        argument: the argument of the layer that is to be another number.
        order: the arguments that the layer takes, in order.
        outer: where the block is made.
        new: the number.
    """

    def rewrite(sources: Sources) -> Iterator[Sequence[Edit]]:
        for layer in sources.calls(inner, name):
            node = layer.argument(argument, order)
            taken = node.id if isinstance(node, ast.Name) else ""
            for block in sources.calls(outer) if taken else ():
                names = parameters(layer.source.text, block.name)
                if taken in names:
                    yield block.with_arguments({taken: str(new)}, names)
                    others = [block.part(node) for node in block.node.args]
                    for other in filter(str.isidentifier, others):  # a width that it has besides
                        yield block.with_arguments({taken: other}, names)

    return rewrite


def parameters(text: str, block: str) -> list[str]:
    """Return the parameters of a class, a method, or a block of a network file, in order."""
    of_class = rf"class {block}\b.*?def __init__\(\s*self,?([^)]*)\)"
    of_file = rf"^\s*['\"]?{block}\(([^)]*)\).*:\s*$"
    of_method = rf"def {block}\(\s*self,?([^)]*)\)"
    tries = (of_class, re.S), (of_file, re.M), (of_method, re.S)
    match = next(filter(None, (re.search(pattern, text, flags) for pattern, flags in tries)), None)
    parts = match[1].split(",") if match else []
    return [part.split("=")[0].split(":")[0].strip() for part in parts if part.strip()]


def several(*rewrites: Rewrite) -> Rewrite:
    """Read a change in any of several ways, the first that holds."""
    return partial(_each, rewrites)


def _each(rewrites: Sequence[Rewrite], sources: Sources) -> Iterator[Sequence[Edit]]:
    for rewrite in rewrites:
        yield from rewrite(sources)
