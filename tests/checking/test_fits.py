"""Sizes that a network is to take: read, and compared with those that it takes one by one."""

from __future__ import annotations

import itertools

import pytest
from terminal import ROOT

import convshape as cs
from convshape.checking.fits import Fits

LENET = str(ROOT / "examples" / "lenet.yaml")


@pytest.mark.parametrize(
    ("text", "name", "sizes"),
    [
        ("H=32..,multiple of 32", "H", [32, 64, 96]),
        ("multiples of 40", "", [40, 80]),
        ("W = 5", "W", [5]),
        ("7..9", "", [7, 8, 9]),
        ("H=98..", "H", [98, 99, 100]),
        ("10..40,multiple of 4,multiple of 6", "", [12, 24, 36]),
    ],
)
def test_sizes_as_people_write_them(text: str, name: str, sizes: list[int]) -> None:
    read = Fits(text)
    assert read.name == name
    assert [n for n in range(101) if read.bits(100) >> n & 1] == sizes


@pytest.mark.parametrize(
    "text", ["", "H", "H=", "h=3", "H=a..b", "H=5,6", "multiple of 0", "H=9..5", "H=-4"]
)
def test_what_means_no_size_is_refused(text: str) -> None:
    with pytest.raises(cs.SpecError, match=r"cannot read the sizes|no size is meant"):
        Fits(text)


@pytest.mark.parametrize("h", ["30..33", "33..34", "16..19", "multiple of 32,1..100"])
@pytest.mark.parametrize("w", ["31..32", "32..35", "112..114"])
def test_all_pairs_of_sizes_are_to_fit(h: str, w: str) -> None:
    errors = cs.check(LENET, fits=[f"H={h}", f"W={w}"])
    pairs = itertools.product(
        *([n for n in range(130) if Fits(t).bits(130) >> n & 1] for t in (h, w))
    )
    refused = [pair for pair in pairs if not cs.trace(LENET, input="3x{}x{}".format(*pair)).ok]
    assert bool(errors) is bool(refused)
    if refused:
        assert "H = {} with W = {}".format(*refused[0]) in errors[0].what


def test_an_axis_that_is_not_named_may_have_any_size() -> None:
    assert not cs.check(LENET, fits="H=112..115")
    assert "H = 116 does not fit" in cs.check(LENET, fits="H=112..116")[0].what
