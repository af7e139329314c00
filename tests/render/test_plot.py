"""`trace --plot`: where the cost sits, as bars."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from terminal import on_screen, on_terminal, run

import convshape as cs

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
LENET = str(EXAMPLES[0].parent / "lenet.yaml")
SVG = "{http://www.w3.org/2000/svg}"


def test_bars_have_the_costs_of_each_layer() -> None:
    lines = cs.trace(LENET).plot(width=80).splitlines()
    assert lines[0] == "LeNet  1×3×32×32"
    assert lines[2].split() == ["parameters", "MACs", "activations"]
    by_layer = {line.split()[0]: line.split()[1:] for line in lines[3:]}
    assert [text for text in by_layer["conv1"] if text[0].isdigit()] == ["456", "353k", "18.8"]
    assert [text for text in by_layer["total"] if text[0].isdigit()] == ["62.0k", "652k", "58.4"]
    assert "relu1" in by_layer
    assert "flat" not in by_layer  # a view, which costs nothing
    assert max(map(len, lines)) <= 80


def test_the_longest_bar_is_the_largest_and_each_is_in_proportion() -> None:
    status, shown, _ = run("trace", LENET, "--plot")
    assert status == 0
    macs = dict(re.findall(r"^(conv1|conv2|fc1) .*? [\d.]+k? +([█▏▎▍▌▋▊▉]+) ", shown, re.M))
    assert len(macs["conv1"]) == max(map(len, macs.values()))
    assert abs(len(macs["conv2"]) / len(macs["conv1"]) - 240000 / 352800) < 1 / len(macs["conv1"])


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda path: path.stem)
def test_the_bars_add_up_to_the_totals(file: Path) -> None:
    status, shown, _ = run("trace", str(file), "--plot", "--json")
    answer = json.loads(shown)
    trace = cs.trace(file)
    assert status == 0
    assert answer["total"] == {
        "params": trace.params, "macs": trace.macs, "bytes": trace.activation_bytes()
    }  # fmt: skip
    for name, total in answer["total"].items():
        assert sum(bar[name] for bar in answer["bars"]) == total
    other = [bar for bar in answer["bars"] if not bar["path"]]
    assert all(bar["macs"] == bar["bytes"] == 0 for bar in other)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda path: path.stem)
def test_the_picture_has_the_same_bars(file: Path, tmp_path: Path) -> None:
    output = tmp_path / "costs.svg"
    assert run("trace", str(file), "--plot", "-o", str(output)) == (0, "", "")
    text = output.read_text("utf-8")
    assert text == cs.trace(file).plot("svg")
    root = ElementTree.fromstring(text)
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    bars = json.loads(run("trace", str(file), "--plot", "--json")[1])["bars"]
    rows = [each for each in root.iter(f"{SVG}g") if each.get("class") == "layer"]
    assert [each.get("data-path") for each in rows] == [bar["path"] for bar in bars]
    width, longest = float(root.get("width", "0")), 0.0
    for row, bar in zip(rows, bars, strict=True):
        for name in ("params", "macs", "bytes"):
            assert row.get(f"data-{name}") == str(bar[name])
            drawn = [each for each in row.iter(f"{SVG}rect") if each.get("class") == name]
            assert len(drawn) == (bar[name] > 0)
            longest = max(longest, *(float(each.get("width", "0")) for each in drawn), 0.0)
        for words in row.iter(f"{SVG}text"):
            end = float(words.get("x", "0")) + 7.5 * len(words.text or "")
            assert end <= width + 1
    assert longest == 150


def test_depth_and_dtype_count() -> None:
    trace = cs.trace(EXAMPLES[0].parent / "resnet18.yaml")
    assert len(trace.plot(depth=1).splitlines()) < len(trace.plot().splitlines())
    status, shown, _ = run("trace", LENET, "--plot", "--json", "--dtype", "float16")
    assert status == 0
    assert json.loads(shown)["total"]["bytes"] * 2 == cs.trace(LENET).activation_bytes()


def test_a_network_that_stops_is_plotted_up_to_there(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 3x8x8\nlayers:\n  a: Conv2d(3, 4, 3)\n  b: Conv2d(3, 4, 3)\n")
    status, shown, error = run("trace", str(file), "--plot")
    assert status == 1
    assert error.startswith("error: b: Conv2d(3, 4, 3) expects 3")
    assert "\na " in shown


def test_a_terminal_without_utf_8_has_plain_bars() -> None:
    shown = on_terminal("trace", LENET, "--plot", encoding="ascii")
    assert shown.isascii()
    assert re.search(r"^fc1 +#+ 48.1k", shown, re.M)
    assert "█" in on_screen("trace", LENET, "--plot", columns=60)
    assert max(map(len, on_screen("trace", LENET, "--plot", columns=60).splitlines())) <= 60


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-o", "costs.png"], "pictures are .svg"),
        (["--memory"], "--plot cannot be combined with --memory"),
        (["--weights"], "--plot cannot be combined with --weights"),
        (["--columns", "layer"], "--plot cannot be combined with --columns"),
        (["--format", "csv"], "--plot cannot be combined with --format"),
        (["-e"], "--plot cannot be combined with --explain"),
        (["-o", "/nowhere/costs.svg"], "cannot write /nowhere/costs.svg"),
    ],
)
def test_refusals(options: list[str], words: str) -> None:
    status, shown, error = run("trace", LENET, "--plot", *options)
    assert (status, shown) == (2, "")
    assert words in error


def test_what_costs_nothing_is_no_plot(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 3x8x8\nlayers:\n  a: Flatten()\n")
    status, _, error = run("trace", str(file), "--plot")
    assert status == 2
    assert "there is nothing to plot" in error
    status, _, error = run(
        "trace", str(EXAMPLES[0].parent / "fcn8s.yaml"), "--plot", "--in", "3xHxW"
    )
    assert status == 2
    assert "a plot needs numbers, not symbols" in error
    with pytest.raises(cs.SpecError, match="no plot in 'png'"):
        cs.trace(LENET).plot("png")
