"""`convshape diff`: which rows belong together, what differs, and how that looks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal import LENET, ROOT, on_screen, on_terminal, run

import convshape as cs
from convshape import nn
from convshape.checking.comparison import Comparison, at_depth


@pytest.fixture
def changed(tmp_path: Path) -> str:
    text = Path(LENET).read_text(encoding="utf-8")
    for old, new in (
        ("Conv2d(3, 6, 5)", "Conv2d(3, 8, 5)"),
        ("Conv2d(6, 16, 5)", "Conv2d(8, 16, 5)"),
        ("  relu3: ReLU()\n", ""),
        ("  fc3: Linear(84, 10)", "  drop: Dropout()\n  fc3: Linear(84, 12)"),
    ):
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "changed.yaml"
    file.write_text(text)
    return str(file)


def test_what_is_alike_is_silent() -> None:
    assert run("diff", LENET, LENET) == (0, "", "")
    assert run("diff", LENET, "-", input=Path(LENET).read_text()) == (0, "", "")


def test_a_terminal(changed: str) -> None:
    for columns in (80, 120):
        shown = on_screen("diff", LENET, changed, columns=columns)
        assert max(map(len, shown.splitlines())) <= columns
        for part in (
            "~   conv1",
            "-   relu3",
            "+   drop",
            "Conv2d(3, 8, 5)",
            "1×12",
            "62,006",
            "63,128",
        ):
            assert part in shown
        assert ("MaxPool2d" in shown) is (
            columns == 120
        )  # a call that is the same costs a column of its own
    assert "|~ | conv1 |" in on_terminal("diff", LENET, changed, encoding="ascii")
    lines = [line.split() for line in on_screen("diff", LENET, changed).splitlines()]
    assert ["~", "relu1", "1×6×28×28", "0", "1×8×28×28", "0"] in lines  # side by side


def test_what_is_far_from_a_change_is_folded(tmp_path: Path) -> None:
    layers = [f"  l{i}: ReLU()" for i in range(20)]
    a, b = tmp_path / "a.yaml", tmp_path / "b.yaml"
    a.write_text("\n".join(["input: 8", "layers:", *layers]))
    layers[10] = "  l10: Tanh()"
    b.write_text("\n".join(["input: 8", "layers:", *layers]))
    status, out, _ = run("diff", str(a), str(b))
    rows = [line.split()[:3] for line in out.splitlines()[3:-2]]
    assert status == 1
    assert [" ".join(row) for row in rows] == [
        "⋮ 9 unchanged", "l9 ReLU() 1×8", "~ l10 ReLU()", "l11 ReLU() 1×8", "⋮ 8 unchanged",
    ]  # fmt: skip
    assert run("diff", str(a), str(b), "--all")[1].count("ReLU()") == 39


def test_depth_keeps_what_is_changed_below() -> None:
    files = [str(ROOT / "examples" / f"{name}.yaml") for name in ("resnet18", "resnet50")]
    status, out, _ = run("diff", *files, "--depth", "1")
    assert status == 1
    assert "~   layer1  " in out
    assert "layer1.0" not in out
    assert "layer1.0 " in run("diff", *files, "--depth", "2")[1]


def test_a_change_deep_inside_marks_the_module_above() -> None:
    class Net(nn.Module):
        def __init__(self, dilation: int) -> None:
            super().__init__()
            self.inner = nn.Sequential(nn.Conv2d(1, 1, 1, dilation=dilation))

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            return self.inner(x)

    pairs = Comparison(*(cs.trace(Net(d), (1, 8, 8)) for d in (1, 2))).pairs
    assert [(p.path, p.change) for p in pairs][1:] == [("inner", "same"), ("inner.0", "changed")]
    assert [(p.path, p.change) for p in at_depth(pairs, 1)][1:] == [("inner", "changed")]
    assert at_depth(pairs, 2) == pairs


def test_markdown_to_a_file(changed: str, tmp_path: Path) -> None:
    file = tmp_path / "diff.md"
    assert run("diff", LENET, changed, "-o", str(file))[:2] == (1, "")
    lines = file.read_text("utf-8").splitlines()
    assert lines[1] == "| --- | --- | --- | --- | --: | --- | --- | --: |"
    assert len({line.replace("\\|", "").count("|") for line in lines}) == 1
    a, b = "`Conv2d(3, 6, 5)` | 1×6×28×28 | 456", "`Conv2d(3, 8, 5)` | 1×8×28×28 | 608"
    assert f"| \\~ | conv1 | {a} | {b} |" in lines
    assert cs.diff(LENET, changed).to_markdown().splitlines()[2:] == lines[2:]
    status, _, err = run("diff", LENET, changed, "-o", "diff.pdf")
    assert status == 2
    assert "fix: .txt, .json, .md, .tex, or --format" in err


@pytest.mark.parametrize("columns", [50, 60, 80, 100, 120])
def test_no_number_is_broken(columns: int, changed: str) -> None:
    shown = on_screen("diff", LENET, changed, columns=columns)
    for number in ("1×16×10×10", "1×6×28×28", "1×120"):
        assert number in shown


def test_json(changed: str) -> None:
    status, out, err = run("diff", LENET, changed, "--json")
    answer = json.loads(out)
    assert (status, err) == (1, "")
    assert list(answer) == ["schema", "alike", "a", "b", "rows", "error"]
    assert (answer["a"]["total"]["params"], answer["b"]["total"]["params"]) == (62006, 63128)
    rows = {row["path"]: row for row in answer["rows"]}
    assert {path: row["change"] for path, row in rows.items() if row["change"] != "same"} == {
        "": "changed", "conv1": "changed", "relu1": "changed", "pool1": "changed",
        "conv2": "changed", "relu3": "removed", "drop": "added", "fc3": "changed",
    }  # fmt: skip
    assert rows["conv1"]["changed"] == ["layer", "out", "params", "macs"]
    assert rows["relu1"]["changed"] == ["in", "out"]
    assert rows["drop"]["a"] is None
    assert json.loads(run("diff", LENET, LENET, "--json")[1])["alike"] is True


def test_options_hold_for_both(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 3x8x8\nvars: {width: 4}\nlayers:\n  conv: Conv2d(3, width, 3)\n")
    other = tmp_path / "other.yaml"
    other.write_text(file.read_text().replace("width: 4", "width: 5"))
    assert run("diff", str(file), str(other))[0] == 1
    assert run("diff", str(file), str(other), "--set", "width=6") == (0, "", "")
    assert "9×4×9×9" in run("diff", str(file), LENET, "--in", "3x11x11", "--batch", "9")[1]


def test_what_cannot_be_read_or_does_not_fit() -> None:
    for words in (
        ("-", "-"),
        (LENET, "none.yaml"),
        (LENET,),
        (LENET, LENET, "--in", "x"),
        (LENET, LENET, "--set", "a=1"),
    ):
        status, out, _ = run("diff", *words, input="")
        assert (status, out) == (2, "")
    status, out, err = run("diff", LENET, LENET, "--in", "3x36x36")
    assert status == 1  # alike in that neither fits
    assert err.count("error: fc1") == 2
    assert json.loads(run("diff", LENET, "none.yaml", "--json")[1])["error"]["message"].startswith(
        "file not found"
    )


@given(st.data())
def test_every_row_stands_once_in_the_order_of_its_trace(data: st.DataObject) -> None:
    class Calls(nn.Module):
        def __init__(self, order: list[str]) -> None:
            super().__init__()
            self.order = order
            self.a, self.b, self.c = nn.ReLU(), nn.Tanh(), nn.Sigmoid()

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            for name in self.order:
                x = getattr(self, name)(x)
            return x

    orders = [data.draw(st.lists(st.sampled_from("abc"), max_size=8)) for _ in range(2)]
    traces = [cs.trace(Calls(order), (4,)) for order in orders]
    found = Comparison(*traces)
    assert [pair.a for pair in found.pairs if pair.a] == traces[0].analysis.run.begun()
    assert [pair.b for pair in found.pairs if pair.b] == traces[1].analysis.run.begun()
    assert all(pair.a.path == pair.b.path for pair in found.pairs if pair.a and pair.b)
    assert found.alike == (orders[0] == orders[1])


def test_a_layer_that_is_called_often_costs_little() -> None:
    class Often(nn.Module):
        def __init__(self, times: int) -> None:
            super().__init__()
            self.cell = nn.ReLU()
            self.times = times

        def forward(self, x: cs.Tensor) -> cs.Tensor:
            for _ in range(self.times):
                x = self.cell(x)
            return x

    found = Comparison(cs.trace(Often(5000), (4,)), cs.trace(Often(5001), (4,)))
    assert [pair.change for pair in found.pairs].count("added") == 1
