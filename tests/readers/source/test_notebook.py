"""Notebooks, and what Jupyter exports."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

import convshape as cs
from convshape.errors import ShapeError, SpecError

HEAD = """\
!pip install -q something \\
   else
%matplotlib inline
import torch
from torch import nn
files = !ls
nn.Linear?
if True:
    %cd x
"""
NET = """\
class Net(nn.Module):
    def __init__(self, n=2):
        super().__init__()
        self.fc = nn.Linear(10, n)

    def forward(self, x):
        return self.fc(x)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def notebook(*cells: str, **metadata: Any) -> None:
    """Write net.ipynb: a cell of text, and cells of code."""
    code = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    raw = [{"cell_type": "markdown", "source": ["# Digits"]}, *code]
    Path("net.ipynb").write_text(json.dumps({"cells": raw, "metadata": metadata, "nbformat": 4}))


@pytest.mark.parametrize("target", ["net.ipynb", "net.ipynb:Net", "net.ipynb:net"])
def test_cells_run_in_order_without_magics(target: str) -> None:
    notebook(
        HEAD, "%%bash\nls | grep x\n", "%%time\n" + NET, "net = Net()\nnet", "get_ipython().x()"
    )
    trace = cs.trace(target, "10")
    assert (trace.params, trace.note, trace.rows[-1].where) == (22, "", "net.ipynb, cell 4, line 8")


def test_a_cell_that_fails_is_a_note() -> None:
    notebook(HEAD, NET, "x = 3\nNet()(open('nothing'))")
    note = cs.trace("net.ipynb:Net", "10").note
    assert note.startswith("net.ipynb, cell 4, line 2 failed: FileNotFoundError")
    notebook(HEAD, "open('nothing')", NET)
    note = cs.trace("net.ipynb:Net", "10").note
    assert note.startswith("net.ipynb, cell 3, line 1 failed: FileNotFoundError")


@pytest.mark.parametrize(
    ("cells", "params"),
    [
        (["n = 2", "open('nothing')\nn = 3"], 33),  # the rest of a cell runs
        (["n = 2", "with open('nothing') as file:\n    n = len(file.read())"], None),
        (["n = 2", "n = len(open('nothing').read())", "n = n + 1"], None),
        (["n = 2", "n = 3\nfor line in open('nothing'):\n    m = 1"], 33),
        (["n = 2", "for n in [3, 4]:\n    open('nothing')"], 33),
        (["n = 2", "n = # to do"], 22),
        (["n = 2", "lines = [n for n in unknown_package.lines()]"], 22),  # another n
        (["import digits", "steps = 10 / len(digits.load())\nn = 3"], 33),
    ],
)
def test_the_value_of_a_name_behind_a_line_that_fails(cells: list[str], params: int | None) -> None:
    notebook(HEAD, *cells, NET.replace(", n=2", ""), "model = Net()")
    if params is not None:
        assert cs.trace("net.ipynb", "10").params == params
        return
    with pytest.raises(SpecError, match="n is not known") as refusal:
        cs.trace("net.ipynb", "10")
    assert refusal.value.why.startswith("net.ipynb, cell 4, line 1 failed: FileNotFoundError")


def test_a_network_that_cannot_be_loaded_stays() -> None:
    notebook(HEAD, NET.replace("n=2", "n"), "net = Net(3)", "net = torch.load(net, open('net.pt'))")
    assert cs.trace("net.ipynb:net", "10").params == 33


def test_errors_name_cell_and_line() -> None:
    notebook(HEAD, NET)
    error = cs.trace("net.ipynb:Net", "8").error
    assert isinstance(error, ShapeError)
    assert error.where == "net.ipynb, cell 3, line 7"
    assert error.snippet.startswith("        return self.fc(x)\n")
    assert "Linear(8, 2) in net.ipynb, cell 3, line 4" in error.fix
    notebook(HEAD, "SIZE = siez(3)", NET.replace("n=2", "n=SIZE"))
    with pytest.raises(SpecError, match="name 'siez' is not defined") as refusal:
        cs.trace("net.ipynb:Net", "10")
    assert refusal.value.where == "net.ipynb, cell 3, line 1"
    notebook(HEAD, "\nclass Net(nn.Module:\n    pass")
    with pytest.raises(SpecError, match="this is not Python") as refusal:
        cs.trace("net.ipynb:Net", "10")
    assert refusal.value.where == "net.ipynb, cell 3, line 2"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ('{"cells": [', "this is not a notebook"),
        ("[" * 100_000, "this is not a notebook: it is nested too deep"),
        ("9" * 5000, "this is not a notebook: a number has more digits than can be read"),
        ("[1]", "no cells"),
        ('{"cells": [{"cell_type": "markdown", "source": "x"}]}', "has no code"),
        (
            '{"cells": [{"cell_type": "code", "source": "x"}], '
            '"metadata": {"kernelspec": {"language": "julia"}}}',
            "for julia, not for Python",
        ),
    ],
)
def test_what_is_no_notebook_of_python(text: str, what: str) -> None:
    Path("net.ipynb").write_text(text)
    with pytest.raises(SpecError, match=what):
        cs.trace("net.ipynb:Net", "10")


def test_notebooks_of_version_3() -> None:
    cells = [{"cell_type": "code", "language": "python", "input": [HEAD, NET]}]
    Path("net.ipynb").write_text(json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}))
    assert cs.trace("net.ipynb:Net", "10").params == 22


def test_exported_notebooks() -> None:
    exported = "# In[1]:\nget_ipython().system('pip install x')\nfrom torch import nn\n" + NET
    Path("exported.py").write_text(exported)
    assert cs.trace("exported.py", "10").note == ""
    Path("colab.py").write_text("!pip install x\nfrom torch import nn\n" + NET + "!ls\n")
    assert cs.trace("colab.py:Net", "10").params == 22


def test_a_notebook_is_known_by_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook(HEAD, NET, "Net()(nothing)")
    text = Path("net.ipynb").read_bytes()
    Path("net.json").write_bytes(text)  # as network files may end, which run no code
    with pytest.raises(cs.SpecError, match=r"net.json has Python code, .*rename it: net.ipynb"):
        cs.trace("net.json", "10")
    Path("net.txt").write_bytes(text)
    for target, name in (("net.txt", "net.txt"), ("-", "<stdin>"), ("-:Net", "<stdin>")):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
        trace = cs.trace(target, "10")
        assert trace.params == 22
        assert trace.note.startswith(f"{name}, cell 4, line 1 failed: NameError")
