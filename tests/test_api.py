"""What Python users call: `check`, `diff`, and what a trace answers."""

from __future__ import annotations

import re
from pathlib import Path

import pandas
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from terminal import LENET, run

import convshape as cs
from convshape.api import trace_expression


@pytest.mark.parametrize(
    ("text", "inputs", "output"),
    [
        ("torch.cat([a, b], 1)", ["a=3x4x4", "b=5x4x4"], (1, 8, 4, 4)),
        ("torch.cat([input, b], 1)", ["3x4x4", "b=5x4x4"], (1, 8, 4, 4)),
        ("x.view(-1, 200)", ["16x5x5"], (2, 200)),
        ("F.embedding(x, w)", ["4", "w=@10x20"], (1, 4, 20)),
        ("F.pad(x, (n, n))", ["3x4", "n=int(2)"], (1, 3, 8)),
        ("a + mask if flag else a", ["a=3x4", "mask=1x4", "flag=False"], (1, 3, 4)),
        ("Bilinear(4, 5, 6)", ["4", "5"], (1, 6)),
    ],
)
def test_an_expression_has_the_inputs_that_it_names(
    text: str, inputs: list[str], output: tuple[int, ...]
) -> None:
    trace = trace_expression(text, *inputs)
    assert (trace.error, trace.output) == (None, output)


_NAMED = 'names for the inputs: input=["a=3x4", "b=3x5"]'


@pytest.mark.parametrize(
    ("text", "inputs", "message", "fix"),
    [
        ("a @ b", ["3x4", "3x5"], "unknown layer, function or name 'a'", _NAMED),
        ("relu(input)", ["3x4", "3x5"], "takes one input, got 2", _NAMED),
        ("a @ b", ["a=3x4"], "unknown layer, function or name 'b'", ""),
        ("a @ a", ["a=3x4", "a=3"], "the input 'a' is given twice", ""),
        ("self", ["self=3x4"], "an input cannot be called 'self'", "another name"),
    ],
)
def test_an_expression_refuses_inputs_without_its_names(
    text: str, inputs: list[str], message: str, fix: str
) -> None:
    with pytest.raises(cs.SpecError, match=message) as refusal:
        trace_expression(text, *inputs)
    assert refusal.value.fix == fix


def test_an_expression_that_does_not_fit_says_what_all_its_inputs_are() -> None:
    error = trace_expression("a @ b", "a=3x4", "b=3x5").error
    assert error is not None
    assert "matmul cannot multiply 1×3×4 and 1×3×5" in str(error)
    assert error.why == "the inputs, with their batch axes, are 1×3×4, 1×3×5"


def test_a_trace_says_what_came_out() -> None:
    trace = cs.trace(LENET)
    assert trace.ok
    assert trace.raise_for_error() is trace
    assert trace.output == (1, 10)
    assert len(trace) == len(trace.rows) == 13
    assert trace["fc1"].layer == "Linear(400, 120)"
    assert trace["relu1"].outputs == [(1, 6, 28, 28)]
    assert trace[1] is trace.rows[1]


def test_no_input_of_its_own_leaves_a_file_the_one_that_it_has() -> None:
    assert cs.trace("examples/lenet.yaml", input=None).rows[0].inputs == [(1, 3, 32, 32)]


def test_a_trace_that_stops_has_no_output() -> None:
    trace = cs.trace(LENET, input="3x36x36")
    assert not trace.ok
    assert trace.output is None
    assert trace["fc1"].outputs is None
    with pytest.raises(cs.ShapeError, match="expects 400 features"):
        trace.raise_for_error()


def test_a_path_that_is_not_there() -> None:
    with pytest.raises(KeyError, match=re.escape("'fc9'; did you mean 'fc")):
        cs.trace(LENET)["fc9"]


def test_several_outputs() -> None:
    class Two(cs.nn.Module):
        def forward(self, x: cs.Tensor) -> tuple[cs.Tensor, cs.Tensor]:
            return x, x[:, :1]

    assert cs.trace(Two(), (3, 8)).output == [(1, 3, 8), (1, 1, 8)]


def test_rows_for_pandas() -> None:
    frame = cs.trace(LENET).to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert frame.params.sum() == 2 * 62_006  # of the network, and of its layers


def test_check() -> None:
    assert cs.check(LENET, expect=["out=10", "fc1.in=400"], max_params="62006") == []
    wrong = cs.check(LENET, expect="fc1.in=300", max_params=10_000)
    assert [str(error) for error in wrong] == [
        "expected fc1.in=300, but it is 1×400",
        "expected at most 10,000 params, but it has 62,006",
    ]
    (stopped,) = cs.check(LENET, input="3x36x36")
    assert isinstance(stopped, cs.ShapeError)
    (missing,) = cs.check("nowhere.yaml")
    assert isinstance(missing, cs.SpecError)
    with pytest.raises(cs.SpecError, match="cannot read the expectation"):
        cs.check(LENET, expect="out")


def test_explain_explains_terms_and_errors_as_the_command_does() -> None:
    for text in ("padding", "what is a receptive field?"):
        answer = cs.explain(text)
        assert isinstance(answer, cs.Term)
        assert f"{answer}\n" == run("explain", text)[1]
    assert repr(cs.explain("macs")).startswith("<macs: Multiply-accumulates")
    assert isinstance(
        cs.explain("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"), cs.Explanation
    )
    with pytest.raises(cs.SpecError, match="does not recognize"):
        cs.explain("paddding")


def test_sizes_that_fit_can_be_read() -> None:
    found = cs.fit(LENET)
    assert f"{found}\n" == run("fit", LENET)[1]
    assert repr(found).startswith("<Fit H 16..19 with W 112..115; H 32..35 with W 32..35;")
    assert "<tr><td>32..35</td><td>32..35</td></tr>" in found._repr_html_()
    document = run("fit", LENET, "-f", "md")[1]
    assert document.startswith("| H | W |\n| --- | --- |\n| 16..19 | 112..115 |\n")
    assert "\n- H 16 with W 112\n" in document
    assert "16..19 & 112..115 \\\\" in run("fit", LENET, "-f", "latex")[1]


def test_no_size_that_fits_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "none.yaml"
    file.write_text("input: 1x8x8\nlayers:\n  - Flatten()\n  - Linear(3, 2)\n  - Linear(4, 1)\n")
    found = cs.fit(str(file))
    assert repr(found).startswith("<Fit no size")
    assert "no size" in found._repr_html_()
    assert run("fit", str(file), "-f", "md")[1].startswith("no size")


def test_diff() -> None:
    assert cs.diff(LENET, cs.trace(LENET)).alike
    assert not cs.diff(cs.nn.Conv2d(3, 6, 5), cs.nn.Conv2d(3, 8, 5), (3, 32, 32)).alike


def test_sizes_of_several_axes() -> None:
    assert cs.conv_size((32, 48), kernel_size=(3, 5), stride=2) == (15, 22)
    assert cs.pool_size((28, 30), 2) == (14, 15)
    assert cs.deconv_size(7, kernel=4, stride=2, padding=1) == 14
    with pytest.raises(cs.ShapeError, match="the arguments have 2 and 3 axes"):
        cs.conv_size((1, 2), (3, 3, 3))


@given(st.integers(1, 30), st.integers(1, 7), st.sampled_from(("same", "valid")), st.integers(1, 2))
@pytest.mark.filterwarnings("ignore:Using padding")
def test_padding_by_name(size: int, kernel: int, padding: str, stride: int) -> None:
    ours: object
    try:
        layer = torch.nn.Conv1d(1, 1, kernel, stride, padding)
        theirs: object = layer(torch.zeros(1, 1, size)).shape[-1]
    except (RuntimeError, ValueError):
        theirs = None
    try:
        ours = cs.conv_size(size, kernel, stride, padding)
    except cs.ShapeError:
        ours = None
    assert ours == theirs
