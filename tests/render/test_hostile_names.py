"""Names from files are data: in every format, whatever they are."""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import suppress
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from terminal import run

import convshape as cs
from convshape import nn
from convshape.wording import visible

#: What steers or hides: C0 and C1, bidirectional overrides, zero width, surrogates, what XML
#: forbids.
HIDDEN = (
    "\x00\x07\x08\x0b\x1b\r\x7f\x85\x9b\xad"
    "\u200b\u200d\u202e\u2028\u2066\ufeff\ufffe\ud800\U000e0041"
)
NAMES = [
    *HIDDEN,
    "a\nb",
    "a\tb",
    "]]>",
    "<script>alert(1)</script>",
    "&amp;\"'",
    "</style></text>",
    "`a` ``b``",
    "a|b",
    "```\n# title",
    "@font-face { a }",
    "[bold]a[/bold]",
    "[link=http://example]a[/link]",
    "=cmd()",
    "![a](http://example/a)",
]
FORMATS = ["plain", "csv", "markdown", "html", "svg", "json"]


def named(name: str, inside: int = 3) -> cs.Trace:
    """Return a trace in which all that can have a name has this one."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.add_module(name, nn.Linear(inside, 4))

        def extra_repr(self) -> str:
            return name

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return self._modules[name](x)

    with suppress(ValueError):  # Python has no class of such a name
        Net.__name__ = name
    return cs.trace(Net(), (3,))


@pytest.mark.parametrize("inside", [3, 5])
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_nothing_hidden_is_written(name: str, format: str, inside: int) -> None:
    text = named(name, inside).to(
        format, **({} if format == "json" else {"columns": ["layer", "call"]})
    )
    assert not set(text) & set(HIDDEN)
    well_formed(format, text)


@given(
    name=st.text(st.characters(exclude_characters="."), min_size=1, max_size=20),
    inside=st.sampled_from([3, 5]),
)
def test_every_format_is_well_formed_whatever_the_names_are(name: str, inside: int) -> None:
    assume(not hasattr(nn.Module(), name))  # which torch refuses
    trace = named(name, inside)
    for format in FORMATS:
        well_formed(format, trace.to(format))
    str(trace.error)
    repr(trace)


def well_formed(format: str, text: str) -> None:
    if format == "svg":
        ElementTree.fromstring(text)
        fetches_nothing(text)
    elif format == "html":
        ElementTree.fromstring(text.removeprefix("<!doctype html>").replace("<br>", "<br/>"))
        Closed().feed(text)
        fetches_nothing(text)
    elif format == "csv":
        rows = list(csv.reader(io.StringIO(text)))
        assert {len(row) for row in rows} == {len(rows[0])}
    elif format == "json":
        json.loads(text)
    elif format == "markdown":
        table = [line for line in text.split("\n") if line.startswith("| ")]
        assert {len(re.findall(r"(?<!\\)\|", re.sub(r"\\\\", "", line))) for line in table} <= {
            table[0].count("|")
        }


def fetches_nothing(text: str) -> None:
    """Of what a page or picture fetches there is nothing outside of its text."""
    markup = re.sub(r">[^<]*<", "><", re.sub(r"(?s)<style>.*?</style>", "", text))
    assert not re.search(r"(?i)(href|src)\s*=|url\(\s*(?!#)[^)]*:", markup.replace("xlink", ""))
    assert not re.search(
        r"@import|@font-face|url\((?!#)", "".join(re.findall(r"(?s)<style>.*?</style>", text))
    )


PAGE = frozenset("html head meta title style body".split())
TABLE = frozenset("table caption b br thead tbody tfoot tr th td span code pre".split())


class Closed(HTMLParser):
    def handle_starttag(self, tag: str, attrs: object) -> None:
        assert tag in PAGE | TABLE


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+cmd()", "'=1+cmd()"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+a", "'+a"),
        ("-a", "'-a"),
        ("-1", "-1"),
        ("a=b", "a=b"),
    ],
)
def test_a_spreadsheet_computes_nothing(name: str, cell: str) -> None:
    rows = list(csv.DictReader(io.StringIO(named(name).to("csv"))))
    assert cell in [row["layer"] for row in rows]


def test_numbers_of_a_csv_stay_numbers() -> None:
    trace = cs.trace(nn.Sequential(nn.Conv2d(3, 6, 5, padding=(2, 0))), (3, 9, 9))
    (row,) = csv.DictReader(io.StringIO(trace.to("csv", columns=["layer", "params", "start"])))
    assert row == {"layer": "0", "params": "456", "start": "-2, 0"}


@pytest.mark.parametrize(
    "words",
    [
        ["\x1b[2J"],
        ["trace", "\x1b[2J.yaml"],
        ["conv", "--\x1b[2J"],
        ["layer", "Conv2d(\x1b[2J)"],
        ["layer", "\x1b[2J", "--json"],
        ["trace", "net.yaml", "--set", "\x1b[2J"],
        ["layers", "\x1b[2J"],
        ["explain", "\x1b[2J"],
        ["init", "\x1b[2J"],
        ["trace", "net.yaml", "-o", "\x1b[2J"],
    ],
)
def test_what_is_typed_steers_no_terminal(words: list[str]) -> None:
    status, out, err = run(*words)
    assert status == 2
    assert "\x1b" not in out + err


def test_a_control_character_is_shown_as_python_and_json_write_it() -> None:
    assert (
        visible("a\x1b[2J\x9b\u200b\U000e0041\n\tb")
        == r"a\x1b[2J\u009b\u200b\udb40\udc41" + "\n\tb"
    )
    assert str(cs.SpecError("\x1b[2J")) == r"\x1b[2J"
