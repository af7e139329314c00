"""`convshape draw FILE`: networks as figures, as programs and people see them."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest
import yaml
from figures import SVG, labels_overlap, named, words
from hypothesis import given, settings
from hypothesis import strategies as st
from terminal import LENET, ROOT, run

import convshape as cs
from convshape.api import traced
from convshape.pictures import network_picture
from convshape.readers.network_file.reader import read
from convshape.render.picture.figure_style import COLORS
from convshape.render.picture.layered import Layout
from convshape.render.picture.network import KINDS, Figure
from convshape.render.picture.svg import shortened_call
from convshape.run.program import Program
from convshape.verify.generators.networks import random_network

EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.yaml"))
RESNET = str(ROOT / "examples" / "resnet18.yaml")
needs_typst = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("typst", "PIL"))), reason="needs convshape[png]"
)


def drawn(folder: Path, *arguments: str, status: int = 0) -> ElementTree.Element:
    file = folder / "net.svg"
    code, out, err = run("draw", *arguments, "-o", str(file))
    assert (code, out) == (status, ""), err
    return ElementTree.parse(file).getroot()


def layers(picture: ElementTree.Element) -> dict[str, str]:
    return {each.get("data-path", ""): each.get("data-out", "") for each in named(picture, "layer")}


def boxes(picture: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """Return the boxes of a graph: left, top, right, bottom."""
    result = []
    for layer in named(picture, "layer"):
        (face,) = named(layer, "face")
        x, y, wide, high = (float(face.get(name, "")) for name in ("x", "y", "width", "height"))
        result.append((x, y, x + wide, y + high))
    return result


def test_lenet_layer_by_layer(tmp_path: Path) -> None:
    picture = drawn(tmp_path, LENET)
    assert layers(picture) == {
        "conv1": "1×6×28×28",
        "relu1": "1×6×28×28",
        "pool1": "1×6×14×14",
        "conv2": "1×16×10×10",
        "relu2": "1×16×10×10",
        "pool2": "1×16×5×5",
        "flat": "1×400",
        "fc1": "1×120",
        "relu3": "1×120",
        "fc2": "1×84",
        "relu4": "1×84",
        "fc3": "1×10",
    }
    shown = words(picture)
    assert {"1×3×32×32", "1×6×28×28", "conv1 – relu1", "convolution", "pooling"} <= set(shown)


@pytest.mark.parametrize("style", ["blocks", "graph"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_drawn_without_overlaps(name: str, style: str) -> None:
    trace = cs.trace(ROOT / "examples" / f"{name}.yaml")
    text = network_picture(trace, "svg", style)
    picture = ElementTree.fromstring(text)
    assert not labels_overlap(picture)
    paths = {row.path for row in trace.calls()}
    for path, out in layers(picture).items():
        if "-" not in path:
            assert path in paths
            assert out in {
                ", ".join("×".join(map(str, size)) for size in row.outputs or ())
                for row in trace.calls()
                if row.path == path
            }
    if style == "graph":
        for (a, b, c, d), (e, f, g, h) in combinations(boxes(picture), 2):
            assert a >= g or e >= c or b >= h or f >= d


def test_blocks_for_a_chain_and_a_graph_where_it_branches(tmp_path: Path) -> None:
    assert not named(drawn(tmp_path, LENET), "out")
    assert named(drawn(tmp_path, RESNET), "out")
    assert named(drawn(tmp_path, LENET, "--style", "graph"), "out")
    assert not named(drawn(tmp_path, RESNET, "--style", "blocks"), "out")


def test_a_pooling_does_not_share_the_box_of_convolutions(tmp_path: Path) -> None:
    shown = words(drawn(tmp_path, str(ROOT / "examples" / "vgg16.yaml")))
    assert {"pool4", "conv5_1 – relu5_3"} <= set(shown)


def test_a_long_call_loses_whole_arguments(tmp_path: Path) -> None:
    shown = words(drawn(tmp_path, RESNET))
    assert "Conv2d(64, 64, 3, padding=1, bias=False)" in shown
    assert "Conv2d(64, 128, 3, stride=2, padding=1, …)" in shown


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("Conv2d(3, 64, 7)", "Conv2d(3, 64, 7)"),
        ("Conv2d(3, 64, (3, 5), bias=False)", "Conv2d(3, 64, …)"),
        ("attention(mask=None_at_all, p=0.0)", "attention(…)"),
        ("[:, :, 100:200, 100:200]", "[:, :, 100:200, 100:…"),
    ],
)
def test_calls_are_cut_after_a_whole_argument(call: str, words: str) -> None:
    assert shortened_call(call, 21) == words


def test_kinds_differ_in_grey() -> None:
    def lightness(color: str) -> float:  # as ITU-R BT.601 weighs red, green and blue
        red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    dashed_or_thick = ("shape", "module")
    greys = sorted(lightness(COLORS[kind][0]) for kind in KINDS if kind not in dashed_or_thick)
    assert all(after - before > 10 for before, after in pairwise(greys))


@pytest.mark.parametrize("name", ["resnet18", "unet", "googlenet"])
def test_long_rows_are_broken_and_arcs_name_their_other_end(name: str, tmp_path: Path) -> None:
    picture = drawn(tmp_path, str(ROOT / "examples" / f"{name}.yaml"), "--style", "blocks")
    width = float(picture.get("viewBox", "").split()[2])
    shown = words(picture)
    leaving = [each for each in shown if each.startswith("to ")]
    entering = [each for each in shown if each.startswith("from ")]
    assert 900 < width < 1500
    assert len(leaving) == len(entering) > 0


def test_a_skip_is_an_arrow_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "skip.yaml"
    file.write_text(
        "input: 4x8x8\nlayers:\n  a: Conv2d(4, 4, 3, padding=1)\n  b: Conv2d(4, 4, 3, padding=1)\n"
        "  sum: a + b\n  c: Conv2d(4, 2, 1)\n"
    )
    dot = tmp_path / "skip.dot"
    assert run("draw", str(file), "-o", str(dot))[0] == 0
    arrows = re.findall(r"(\w+) -> (\w+) \[label=\"(.*)\"\]", dot.read_text(encoding="utf-8"))
    assert arrows == [
        ("in1", "n0", "1×4×8×8"),
        ("n0", "n1", "1×4×8×8"),
        ("n0", "n2", "1×4×8×8"),
        ("n1", "n2", "1×4×8×8"),
        ("n2", "n3", "1×4×8×8"),
        ("n3", "out1", "1×2×8×8"),
    ]
    mermaid = tmp_path / "skip.mmd"
    assert run("draw", str(file), "-o", str(mermaid))[0] == 0
    text = mermaid.read_text(encoding="utf-8")
    assert 'n0 -->|"1×4×8×8"| n2' in text
    assert 'n2["sum<br/>add()"]:::join' in text


def test_repeats_are_drawn_once(tmp_path: Path) -> None:
    picture = drawn(tmp_path, str(ROOT / "examples" / "vit.yaml"))
    assert "encoder.layers.0-11 ×12" in words(picture)
    attention = [path for path in layers(picture) if "self_attention" in path]
    assert attention == ["encoder.layers.11.self_attention"]


def test_a_depth_makes_boxes_of_modules(tmp_path: Path) -> None:
    picture = drawn(tmp_path, RESNET, "--depth", "1")
    assert "module" in words(picture)
    assert list(layers(picture)) == [
        "conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool",
        "flat", "fc",
    ]  # fmt: skip


@pytest.mark.parametrize("style", ["blocks", "graph"])
def test_a_network_that_stops_is_drawn_up_to_there(style: str, tmp_path: Path) -> None:
    file = tmp_path / "net.svg"
    code, out, err = run("draw", LENET, "--in", "3x36x36", "--style", style, "-o", str(file))
    assert (code, out) == (1, "")
    assert "expects 400 features" in err
    picture = ElementTree.parse(file).getroot()
    assert list(layers(picture))[-1] == "fc1"
    assert layers(picture)["fc1"] == "✗ does not fit"
    (failed,) = named(picture, "failed")
    assert failed
    assert "it stops here" in words(picture)
    assert not labels_overlap(picture)


def test_code_of_a_module_that_stops_between_its_calls(tmp_path: Path) -> None:
    source = tmp_path / "net.py"
    source.write_text(
        "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.a = nn.Conv2d(3, 4, 3)\n\n"
        "    def forward(self, x):\n"
        "        x = self.a(x)\n        n, c = x.shape\n        return x\n"
    )
    file = tmp_path / "net.svg"
    assert run("draw", f"{source}:Net", "--in", "3x8x8", "-o", str(file))[0] != 0
    picture = ElementTree.parse(file).getroot()
    assert next(iter(layers(picture).items())) == ("a", "1×4×6×6")
    assert len(named(picture, "failed")) == 1


def test_sources_and_printed_models_are_drawn(tmp_path: Path) -> None:
    source = tmp_path / "net.py"
    source.write_text(
        "import torch.nn as nn\n\n\nclass Net(nn.Module):\n    def __init__(self, c=4):\n"
        "        super().__init__()\n        self.a = nn.Conv2d(3, c, 3)\n\n"
        "    def forward(self, x):\n"
        "        return self.a(x).relu() + 1\n"
    )
    assert layers(drawn(tmp_path, f"{source}:Net(c=5)", "--in", "3x8x8")) == {"a": "1×5×6×6"}
    printed = tmp_path / "printed.txt"
    printed.write_text("Sequential(\n  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n)\n")
    assert layers(drawn(tmp_path, str(printed), "--in", "3x8x8")) == {"0": "1×8×6×6"}


def test_names_that_are_no_markup(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text('name: "a < b & \\"c\\""\ninput: 3x8x8\nlayers:\n  a: Conv2d(3, 4, 3)\n')
    picture = drawn(tmp_path, str(file))
    assert picture.find(f"{SVG}title").text == 'a < b & "c"'  # type: ignore[union-attr]
    for suffix in ("dot", "mmd"):
        assert run("draw", str(file), "-o", str(tmp_path / f"net.{suffix}"))[0] == 0
    assert 'digraph "a < b & \\"c\\""' in (tmp_path / "net.dot").read_text(encoding="utf-8")


def test_long_names_do_not_overlap(tmp_path: Path) -> None:
    names = [f"{'a_very_long_name_of_a_layer_' * 4}{i}" for i in range(4)]
    calls = ["Conv2d(3, 4, 3, padding=1)", "MaxPool2d(2)", "ReLU()", "Conv2d(4, 4, 3, padding=1)"]
    body = "".join(f"  {name}: {call}\n" for name, call in zip(names, calls, strict=True))
    file = tmp_path / "net.yaml"
    file.write_text(f"input: 3x8x8\nlayers:\n{body}")
    for style in ("blocks", "graph"):
        picture = drawn(tmp_path, str(file), "--style", style)
        assert not labels_overlap(picture)
        assert list(layers(picture)) == names


def test_the_same_network_is_the_same_file_in_any_process() -> None:
    program = (
        "import convshape as cs; from convshape.pictures import network_picture as draw;"
        f"print(hash(draw(cs.trace({RESNET!r}), 'svg').encode()) and draw(cs.trace({RESNET!r}), "
        f"'svg'))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": str(ROOT / "src"),
                "PYTHONIOENCODING": "utf-8",
            },
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize(
    ("arguments", "message", "fix"),
    [
        ([LENET], "drawn to a file", "-o lenet.svg"),
        ([LENET, "-o", "net.gif"], "cannot draw net.gif", "-o net.svg"),
        ([LENET, "-o", "no/such/net.svg"], "cannot write", "-o"),
        ([LENET, "--k", "3", "-o", "net.svg"], "takes no --kernel-size", "draw conv"),
        ([LENET, "--step", "3", "-o", "net.svg"], "takes no --step", "draw conv"),
        ([LENET, "--animate", "-o", "net.svg"], "takes no --animate", "draw conv"),
        ([LENET, "--style", "graph", "-o", "net.dot"], "--style is not for .dot", "-o net.svg"),
        (["conv", "--in", "5", "--k", "3", "--depth", "1"], "takes no --depth", "draw net.yaml"),
        (["nothing.yaml", "-o", "net.svg"], "file not found", ""),
    ],
)
def test_what_is_wrong_is_said_with_its_fix(arguments: list[str], message: str, fix: str) -> None:
    code, out, err = run("draw", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert fix in err


def test_the_file_that_is_drawn_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "net.svg"
    text = "name: N\ninput: 3x8x8\nlayers:\n  a: ReLU()\n"
    file.write_text(text)
    code, _, err = run("draw", str(file), "-o", str(file))
    assert (code, file.read_text()) == (2, text)
    assert "not overwritten" in err


@pytest.mark.parametrize(
    "name",
    ["a\nconfig: {securityLevel: loose}", "a # b", "[a](b): c", "`a`", "<b>", "\x1b[2J", '"'],
)
def test_a_title_of_mermaid_is_text_whatever_it_is(name: str, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(
        json.dumps({"name": name, "input": "3x8x8", "layers": ["ReLU()"]})
    )
    code, _, _ = run("draw", str(tmp_path / "net.yaml"), "-o", str(tmp_path / "net.mmd"))
    _, front, _ = (tmp_path / "net.mmd").read_text().split("---\n", 2)
    shown = name.replace("\x1b", r"\x1b").replace("\n", r"\n")
    assert (code, yaml.safe_load(front)) == (0, {"title": shown})


def test_a_trace_draws_itself() -> None:
    trace = cs.trace(LENET)
    assert trace.draw() == network_picture(trace, "svg", "blocks")
    assert trace.draw("mmd").startswith('---\ntitle: "LeNet"\n---\n')
    assert 'class="out' in trace.draw(style="graph", depth=1)
    with pytest.raises(cs.SpecError, match="no picture 'jpg'"):
        trace.draw("jpg")
    with pytest.raises(cs.SpecError, match="no style 'cubes'"):
        trace.draw(style="cubes")


def test_as_json(tmp_path: Path) -> None:
    file = str(tmp_path / "net.svg")
    code, out, err = run("draw", LENET, "-o", file, "--json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer["file"] == file
    assert [each["path"] for each in answer["layers"]][:3] == ["conv1", "relu1", "pool1"]
    assert answer["edges"][0] == [-1, 0, [1, 3, 32, 32]]
    assert answer["results"] == [[11, [1, 10]]]
    code, out, err = run("draw", LENET, "--in", "3x36x36", "-o", file, "--json")
    assert (code, err) == (1, "")
    assert "expects 400 features" in json.loads(out)["error"]["message"]


@pytest.mark.skipif(shutil.which("xmllint") is None, reason="needs xmllint")
@pytest.mark.parametrize("style", ["blocks", "graph"])
def test_xmllint_accepts_a_figure(style: str, tmp_path: Path) -> None:
    drawn(tmp_path, RESNET, "--style", style)
    result = subprocess.run(["xmllint", "--noout", tmp_path / "net.svg"], capture_output=True)
    assert (result.returncode, result.stderr) == (0, b"")


@needs_typst
@pytest.mark.parametrize(("suffix", "magic"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_figures_for_paper(suffix: str, magic: bytes, tmp_path: Path) -> None:
    file = tmp_path / f"net.{suffix}"
    assert run("draw", LENET, "-o", str(file)) == (0, "", "")
    assert file.read_bytes().startswith(magic)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[tuple[float, float]], list[tuple[int, int]]]:
    count = draw(st.integers(1, 12))
    sizes = [
        (draw(st.integers(1, 200)) * 1.0, draw(st.integers(1, 60)) * 1.0) for _ in range(count)
    ]
    pairs = [(a, b) for a, b in combinations(range(count), 2) if draw(st.integers(0, 3)) == 0]
    return sizes, pairs


@settings(max_examples=60)
@given(graphs())
def test_boxes_of_any_graph_stand_apart_below_what_feeds_them(
    graph: tuple[list[tuple[float, float]], list[tuple[int, int]]],
) -> None:
    sizes, edges = graph
    layout = Layout(sizes, edges, {}, 40)
    for source, target in edges:
        bottom = layout.centers[source][1] + sizes[source][1]
        assert layout.centers[target][1] >= bottom + 40 - 1e-6
    for a, b in combinations(range(len(sizes)), 2):
        (ax, ay), (bx, by) = layout.centers[a], layout.centers[b]
        beside = abs(ax - bx) >= (sizes[a][0] + sizes[b][0]) / 2 - 0.2
        assert beside or ay + sizes[a][1] <= by or by + sizes[b][1] <= ay
    for route, (source, target) in zip(layout.routes, edges, strict=True):
        assert route[0][0] == layout.centers[source][0]
        assert route[-1] == layout.centers[target]
        assert all(one[1] <= other[1] for one, other in pairwise(route))


LISTED = """\
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, padding=1)

    def forward(self, x):
        return self.conv(x) + x


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        self.blocks = nn.ModuleList([Block(8) for _ in range(4)])
        self.last = nn.Conv2d(8, 2, 1)

    def forward(self, x):
        x = self.relu(x)
        kept = []
        for block in self.blocks:
            x = block(x)
            kept.append(x)
        return {"out": self.last(x + kept[0]), "kept": kept}
"""


def test_a_list_of_modules_that_are_alike(tmp_path: Path) -> None:
    source, file = tmp_path / "net.py", tmp_path / "net.dot"
    source.write_text(LISTED)
    assert run("draw", f"{source}:Net", "--in", "8x4x4", "-o", str(file))[0] == 0
    text = file.read_text(encoding="utf-8")
    labels = dict(re.findall(r"(n\d+) \[label=\"(\w+)\\n", text))
    arrows = re.findall(r"(\w+) -> (\w+)", text)
    assert list(labels.values()) == ["relu", "conv", "add", "add", "last"]
    assert 'label="blocks.0-3 ×4"' in text
    assert arrows == [
        ("in1", "n0"), ("n0", "n1"), ("n1", "n2"), ("n0", "n2"), ("n2", "n3"), ("n3", "n4"),
        ("n4", "out1"), ("n2", "out2"),
    ]  # fmt: skip


def test_modules_that_only_pass_on(tmp_path: Path) -> None:
    source = tmp_path / "net.py"
    source.write_text(
        "import torch\n\n\nclass Net(torch.nn.Module):\n    def forward(self, x):\n"
        "        return x\n"
    )
    picture = drawn(tmp_path, f"{source}:Net", "--in", "8x4x4")
    assert layers(picture) == {"": "1×8×4×4"}
    assert "Net" in words(picture)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_any_network_is_drawn_with_each_of_its_layers(random: Random) -> None:
    text = random_network(random.choice)
    try:
        network = read(text, "net.yaml")
    except cs.SpecError:
        return
    except cs.ShapeError:
        return
    trace = traced(Program(network.module, network.inputs))
    if not trace.begun():
        return
    figure = Figure(trace.analysis)
    drawn = {layer.path for layer in figure.layers}
    inside = [repeat.label for repeat in figure._repeats]
    for row in trace.rows:
        has_rows = any(other.path.startswith(f"{row.path}.") for other in trace.rows)
        if row.path and not row.is_container and not has_rows and not inside:
            assert row.path in drawn
    for edge in figure.edges:
        assert -len(figure.inputs) <= edge.source < edge.target < len(figure.layers)
    for style in ("blocks", "graph"):
        picture = ElementTree.fromstring(trace.draw(style=style))
        assert len(named(picture, "layer")) == len(figure.layers)
        assert not labels_overlap(picture)
