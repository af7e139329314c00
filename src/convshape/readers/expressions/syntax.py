"""Expressions and what is made of them, as plain data: parsed once, each part with its place.

An expression is parsed by Python's own parser, and only what `PARTS` lists may be in it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import Error, SpecError
from ...python_syntax import expression

if TYPE_CHECKING:
    #: ``file:line:column``, and the line with carets below the part in question.
    Place = tuple[str, str]
    Target = str | tuple["Target", ...]

_LONGEST = 10_000
#: How deep an expression may be nested: what every Python has room for on its stack.
_DEEPEST = 150
_WIDEST = 100
#: A line as Python's parser counts them, its end included.
_LINE = r"[^\r\n]*(?:\r\n|\r|\n|$)"
#: A text in quotes, or a question mark.
_QUOTED_OR_OPEN = r"('[^']*'|\"[^\"]*\")|\?"
#: Quotes as text processors write them.
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")

#: The language: the kinds of nodes that an expression is made of, and where each has its parts.
PARTS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Constant: (),
    ast.Name: (),
    ast.Attribute: ("value",),
    ast.Call: ("func", "args", "keywords"),
    ast.keyword: ("value",),
    ast.Tuple: ("elts",),
    ast.List: ("elts",),
    ast.Subscript: ("value", "slice"),
    ast.Slice: ("lower", "upper", "step"),
    ast.UnaryOp: ("operand",),
    ast.BinOp: ("left", "right"),
    ast.BoolOp: ("values",),
    ast.Compare: ("left", "comparators"),
    ast.IfExp: ("test", "body", "orelse"),
}


def parts(node: ast.AST) -> list[Any]:
    """Return the nodes directly below one of the language, None for an end that a slice lacks."""
    result: list[Any] = []
    for field in PARTS[type(node)]:
        part = getattr(node, field)
        result += part if isinstance(part, list) else [part]
    return result


def _is_deep(tree: ast.expr) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return bool(level)


class Plain:
    """What a copy of a network has in common with the network."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return self


class Expression(Plain):
    """An expression, parsed, and where it is.

    Args:
        text: the expression.
        locate: gives the place of a part of `text`, from its first character to the one after its
            last: ``file:line:column``, and the line with a caret below the part.
        tree: the parsed form of the text, if it is known.

    Raises:
        SpecError: it cannot be read.
    """

    __slots__ = ("locate", "text", "tree")

    def __init__(
        self, text: str, locate: Callable[[int, int], Place], tree: ast.expr | None = None
    ) -> None:
        self.text = text
        self.locate = locate
        self.tree = self._parse() if tree is None else tree

    @property
    def written(self) -> str:
        """The expression as it may be written in a line."""
        return self.text

    def _parse(self) -> ast.expr:
        if not self.text.strip():
            raise self._fail_at(0, "an expression is missing", "an expression such as ReLU()")
        if len(self.text) > _LONGEST:
            raise self._fail_at(0, f"an expression of {len(self.text):,} characters is too long")
        try:
            open_arguments = "?" in self.text
            tree = self._with_open_arguments() if open_arguments else expression(self.text.strip())
        except SyntaxError as error:
            start = self._offset(error.lineno or 1, (error.offset or 1) - 1, characters=True)
            reason = (error.msg or "invalid syntax").partition(". Perhaps")[0]
            if reason.startswith("Exceeds the limit"):  # Python's own, of the digits of an int
                reason = "a number has more digits than can be read"
            message = f"cannot read {short(self.text)!r}: {reason}"
            raise self._fail_at(start, message, _readable(self.text, start)) from None
        except (RecursionError, MemoryError, ValueError):
            # So Python's parser gives up on brackets and signs nested too deep and on NUL bytes.
            raise self.too_deep() from None
        if len(self.text) > _DEEPEST and _is_deep(tree):
            raise self.too_deep()
        return tree

    def _with_open_arguments(self) -> ast.expr:
        """Parse a text in which ``?`` means an argument that is left open, which is None."""
        text = re.sub(_QUOTED_OR_OPEN, lambda part: part[1] or "_", self.text)
        tree = expression(text.strip())
        opened = {at.start() for at in re.finditer(_QUOTED_OR_OPEN, self.text) if not at[1]}
        for node in list(ast.walk(tree)):
            places = [*node.args, *node.keywords] if isinstance(node, ast.Call) else []
            for index, argument in enumerate(places):
                value = argument.value if isinstance(argument, ast.keyword) else argument
                if isinstance(value, ast.Name) and self.span(value)[0] in opened:
                    none = ast.copy_location(ast.Constant(None), value)
                    opened.discard(self.span(value)[0])
                    if isinstance(argument, ast.keyword):
                        argument.value = none
                    else:
                        node.args[index] = none  # type: ignore[attr-defined]
        if opened:
            place = min(opened) - len(self.text) + len(self.text.lstrip())
            raise SyntaxError("? can only be an argument", ("", 1, place + 1, None))
        return tree

    def too_deep(self) -> SpecError:
        return self._fail_at(0, f"cannot read {short(self.text)!r}: it is nested too deep")

    def _fail_at(self, start: int, message: str, fix: str = "") -> SpecError:
        where, line = self.locate(start, start + 1)
        return SpecError(message, where=where, snippet=line, fix=fix)

    def _offset(self, line: int, column: int, characters: bool = False) -> int:
        """Return the offset of a place in the stripped text; Python counts its columns in bytes."""
        stripped = self.text.lstrip()
        lines = re.findall(_LINE, stripped)
        before = sum(map(len, lines[: line - 1]))
        if not characters:
            column = len(lines[line - 1].encode()[:column].decode(errors="ignore"))
        return len(self.text) - len(stripped) + before + column

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return the offsets of a node's first character and of the one after its last."""
        at: Any = node
        start = self._offset(at.lineno, at.col_offset)
        return start, self._offset(at.end_lineno, at.end_col_offset)

    def place(self, node: ast.AST) -> Place:
        """Return ``file:line:column`` of a node, and its line with a caret below."""
        return self.locate(*self.span(node))

    def source(self, node: ast.AST) -> str:
        """Return the text of a node, the beginning of it if it is long."""
        start, end = self.span(node)
        return short(self.text[start:end])

    def fail(
        self, node: ast.AST, message: str, fix: str = "", kind: type[SpecError] = SpecError
    ) -> SpecError:
        """Return the error that something is wrong with a part of the expression."""
        where, line = self.place(node)
        return kind(message, where=where, snippet=line, fix=fix)

    def refuse(self, node: ast.AST, what: str, fix: str = "") -> SpecError:
        """Return the error that begins with the part in quotes: ``'2 ** 99' is too large``."""
        return self.fail(node, f"{self.source(node)!r}{what}", fix)

    def mark(self, error: Error, node: ast.AST) -> None:
        """Note in an error the place where it happened; the innermost part is named."""
        if not error.where:
            where, line = self.place(node)
            error.note(where=where, snippet=line)


class Entry(Plain):
    """One entry of a body.

    Attributes:
        target: the name that gets the value, or a tuple of names that unpack it; ``_`` drops it.
        expression: what it says.
        place: gives the `Place` of the name.
        names: the names that get a value.
        name: the name that its layer gets.
    """

    __slots__ = ("expression", "name", "names", "place", "target")

    def __init__(self, target: Target, expression: Expression, place: Callable[[], Place]) -> None:
        self.target = target
        self.expression = expression
        self.place = place
        self.names = names_of(target)
        self.name = self.names[0] if self.names else "_"


def names_of(target: Target) -> list[str]:
    """Return the names of a target that get a value; ``_`` alone is one, as any other."""
    return [target] if isinstance(target, str) else list(_unpacked(target))


def _unpacked(target: Target) -> Iterator[str]:
    if isinstance(target, str):
        yield from [target] * (target != "_")
    else:
        for item in target:
            yield from _unpacked(item)


class Body(Plain):
    """The entries of a block or of the network.

    Attributes:
        inputs: the names of what comes in.
        outputs: the names of the output; None for the value of the last entry.
    """

    def __init__(
        self,
        name: str,
        inputs: Sequence[str],
        entries: Sequence[Entry],
        outputs: Sequence[str] | None = None,
    ) -> None:
        self.name = name
        self.inputs = inputs
        self.entries = entries
        self.outputs = outputs


class Block(Plain):
    """How a block of the file is called.

    Attributes:
        parameters: names with defaults, which are expressions of the file's constants.
        inputs: the names of what comes into its body.
    """

    def __init__(self, name: str, parameters: Mapping[str, Any], inputs: Sequence[str]) -> None:
        self.name = name
        self.parameters = parameters
        self.inputs = inputs

    def __call__(self) -> None:
        """Blocks are callable in the language; a `Builder` makes them."""


def raise_all(errors: Sequence[Error]) -> None:
    """Raise the first of some errors, which then reports the others too."""
    if errors:
        raise errors[0].changed(others=errors[1:])


def _readable(text: str, wrong: int) -> str:
    """Return a text with the least change that lets it be read, or nothing."""
    before, sign, after = text[:wrong], text[wrong : wrong + 1], text[wrong + 1 :]
    whole = text.rstrip()
    changes = [text + ")", text + "]", text.translate(_STRAIGHT)]
    changes += [f"{whole[:-1]}{quote}{whole[-1]}" for quote in "'\""]
    changes += [before + after if sign in ",;:)]}" else before + sign + after.replace(" ", ", ", 1)]
    for change in map(str.strip, changes):
        try:
            expression(change)
        except (SyntaxError, RecursionError, MemoryError, ValueError):
            continue
        return short(change)
    return ""


def identifier(name: str) -> str:
    """Return a name as Python reads it in expressions: in Unicode's form NFKC, ``µ`` as ``μ``."""
    if name.isascii():
        return name
    from unicodedata import normalize

    return normalize("NFKC", name)


def snippet(text: str, start: int, end: int) -> str:
    """Return the line, or a part of a long one, with carets below it from `start` to `end`."""
    begin = text.rfind("\n", 0, start) + 1
    line, _, _ = text[begin:].partition("\n")
    start, end = start - begin, end - begin
    end = max(min(end, len(line)), start + 1)
    first = max(0, min(start - 40, len(line) - _WIDEST)) if len(line) > _WIDEST else 0
    shown = line[first : first + _WIDEST].expandtabs(1)
    carets = "^" * min(end - start, max(1, len(shown) - start + first))
    return f"{shown}\n{' ' * (start - first)}{carets}"


def short(text: str) -> str:
    """Return a text, the beginning of it if it is long."""
    return text if len(text) <= 60 else text[:57] + "..."
