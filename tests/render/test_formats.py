"""Every format of a trace, read back by a tool of its kind."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from formats import SCHEMA, Cells
from markdown_it import MarkdownIt
from networks import resnet50
from rich.console import Console
from terminal import ROOT, on_screen, run

import convshape as cs
from convshape.cli.output import write_error
from convshape.render.table import rich_table
from convshape.render.view import View
from convshape.shapetorch import dtypes

LENET = ROOT / "examples" / "lenet.yaml"


@pytest.fixture(scope="module")
def lenet() -> Any:
    return cs.trace(LENET)


@pytest.fixture(scope="module")
def resnet() -> Any:
    return cs.trace(resnet50(early=False), (3, 224, 224))


def test_json_is_what_its_schema_says(lenet: Any, resnet: Any) -> None:
    stopped = cs.trace(LENET, input="3x36x36")
    for trace in (lenet, resnet, stopped):
        value = json.loads(trace.to_json())
        jsonschema.validate(value, SCHEMA)
        assert value == trace.to_dict()
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**value, "rows": [{**value["rows"][0], "field": "some"}]}, SCHEMA)
    assert lenet.to_dict()["total"] == {
        "params": 62006,
        "trainable": 62006,
        "macs": 651720,
        "param_bytes": 4 * 62006,
        "activation_bytes": 4
        * (2 * 6 * 28 * 28 + 6 * 14 * 14 + 2 * 1600 + 400 + 2 * 120 + 2 * 84 + 10),
        "field": {"size": [16, 16], "stride": [4, 4], "start": [0, 0]},
    }


def test_csv(lenet: Any, resnet: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(lenet.to_csv())))
    assert rows[0] == {
        "layer": "conv1", "call": "Conv2d(3, 6, 5)", "output": "1x6x28x28", "params": "456",
        "macs": "352800", "field": "5",
    }  # fmt: skip
    rows = list(
        csv.DictReader(io.StringIO(resnet.to_csv(columns=["layer", "params", "macs", "stride"])))
    )
    assert len(rows) == len(resnet.rows) - 1  # all but the root, nothing is folded
    assert sum(int(row["params"] or 0) for row in rows) == resnet.params
    assert sum(int(row["macs"] or 0) for row in rows) == resnet.macs


def test_markdown(resnet: Any) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(resnet.to_markdown(depth=2))
    cells = [t.children for t in tokens if t.type == "inline" and t.level == 4]
    table = ["".join(c.content for c in each if c.content) for each in cells]
    assert table[:6] == ["layer", "call", "output", "params", "macs", "field"]
    assert table[6:12] == [
        "0", "Conv2d(3, 64, 7, stride=2, padding=3, bias=False)", "1×64×112×112", "9,408", "118M",
        "7",
    ]  # fmt: skip
    assert "layer3.1-5 ×5" in table
    assert len(table) % 6 == 0
    assert sum(t.type == "table_open" for t in tokens) == 1


def test_html() -> None:
    class A(cs.nn.Module):
        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return x

    trace = cs.trace(cs.nn.Sequential(A(), cs.nn.Conv2d(3, 6, 5)), (3, 32, 32))
    trace.name = "<script>"
    page = Cells()
    page.feed(trace._repr_html_())
    assert page.open == []
    assert page.rows[0] == ["layer", "call", "output", "params", "macs", "field"]
    assert page.rows[2] == ["1", "Conv2d(3, 6, 5)", "1×6×28×28", "456", "353k", "5"]
    assert page.rows[-1] == ["total", "", "", "456", "353k", "5"]
    assert "<script>" not in trace.to("html")


def test_svg(lenet: Any) -> None:
    picture = ElementTree.fromstring(lenet.to("svg"))
    text = "".join(picture.itertext()).replace("\xa0", " ")
    assert picture.tag.endswith("svg")
    assert "Conv2d(6, 16, 5)" in text


def test_an_error_stays_in_the_picture() -> None:
    stopped = cs.trace(LENET, input="3x36x36").to("svg")
    picture = ElementTree.fromstring(stopped)
    ends = [
        float(each.get("y", 0))
        for each in picture.iter()
        if each.tag.endswith("}text") and (each.text or "").strip()
    ]
    assert max(ends) + 10 < float(picture.get("height", 0))  # the feet of letters too


def test_a_picture_has_a_background_and_nothing_else_but_its_texts(lenet: Any) -> None:
    picture = ElementTree.fromstring(lenet.to("svg"))
    tags = {each.tag.rpartition("}")[2] for each in picture.iter()}
    assert tags == {"svg", "title", "style", "text"}
    right = [
        float(each.get("x", 0)) + float(each.get("textLength", 0))
        for each in picture.iter()
        if each.tag.endswith("}text")
    ]
    assert max(right) <= float(picture.get("width", 0))
    assert "prefers-color-scheme:dark" in lenet.to("svg")


def test_html_is_a_page_around_the_table_of_a_notebook(lenet: Any) -> None:
    page = lenet.to("html")
    assert page.startswith('<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>')
    assert f"<body>\n{lenet._repr_html_()}\n</body>" in page
    assert "<title>LeNet</title>" in page


def test_plain_changes_where_the_layers_change(lenet: Any, resnet: Any) -> None:
    text = resnet.to("plain")
    assert text.isascii()
    assert "layer1.1-2.conv2" not in text  # the parts of folded rows keep a path that exists
    assert "layer1.2.conv2  " in text
    assert lenet.to("plain").splitlines()[-1].split() == ["total", "62006", "651720", "16"]


def test_columns_depth_and_all(resnet: Any) -> None:
    class Net(cs.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = cs.nn.Conv2d(3, 4, 3)

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return (self.conv(x) + 1).flatten(1)

    trace = cs.trace(Net(), (3, 5, 5))
    assert [line.split(",")[0] for line in trace.to_csv(columns=["layer"]).split()] == [
        "layer",
        "conv",
        "flatten",
    ]
    assert trace.to_csv(columns=["layer"], all=True).split() == ["layer", "conv", "add", "flatten"]
    assert (
        trace.to_csv(columns=["layer", "bytes"], dtype=dtypes.float16).splitlines()[1] == "conv,72"
    )
    deep = list(csv.DictReader(io.StringIO(resnet.to_csv(depth=1))))
    assert [row["layer"] for row in deep if row["layer"].startswith("layer")] == [
        f"layer{i}" for i in range(1, 5)
    ]
    assert sum(int(row["params"] or 0) for row in deep) == resnet.params
    with pytest.raises(cs.SpecError) as refusal:
        trace.to_csv(columns=["layr"])
    assert refusal.value.fix == "layer"


def test_a_column_stands_once() -> None:
    shown = on_screen(
        "trace", str(LENET), "--columns", "layer,equation,output", "--explain"
    ).splitlines()
    assert shown[2].split() == ["layer", "equation", "output"]


def test_rows_that_are_alike_stand_in_one_line(resnet: Any) -> None:
    labels = [line.split()[0] for line in resnet.to("plain", columns=["layer"]).splitlines()[3:]]
    assert "layer3.1-5" in labels
    assert "layer3.3" not in labels
    assert "layer3.3" in [
        line.strip() for line in resnet.to("plain", columns=["layer"], all=True).splitlines()
    ]
    chain = cs.trace(cs.nn.Sequential(*(cs.nn.Linear(4, 4) for _ in range(100))), (4,))
    assert "0-99" in chain.to("plain")
    assert chain.macs == 1600


def test_frozen_parameters_are_not_trainable() -> None:
    layer = cs.nn.Linear(4, 4)
    layer.bias.requires_grad = False
    trace = cs.trace(layer, (4,))
    assert (trace.params, trace.trainable) == (20, 16)
    assert "20 parameters (16 trainable)" in trace.to_markdown()


@pytest.mark.parametrize("ending", ["txt", "json", "csv", "md", "html", "svg"])
def test_the_ending_of_a_file_chooses_the_format(ending: str, tmp_path: Any) -> None:
    file = tmp_path / f"lenet.{ending}"
    assert on_screen("trace", str(LENET), "-o", str(file)) == ""
    begin = {
        "txt": "LeNet",
        "json": "{",
        "csv": "layer,",
        "md": "**LeNet**",
        "html": "<!doctype html>",
        "svg": "<svg",
    }
    assert file.read_text(encoding="utf-8").startswith(begin[ending])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("-o lenet.xyz", "unknown output format: lenet.xyz"),
        ("-o nowhere/lenet.md", "cannot write nowhere/lenet.md: no such file or directory"),
        ("--columns layr", "unknown column 'layr'"),
        ("--dtype int8", "'int8' is not a floating-point dtype"),
    ],
)
def test_what_cannot_be_shown_is_said(arguments: str, message: str) -> None:
    assert on_screen("trace", str(LENET), *arguments.split()).startswith(f"error: {message}\n")


def in_console(shown: Any, width: int, color: str | None = None) -> str:
    console = Console(
        width=width,
        file=io.StringIO(),
        force_terminal=bool(color),
        color_system=color,  # type: ignore[arg-type]
    )
    console.print(shown)
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("inputs", "outputs", "text"),
    [(90, 111, "9.99k"), (98, 102, "10.0k"), (100, 9994, "999k"), (500, 1999, "1.00M")],
)
def test_a_large_number_has_three_digits(inputs: int, outputs: int, text: str) -> None:
    trace = cs.trace(cs.nn.Linear(inputs, outputs), (inputs,))
    assert in_console(trace, 120).splitlines()[-1].split(" MACs")[0].split()[-1] == text


def test_the_order_in_which_a_narrow_table_leaves_columns_out(lenet: Any) -> None:
    gone: list[str] = []
    shown = set(in_console(rich_table(View(lenet.analysis, all=True)), 200).splitlines()[2].split())
    for width in range(200, 40, -1):
        left = (
            in_console(rich_table(View(lenet.analysis, all=True), width), 200)
            .splitlines()[2]
            .split()
        )
        gone += shown - set(left)
        shown = set(left)
    order = ["input", "unused", "start", "stride", "params%", "macs%", "bytes", "macs", "field"]
    assert gone == order[: len(gone)]
    assert len(gone) > 5


def test_the_colors_of_a_table(lenet: Any) -> None:
    shown = in_console(lenet, 120, "standard")
    for text, color in (("Conv2d(6, 16, 5)", 36), ("2,416", 32), ("240k", 33), ("14", 35)):
        assert re.search(rf"\x1b\[{color}m *{re.escape(text)}", shown), text


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ("relu().detach()", 24),
        ("relu().contiguous()", 24),  # which is the tensor itself
        ("relu().float()", 24),
        ("relu().to(float32)", 24),
        ("relu().t().contiguous()", 24 + 24),
        ("relu().to(float64)", 24 + 48),
    ],
)
def test_activations_are_tensors_with_memory_of_their_own(calls: str, expected: int) -> None:
    class Net(cs.nn.Module):
        def forward(self, x: Any) -> Any:
            return eval(f"x.{calls}", {"x": x, **vars(dtypes)})

    trace = cs.trace(Net(), cs.Tensor((2, 3)))
    assert trace.to_dict()["total"]["activation_bytes"] == expected


@pytest.mark.parametrize("columns", [80, 120])
def test_a_table_is_as_wide_as_the_terminal_at_most(columns: int, resnet: Any) -> None:
    for trace in (resnet, cs.trace(ROOT / "examples" / "vgg16.yaml")):
        console = Console(width=columns, file=io.StringIO())
        console.print(trace)
        shown = console.file.getvalue().splitlines()
        assert max(map(len, shown)) <= columns
        assert not [line for line in shown if "…" in line]
        text = " ".join(shown)
        assert "BatchNorm2d(1024)" in text or trace is not resnet  # no word is broken
        assert "MACs" in shown[-1]


CONTROLS = "\x1b]0;x\x07\r\x9b2J\u202e"
SHOWN_CONTROLS = r"\x1b]0;x\x07\x0d\u009b2J\u202e"
STEERING = """\
import torch.nn as nn


class Named(nn.Module):
    def __init__(self, inside):
        super().__init__()
        self.inside = inside
        self.add_module({name!r}, nn.Linear(inside, 4))

    def extra_repr(self):
        return {name!r}

    def forward(self, x):
        return self._modules[{name!r}](x)


Named.__name__ = {name!r}
"""


@pytest.mark.parametrize("inside", [3, 5])
@pytest.mark.parametrize("format", ["table", "plain", "csv", "markdown", "html", "svg", "json"])
def test_control_characters_reach_no_reader(
    format: str, inside: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("net.py").write_text(STEERING.format(name=CONTROLS))
    status, out, err = run("trace", f"net.py:Named({inside})", "--in", "3", "--format", format)
    written = out + err
    assert status == (inside != 3)
    assert not set(CONTROLS) - set("]0;x2J") & set(written)
    if format != "json":
        assert SHOWN_CONTROLS in written.replace("\\\\", "\\").replace("\\[", "[").replace(
            "&#x27;", "'"
        )
    else:
        rows = json.loads(out)["rows"]
        assert inside != 3 or rows[-1]["path"] == CONTROLS


def test_control_characters_reach_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(STEERING.format(name=CONTROLS))
    for command in (
        ["trace", "net.py:Named(3)"],
        ["diff", "net.py:Named(3)", "net.py:Named(3)", "--all"],
    ):
        assert not {"\x07", "\x9b", "\u202e"} & set(
            on_screen(*command, "--in", "3", folder=tmp_path)
        )


def test_carets_stay_below_what_they_mark_behind_control_characters(capsys: Any) -> None:
    error = cs.SpecError("no", where="net.yaml:1:3", snippet="a\x1b b\n   ^")
    write_error(error)
    assert capsys.readouterr().err.splitlines()[-2:] == [r" 1 | a\x1b b", r"   |       ^"]
