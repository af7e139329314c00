"""Markdown and LaTeX: equations, tables, and texts that have the marks of either."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal import LENET, run

import convshape as cs
from convshape.render.markup import latex_math, latex_text, markdown_code, markdown_text


@pytest.mark.parametrize(
    ("command", "latex"),
    [
        ("conv 32 5", r"\frac{32 + 2 \cdot 0 - 1 \cdot (5 - 1) - 1}{1} \right\rfloor + 1 = 28"),
        ("pool 7 2 --ceil", r"\left\lceil \frac{7 + 2 \cdot 0 - 1 \cdot (2 - 1) - 1}{2}"),
        ("deconv 7 4 --s 2 --p 1", r"(7 - 1) \cdot 2 - 2 \cdot 1 + 1 \cdot (4 - 1) + 0 + 1 = 14"),
        ("conv H 3 --s 2 --p 1", r"\left\lfloor \frac{H + 2 \cdot 1 - 1 \cdot (3 - 1) - 1}{2}"),
        ("conv 32x48 3", r"H_{\text{out}} = \left\lfloor"),
        ("conv 32 5 --p same", r"32 \quad\text{(padding='same' adds 2 before and 2 after"),
    ],
)  # fmt: skip
def test_an_equation(command: str, latex: str) -> None:
    status, out, _ = run(*command.split(), "-f", "latex")
    assert status == 0
    assert out.startswith("\\[ ")
    assert latex in out
    assert run(*command.split(), "-f", "md")[1] == out.replace("\\[", "$$").replace("\\]", "$$")


def test_a_table_in_latex() -> None:
    lines = cs.trace(LENET).to("latex").splitlines()
    assert lines[5:8] == [
        "\\toprule",
        "layer & call & output & params & macs & field \\\\",
        "\\midrule",
    ]
    output = "1$\\times$6$\\times$28$\\times$28"
    assert f"conv1 & \\texttt{{Conv2d(3, 6, 5)}} & {output} & 456 & 353k & 5 \\\\" in lines
    assert "total &  &  & 62,006 & 652k & 16 \\\\" in lines
    assert {line.count("&") for line in lines if line.endswith("\\\\")} == {5}
    assert "params\\% & macs\\%" in cs.trace(LENET).to("latex", columns=["params%", "macs%"])


def test_a_failure_is_in_comments() -> None:
    text = cs.trace(LENET, input="3x36x36").to("latex")
    after = text.partition("\\end{table}\n")[2].splitlines()
    assert any("expects 400 features" in line for line in after)
    assert all(line.startswith("%") for line in after)


@given(st.text())
def test_texts_have_no_marks_of_latex_or_markdown(text: str) -> None:
    latex = latex_text(text)
    assert re.search(r"(?<!\\)[#%&_]", latex) is None
    assert latex.count("$") % 2 == 0 or "\\$" in latex
    assert "\n" not in latex
    assert re.search(r"(?<!\\)[|*_`<>]", markdown_text(text).replace("\\\\", "")) is None
    assert "|" not in markdown_code(text).replace("\\|", "")


@given(st.text("⌊⌋⌈⌉()/0123456789HW +−·", max_size=40))
def test_braces_of_an_equation_match(text: str) -> None:
    math = latex_math(text)
    assert math.count("{") == math.count("}")


@pytest.mark.parametrize("format", ["md", "latex"])
@pytest.mark.parametrize(
    "words", ["solve conv 224 112", "layers pool", "layers Conv2d", f"trace {LENET}"]
)
def test_every_table_has_both(words: str, format: str) -> None:
    status, out, _ = run(*words.split(), "-f", format)
    assert status == 0
    assert ("\\" in out) if format == "latex" else ("|" in out or "$$" in out)
