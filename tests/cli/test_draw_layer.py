"""`convshape draw conv`, `pool` and `deconv`: the pictures as programs and people see them."""

from __future__ import annotations

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from math import prod
from pathlib import Path
from xml.etree import ElementTree

import pytest
from figures import labels_overlap, named, words
from terminal import ROOT, on_terminal, pseudo_terminal, run

needs_typst = pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("typst", "PIL"))), reason="needs convshape[png]"
)
#: The cases of Dumoulin and Visin's guide: what comes out, how many cells of padding, how many
#: zeros.
CASES = {
    "no padding, no strides": ("conv --in 4x4 --k 3", 2, 0, 0),
    "arbitrary padding": ("conv --in 5x5 --k 4 --p 2", 6, 81 - 25, 0),
    "half padding": ("conv --in 5x5 --k 3 --p 1", 5, 49 - 25, 0),
    "full padding": ("conv --in 5x5 --k 3 --p 2", 7, 81 - 25, 0),
    "strides": ("conv --in 5x5 --k 3 --s 2", 2, 0, 0),
    "padding, strides": ("conv --in 5x5 --k 3 --s 2 --p 1", 3, 49 - 25, 0),
    "padding, strides, odd": ("conv --in 6x6 --k 3 --s 2 --p 1", 3, 64 - 36, 0),
    "dilation": ("conv --in 7x7 --k 3 --d 2", 3, 0, 0),
    "transposed": ("deconv --in 2x2 --k 3", 4, 36 - 4, 0),
    "transposed, arbitrary padding": ("deconv --in 6x6 --k 4 --p 2", 5, 64 - 36, 0),
    "transposed, half padding": ("deconv --in 5x5 --k 3 --p 1", 5, 49 - 25, 0),
    "transposed, full padding": ("deconv --in 7x7 --k 3 --p 2", 5, 0, 0),
    "transposed, strides": ("deconv --in 2x2 --k 3 --s 2", 5, 49 - 9, 9 - 4),
    "transposed, padding, strides": ("deconv --in 3x3 --k 3 --s 2 --p 1", 5, 49 - 25, 25 - 9),
    "transposed, odd": ("deconv --in 3x3 --k 3 --s 2 --p 1 --op 1", 6, 64 - 25, 25 - 9),
}


def drawn(folder: Path, arguments: str) -> ElementTree.Element:
    file = folder / "layer.svg"
    assert run("draw", *arguments.split(), "-o", str(file)) == (0, "", "")
    return ElementTree.parse(file).getroot()


@pytest.mark.parametrize("case", CASES)
def test_the_cases_of_the_guide(case: str, tmp_path: Path) -> None:
    arguments, out, padding, zeros = CASES[case]
    size = int(re.search(r"--in (\d+)", arguments)[1])  # type: ignore[index]
    picture = drawn(tmp_path, arguments)
    assert len(named(picture, "window")) == len(named(picture, "output")) == out * out
    assert len(named(picture, "input")) + len(named(picture, "unused")) == size * size
    assert (len(named(picture, "padding")), len(named(picture, "inserted"))) == (padding, zeros)
    assert not labels_overlap(picture)


@pytest.mark.parametrize(
    ("arguments", "out"),
    [
        ("conv --in 8 --k 3 --s 2", (3, 3)),
        ("conv --1d --in 8 --k 3 --s 2", (3,)),
        ("conv --in 7x9 --k 3x2 --s 2x3 --d 2", (2, 3)),
        ("pool --in 5x6 --k 2 --ceil", (3, 3)),
        ("pool --in 5x5 --k 2 --p 1 --ceil", (3, 3)),
        ("deconv --1d --in 3 --k 4 --s 3 --op 2", (12,)),
        ("deconv --1d --in 3 --k 1 --p 1", (1,)),
        ("conv --1d --in 1 --k 1", (1,)),
    ],
)
def test_each_cell_and_each_window_stands_in_its_place(
    arguments: str, out: tuple[int, ...], tmp_path: Path
) -> None:
    picture = drawn(tmp_path, arguments)
    windows = named(picture, "window")
    assert len(windows) == prod(out) == len(named(picture, "output"))
    cells = {
        each.get("data-at"): each
        for kind in ("input", "padding", "inserted", "unused")
        for each in named(picture, kind)
    }
    outputs = {each.get("data-at"): each for each in named(picture, "output")}
    for window in windows:  # its shape begins at its cell, its mark lies on what comes out
        shape, _, mark = window
        at = cells.get(window.get("data-at"))
        if at is not None:
            assert (float(shape.get("x", "")) + 1) == float(at.get("x", ""))
            assert (float(shape.get("y", "")) + 1) == float(at.get("y", ""))
        result = outputs[window.get("data-out")]
        assert float(mark.get("x", "")) + 1 == float(result.get("x", ""))
    columns = {at.split(",")[-1]: each.get("x") for at, each in cells.items() if at}
    assert len(set(columns.values())) == len(columns)
    assert len({(each.get("x"), each.get("y")) for each in cells.values()}) == len(cells)
    assert not labels_overlap(picture)


def test_the_elements_that_no_window_reaches(tmp_path: Path) -> None:
    picture = drawn(tmp_path, "conv --1d --in 8 --k 2 --s 3")
    assert [each.get("data-at") for each in named(picture, "unused")] == ["2", "5"]


def test_the_window_that_is_dropped_is_drawn_apart(tmp_path: Path) -> None:
    picture = drawn(tmp_path, "pool --in 5x6 --k 2 --p 1 --ceil")
    assert len(named(picture, "dropped")) == 1  # in the rows alone
    assert any("dropped" in each for each in words(picture))


def test_a_picture_is_one_file_that_moves_without_a_script(tmp_path: Path) -> None:
    drawn(tmp_path, "conv --in 5x5 --k 3")
    text = (tmp_path / "layer.svg").read_text(encoding="utf-8")
    assert "<title" in text
    assert "<desc" in text
    assert "prefers-reduced-motion" in text
    assert "prefers-color-scheme" in text
    assert "infinite" in text
    assert "<script" not in text
    assert not re.findall(r"(?:href|src)=\"(?!#)|url\(|@import", text)
    assert "5 + 2·0 − 1·(3 − 1) − 1" in text
    drawn(tmp_path, "conv --in 5x5 --k 3")
    assert (tmp_path / "layer.svg").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "message", "fix", "status"),
    [
        ("conv --in 224x224 --k 7 --s 2 --p 3", "65,444 cells", "--in 50x50", 2),
        ("conv --in 9999999 --k 3", "more than 4,000", "--in 45x45", 2),
        ("conv --1d --in 9999999 --k 3", "more than 4,000", "--in 2001", 2),
        ("conv --1d --in 5x5 --k 3", "takes one size", "--1d --in 5", 2),
        ("conv --1d --in 5 --k 3 --p 99999999999", "more than 4,000", "a smaller input", 2),
        ("conv --in 5x5x5 --k 3", "1 or 2 axes, not 3", "--in 5x5", 2),
        ("conv --in 5x5", "takes a --kernel-size", "--k 3", 2),
        ("conv --k 3", "takes one --in", "--in 5x5", 2),
        ("conv --in 5 --in 6 --k 3", "takes one --in", "--in 5x5", 2),
        ("conv --in 5 --k 3 --ceil", "conv has no --ceil-mode", "draw pool", 2),
        ("pool --in 5 --k 2 --op 1", "pool has no --output-padding", "draw deconv", 2),
        ("conv --in 5 --k 3 --step 9", "no window 9", "--step 8", 2),
        ("conv --1d --in 5 --k 3 --step 3", "no window 3", "--step 2", 2),
        ("conv --in 5 --k 3 --animate", "for a terminal", "-o conv.svg", 2),
        ("conv --in 5 --k 7", "larger than", "", 1),
        ("conv --in 5 --k 3 -o net.bmp", "pictures are .svg, .png", "-o net.svg", 2),
        ("conv --in 5 --k 3 -o net", "cannot draw net", "-o net.svg", 2),
        ("conv --in 5 --k 3 -o -", "cannot draw -", "-o picture.svg", 2),
        ("conv --in 5 --k 3 -o no/such/folder.svg", "cannot write no/such/folder.svg", "-o", 2),
        ("deconv --in 100x100 --k 3 -o big.gif", "cells", "--in 4", 2),
    ],
)
def test_what_is_wrong_is_said_with_its_fix(
    arguments: str, message: str, fix: str, status: int
) -> None:
    code, out, err = run("draw", *arguments.split())
    assert (code, out) == (status, "")
    assert message in err
    assert f"fix: {fix}" in err if fix else "Traceback" not in err


def test_a_square_unless_one_axis_is_asked_for() -> None:
    assert run("draw", "conv", "--in", "5", "--k", "3")[1].startswith("convolution: 5×5 → 3×3")
    assert run("draw", "conv", "--in", "5", "--k", "3", "--1d")[1].startswith("convolution: 5 → 3")
    assert run("draw", "conv", "--in", "5", "--k", "3x1")[1].startswith("convolution: 5×5 → 3×5")


def test_channels_are_left_out_and_that_is_said() -> None:
    code, out, err = run("draw", "conv", "--in", "3x8x8", "--k", "3")
    assert (code, out.partition(" ")[2].partition(" ")[0]) == (0, "8×8")
    assert err.startswith("note: conv takes sizes without channels")
    assert "note" in run("draw", "conv", "--in", "3x8x8", "--k", "3", "--json")[1]


def test_one_window_stands_still(tmp_path: Path) -> None:
    picture = drawn(tmp_path, "conv --in 5x5 --k 3 --step 4")
    (window,) = named(picture, "window")
    assert window.get("data-out") == "1,1"
    text = (tmp_path / "layer.svg").read_text(encoding="utf-8")
    assert "animation:" not in text
    assert "prefers-color-scheme" in text


def test_the_size_that_is_offered_can_be_drawn() -> None:
    _, _, err = run("draw", "conv", "--in", "1000x80", "--k", "5", "--s", "3")
    size = err.split("--in ")[1].split()[0]
    assert run("draw", "conv", "--in", size, "--k", "5", "--s", "3")[0] == 0


@pytest.mark.parametrize("suffix", ["png", "gif", "pdf"])
def test_a_missing_renderer_is_named_with_its_installation(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    monkeypatch.setitem(sys.modules, "PIL", None)
    file = tmp_path / f"conv.{suffix}"
    code, _, err = run("draw", "conv", "--in", "5", "--k", "3", "-o", str(file))
    assert (code, file.exists()) == (2, False)
    assert "fix: pip install 'convshape[png]'" in err


@needs_typst
@pytest.mark.parametrize(
    ("suffix", "magic"), [("png", b"\x89PNG"), ("gif", b"GIF8"), ("pdf", b"%PDF")]
)
def test_pictures_for_paper(suffix: str, magic: bytes, tmp_path: Path) -> None:
    file = tmp_path / f"conv.{suffix}"
    assert run("draw", "conv", "--in", "5", "--k", "3", "-o", str(file)) == (0, "", "")
    content = file.read_bytes()
    assert content.startswith(magic)
    run("draw", "conv", "--in", "5", "--k", "3", "-o", str(file))
    assert file.read_bytes() == content


def test_the_window_slides_in_a_terminal_until_it_is_stopped() -> None:
    ours, theirs = pseudo_terminal()
    command = [sys.executable, "-m", "convshape", *"draw conv --1d --in 5 --k 3 --animate".split()]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=ROOT, env=environment
    )
    os.close(theirs)
    shown = b""
    deadline = time.monotonic() + 60
    while b"window 2" not in shown and time.monotonic() < deadline:
        shown += os.read(ours, 65536)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    os.close(ours)
    assert b"window 0" in shown
    assert b"window 1" in shown


def test_a_terminal_without_unicode() -> None:
    shown = on_terminal("draw", "pool", "--in", "4x4", "--k", "2", "--p", "1", encoding="ascii")
    assert shown.splitlines()[2:4] == [
        "+ + . . . .     . . . . . .    # o o",
        "+ # o o o .     . o o o o .    o o o",
    ]
    assert "?" not in shown


@pytest.mark.parametrize("animate", [[], ["--animate"]])
def test_a_terminal_that_is_too_narrow(animate: list[str]) -> None:
    shown = on_terminal("draw", "conv", "--1d", "--in", "40", "--k", "3", *animate, columns=60)
    assert "95 columns wide" in shown
    assert "fix: -o layer.svg" in shown
