"""Notebooks: a trace at the end of a cell is a folding table, an error is as on a terminal."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

import convshape as cs
from convshape.errors import ShapeError
from convshape.render.notebook import lines

nn = cs.nn


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: cs.Tensor) -> cs.Tensor:
        return self.conv(x)


class Folding(HTMLParser):
    """Which rows there are, what folds in them, and in what they are."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[set[str]] = []
        self.folds: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "tr":
            self.rows.append(set((names.get("class") or "").split()))
        elif tag == "details":
            assert "open" in names
            self.folds.append(names["class"] or "")
        assert tag != "script"


def test_modules_fold_with_all_that_is_in_them() -> None:
    inner = nn.Sequential(Block(), nn.ReLU())
    trace = cs.trace(nn.Sequential(inner, nn.Flatten()), (3, 8, 8))
    page = trace._repr_html_()
    table = Folding(page)
    # header, 0, 0.0, 0.0.conv, 0.1, 1, total
    assert table.rows == [set(), set(), {"in0"}, {"in0", "in1"}, {"in0"}, set(), set()]
    assert table.folds == ["f0", "f1"]
    for number in (0, 1):
        rule = f".convshape:has(details.f{number}:not([open])) tr.in{number}{{display:none}}"
        assert rule in page


def test_a_flat_network_has_nothing_that_folds() -> None:
    page = cs.trace(nn.Sequential(nn.ReLU()), (3, 8, 8))._repr_html_()
    assert "<details" not in page
    assert "<style" not in page


def test_the_error_below_a_table_keeps_its_lines_and_carets(tmp_path: Any) -> None:
    (tmp_path / "net.yaml").write_text('input: 3x8x8\nlayers:\n  a: "Conv2d(4, 6, 3)"\n')
    page = cs.trace(str(tmp_path / "net.yaml"))._repr_html_()
    shown = re.search(r"<pre style=\"([^\"]*)\">(.*)</pre>", page, re.S)
    assert shown is not None
    assert "white-space:pre;" in shown[1]
    assert "^^^^" in shown[2]
    assert "&quot;" not in shown[2]
    assert shown[2].count("\n") >= 3


def test_no_color_is_for_a_light_page_alone() -> None:
    page = cs.trace(nn.Sequential(nn.Conv2d(4, 6, 3)), (3, 8, 8))._repr_html_()
    colors = set(re.findall(r"(?<!-)color:([^;\"}]+)", page))
    assert colors == {"inherit", "#e03030"}
    assert not re.search(r"background(-color)?:(?!none)", page)


def test_an_error_has_no_traceback_outside_of_a_notebook_either() -> None:
    with pytest.raises(ShapeError) as caught:
        nn.Linear(300, 10)(cs.Tensor((1, 400)))
    text = "\n".join(caught.value._render_traceback_())
    assert "expects 300 features" in text
    assert len(lines(caught.value)) < 6


def test_a_notebook_is_executed() -> None:
    pytest.importorskip("nbclient", reason="needs nbclient and ipykernel")
    pytest.importorskip("ipykernel", reason="needs nbclient and ipykernel")
    notebook = _executed(
        "import convshape as cs\ncs.trace(cs.nn.Conv2d(3, 6, 5), (3, 32, 32))",
        "def use(x):\n    return cs.nn.Linear(300, 10)(x)",
        "x = cs.Tensor((1, 400))\nuse(x)",
        "cs.trace('nothing.yaml')",
    )
    table, _, refused, missing = (cell.outputs[0] if cell.outputs else None for cell in notebook)
    assert "1×6×28×28" in table.data["text/html"]
    plain = [re.sub(r"\x1b\[[\d;]*m", "", "\n".join(o.traceback)) for o in (refused, missing)]
    assert plain[0] == (
        "error: Linear(300, 10) expects 300 features, but receives 400\n"
        "  --> Cell In[2], line 2\n"
        " 2 | return cs.nn.Linear(300, 10)(x)\n"
        "   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "   fix: Linear(400, 10)\n"
        "   called from Cell In[3], line 2: use(x)"
    )
    assert plain[1].startswith("error: file not found: nothing.yaml\n  --> Cell In[4], line 1\n")


def _executed(*cells: str) -> Any:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in cells])
    NotebookClient(notebook, allow_errors=True, kernel_name="python3", timeout=120).execute()
    return notebook.cells
