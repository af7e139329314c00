"""What solving one layer answers, in words: what was asked, the equation, why nothing fits."""

from __future__ import annotations

from typing import Any

import pytest

from convshape.solving.layer import solve

THREE: dict[str, Any] = {"kernel_size": 3}


@pytest.mark.parametrize(
    ("kind", "in_", "out", "arguments", "title"),
    [
        ("conv", 224, 112, {}, "224 → 112: 11 solutions"),
        ("conv", (32, 48), (16, 24), THREE, "32×48 → 16×24: 1 solution"),
        ("conv", (32, "48,49"), (16, 24), THREE, "32×48,49 → 16×24: 1 solution"),
        ("conv", 32, 100, {}, "32 → 100: 0 solutions"),
        (
            "conv", None, 112, {"kernel_size": 7, "stride": 2, "padding": 3},
            "? → 112: 2 solutions",
        ),
        # a ratio of sizes that are given
        ("conv", 224, "half", THREE, "224 → 112: 1 solution"),
        ("conv", 225, "half", THREE, "225 → 112,113: 2 solutions"),
        ("conv", "220..230", "half", THREE, "220..230 → (220..230)/2: 16 solutions"),
        ("conv", (32, 48), "half", THREE, "32×48 → 16×24: 1 solution"),
        # and of every size
        ("conv", None, "same", {}, "n → n, for every n: 6 solutions"),
        ("conv", None, "half", {}, "n → n/2, for every even n: 11 solutions"),
        ("pool", None, "/5", {"kernel_size": 5}, "n → n/5, for every multiple n of 5: 4 solutions"),
        ("deconv", None, "x2", {"kernel_size": 4}, "n → 2n, for every n: 1 solution"),
    ],
)  # fmt: skip
def test_titles(kind: str, in_: Any, out: Any, arguments: Any, title: str) -> None:
    solved = solve(kind, in_, out, arguments)
    assert solved.complete
    assert solved.title == title


def test_the_title_says_what_is_not_listed_and_not_searched() -> None:
    both = solve("conv", (40, 40), "1..30", {}, per_axis=True)
    assert both.title == "40 → 1..30: 17,689 solutions, 10,000 listed"
    searched_in_part = solve("conv", 224, 112, {})._replace(complete=False)
    assert searched_in_part.title == "224 → 112: at least 11 solutions"


@pytest.mark.parametrize(
    ("in_", "out", "ins", "outs"),
    [
        (224, 112, False, False),
        (None, 112, True, False),
        ("224,225", 112, True, False),
        (224, "112,113", False, True),
        ((224, "224,225"), 112, True, False),
        ((224, 224), (112, "111,112"), False, True),
        (224, "half", False, False),
        (225, "half", False, True),
        ("224,225", "same", True, True),
        (None, "half", False, False),  # these are n and n/2
    ],
)
def test_which_sizes_are_left_open(in_: Any, out: Any, ins: bool, outs: bool) -> None:
    assert solve("conv", in_, out, THREE).open_sizes == (ins, outs)


@pytest.mark.parametrize(
    ("kind", "in_", "out", "arguments", "equations"),
    [
        ("conv", 224, 112, {}, ["⌊(224 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 112"]),
        ("conv", 225, "half", THREE, ["⌊(225 + 2·0 − 1·(3 − 1) − 1) / 2⌋ + 1 = 112"]),
        (
            "conv", (32, 48), (16, 24), THREE,
            [
                "H: ⌊(32 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 16",
                "W: ⌊(48 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 24",
            ],
        ),
        ("conv", None, "half", {}, ["n = 32: ⌊(32 + 2·1 − 1·(3 − 1) − 1) / 2⌋ + 1 = 16"]),
        ("conv", None, "same", THREE, ["n = 32: ⌊(32 + 2·1 − 1·(3 − 1) − 1) / 1⌋ + 1 = 32"]),
        # 35 is the first multiple of 5 from 32 on
        (
            "pool", None, "/5", {"kernel_size": 5},
            ["n = 35: ⌊(35 + 2·0 − 1·(5 − 1) − 1) / 5⌋ + 1 = 7"],
        ),
    ],
)  # fmt: skip
def test_the_equation_of_the_first_solution(
    kind: str, in_: Any, out: Any, arguments: Any, equations: list[str]
) -> None:
    assert solve(kind, in_, out, arguments).equations() == equations


@pytest.mark.parametrize(
    ("kind", "in_", "out", "arguments", "message", "why"),
    [
        (
            "conv", (32, 48), (16, 12), {},
            'no convolution takes 32×48 to 16×12 with kernel_size="1..11" stride="1,2,4" '
            'padding="0..5" dilation=1',
            "the nearest is 32×48 → 8×12 with kernel_size=7, stride=4, padding=3, dilation=1",
        ),
        (
            "conv", None, "half", {"stride": 3},
            'no convolution takes n to n/2, for every even n, with kernel_size="1..11" stride=3 '
            'padding="0..5" dilation=1',
            "",
        ),
        (
            "pool", 32, 100, {},
            'no pooling takes 32 to 100 with kernel_size="1..11" stride="1,2,4" or the kernel\'s '
            'size, padding="0..5" dilation=1',
            "the nearest is 32 → 33 with kernel_size=2, stride=1, padding=1, dilation=1, "
            "ceil_mode=False",
        ),
    ],
)  # fmt: skip
def test_why_nothing_fits(
    kind: str, in_: Any, out: Any, arguments: Any, message: str, why: str
) -> None:
    error = solve(kind, in_, out, arguments).error
    assert (error.message, error.why) == (message, why)
