"""``trace --fix``: a fix is applied to the file itself, and nothing else in it changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import pseudo_terminal, run

from convshape import ShapeError, SpecError
from convshape.apply_fix import fix_of
from convshape.fixes import Edit, Fix

KERAS = b"""\xef\xbb\xbfinput_shape: 28x28x1   # Keras has the channels last
layers:
  - Conv2D(32, (3, 3), activation="relu")\t# \xc3\xa9
  - MaxPooling2D((2, 2))
  - Flatten

  - Dense(10)
"""
RIGHT = b"""\xef\xbb\xbfinput: 1x28x28   # Keras has the channels last
layers:
  - Sequential(Conv2d(?, 32, (3, 3)), ReLU())\t# \xc3\xa9
  - MaxPool2d((2, 2))
  - Flatten()

  - Linear(?, 10)
"""


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_nothing_but_the_mistakes_changes(tmp_path: Path, end: bytes) -> None:
    file = tmp_path / "net.yaml"
    file.write_bytes(KERAS.replace(b"\n", end))
    status, out, err = run("trace", str(file), "--fix")
    assert (status, out.splitlines()[0]) == (0, "net  1x1x28x28")
    assert file.read_bytes() == RIGHT.replace(b"\n", end)
    assert [line for line in err.splitlines() if line.startswith("fixed ")] == [
        f"fixed {file}:1: input: 1x28x28",
        f"fixed {file}:3: - Sequential(Conv2d(?, 32, (3, 3)), ReLU())",
        f"fixed {file}:4: MaxPool2d((2, 2))",
        f"fixed {file}:7: - Linear(?, 10)",
        f"fixed {file}:5: - Flatten()",
    ]
    assert os.listdir(tmp_path) == ["net.yaml"]
    again = run("trace", str(file), "--fix")
    assert again[0] == 0
    assert again[2].startswith("nothing to fix: the network runs\n")


def test_a_header_is_put_in_with_the_ends_of_the_lines(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_bytes(
        b"input: 3x8x8\r\na: Conv2d(3, 6, 5)\r\nb:\r\n  ReLU:\r\n    inplace: true\r\n"
    )
    assert run("trace", str(file), "--fix")[0] == 0
    assert file.read_bytes() == (
        b"input: 3x8x8\r\nlayers:\r\n  a: Conv2d(3, 6, 5)\r\n  b:\r\n    ReLU:\r\n"
        b"      inplace: true\r\n"
    )


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("input: 3x32x32\nlayers:\n  - Flatten\n", ["--fix=2"], "there is 1 fix of it"),
        ("input: 3x32x32\nlayers:\n  - Flatten\n", ["--fix", "2"], "there is 1 fix of it"),
        ("input: 3x32x32\nlayers:\n  - Foo(3)\n", ["--fix"], "none of its fixes changes the file"),
    ],
)
def test_what_is_not_proved_is_not_written(
    tmp_path: Path, text: str, words: list[str], said: str
) -> None:
    file = tmp_path / "net.yaml"
    file.write_text(text)
    status, out, err = run("trace", str(file), *words)
    assert status == 2
    assert out == ""
    assert f"error: {said}" in err
    assert file.read_text() == text


def test_a_correction_that_uncovers_a_misfit_is_written_with_its_fix(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 3x32x32\nlayers:\n  - Flatten\n  - Linear(400, 10)\n")
    assert run("trace", str(file), "--fix")[0] == 0
    assert file.read_text() == "input: 3x32x32\nlayers:\n  - Flatten()\n  - Linear(3072, 10)\n"


def test_another_input_is_no_fix_of_the_file() -> None:
    edit = Edit("net.py", 7, 9, 7, 12, "576")
    fixes = (Fix("an input of 32×32", inputs=("3x32x32",)), Fix("Linear(576, 10)", edits=(edit,)))
    error = ShapeError("does not fit").changed(fix="an input of 32×32", fixes=fixes)
    assert fix_of(error, 2) is fixes[1]
    with pytest.raises(SpecError, match="fix 1 does not change the file") as refusal:
        fix_of(error, 1)
    assert refusal.value.fix == "--fix=2"
    with pytest.raises(SpecError, match="there are 2 fixes of it"):
        fix_of(error, 3)


def test_standard_input_is_no_file() -> None:
    status, _, err = run("trace", "-", "--fix", input="input: 3x8x8\nlayers:\n  - ReLU\n")
    assert status == 2
    assert "error: standard input cannot be edited" in err


def test_a_file_that_is_watched_is_not_edited(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 3x8x8\nlayers:\n  - ReLU\n")
    status, _, err = run("trace", str(file), "--fix", "--watch")
    assert (status, err.splitlines()[0]) == (2, "error: --fix and --watch do not go together")


def test_a_file_that_cannot_be_written_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 3x8x8\nlayers:\n  - ReLU\n")

    def fails(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fails)
    status, _, err = run("trace", str(file), "--fix")
    assert status == 2
    assert f"error: cannot write {file}: no space left on device" in err
    assert file.read_text() == "input: 3x8x8\nlayers:\n  - ReLU\n"


@pytest.mark.parametrize(("answer", "is_written"), [("\n", True), ("y\n", True), ("n\n", False)])
def test_a_terminal_is_asked(tmp_path: Path, answer: str, is_written: bool) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("input: 3x8x8\nlayers:\n  - ReLU\n")
    ours, theirs = pseudo_terminal()
    process = subprocess.Popen(
        [sys.executable, "-m", "convshape", "trace", "net.yaml", "--fix"],
        stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path,
        env=os.environ | {"TERM": "xterm"},
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while b"[Y/n]" not in shown:
        shown += os.read(ours, 65536)
    assert b"apply to net.yaml:3: - ReLU()? [Y/n]" in shown
    os.write(ours, answer.encode())
    try:
        while os.read(ours, 65536):
            pass
    except OSError:
        pass
    os.close(ours)
    assert process.wait(60) == (0 if is_written else 2)
    assert ("ReLU()" in file.read_text()) is is_written
