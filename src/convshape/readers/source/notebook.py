"""Notebooks: their code cells, with the lines left out that are Jupyter's and not Python's."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import takewhile
from json.decoder import scanstring  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any

from ...edits import edited
from ...errors import SpecError
from ...fixes import Edit
from ...python_syntax import parsed

#: A line for Jupyter: ``%magic``, ``!command``, ``?name``, ``name?``, and pip without any sign.
_MAGIC = re.compile(
    r"(\s*)(%{1,2}[A-Za-z_]|!|\?|[\w.]+\?{1,2}\s*$|(pip3?|conda|mamba) (un)?install )"
)
#: A value that Jupyter works out: ``files = !ls``.
_ASSIGNED = re.compile(r"(\s*)([\w, ]+)=\s*([!%])")
#: Magics of a whole cell that run its other lines as Python.
_OF_PYTHON = "time timeit capture prun python python3 skip matplotlib".split()


def cells(text: str, filename: str) -> list[tuple[str, str]]:
    """Return the code cells of a notebook: what each is called in errors, and its Python.

    Raises:
        SpecError: it is not a notebook, has no code, or is for another language.
    """
    try:
        notebook: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_notebook(error, text, filename) from None
    raw = _cells(notebook)
    if not raw:
        fix = "a file that Jupyter saved, or a network file named .json"
        raise SpecError(f"{filename} is JSON, but has no cells of a notebook", fix=fix)
    language = _language(notebook)
    if not language.lower().startswith(("python", "ipython")):
        raise SpecError(f"{filename} is a notebook for {language}, not for Python")
    sources = [_source(cell) for cell in raw]
    code = [(f"{filename}, cell {i}", text) for i, text in enumerate(sources, 1) if text.strip()]
    if not code:
        raise SpecError(f"{filename} has no code: its cells are text", fix="a notebook with code")
    return [(name, without_magics(text)) for name, text in code]


def with_edits(text: str, cell: int, edits: Sequence[Edit]) -> str:
    """Return the text of a notebook with edits of a cell's code; nothing else in it changes.

    Args:
        text: the notebook.
        cell: the number of the cell, from 1.
        edits: those of its code.
    """
    content = _cells(_PlacedDecoder().decode(text))[cell - 1]
    source = content.get("source", content.get("input"))
    old = source if isinstance(source, list) else [source]
    code = edited("".join(old), edits)
    new = code.splitlines(keepends=True) if isinstance(source, list) else [code]
    first = min(_equal(old, new), len(old) - 1)
    behind = _equal(old[:first:-1], new[:first:-1])
    last = len(old) - behind
    start, end = old[first].span[0], old[last - 1].span[1]
    between = text[old[0].span[1] : old[1].span[0]] if len(old) > 1 else ", "
    lines = new[first : len(new) - behind]
    return text[:start] + between.join(_json(line, text) for line in lines) + text[end:]


def _equal(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many lines are the same from the start on."""
    return sum(takewhile(bool, (a == b for a, b in zip(old, new, strict=False))))


def _json(line: str, text: str) -> str:
    return json.dumps(line, ensure_ascii=text.isascii())


class _Placed(str):
    """A string of a JSON text, with its place there."""

    span: tuple[int, int]


class _PlacedDecoder(json.JSONDecoder):
    """Reads JSON so that each value that is a string knows its place."""

    def __init__(self) -> None:
        super().__init__()
        self.parse_string = _placed
        self.scan_once = py_make_scanner(self)


def _placed(text: str, start: int, strict: bool = True) -> tuple[str, int]:
    value, end = scanstring(text, start, strict)
    result = _Placed(value)
    result.span = start - 1, end
    return result, end


def _cells(notebook: Any) -> list[Any]:
    sheets = _list(notebook, "worksheets")  # before version 4
    return _list(notebook, "cells") + [cell for sheet in sheets for cell in _list(sheet, "cells")]


def _no_notebook(error: Exception, text: str, filename: str) -> SpecError:
    if not text.strip():
        return SpecError(f"{filename} is empty, not a notebook")
    at, why = "", "a number has more digits than can be read"
    if isinstance(error, json.JSONDecodeError):
        at, why = f":{error.lineno}:{error.colno}", error.msg
    elif isinstance(error, RecursionError):
        why = "it is nested too deep"
    what, fix = f"this is not a notebook: {why}", "a notebook is JSON, as Jupyter saves it"
    return SpecError(what, where=f"{filename}{at}", fix=fix)


def _list(value: Any, name: str) -> list[Any]:
    items = value.get(name) if isinstance(value, dict) else None
    return items if isinstance(items, list) else []


def _language(notebook: dict[str, Any]) -> str:
    """Return the language that a notebook says that it is for."""
    metadata = notebook.get("metadata")
    for part, key in (("kernelspec", "language"), ("language_info", "name")):
        about = metadata.get(part) if isinstance(metadata, dict) else None
        name = about.get(key) if isinstance(about, dict) else None
        if isinstance(name, str) and name:
            return name
    return "python"


def _source(cell: Any) -> str:
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return ""
    source = cell.get("source", cell.get("input", ""))
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def without_magics(code: str) -> str:
    """Return the code of a cell without the lines for Jupyter, its other lines in their places."""
    if _is_python(code):
        return code
    lines = code.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    magic = re.match(r"%%(\w+)", lines[first].strip())
    if magic and magic[1] not in _OF_PYTHON:
        return ""
    if magic:
        lines[first] = ""
    goes_on = False
    for i, line in enumerate(lines):
        match, value = _MAGIC.match(line), _ASSIGNED.match(line)
        if goes_on:
            lines[i] = ""
        elif match:
            lines[i] = f"{match[1]}pass"
        elif value:
            lines[i] = f"{value[1]}{value[2]}= []"
        goes_on = bool(goes_on or match or value) and line.rstrip().endswith("\\")
    return "\n".join(lines)


def _is_python(code: str) -> bool:
    try:
        parsed(code)
    except (SyntaxError, ValueError):
        return False
    return True
