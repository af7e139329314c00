"""Every command, format and kind of error shows its stored screen in tests/cli/screens.

A screen there begins with its command line, as a shell has it, and ends with the exit status:

    $ convshape conv --in 32 --k 5
    28
    [exit 0]

What goes to standard error stands below ``[stderr]``. ``COLUMNS=80`` before the command is a
terminal that wide, without it the output is piped; ``< FILE`` and ``<<END`` are the standard input.
A new screen is a new command line, whose answer ``--update-screens`` writes.
"""

from __future__ import annotations

import difflib
import html
import os
import re
import shlex
import sys
from collections import defaultdict
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from unittest import mock

import pytest
from terminal import ROOT, Stream

from convshape.cli import main

FOLDER = ROOT / "tests" / "cli" / "screens"
FILES = sorted(FOLDER.rglob("*.txt"))
ASKS_TORCH = re.compile(r"convshape verify|--engine torch")
_COLUMN, _MARGIN = 8.4, 12  # of a picture, in its units


@dataclass(frozen=True)
class Screen:
    """A command line with its standard input, as it is written, and the answer below it."""

    command: str
    answer: str

    def run(self) -> Screen:
        """Return the screen with the answer that the program gives now."""
        line, _, stdin = self.command.partition("\n")
        words = shlex.split(line)
        columns = words.pop(0).removeprefix("COLUMNS=") if words[0].startswith("COLUMNS=") else ""
        if words[-1] == "<<END":
            words, stdin = words[:-1], stdin.removesuffix("END")
        elif words[-2:-1] == ["<"]:
            words, stdin = words[:-2], Path(words[-1]).read_text(encoding="utf-8")
        return Screen(self.command, answer(words[1:], stdin, columns))

    def __str__(self) -> str:
        return f"$ {self.command}\n{self.answer}\n"


def read(file: Path) -> list[Screen]:
    """Return the screens of a file."""
    return [
        Screen(match["command"], (match["answer"] or "").rstrip("\n"))
        for match in re.finditer(
            r"^\$ (?P<command>.*<<END\n(?s:.*?)^END$|.*)\n(?P<answer>(?:(?!\$ ).*\n)*)",
            file.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    ]


def answer(argv: list[str], stdin: str, columns: str) -> str:
    """Run the program in this process; on a terminal, standard error is in between."""
    out = Stream(terminal=bool(columns))
    err = out if columns else Stream()
    environment = {"COLUMNS": columns or "80", "TERM": "xterm"}
    status = 0
    with (
        mock.patch.multiple(sys, stdin=Stream(stdin), stdout=out, stderr=err),
        mock.patch.dict(os.environ, environment),
    ):
        try:
            main(argv)
        except SystemExit as end:
            status = int(end.code or 0)
    errors = "" if columns else ours(err.written())
    return ours(out.written()) + (errors and "[stderr]\n" + errors) + f"[exit {status}]"


def ours(text: str) -> str:
    """Remove colors, Rich's picture frame and what depends on Typer's version: {FILE}, [a|b]."""
    if text.startswith("<svg"):
        text = words_of_picture(text)
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(
        r"^Usage: .*", lambda usage: re.sub("[{}]", "", usage[0]), text, flags=re.MULTILINE
    )
    text = re.sub(r"\[(\w+(\|\w+)+)\]", r"<\1>", text)
    if text.startswith("Usage: "):  # where a help page breaks its lines is Typer's affair
        argument = r"^  [<\[]?([A-Z|]+)[>\]]?(?:\.\.\.)?(?: <(?:str|list.str.|\w+(?:\|\w+)+)>)?  "
        text = re.sub(argument, r"  \1  ", text, flags=re.MULTILINE)
        text = re.sub(r"(?<=\S)\n {6,}(?=\S)", " ", text)
        text = re.sub(r"(?<=\S) {2,}(?=\S)", " ", text)
    return re.sub(r" +$", "", text, flags=re.MULTILINE)


def words_of_picture(svg: str) -> str:
    """Return what is written in a picture, where it stands."""
    lines: dict[str, str] = defaultdict(str)
    for x, y, words in re.findall(
        r'<text[^>]* x="([0-9.]+)" y="([0-9.]+)"[^>]*>([^<]*)</text>', svg
    ):
        column = round((float(x) - _MARGIN) / _COLUMN)
        lines[y] = lines[y].ljust(column) + html.unescape(words).replace("\xa0", " ")
    return "".join(f"{line.rstrip()}\n" for line in lines.values())


def difference(stored: Screen, shown: Screen) -> str:
    """Return the lines that differ, below the command line; nothing where none does."""
    before, after = stored.answer.splitlines(), shown.answer.splitlines()
    lines = "\n".join(difflib.unified_diff(before, after, "stored", "shown now", lineterm="", n=2))
    return lines and f"$ {stored.command}\n{lines}\n"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(FOLDER)))
def test_the_program_shows_what_is_stored(
    file: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    if file.stem in ("annotate", "source") and sys.version_info < (3, 11):
        pytest.skip("Python 3.10 does not know which call of a line fails")
    monkeypatch.chdir(ROOT)
    stored = read(file)
    update = pytestconfig.getoption("--update-screens")
    if find_spec("torch") is None and not update:
        stored = [screen for screen in stored if not ASKS_TORCH.search(screen.command)]
    shown = [screen.run() for screen in stored]
    if update:
        file.write_text("\n".join(map(str, shown)), encoding="utf-8", newline="\n")
        return
    differences = "\n".join(filter(None, map(difference, stored, shown)))
    if differences:
        pytest.fail(
            f"{differences}\nIf that is right: pytest tests/cli/test_screens.py --update-screens",
            pytrace=False,
        )


def test_every_example_has_its_screen() -> None:
    assert [file.stem for file in FILES if file.parent.name == "examples"] == sorted(
        file.stem for file in (ROOT / "examples").glob("*.yaml")
    )
