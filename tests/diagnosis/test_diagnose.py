"""The call that refuses: which one it is, and how it stands in a trace."""

from __future__ import annotations

import csv
import io
import json
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import torch
from formats import SCHEMA, Cells
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from terminal import LENET, on_screen, on_terminal, run

import convshape as cs
from convshape import nn
from convshape.checking.comparison import Comparison

DEEP = """\
name: Deep
input: 3x32x32
blocks:
  Inner(c):
    conv: Conv2d(c, c, 3, padding=1)
    more: Conv2d(2*c, c, 3)
  Outer(c):
    mid: Sequential(Conv2d(c, c, 1), Inner(c), ReLU())
    out: Conv2d(c, c, 1)
layers:
  stem: Conv2d(3, 8, 3)
  body: Outer(8)
  head: Flatten()
"""

SOURCE = """\
import torch
from torch import nn
import torch.nn.functional as F

class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(6, 6, 3)
    def forward(self, x):
        y = F.relu(self.conv(x))
        return %s

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)
        self.inner = Inner()
        self.fc = nn.Linear(10, 10)
    def forward(self, x):
        return self.fc(self.inner(self.conv(x)))
"""


def traced(text: str, folder: Path) -> cs.Trace:
    (folder / "net.yaml").write_text(text, encoding="utf-8")
    return cs.trace(folder / "net.yaml")


def network(layers: str) -> str:
    return f"input: 6x8x8\nlayers:\n  conv: Conv2d(6, 6, 3)\n  {layers}\n"


# Which call it is

chains = st.recursive(
    st.tuples(st.integers(1, 2), st.integers(1, 2)),
    lambda inner: st.lists(inner, min_size=1, max_size=3),
)


def built(chain: Any, words: Any) -> Any:
    if isinstance(chain, tuple):
        return words.Linear(*chain)
    return words.Sequential(*(built(each, words) for each in chain))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chain=chains)
def test_it_is_torchs_and_stands_below_the_modules_that_are_running_in_torch(
    chain: Any, device: str
) -> None:
    theirs = built(chain, torch.nn).to(device)
    called: list[str] = []
    for name, module in theirs.named_modules():
        module.register_forward_pre_hook(lambda module, args, name=name: called.append(name))
    fits = True
    try:
        theirs(torch.zeros(1, 2, device=device))
    except RuntimeError:
        fits = False
    trace = cs.trace(built(chain, nn), (2,))
    assert [row.path for row in trace.begun()] == called
    assert (trace.failed is None) == (trace.error is None) == fits
    if trace.failed:
        assert trace.failed is trace.begun()[-1]
        assert trace.failed not in trace.rows
        assert trace.failed.path == called[-1]


@pytest.mark.parametrize(
    ("layers", "path", "call", "inputs"),
    [
        ("fc: Linear(7, 2)", "fc", "Linear(7, 2)", [(1, 6, 6, 6)]),
        ("sum: conv + input", "sum", "add()", [(1, 6, 6, 6), (1, 6, 8, 8)]),
        ("both: cat([conv, input], dim=1)", "both", "cat(dim=1)", [(1, 6, 6, 6), (1, 6, 8, 8)]),
        ("out: relu(conv.view(1, -1, 7))", "out", "view(1, -1, 7)", [(1, 6, 6, 6)]),
        ("pool: F.max_pool2d(conv, 9)", "pool", "max_pool2d(9)", [(1, 6, 6, 6)]),
        ("cut: conv[:, :, 6]", "cut", "[:, :, 6]", [(1, 6, 6, 6)]),
        (
            "two: cat([Conv2d(6, 2, 1)(conv), Conv2d(5, 2, 1)(conv)])",
            "two.1",
            "Conv2d(5, 2, 1)",
            [(1, 6, 6, 6)],
        ),
        # What a graph does between its calls is shown as it is written.
        ("a, b: conv.chunk(3, dim=1)", "a", "conv.chunk(3, dim=1)", []),
        ("n: conv.shape[4] * 2", "n", "conv.shape[4]", []),
    ],
)
def test_it_may_be_any_call(layers: str, path: str, call: str, inputs: Any, tmp_path: Path) -> None:
    failed = traced(network(layers), tmp_path).failed
    assert failed is not None
    assert (failed.path, failed.layer, failed.inputs, failed.outputs) == (path, call, inputs, None)
    assert failed.where.startswith(f"{tmp_path / 'net.yaml'}:4:")
    assert (failed.macs, failed.field) == (0, None)


@pytest.mark.parametrize("engine", ["shape", "torch"])
@pytest.mark.parametrize(
    ("line", "path", "call", "mark"),
    [
        ("y + x", "inner.add", "add()", "does not fit"),
        ("F.relu(y.view(-1, 7))", "inner.view", "view(-1, 7)", "does not fit"),
        ("torch.cat([x, y], dim=1)", "inner.cat", "cat(dim=1)", "does not fit"),
        ("F.max_pool2d(y, 40)", "inner.max_pool2d", "max_pool2d(40)", "does not fit"),
        ("self.conv(y[:, :3])", "inner.conv", "Conv2d(6, 6, 3)", "does not fit"),
        ("1 / 0", "inner.forward", "return 1 / 0", "stops here"),
        ("y", "fc", "Linear(10, 10)", "does not fit"),
    ],
)
def test_in_source(
    line: str,
    path: str,
    call: str,
    mark: str,
    engine: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(SOURCE % line)
    trace = cs.trace("net.py:Net", (3, 12, 12), engine=engine)
    assert trace.failed is not None
    assert (trace.failed.path, trace.failed.layer) == (path, call)
    assert trace.failed.where == f"net.py:{20 if path == 'fc' else 11}"
    assert last_rows(trace, "plain", columns=["layer", "output"])[-1] == [path, f"! {mark}"]


def test_what_is_not_known_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for line in ("torch.no_such_thing(y)", "y.no_such_thing()", "y if y.sum() > 0 else x"):
        Path("net.py").write_text(SOURCE % line)
        trace = cs.trace("net.py:Net", (3, 12, 12))
        assert last_rows(trace, "plain", columns=["layer", "output"])[-1] == [
            "inner.forward",
            "! unknown",
        ]


class Does(nn.Module):
    def __init__(self, what: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.wrong = nn.Conv2d(4, 4, 3)
        self.layers = nn.ModuleList([nn.Sequential(nn.ReLU())])
        self.what = what

    def forward(self, x: cs.Tensor) -> Any:
        return self.what(self, x)


def tries(net: Does, x: cs.Tensor, then: Any) -> Any:
    for attempt in (lambda: net.wrong(x), lambda: x.view(7), lambda: x.add_(cs.Tensor((7,)))):
        with suppress(ValueError):
            attempt()
    return then(net, x)


def test_what_the_network_catches_is_no_failure() -> None:
    trace = cs.trace(Does(partial(tries, then=lambda net, x: net.conv(x))), (3, 8, 8))
    assert (trace.error, trace.failed) == (None, None)
    assert [row.path for row in trace.begun(all=True)] == ["", "conv"]
    assert trace.rows[1].field == [(3, 1, 0), (3, 1, 0)]
    trace = cs.trace(Does(partial(tries, then=lambda net, x: net.conv(x).view(7))), (3, 8, 8))
    assert [row.path for row in trace.begun(all=True)] == ["", "conv", "view"]

    def raises(net: Does, x: cs.Tensor) -> Any:
        try:
            net.wrong(net.conv(x)[:, :3])
        except ValueError:
            raise cs.ShapeError("is mine") from None

    trace = cs.trace(Does(raises), (3, 8, 8))
    assert [row.path for row in trace.begun()] == ["", "conv", "getitem", "forward"]
    assert trace.failed is not None
    assert trace.failed.layer == "Does.forward"


@pytest.mark.parametrize(
    ("what", "call"),
    [
        (lambda net, x: cs.nn.functional.relu(net.layers), "relu(ModuleList)"),
        (lambda net, x: x.view(10**5000), "view(int)"),
        (lambda net, x: x[10**5000 :], "[int:]"),
    ],
)
def test_whatever_is_refused_is_shown_in_a_line(what: Any, call: str) -> None:
    trace = cs.trace(Does(what), (3, 8, 8))
    assert trace.failed is not None
    assert trace.failed.layer == call


def test_a_network_that_calls_itself_is_shown_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(
        (SOURCE % "y").replace("self.fc(self.inner(self.conv(x)))", "self(x)")
    )
    trace = cs.trace("net.py:Net", (3, 8, 8))
    assert "RecursionError" in str(trace.error)
    assert [row.path for row in trace.begun()] in (["", ""], [""])


# How it stands in a trace


def last_rows(trace: cs.Trace, format: str, **options: Any) -> list[list[str]]:
    """Return the cells of the rows of a table, without heads, totals and what stands below."""
    text = trace.to(format, **options)
    if format == "html":
        page = Cells()
        page.feed(text)
        return [row for row in page.rows[1:] if row[0] != "total"]
    split = {"markdown": " | ", "plain": "  "}[format]
    lines = [line.strip("| ") for line in text.splitlines()[3 if format == "plain" else 4 :]]
    ends = ("total", "error")
    end = next(i for i, line in enumerate(lines) if not line or line.strip("*").startswith(ends))
    return [[cell.strip() for cell in line.split(split) if cell.strip()] for line in lines[:end]]


@pytest.mark.parametrize(
    ("format", "mark"),
    [("html", "✗ does not fit"), ("markdown", "**✗ does not fit**"), ("plain", "! does not fit")],
)
def test_it_is_the_last_row_below_its_modules(format: str, mark: str, tmp_path: Path) -> None:
    code = "`{}`" if format == "markdown" else "{}"
    trace = traced(DEEP, tmp_path)
    rows = last_rows(trace, format, columns=["layer", "call", "output"])
    if format == "html":
        assert [row[0] for row in rows] == ["stem", "body", "mid", "0", "1", "conv", "more"]
    else:
        assert [row[0] for row in rows] == [
            "stem", "body", "body.mid", "body.mid.0", "body.mid.1", "body.mid.1.conv",
            "body.mid.1.more",
        ]  # fmt: skip
    assert [cell for cell in rows[1] if cell][1:] == [code.format("Outer")]  # no output
    assert rows[-1][1:] == [code.format("Conv2d(16, 8, 3)"), mark]
    shallow = last_rows(trace, format, columns=["layer", "output"], depth=1)
    assert [row[0].rpartition(".")[2] for row in shallow] == ["stem", "body", "mid", "1", "more"]
    assert shallow[-1][1] == mark


def test_in_colors_and_on_any_terminal(tmp_path: Path) -> None:
    trace = traced(DEEP, tmp_path)
    assert trace._repr_html_().count('style="color:#e03030">') == 2  # its row, and the word
    assert "✗ does not fit" in trace.to("svg")
    for width in (80, 120):
        lines = on_screen("trace", "net.yaml", columns=width, folder=tmp_path).splitlines()
        assert lines[10].split() == [
            "more",
            "Conv2d(16,",
            "8,",
            "3)",
            "✗",
            "does",
            "not",
            "fit",
            "1,160",
        ]
        assert lines[10].index("more") == 1 + 3 * 2
        assert max(map(len, lines[:10])) <= width
    assert "! does not fit" in on_terminal("trace", "net.yaml", encoding="ascii", folder=tmp_path)


def test_scripts_have_the_rows_that_fit_and_the_one_that_does_not_apart(tmp_path: Path) -> None:
    trace = traced(DEEP, tmp_path)
    rows = list(csv.DictReader(io.StringIO(trace.to_csv())))
    assert [row["layer"] for row in rows] == ["stem", "body.mid.0", "body.mid.1.conv"]
    value = json.loads(trace.to_json())
    jsonschema.validate(value, SCHEMA)
    assert [row["path"] for row in value["rows"]] == ["stem", "body.mid.0", "body.mid.1.conv"]
    assert value["error"]["row"] == {
        "path": "body.mid.1.more", "kind": "module", "layer": "Conv2d(16, 8, 3)",
        "in": [[1, 8, 30, 30]], "out": [], "params": 1160, "macs": 0, "field": None,
        "where": f"{tmp_path / 'net.yaml'}:12:9",
    }  # fmt: skip
    status, out, _ = run("trace", "nowhere.yaml", "--json")
    assert (status, json.loads(out)["error"]["row"]) == (2, None)


def test_repeats_do_not_fold_it(tmp_path: Path) -> None:
    blocks = (
        "input: 2x20x20\nblocks:\n  B(c):\n    conv: Conv2d(c, c, 3, padding=1)\n"
        "    relu: ReLU()\nlayers:\n"
    )
    trace = traced(blocks + "  a: Sequential(9 * B(2), B(3), 9 * B(2))\n", tmp_path)
    assert [row[0] for row in last_rows(trace, "plain", columns=["layer", "params"])] == [
        "a", "a.0-8", "a.8.conv", "a.8.relu", "a.9", "a.9.conv",
    ]  # fmt: skip
    chain = traced(
        "input: 4\nlayers: [" + "'Linear(4, 4)', " * 9 + "'Linear(5, 4)', 'Linear(4, 4)']", tmp_path
    )
    assert [row[0] for row in last_rows(chain, "plain", columns=["layer", "params"])] == [
        "0-8",
        "9",
    ]


def test_a_network_of_which_nothing_fits_is_shown(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text("input: 5\nlayers:\n  a: Linear(4, 4)\n  b: ReLU()\n")
    status, out, _ = run("trace", str(tmp_path / "net.yaml"))
    assert status == 1
    assert out.splitlines()[3].split() == ["a", "Linear(4,", "4)", "!", "does", "not", "fit", "20"]
    alone = cs.trace(nn.Linear(4, 4), (5,))
    assert last_rows(alone, "plain", columns=["call", "output", "layer"]) == [
        ["Linear(4, 4)", "! does not fit"]
    ]


@pytest.mark.parametrize(
    ("layer", "equation"),
    [
        ("Conv2d(6, 6, 3)", "floor((2 + 2*0 - 1*(3 - 1) - 1) / 1) + 1 = 0"),
        ("MaxPool2d((2, 4))", "W: floor((2 + 2*0 - 1*(4 - 1) - 1) / 4) + 1 = 0"),
        ("ConvTranspose2d(6, 6, 1, padding=1)", "(2 - 1)*1 - 2*1 + 1*(1 - 1) + 0 + 1 = 0"),
        ("Conv2d(7, 6, 1)", ""),  # it is the channels that do not fit
        ("MaxPool2d(2, stride=0)", ""),
        ("Conv1d(6, 6, 9)", ""),
    ],
)
def test_an_equation_is_shown_where_it_tells_why(layer: str, equation: str, tmp_path: Path) -> None:
    trace = traced(f"input: 6x2x2\nlayers: ['ReLU()', '{layer}']", tmp_path)
    (row,) = [
        line
        for line in trace.to("plain", columns=["output", "equation"]).splitlines()
        if "!" in line
    ]
    assert row == f"! does not fit  {equation}".rstrip()


def test_numbers_below_it_are_those_so_far() -> None:
    trace = cs.trace(LENET, input="3x36x36")
    text = trace.to_markdown()
    assert "62,006 parameters 248 kB · so far: activations 76.0 kB · 806k MACs" in text
    assert "so far" not in cs.trace(LENET).to_markdown()
    assert sum(row.macs for row in trace if not row.is_container) == trace.macs == 806400


def test_two_that_stop_side_by_side(tmp_path: Path) -> None:
    deep = traced(DEEP, tmp_path)
    mended = traced(DEEP.replace("2*c", "c"), tmp_path)
    pairs = {pair.path: pair for pair in Comparison(deep, mended).pairs}
    assert pairs["body.mid.1.more"].changed == ["layer", "out", "params", "macs"]
    assert pairs["body"].changed == ["out", "params", "macs"]
    assert pairs["body.mid.1.conv"].change == "same"
    assert pairs["head"].change == "added"
    assert [pair.change for pair in Comparison(deep, deep).pairs] == ["same"] * 8
    assert not Comparison(deep, deep).alike
    (tmp_path / "deep.yaml").write_text(DEEP)
    for columns in (80, 120):
        shown = on_screen("diff", "deep.yaml", "net.yaml", columns=columns, folder=tmp_path)
        (row,) = [line for line in shown.splitlines() if line.split()[1:2] == ["body.mid.1.more"]]
        assert row.split()[0] == "~"
        assert "✗ does not fit" in shown
