"""Errors name options as the command line does, or as Python does."""

from __future__ import annotations

import pytest
from terminal import LENET, run

import convshape as cs
from convshape.option_names import in_python


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("--in 3x32x32", 'input="3x32x32"'),
        ("add --in 3x32x32, or --batch 4", 'add input="3x32x32", or batch=4'),
        ("--in a=3x4x8 --in b=...", 'input=["a=3x4x8", "b=..."]'),
        ("a list: --in '[3x8x8, 4]'", 'a list: input="[3x8x8, 4]"'),
        ("--in to choose", "input to choose"),
        ("--set width=32", 'constants={"width": "32"}'),
        ("--allow-run lets it", 'allow=["run"] lets it'),
        ("--engine torch runs it", 'engine="torch" runs it'),
        ("trace --columns layer,field", 'trace columns=["layer", "field"]'),
        ("--padding 3 is over --kernel-size 4,", "padding=3 is over kernel_size=4,"),
        ("or --no-input", "or no_input=True"),
        ("convshape layer 'ReLU()' --in 3x8x8", 'cs.trace(cs.nn.ReLU(), input="3x8x8")'),
        ("run convshape trace net.yaml --in 3", "run convshape trace net.yaml --in 3"),
        ("a - b -- c", "a - b -- c"),
        ("--width is not known; --fix", "--width is not known; --fix"),  # of the user's own
    ],
)  # fmt: skip
def test_an_option(text: str, python: str) -> None:
    assert in_python(text) == python


def test_the_same_error_from_both_sides() -> None:
    with pytest.raises(cs.SpecError) as caught:
        cs.trace(LENET, constants={"width": 32})
    assert "--" not in str(caught.value)
    assert caught.value.what.startswith("constants width")
    assert "error: --set width" in run("trace", LENET, "--set", "width=32")[2]
    with pytest.raises(cs.SpecError) as caught:
        cs.trace(cs.nn.ReLU())
    assert caught.value.fix == 'input="3x32x32"'


def test_solving_has_names_of_its_own() -> None:
    with pytest.raises(cs.SpecError) as caught:
        cs.solve_conv("H", 3)  # type: ignore[arg-type]
    assert "in_=" in str(caught.value)
    assert "--" not in str(caught.value)
