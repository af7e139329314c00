"""Texts at the edge of what can be written: each is read, or answered in a line."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zipapp
from contextlib import suppress
from pathlib import Path
from shutil import copytree

import pytest
import rich
import typer
import yaml
from terminal import ROOT, run

import convshape as cs
from convshape import nn
from convshape.api import trace_expression
from convshape.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "where", "line"),
    [
        ("Conv2d(3, 6,\n 5, foo=1)", "line 2, column 5 of the expression", " 5, foo=1)\n    ^^^^^"),
        ("Conv2d(3,\n\n 6 5)", "line 3, column 2 of the expression", " 6 5)\n ^"),
        ("Sequential(\n  Linear(3, 4),\n  Linear(5, 6,, 7))", "line 3, column 15 of the expression",
         "  Linear(5, 6,, 7))\n              ^"),
        ("Conv2d(3, 6, foo=1)", "column 14 of the expression",
         "Conv2d(3, 6, foo=1)\n             ^^^^^"),
    ],
)  # fmt: skip
def test_an_expression_of_several_lines(text: str, where: str, line: str) -> None:
    with pytest.raises(cs.SpecError) as caught:
        trace_expression(text, "3x32x32")
    assert (caught.value.where, caught.value.snippet) == (where, line)
    status, _, err = run("layer", text, "--in", "3x32x32")
    assert status == 2
    assert where in err


@pytest.mark.parametrize(
    ("text", "status", "what"),
    [
        ("randint_like(input)", 1, "randint_like needs high"),
        ("input.shape + arange(5)", 2, "there is no such operation on a size and a tensor"),
        ("arange(5) + input.shape", 1, ""),
        ("chain_matmul()", 1, "chain_matmul needs at least one matrix"),
        ("BatchNorm2d([])", 2, "unhashable type: 'list'"),
        ("Sequential(None)", 2, "'NoneType' object is not callable"),
        (f"Linear({'9' * 4500}, 3)", 2, "a number has more digits than can be read"),
    ],
)
def test_calls_that_nobody_expects_are_answered(text: str, status: int, what: str) -> None:
    found, _, err = run("layer", text, "--in", "3x4x4")
    assert found == status
    assert what in err.partition("\n")[0]
    assert "sys." not in err


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("combinations(arange(10**6), 500000)", None),
        ("combinations(arange(10**9), 3)", None),
        ("combinations(arange(10**6), 2, True)", (500_000_500_000, 2)),
        ("combinations(arange(10**6), 10**6 - 1)", (10**6, 10**6 - 1)),
        ("combinations(arange(40), 38)", (780, 38)),
        ("combinations(arange(3), 5)", (0, 5)),
        ("combinations(arange(66), 33)", (7_219_428_434_016_265_800, 33)),
    ],
)
def test_counting_is_bounded_by_its_cost(text: str, shape: tuple[int, ...] | None) -> None:
    begun = time.monotonic()
    try:
        trace = trace_expression(text, "3")
        found = trace.rows[0].outputs[0] if trace.error is None else None
    except cs.ShapeError:
        found = None
    assert time.monotonic() - begun < 2
    assert found == (shape if shape and shape[0] * shape[-1] * 8 < 2**63 else None)


NAMES = sorted(
    {
        *dir(nn.Module),
        *vars(nn.Linear(3, 4)),
        *dir(nn.Sequential),
        "_plan",
        "its plan",
        "self",
        "plan",
        "µ",
        "ﬁ",
    }
)


@pytest.mark.parametrize(
    "place",
    ["layers:\n  {}: Linear(3, 3)\n", "blocks:\n  B():\n    {}: Linear(3, 3)\nlayers:\n  a: B()\n"],
)
def test_no_name_meets_the_readers_own_attributes(place: str) -> None:
    refused = set()
    for name in NAMES:
        Path("net.yaml").write_text(
            f"input: 3\n{place.format(name)}  fc: Linear(3, 5)\n", encoding="utf-8"
        )
        try:
            trace = cs.trace("net.yaml")
        except cs.SpecError:
            refused.add(name)
        else:
            assert trace.error is None
            assert trace.rows[-1].outputs == [(1, 5)]
    assert refused == {name for name in NAMES if hasattr(nn.Module(), name)}


@pytest.mark.parametrize("word", ["None", "True", "class", "lambda"])
def test_words_of_pythons_name_no_constants(word: str) -> None:
    Path("net.yaml").write_text(f"input: 3\nvars: {{{word}: 3}}\nlayers: [Linear(3, 4)]\n")
    with pytest.raises(cs.SpecError, match="a Python keyword"):
        cs.trace("net.yaml")


def test_names_are_compared_as_python_compares_them() -> None:
    micro, mu = "\u00b5", "\u03bc"
    text = (
        f"inputs: {{{micro}x: 3}}\nvars: {{{micro}: 4}}\nlayers:\n"
        f"  ﬁrst: Linear(3, {mu})({mu}x)\n  b: first + {micro}\noutputs: [ﬁrst]\n"
    )
    Path("net.yaml").write_text(text, encoding="utf-8")
    assert cs.trace("net.yaml").rows[0].outputs == [(1, 4)]
    for name in (micro, mu):
        assert cs.trace("net.yaml", constants={name: "5"}).rows[0].outputs == [(1, 5)]
        assert cs.trace("net.yaml", input=f"{name}x=2x3").rows[0].outputs == [(1, 2, 4)]


SOURCE = (
    "{cookie}\nimport torch\n# {text}\nclass Net(torch.nn.Module):\n"
    "    def forward(self, x):\n"
    "        return torch.nn.functional.linear(x, torch.empty(4, 3)) # {text}\n"
)


EMACS, VIM = "# -*- coding: {} -*-", "#!/usr/bin/python\n# vim: set fileencoding={} :"


@pytest.mark.parametrize(
    ("cookie", "encoding", "text"),
    [
        (EMACS, "latin-1", "café"),
        (EMACS, "gbk", "中文"),
        (EMACS, "utf-8", "中文"),
        (VIM, "cp1252", "“x”"),
        (VIM, "koi8-r", "да"),
    ],
)
def test_source_in_the_encoding_that_it_says(cookie: str, encoding: str, text: str) -> None:
    said = cookie.format(encoding)
    Path("net.py").write_bytes(SOURCE.format(cookie=said, text=text).encode(encoding))
    assert cs.trace("net.py", "3").rows[-1].outputs == [(1, 4)]
    stopped = cs.trace("net.py", "5").error
    assert stopped is not None
    assert text in stopped.snippet


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("undefined", ""),
        ("unicode_escape", "\\ud800"),
        ("ascii", "é"),
    ],
)
@pytest.mark.parametrize("file", ["net.py", "net.yaml"])
def test_what_is_not_in_the_encoding_that_it_says(file: str, encoding: str, text: str) -> None:
    Path(file).write_text(f"# coding: {encoding}\n# {text}\n", encoding="utf-8")
    with pytest.raises(cs.SpecError) as refusal:
        cs.trace(file)
    codec = encoding.replace("_", "-")
    assert refusal.value.message == f"this is not text in {codec}, which a comment says it is"
    assert refusal.value.where == file


@pytest.mark.parametrize("encoding", ["nonsense", "hex", "rot13", "utf-8"])
def test_an_encoding_that_is_none_is_answered(encoding: str) -> None:
    Path("net.py").write_bytes(f"# coding: {encoding}\n# ".encode() + b"\xe9\n")
    with pytest.raises(cs.SpecError):
        cs.trace("net.py", "3")


def test_a_zip_archive_of_the_package_has_its_data(folder: Path) -> None:
    copytree(ROOT / "src" / "convshape", folder / "app" / "convshape")
    copytree(ROOT / "examples", folder / "app" / "convshape" / "zoo")
    zipapp.create_archive(folder / "app", folder / "convshape.pyz", main="convshape.cli:main")
    site = {str(Path(each.__file__ or "").parents[1]) for each in (yaml, typer, rich)}
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(site)}

    def zipped(*words: str) -> str:
        command = [sys.executable, str(folder / "convshape.pyz"), *words]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert "Wrote lenet.yaml" in zipped("init")
    assert "total" in zipped("trace", "lenet.yaml")
    assert "Linear(3, 5)" in zipped(
        "explain", "mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"
    )
    assert "padding" in zipped("explain", "padding")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("self.m(x, x)", "takes 2 positional arguments but 3 were given"),
        ("self.m()", "missing 1 required positional argument: 'input'"),
        ("self.m(x, size=3)", "unexpected keyword argument 'size'"),
    ],
)
def test_a_wrong_number_of_arguments_is_told_and_no_size_is_looked_for(
    call: str, said: str
) -> None:
    Path("net.py").write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    runs = 0\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.m = torch.nn.Conv2d(3, 4, 3)\n"
        "    def forward(self, x):\n"
        "        Net.runs += 1\n"
        "        assert Net.runs < 5\n"
        f"        return {call}\n"
    )
    error = cs.trace("net.py").error
    assert error is not None
    assert said in error.what
    assert error.where == "net.py:10"


@pytest.mark.parametrize(
    "words",
    [
        ["layer", "Embedding(5, 3)", "--in", "int64:[1or 2]"],
        ["layer", "Conv2d(3, 6, 5if 1else 2)", "--in", "3x32x32"],
        ["trace", "net.py:Net(1or 2)", "--in", "4"],
        ["explain", "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1or 2)"],
    ],
)
@pytest.mark.filterwarnings("always")
def test_python_warns_of_nothing_in_texts_of_users(
    words: list[str], recwarn: pytest.WarningsRecorder
) -> None:
    Path("net.py").write_text("from torch import nn\nNet = lambda n: nn.Linear(4, n)\n")
    with suppress(SystemExit):
        main(words)
    assert [str(warning.message) for warning in recwarn] == []
