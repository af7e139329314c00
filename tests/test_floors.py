"""The floors of the house: every file imports only from its own floor and those below.

Imports within functions and those for types count as any other.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "convshape"
#: From the ground up; a name stands for the file, or for the folder with all that is in it.
FLOORS = (
    "errors fixes edits rewrites docstrings files zoo wording option_names python_syntax "
    "thread_output sizes symbolic equations gc_pause user_frames clock",
    "shapetorch",
    "run",
    "analysis diagnosis",
    "readers torch_errors",
    "render",
    "result api isolated one_layer fitting solving checking annotating pictures apply_fix verify "
    "reference templates",
    "cli __main__",
)
LEVELS = {name: level for level, names in enumerate(FLOORS) for name in names.split()}
FILES = {
    ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in SOURCE.rglob("*.py")
    if path.parent != SOURCE or path.name != "__init__.py"  # the front door opens all rooms
}


def level(name: str) -> int | None:
    return LEVELS.get(name.partition(".")[0])


def imported(name: str, path: Path) -> set[str]:
    """Return the files of ours that a file imports, by their names below `convshape`."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            home = [*package[: len(package) + 1 - node.level], *(node.module or "").split(".")]
            names = [".".join(filter(None, (*home, alias.name))) for alias in node.names]
            found |= {n if n in FILES else n.rpartition(".")[0] for n in names}
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            absolute = node.module if isinstance(node, ast.ImportFrom) else None
            assert not any((absolute or a.name).startswith("convshape") for a in node.names), name
    return found - {""}


@pytest.mark.parametrize("name", sorted(FILES))
def test_nothing_is_imported_from_above(name: str) -> None:
    own = level(name)
    assert own is not None, f"on which floor is {name}?"
    above = {each for each in imported(name, FILES[name]) if (level(each) or 0) > own}
    assert not above
