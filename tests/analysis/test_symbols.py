"""Closed forms with numbers equal the trace with these numbers; inputs are found by what fits."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from formats import SCHEMA
from hypothesis import given, settings
from hypothesis import strategies as st
from symbolic_networks import claims, compared, differs, with_symbols_everywhere
from terminal import ROOT, run

import convshape as cs
from convshape.analysis.symbols import closed_forms
from convshape.api import traced
from convshape.readers.network_file.reader import read
from convshape.render.columns import COLUMNS
from convshape.render.view import View
from convshape.run.varying import Varying
from convshape.verify.generators.networks import random_network

FILE = f"{ROOT}/tests/fit_networks.py"


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_random_networks_agree_with_numbers(seed: int) -> None:
    pick = random.Random(seed).choice
    text = random_network(pick)
    for found in compared(text, pick):
        assert not found.wrong, f"{text}\n{found.wrong}"


@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda p: p.stem)
def test_examples_at_three_other_sizes(path: Path) -> None:
    program = with_symbols_everywhere(read(path.read_text(), path.name))
    result = closed_forms(program)
    assert result.error is None
    assert result.record is not None
    trials = Varying(program)
    compared_sizes = 0
    for shift in range(1, 200):
        sizes = {name: value + shift for name, value in result.record.sizes.items()}
        if claims(result, sizes):
            assert not differs(result, trials.run(sizes, plain=True), sizes)
            compared_sizes += 1
        if compared_sizes == 3:
            return
    # Where a Flatten leaves few sizes they are all tried.
    assert any("fc" in c or "=" in c for c in map(str, result.record.conditions))


def test_a_trace_with_symbols_in_all_formats() -> None:
    trace = cs.trace(str(ROOT / "examples" / "lenet.yaml"), input="3xHxW")
    shown = json.loads(trace.to_json())
    jsonschema.validate(shown, SCHEMA)
    by_path = {row["path"]: row for row in shown["rows"]}
    assert by_path["pool2"]["out"] == [[1, 16, "⌊(H − 12)/4⌋", "⌊(W − 12)/4⌋"]]
    assert shown["conditions"][-1] == "16·⌊(H − 12)/4⌋·⌊(W − 12)/4⌋ = 400"
    for kind in ("plain", "csv", "markdown", "html", "svg"):
        assert "H" in trace.to(kind)


def test_parameters_in_symbols_are_written_so_in_every_place(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 3xW\nlayers: [LazyLinear(120)]\n")
    trace = cs.trace(file, input="3xW")
    view = View(trace.analysis)
    assert [COLUMNS["params"].cell(line, view) for line in view.lines()] == ["120·W + 120"]
    assert view.summary().startswith("120·W + 120 parameters")
    assert "120·W + 120 parameters" in repr(trace)
    status, out, _ = run("layer", "LazyLinear(120)", "--in", "3xW", "--explain")
    assert status == 0
    assert "120*W + 120 parameters" in out.replace("·", "*")
    other = tmp_path / "other.yaml"
    other.write_text("input: 3xW\nlayers: [LazyLinear(60)]\n")
    _, out, err = run("diff", str(file), str(other), "--in", "3xW")
    assert err == ""
    assert "120*W + 120" in out.replace("·", "*")
    assert "60*W + 60" in out.replace("·", "*")


def test_a_source_of_another_process_keeps_its_symbols() -> None:
    call = f"{FILE}:LeNet()"
    assert str(cs.trace(call, "1xHxW", isolated=True)) == str(cs.trace(call, "1xHxW"))


def test_a_symbol_in_python() -> None:
    conv = cs.nn.Conv2d(3, 8, 3, stride=2, padding=1)
    trace = cs.trace(conv, (3, cs.Dim("H"), cs.Dim("W")))
    assert [str(getattr(n, "expression", n)) for n in trace.output] == ["1", "8", "⌈H/2⌉", "⌈W/2⌉"]
    with pytest.raises(ValueError, match="a symbol is a word"):
        cs.Dim("3H")


def test_a_symbol_has_one_value() -> None:
    lenet = str(ROOT / "examples" / "lenet.yaml")
    assert cs.trace(lenet, input="3xH=33xH").record.record.sizes == {"H": 33}
    for ask in (cs.trace, cs.fit):
        with pytest.raises(cs.SpecError, match="H has two values: 32 and 33"):
            ask(lenet, input="3xH=32xH=33")


def test_open_sizes_are_answered_in_closed_form_and_number() -> None:
    calls = ("Conv2d(3, 4, 5)", "MaxPool2d(2)", "Flatten()", "Linear({})")
    layers = "\n  - ".join(("input: 3x32x32\nlayers:", *calls))
    answer = "3 is Linear(4·⌊(H − 4)/2⌋·⌊(W − 4)/2⌋, 10), Linear(784, 10) at H = 32, W = 32"
    for left_open in ("?, 10", "None, 10", "out_features=10"):
        program = read(layers.format(left_open), "net.yaml", input="3xH=32xW=32")
        assert traced(program).note == answer
    misfit = traced(read(layers.format("100, 10"), "net.yaml", input="3xH=32xW=32")).error
    assert misfit is not None
    assert misfit.message.endswith("receives 784 (in_features = 4·⌊(H − 4)/2⌋·⌊(W − 4)/2⌋)")
    assert misfit.fix == "Linear(784, 10), or an input of 14..15 × 14..15"


def test_a_lazy_layer_is_run_again_as_it_was() -> None:
    text = "input: 4x8x8\nlayers:\n  a: LazyConv2d(4, 1)\n  b: a(a)"
    program = with_symbols_everywhere(read(text, "net.yaml"))
    for _ in range(3):
        assert closed_forms(program).error is None
        assert Varying(program).run({"H": 5}, plain=True).error is None


def test_what_has_no_closed_form_is_no_constant(tmp_path: Any) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import torch\n"
        "class Net(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        n = int(float(x.shape[-1]) ** 0.5)\n"
        "        return x.new_zeros(1, n)\n"
    )
    trace = cs.trace(f"{file}:Net()", "3xL")
    assert "expression" not in dir(trace.output[0])
    fit = cs.fit(f"{file}:Net()", "3xL", max=64)
    assert all({"L": n} in fit for n in range(1, 65))


@pytest.mark.parametrize(
    ("call", "note"),
    [
        ("LeNet", "input 1×32×32, from conv1 and fc1 (32..35 fit); input to choose"),
        ("ResNet18", "input 3×224×224, from stem.0; input to choose"),
        ("UNet", "input 1×32×32, from inc.0 (multiples of 16 from 16 fit); input to choose"),
        (
            "AlexNet",
            "input 3×224×224, from features.0 and classifier (223..254 fit); input to choose",
        ),
        ("M5", "input 1×16000, from layers.0; input to choose"),
    ],
)
def test_an_input_that_nobody_gave_is_found_by_what_fits(call: str, note: str) -> None:
    trace = cs.trace(f"{FILE}:{call}")
    assert trace.error is None
    assert trace.note == note
    shown = json.loads(trace.to_json())
    jsonschema.validate(shown, SCHEMA)
    assert shown["inferred"]["from"]


def test_where_no_size_fits_the_input_is_that_which_comes_furthest(tmp_path: Any) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "import torch\n"
        "net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, stride=2), torch.nn.Flatten(),\n"
        "                          torch.nn.Linear(800, 30), torch.nn.Linear(31, 10))\n"
    )
    trace = cs.trace(f"{file}:net")
    assert trace.error is not None
    assert (trace.error.path, trace.rows[0].inputs) == ("3", [(1, 3, 22, 22)])
