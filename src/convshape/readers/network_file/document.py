"""The text of a network file as YAML nodes: what is where, and nothing of what it means.

The text is composed, not loaded: every scalar stays what was written, with its line and column, so
that YAML's own ideas of ``no``, ``1_000`` or ``12:30`` never apply and no tag can make an object.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import SpecError, suggestion
from ...fixes import Edit, Fix
from ..expressions.syntax import identifier, short, snippet

if TYPE_CHECKING:
    from ..expressions.syntax import Place

    Node = Any  # a yaml.Node, of which the type stubs know too little

_DEEPEST = 1000
_BREAK = "\r\n|[\n\r\x85\u2028\u2029]"
_YAML, _PYTHON = "tag:yaml.org,2002:", "tag:yaml.org,2002:python"
_TEXT = f"{_YAML}str"
EXAMPLE = (
    "a network file has 'input: 3x32x32' and, below 'layers:', lines such as "
    "'conv1: Conv2d(3, 6, 5)'"
)


class Item(NamedTuple):
    """A name, its node, the node of what it names, and whether both are in ``{ }`` or ``[ ]``."""

    name: str
    key: Node
    value: Node
    in_flow: bool = False


class Document:
    """A YAML (or JSON) text and its places.

    Args:
        text: what the file holds.
        filename: what to call it in errors.
    """

    def __init__(self, text: str, filename: str) -> None:
        self.text = text
        self.filename = filename
        # Aliases name the same node again and again; no honest file has more nodes than characters.
        self.budget = len(text)

    def compose(self) -> Node:
        """Return the root node.

        Raises:
            SpecError: this is not YAML, nothing at all, or nested too deep.
        """
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # to which a scalar is a text
        try:
            self.refuse_depth(loader)
            root = yaml.compose(self.text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            raise self.misread(error) from None
        except yaml.reader.ReaderError as error:  # its position may count bytes
            start = max(self.text.find(chr(error.character)), 0)
            where, shown = self.at(start, start + 1)
            what = f"this is not YAML: the character U+{error.character:04X} is not allowed"
            raise SpecError(what, where=where, snippet=shown, fix="leave it out") from None
        except RecursionError:
            raise SpecError("this is nested too deep", where=self.filename) from None
        if root is None:
            raise SpecError("the file is empty", where=self.filename, fix=EXAMPLE)
        return root

    def refuse_depth(self, loader: Any) -> None:
        """Refuse nesting that would overflow the stack of the composer, which is recursive C."""
        brackets = self.text.count("[") + self.text.count("{")
        if brackets < _DEEPEST and max(map(len, self.text.split("\n"))) < _DEEPEST:
            return  # each level needs a bracket or another column, so it cannot be deep
        import yaml

        depth = 0
        for event in yaml.parse(self.text, Loader=loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > _DEEPEST:
                raise SpecError("this is nested too deep", where=self.place(event.start_mark))

    def misread(self, error: Any) -> SpecError:
        """Return what a `yaml.MarkedYAMLError` means."""
        from .yaml_errors import trouble  # only a mistake pays for it

        if "nesting depth" in str(error):  # so later versions of libyaml refuse what is deep
            return SpecError("this is nested too deep", where=self.place(error.problem_mark))
        what, fix, line, start, end, better = trouble(error, re.split(_BREAK, self.text))
        where, shown = self.at(self.starts[line] + start, self.starts[line] + end)
        mended = SpecError(what, where=where, snippet=shown, fix=fix)
        if better is None:
            return mended
        edit = self.edit(self.starts[line] + better[0], self.starts[line] + better[1], better[2])
        return mended.changed(fixes=(Fix(fix, tried=False, edits=(edit,)),))

    def edit(self, first: int, last: int, text: str) -> Edit:
        """Return the edit that puts a text in place of a part of the file."""
        (line, column), (end, behind) = self.line_and_column(first), self.line_and_column(last)
        return Edit(self.filename, line, column, end, behind, text)

    def line_and_column(self, offset: int) -> tuple[int, int]:
        number = bisect_right(self.starts, offset)
        return number, offset - self.starts[number - 1] + 1

    # Places

    def place(self, mark: Any) -> str:
        """Return ``file:line:column`` of a mark of YAML's."""
        if mark is None:
            return self.filename
        return f"{self.filename}:{mark.line + 1}:{mark.column + 1}"

    @cached_property
    def starts(self) -> list[int]:
        """Where each line begins."""
        return [0, *(line_break.end() for line_break in re.finditer(_BREAK, self.text))]

    def at(self, first: int, last: int) -> Place:
        """Return the place of a part of the file."""
        number = bisect_right(self.starts, first)
        begin = self.starts[number - 1]
        stop = re.compile(_BREAK).search(self.text, first)
        line = self.text[begin : stop.start() if stop else len(self.text)]
        where = f"{self.filename}:{number}:{first - begin + 1}"
        return where, snippet(line, first - begin, last - begin)

    def fail(self, node: Node, message: str, fix: str = "") -> SpecError:
        """Return the error that something is wrong with a node."""
        where, shown = self.place(node.start_mark), ""
        if node.value if node.id == "scalar" else node.flow_style:
            where, shown = NodePlace(self, node)()
        return SpecError(message, where=where, snippet=shown, fix=fix)

    # Nodes

    def spend(self, node: Node) -> None:
        self.budget -= 1
        if self.budget < 0:
            raise self.fail(node, "aliases (*name) repeat more than the file holds")

    def scalar(self, node: Node, what: str) -> str:
        """Return the text of a node.

        Raises:
            SpecError: it is a list or a mapping.
        """
        self.spend(node)
        if node.id != "scalar":
            texts = [str(item.value) for item in _items(node) if item.id == "scalar"]
            fix = short(f"Sequential({', '.join(texts)})") if len(texts) > 1 else ""
            if len(texts) > 1 and texts[0].replace(".", "").isidentifier():
                fix = short(f"{texts[0]}({', '.join(texts[1:])})")
            fix = f"{texts[0]}, without the brackets" if len(texts) == 1 else fix
            raise self.fail(node, f"{what} is {_kind(node)}, not text", fix)
        self.refuse_tag(node)
        text: str = node.value
        return text

    def items(self, node: Node) -> list[Node]:
        """Return the items of a list, or the node itself where it is none."""
        if node.id != "sequence":
            return [node]
        self.spend(node)
        return _items(node)

    def entries(
        self, node: Node, what: str, known: tuple[str, ...] = (), fix: str = ""
    ) -> Iterator[Item]:
        """Yield the items of a mapping.

        Raises:
            SpecError: it is not a mapping, or a name is defined twice or is not among the known
                names, if there are any.
        """
        self.spend(node)
        self.refuse_tag(node)
        if node.id != "mapping":
            message = f"{what} is {_kind(node)}, not a mapping of names"
            raise self.fail(node, message, fix or EXAMPLE)
        seen: dict[str, Node] = {}
        a_key, in_flow = f"a key of {what}", node.flow_style
        for key, value in node.value:
            name = identifier(self.scalar(key, a_key))
            if name in seen:
                line = seen[name].start_mark.line + 1
                raise self.fail(key, f"{name!r} is defined twice; first on line {line}")
            if known and name not in known:
                fix = suggestion(name, known, f"the keys are {', '.join(known)}")
                raise self.fail(key, f"unknown key {name!r}", fix)
            seen[name] = key
            yield Item(name, key, value, in_flow)

    def refuse_tag(self, node: Node) -> None:
        if node.tag == _TEXT:  # as nearly always
            return
        if not node.tag.startswith(_YAML) or node.tag.startswith(_PYTHON):
            tag = node.tag.removeprefix(_YAML)
            raise self.fail(node, f"unknown tag {tag!r}", "leave it out")


class NodePlace:
    """Where a node is: finds the parts of its text in the file, as near as YAML lets one."""

    __slots__ = ("document", "first", "folded", "last", "quote")

    def __init__(self, document: Document, node: Node) -> None:
        start, end = node.start_mark, node.end_mark
        self.document = document
        self.first, self.last = start.index, end.index
        is_scalar = node.id == "scalar"
        self.quote = 1 if is_scalar and node.style in ("'", '"') else 0
        self.folded = node.value if is_scalar and start.line != end.line else ""

    def __call__(self, start: int | None = None, end: int = 0) -> Place:
        """Return the place of ``text[start:end]``, or of the whole node."""
        first, last = self.first, self.last
        if start is None:
            return self.document.at(first, last)
        if not self.folded:
            return self.document.at(first + self.quote + start, first + self.quote + end)
        begin = self.document.text.find(self.folded[start:end], first, last)
        if begin < 0:
            return self.document.at(first, first + 1)
        return self.document.at(begin, begin + end - start)


def _items(node: Node) -> list[Node]:
    return list(node.value) if node.id == "sequence" else []


def _kind(node: Node) -> str:
    """Say what is in a file."""
    if node.id == "scalar":
        return "text" if node.value else "empty"
    return "a list" if node.id == "sequence" else "a mapping"
