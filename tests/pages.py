"""The pages of docs/ and README.md as what they claim: files, and commands with what these show.

A fenced block with ``title="net.py"`` is a file; a YAML block without a title is ``net.yaml`` in
network-files.md. Screens of models that nobody ships are ``text``, and not run. A ``console`` block
holds commands after ``$``, each with its output as a terminal shows it; `examples/` is there.
Commands run in the order of the page, in one folder, so that a tutorial can change a file and run
it again.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

from terminal import ROOT, on_screen

_FENCE = re.compile(
    r"^(?P<indent> *)```(?P<language>\w+)(?P<facts>[^\n]*)\n(?P<body>.*?)^(?P=indent)```$",
    re.M | re.S,
)
_COMMAND = re.compile(r"^\$ (.*?)\n(.*?)(?=^\$ |\Z)", re.M | re.S)
#: Pages whose commands are shown wider than 80 characters.
COLUMNS = {"network-files.md": 140, "explain.md": 100}
PAGES = sorted(
    path
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    if "node_modules" not in path.parts and "```console" in path.read_text("utf-8")
)


class Screen(NamedTuple):
    """A command of a page, what the page shows, and what the program shows."""

    command: str
    told: str
    shown: str


def screens(page: Path, folder: Path) -> list[Screen]:
    """Run the commands of a page in a folder."""
    for name in ("benchmarks", "examples"):
        (folder / name).symlink_to(ROOT / name)
    found = []
    for block in _FENCE.finditer(page.read_text("utf-8")):
        body = re.sub(rf"^{block['indent']}", "", block["body"], flags=re.M)
        title = re.search(r'title="([^"]+)"', block["facts"])
        if title or (block["language"] == "yaml" and page.name == "network-files.md"):
            file = folder / (title[1] if title else "net.yaml")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(body, encoding="utf-8")
        elif block["language"] == "console":
            found += [
                Screen(command, told, run(command, folder, COLUMNS.get(page.name, 80)))
                for command, told in _COMMAND.findall(body)
            ]
    return found


def run(command: str, folder: Path, columns: int) -> str:
    """Return what a command of a page shows on a terminal; only convshape's are run."""
    program, *args = shlex.split(command)
    assert program == "convshape", f"only convshape is run: {command}"
    return on_screen(*args, columns=columns, folder=folder)


def rewritten(page: Path, told: list[Screen]) -> str:
    """Return the text of a page with what the program shows."""
    text, end = page.read_text("utf-8"), 0
    for screen in told:
        before = f"$ {screen.command}\n{screen.told}"
        start = text.index(before, end)
        after = f"$ {screen.command}\n{screen.shown}"
        text = text[:start] + after + text[start + len(before) :]
        end = start + len(after)
    return text
