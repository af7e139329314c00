"""``convshape init``: the networks to start from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from terminal import ROOT, run

import convshape as cs

NAMES = sorted(path.stem for path in (ROOT / "examples").glob("*.yaml"))


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_written_and_traces_alike(name: str, empty_folder: Path) -> None:
    status, out, _ = run("init", name)
    assert status == 0
    assert out == f"Wrote {name}.yaml. Try: convshape trace {name}.yaml\n"
    assert os.listdir(empty_folder) == [f"{name}.yaml"]
    here, there = (cs.trace(path) for path in (f"{name}.yaml", ROOT / "examples" / f"{name}.yaml"))
    for row in (*here, *there):
        assert f"{name}.yaml:" in row.where
    assert [rows | {"where": ""} for rows in here.to_dicts()] == [
        rows | {"where": ""} for rows in there.to_dicts()
    ]
    assert here.to_dict()["total"] == there.to_dict()["total"]
    text = Path(f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith(f"# Show the shape after each layer: convshape trace {name}.yaml (")


def test_lenet_is_the_default_and_the_file_may_be_named() -> None:
    assert run("init", "-o", "net.yaml")[0] == 0
    assert cs.trace("net.yaml").params == 62_006
    status, out, _ = run("init", "--output", "-")
    assert status == 0
    assert out == Path("net.yaml").read_text(encoding="utf-8").replace("net.yaml", "lenet.yaml")


def test_the_list_has_a_line_for_each() -> None:
    status, out, _ = run("init", "--list")
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    assert status == 0
    assert [name for name, _ in lines] == NAMES
    assert all(len(about) < 120 for _, about in lines)
    assert "lenet            LeNet as everybody starts with it, after LeCun et al. (1998)\n" in out


def test_a_file_that_exists_stays_unless_it_is_forced() -> None:
    Path("lenet.yaml").write_text("mine")
    status, _, said = run("init")
    assert (status, said) == (
        2,
        "error: lenet.yaml already exists\n   fix: --force, or -o with another name\n",
    )
    assert Path("lenet.yaml").read_text() == "mine"
    assert run("init", "--force")[0] == 0
    assert cs.trace("lenet.yaml").params == 62_006


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("lennet", "unknown starter network 'lennet'\n   fix: did you mean lenet?"),
        ("../lenet", "unknown starter network '../lenet'"),
        (
            "lenet -o no/such/folder.yaml",
            "cannot write no/such/folder.yaml: no such file or directory",
        ),
        ("lenet -o . --force", "cannot write .: is a directory"),
    ],
)
def test_refusals(words: str, message: str) -> None:
    status, out, said = run("init", *words.split())
    assert (status, out) == (2, "")
    assert message in said
