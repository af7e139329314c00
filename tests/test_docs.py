"""What the pages show is what the program does; `--update-screens` writes it into them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from pages import PAGES, rewritten, screens
from terminal import ROOT

from convshape.cli import COMMANDS, command
from convshape.cli.parameters import declared

DOCS = sorted(path for path in (ROOT / "docs").rglob("*.md") if "node_modules" not in path.parts)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_shows_what_the_program_does(
    page: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if page.stem == "first-cnn" and sys.version_info < (3, 11):
        pytest.skip("Python 3.10 does not know the column of an error")
    found = screens(page, tmp_path)
    if request.config.getoption("--update-screens"):
        page.write_text(rewritten(page, found), encoding="utf-8")
        return
    assert found
    for screen in found:
        assert screen.told == screen.shown, screen.command


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_options_of_a_page_exist(page: Path) -> None:
    """Commands without output, in ``sh`` and in the text, are looked at: do their options exist?"""
    text = page.read_text("utf-8")
    known = {
        name: {n for each in declared(command(name)).values() for n in each.names}
        for name in COMMANDS
    }
    for name, rest in re.findall(r"\bconvshape (\w+)((?: [^\n`|#>]*)?)", text):
        if name not in known:
            continue
        unquoted = re.sub(r"'[^']*'|\"[^\"]*\"", "", rest).partition(" convshape ")[0]
        options = re.findall(r"(?<= )--?[a-z][\w-]*", unquoted)
        assert set(options) <= known[name] | {"--help"}, f"convshape {name}{rest}"


def test_the_pages_of_the_site_have_a_place_in_it() -> None:
    placed = (ROOT / "mkdocs.yml").read_text("utf-8")
    for page in DOCS:
        assert f": {page.relative_to(ROOT / 'docs')}" in placed, f"mkdocs.yml has no {page.name}"
