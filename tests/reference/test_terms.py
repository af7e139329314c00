"""`convshape explain WORD`: the columns, arguments and units in plain words."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from terminal import ROOT, run

from convshape.reference.terms import names, term
from convshape.render.columns import COLUMNS


def test_every_column_is_a_term() -> None:
    assert [name for name in COLUMNS if term(name) is None] == []


@pytest.mark.parametrize("name", names())
def test_the_command_of_a_term_runs(name: str) -> None:
    found = term(name)
    assert found is not None
    assert found.about.endswith(".")
    words = shlex.split(found.command.replace("FILE", "examples/lenet.yaml"))
    assert run(*words[1:])[0] == 0


@pytest.mark.parametrize(
    ("text", "name", "equation", "example"),
    [
        ("padding", "padding", "2·padding", "1×3×32×32 → 1×6×32×32"),
        ("ceil_mode", "ceil_mode", "⌈", "⌈(7 + 2·0 − 1·(2 − 1) − 1) / 2⌉ + 1 = 4"),
        ("--output-padding", "output_padding", "output_padding + 1", "1×3×14×14"),
        ("Receptive Field", "field", "", ""),
        ("FLOPs", "macs", "", "1×6×28×28"),
    ],
)
def test_a_term_has_its_equation_and_example(
    text: str, name: str, equation: str, example: str
) -> None:
    found = term(text)
    assert found is not None
    assert found.name == name
    assert equation in found.equation
    assert example in found.example


@pytest.mark.parametrize("name", names())
def test_the_page_of_a_term_has_its_heading(name: str) -> None:
    found = term(name)
    assert found is not None
    page, _, heading = found.page.partition("#")
    headings = re.findall(r"^#+ (.*)$", (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
    assert not heading or heading in slugs


def test_a_picture() -> None:
    out = run("explain", "padding")[1]
    assert "first window    ▪ ■ ■ □ □ □ ·\nlast window     · □ □ □ ■ ■ ▪\n" in out
    assert "  docs: explanation/equations.md#convolution\n" in out


def test_the_command() -> None:
    status, out, _ = run("explain", "receptive", "field")
    assert (status, out.partition(":")[0]) == (0, "field")
    status, out, _ = run("explain", "padding", "--json")
    assert json.loads(out)["command"] == "convshape conv --in 32 --k 3 --p 1"


@pytest.mark.parametrize(
    ("word", "fix"),
    [
        ("pading", "did you mean padding?"),
        ("Conv2d", "convshape layers Conv2d"),
        ("F.pad", "convshape layers F.pad"),
        ("zzz", "an error in quotes, or one of again, batch"),
        ("error.log", "convshape explain < FILE"),
    ],
)
def test_a_word_that_is_no_term_gets_the_nearest(word: str, fix: str) -> None:
    status, out, err = run("explain", word)
    assert (status, out) == (2, "")
    assert fix in err
    assert len(err.splitlines()) == 2
