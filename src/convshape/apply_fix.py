"""The edits of a fix applied to files: nothing else in them changes, not a space."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any, NamedTuple

from .edits import edited
from .errors import Error, SpecError
from .files import write_atomically
from .fixes import Edit, Fix

#: What a cell of a notebook is called.
_CELL = re.compile(r"(.+), cell (\d+)")
_MARK = "\ufeff"
#: How often a corrected file may need another correction.
_ROUNDS = 20


class Text(NamedTuple):
    """What a file holds.

    Attributes:
        data: the bytes.
        text: these as text, its line ends as they are.
        encoding: how they are encoded.
        mark: the byte order mark before them, or nothing.
    """

    data: bytes
    text: str
    encoding: str
    mark: str

    def with_edits(self, edits: Sequence[Edit]) -> Text:
        """Return the text with edits, whose line ends are those of the file."""
        end = re.search(r"\r\n|\r|\n", self.text)
        new = [edit._replace(text=_with_ends(edit.text, end[0] if end else "\n")) for edit in edits]
        return self._with(edited(self.text, new))

    def with_cell(self, cell: int, edits: Sequence[Edit]) -> Text:
        """Return the text of a notebook with edits of one of its cells."""
        from .readers.source.notebook import with_edits

        return self._with(with_edits(self.text, cell, edits))

    def _with(self, text: str) -> Text:
        return Text((self.mark + text).encode(self.encoding), text, self.encoding, self.mark)


def _with_ends(text: str, end: str) -> str:
    return text.replace("\n", end)


def read(file: str) -> Text:
    """Return what a file of the network's holds: Python says of its files how they are encoded.

    Raises:
        SpecError: it is not a file that can be edited.
    """
    try:
        with open(file, "rb") as stream:
            data = stream.read()
        encoding = "utf-8"
        if file.endswith(".py"):
            from tokenize import detect_encoding

            encoding, _ = detect_encoding(BytesIO(data).readline)
            encoding = encoding.removesuffix("-sig")
        text = data.decode(encoding)
    except (OSError, SyntaxError, UnicodeDecodeError):
        raise SpecError(f"{file} cannot be edited", fix="apply the fix by hand") from None
    mark = _MARK if text.startswith(_MARK) else ""
    return Text(data, text.removeprefix(mark), encoding, mark)


def fix_of(error: Error, number: int) -> Fix:
    """Return the fix of an error by its number, from 1.

    Raises:
        SpecError: there is none, or it is none that can be applied to a file.
    """
    fixes = error.fixes
    if number > max(len(fixes), 1):
        are = "is 1 fix" if len(fixes) == 1 else f"are {len(fixes) or 'no'} fixes"
        raise SpecError(f"there {are} of it", fix=_numbers(fixes))
    if not any(fix.edits for fix in fixes):
        raise SpecError("none of its fixes changes the file", fix=error.fix)
    fix = fixes[number - 1]
    if not fix.edits:
        raise SpecError(f"fix {number} does not change the file", fix=_numbers(fixes))
    return fix


def corrected(
    file: str, error: Error, **options: Any
) -> tuple[list[Fix], dict[str, tuple[Text, Text]]]:
    """Return the corrections of a network file with which its network runs, and the file's text.

    Args:
        file: the file.
        error: why it cannot be read, or made.
        options: of the reader: `input`, `batch` and `constants`.

    Raises:
        SpecError: it does not run with them.
    """
    from .api import traced
    from .readers import load_text

    old = text = read(file)
    fixes: list[Fix] = []
    wrong = error
    for _ in range(_ROUNDS):
        first = [mistake.fixes[0] for mistake in (wrong, *wrong.others) if mistake.fixes]
        edits = [edit for fix in first for edit in fix.edits]
        if not edits or any(edit.file != file for edit in edits):
            break
        fixes += first
        text = text.with_edits(edits)
        try:
            refusal = traced(load_text(text.text, file, **options)).error
        except Error as refused:
            refusal = refused
        if refusal is None:
            return fixes, {file: (old, text)}
        wrong = refusal
    if not fixes:
        raise SpecError("none of its fixes changes the file", fix=error.fix)
    what = f"still fails with the corrections: {wrong.message}"
    raise SpecError(what, where=wrong.where, fix=wrong.fix)


def _numbers(fixes: Sequence[Fix]) -> str:
    able = [str(number) for number, fix in enumerate(fixes, 1) if fix.edits]
    return f"--fix={able[0]}" if able else ""


def texts(edits: Sequence[Edit]) -> dict[str, tuple[Text, Text]]:
    """Return what the files of edits hold, and what they are to hold.

    Raises:
        SpecError: one cannot be edited.
    """
    by_file: dict[str, list[Edit]] = {}
    for edit in edits:
        by_file.setdefault(edit.file, []).append(edit)
    result: dict[str, tuple[Text, Text]] = {}
    for file, group in by_file.items():
        cell = _CELL.fullmatch(file)
        home = cell[1] if cell else file
        old, text = result.get(home) or (read(home),) * 2
        result[home] = (
            old,
            text.with_cell(int(cell[2]), group) if cell else text.with_edits(group),
        )
    return result


def write(changes: dict[str, tuple[Text, Text]]) -> None:
    """Write what files are to hold, if they hold what they did.

    Raises:
        SpecError: one has been changed, or cannot be written.
    """
    for file, (old, _) in changes.items():
        if read(file).data != old.data:
            raise SpecError(f"{file} has changed in the meantime", fix="trace it again")
    for file, (_, new) in changes.items():
        write_atomically(file, new.data)
