"""``convshape solve``: one layer backwards, at a terminal, piped and in JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from typing import Any

import pytest
from terminal import ROOT, on_screen, run

PAGE = (ROOT / "docs" / "backwards.md").read_text(encoding="utf-8")


def answer(line: str) -> tuple[int, dict[str, Any]]:
    status, out, _ = run("solve", *line.split(), "--json")
    return status, json.loads(out)


def test_json_has_an_object_for_each_solution() -> None:
    status, shown = answer("conv --in 224 --out 112 --k 3,5")
    assert status == 0
    assert shown == {
        "schema": 1,
        "command": "solve conv",
        "solutions": [
            {
                "in": [224],
                "out": [112],
                "kernel_size": [kernel],
                "stride": [2],
                "padding": [kernel // 2],
                "dilation": [1],
            }
            for kernel in (3, 5)
        ],
        "count": 2,
    }


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("deconv --in 7 --out 14 --k 3", "output_padding", [1]),
        ("deconv --in 7 --out 15 --k 3 --s 2", "output_padding", [0]),
        ("pool --in 27 --out 14 --k 2 --s 2 --p 0", "ceil_mode", True),
        ("pool --in 28 --out 14", "ceil_mode", False),
        ("conv --in 224 --out 112 -k 7 -s 2 -p 0..9", "padding", [3]),
        ("conv --in 56 --out same --kernel-size 5 --dilation 2", "padding", [4]),
        ("conv --in 32x48 --out 16x24", "kernel_size", [3, 3]),
        ("conv --in 32x48 --out half --stride 2", "out", [16, 24]),
        ("conv --out half --k 3", "in", ["n"]),
        ("deconv --out x2 --k 4", "out", ["2n"]),
    ],
)
def test_the_first_solution(line: str, field: str, value: object) -> None:
    status, shown = answer(line)
    assert (status, shown["solutions"][0][field]) == (0, value)


def test_ten_are_shown_and_the_rest_on_demand() -> None:
    status, out, err = run("solve", "conv", "--in", "224", "--out", "112")
    assert (status, err) == (0, "")
    assert len(out.splitlines()) == 15  # title and heading above, the rest below
    assert out.endswith("\n1 more: --all\n")
    assert len(run("solve", "conv", "--in", "224", "--out", "112", "--all")[1].splitlines()) == 14


def test_the_kinds_are_completed() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "convshape"],
        env=os.environ
        | {
            "_CONVSHAPE_COMPLETE": "complete_bash",
            "COMP_WORDS": "convshape solve ",
            "COMP_CWORD": "2",
        },
        capture_output=True,
        text=True,
    )
    assert shown.stdout.split() == ["conv", "pool", "deconv"]


def test_the_equation_of_the_first_is_shown_on_a_terminal() -> None:
    shown = on_screen("solve", "conv", "--out", "112", "--k", "7", "--s", "2", "--p", "3")
    assert "223..224            7       2        3         1" in shown
    assert "⌊(223 + 2·3 − 1·(7 − 1) − 1) / 2⌋ + 1 = 112" in shown


def test_where_nothing_fits_the_nearest_is_shown() -> None:
    status, out, err = run("solve", "conv", "--in", "32", "--out", "50")
    assert (status, out) == (1, "")
    assert "the nearest is 32 → 42 with kernel_size=1, stride=1, padding=5" in err
    status, shown = answer("conv --in 32 --out 50")
    assert (status, shown["solutions"], shown["count"]) == (1, [], 0)
    assert shown["nearest"]["out"] == [42]
    assert shown["error"]["message"].startswith("no convolution takes 32 to 50")


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("conv --out half --s 3", "--stride 2"),
        ("conv --in 224 --out 100", "--kernel-size 27"),
        ("conv --out x2", "solve deconv"),
        ("conv --in 32x48 --out 16x12", "--per-axis: each axis has solutions of its own"),
        ("conv --in 1000000 --out 3 --s 2", "--out 499995"),
        ("conv --in 9 --out 7 --s 2 --k 3 --p 0", "--stride 1"),  # not another layer
        ("conv --in 160 --out 10 --k 1 --s 1 --p 0", "--stride 16"),
        ("conv --in 100 --out 37 --k 3 --s 1 --p 0", "--kernel-size 64"),
    ],
)
def test_a_fix_has_been_tried(line: str, fix: str) -> None:
    status, shown = answer(line)
    assert (status, shown["error"]["fix"]) == (1, fix)
    words = fix.partition(":")[0].split()
    if words[0] == "solve":
        assert run("solve", words[1], *line.split()[1:])[0] == 0
    else:
        kept = [
            word
            for name, value in zip(line.split()[1::2], line.split()[2::2], strict=True)
            if (name, words[0]) not in (("--out", "--out"), ("--s", "--stride"))
            for word in (name, value)
        ]
        assert run("solve", "conv", *kept, *words)[0] == 0


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("conv --in 3x224x224 --out 112", "--in 224x224: leave the channels out"),
        ("conv --in 1x224x48 --out 112x112x24", "--in 224x48: leave the channels out"),
        ("conv --in 2x224x224 --out 112", "--out 1x112x112"),
        ("conv --in 9 --out 2x2x9 --k 1 --s 1 --p 0", "--out 9"),
        ("pool --in 5x5 --out 3x2 --k 2 --s 2 --p 0", "--out 3"),  # ceil_mode is one for all axes
        ("conv --in 170 --out 10 --k 1 --s 1 --p 0", "--out 170"),
        ("conv --in 100 --out 36 --k 3 --s 1 --p 0", "--out 98"),
    ],
)
def test_what_helps(line: str, fix: str) -> None:
    status, shown = answer(line)
    assert (status, shown["error"]["fix"]) == (1, fix)


@pytest.mark.parametrize(
    "line",
    [
        "conv --out 1 --k 1..1000000000",
        "conv --in 1..100000000 --out 1..10000000 --k 1..100000000",
        "pool --in 1..1000000000 --out half --per-axis --k 1..1000000x1..1000000",
        "deconv --in 1000000000000 --out 1..1000000000000000 --s 1..1000000000 --p 0..1000000000",
        "conv --in 1000000 --out 7 --k 1..1000000 --s 1..1000000 --d 1..1000000",
    ],
)
def test_nothing_hangs(line: str) -> None:
    start = time.process_time()
    status, shown = answer(line)
    assert time.process_time() - start < 20  # seconds, on a machine that is slow and busy
    assert status in (0, 1)
    assert "searched completely" in shown["note"]


@pytest.mark.parametrize(
    ("line", "searched"),
    [
        ("conv --out 1 --k 1..1000000000", "kernels up to 637 were"),
        ("conv --in 100000 --out 7 --k 2..5 --s 1..100000 --p 0", "no kernel was"),
    ],
)
def test_how_far_a_search_came_is_said(line: str, searched: str) -> None:
    _, shown = answer(line)
    assert f"{searched} searched completely" in shown["note"]


def test_the_defaults_of_the_page() -> None:
    from convshape.solving.bounds import DEFAULTS

    for name, bounds in DEFAULTS.items():
        assert re.search(rf"`--{name.replace('_', '-')}`.*\| `{re.escape(bounds)}`", PAGE)
