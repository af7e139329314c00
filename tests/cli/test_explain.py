"""`convshape explain`: where the error comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from terminal import run

ERROR = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)"
FIX = "   fix: Linear(1568, 10)\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_file_is_read(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "train.log"
    file.write_bytes(f"Epoch 1\n{ERROR}\n".encode(encoding))
    status, out, err = run("explain", str(file))
    assert (status, err) == (0, "")
    assert out.endswith(FIX)


def test_the_end_of_a_long_log_is_read(tmp_path: Path) -> None:
    file = tmp_path / "train.log"
    other = "ValueError: Expected target size [4, 10], got [4, 7]\n"
    file.write_text(other + "step\n" * 10**6 + ERROR)
    assert run("explain", str(file))[1].endswith(FIX)


def test_the_outputs_of_a_notebook_are_read(tmp_path: Path) -> None:
    file = tmp_path / "net.ipynb"
    traceback = [
        "Cell In[2], line 12, in Net.forward(self, x)",
        "---> 12     return self.fc1(x)",
        ERROR,
    ]
    outputs = [{"output_type": "error", "traceback": traceback}]
    file.write_text(json.dumps({"cells": [{"source": "raise ValueError"}, {"outputs": outputs}]}))
    status, out, _ = run("explain", str(file))
    assert status == 0
    assert "  --> Cell In[2]:12: return self.fc1(x)\n" in out
    file.write_text(json.dumps({"cells": [{"source": "import torch"}]}))
    assert "fix: convshape trace " in run("explain", str(file))[2]


def test_words_without_quotes_are_joined() -> None:
    status, out, _ = run("explain", *ERROR.split())
    assert (status, out.endswith(FIX)) == (0, True)
    assert run("explain", "receptive", "field")[0] == 0


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("missing.log", None, "file not found"),
        ("net.py", "import torch\n", "convshape trace "),
        ("net.yaml", "layers: []\n", "convshape trace "),
        ("empty.log", "", "no error found"),
        ("other.log", "it went well\n", "does not recognize this error: it went well"),
        ("binary.log", "\0\1\2\n", "no error found"),
        ("broken.ipynb", "{", "convshape trace "),
    ],
)
def test_what_holds_no_error_is_answered_in_two_lines(
    name: str, text: str | None, said: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    if text is not None:
        file.write_text(text)
    status, out, err = run("explain", str(file))
    assert (status, out, len(err.splitlines())) == (2, "", 2)
    assert said in err


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    status, _, err = run("explain", str(tmp_path))
    assert (status, "it is a folder" in err) == (2, True)
