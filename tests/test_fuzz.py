"""A short run of every target of `fuzz/`; what failed once is tried again each time."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminal import ROOT


@pytest.fixture
def fuzz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[object]:
    monkeypatch.syspath_prepend(str(ROOT / "fuzz"))
    import run as fuzzer

    yield fuzzer
    for name in ("run", "targets", "answer"):
        sys.modules.pop(name, None)


NAMES = ["expression", "network", "printed", "shapes", "explain", "playground", "onnx", "source"]


@pytest.mark.parametrize("name", NAMES)
def test_no_text_fails_with_anything_but_errors_of_ours(name: str, fuzz: object) -> None:
    assert fuzz.at_random(name, 0.5, seed=1) > 0  # type: ignore[attr-defined]


def test_every_target_is_tried(fuzz: object) -> None:
    assert [*fuzz.TARGETS] == NAMES  # type: ignore[attr-defined]


def test_a_text_that_fails_is_kept(
    fuzz: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(text: str) -> None:
        raise KeyError(text)

    target = fuzz.TARGETS["shapes"]._replace(read=read)  # type: ignore[attr-defined]
    monkeypatch.setitem(fuzz.TARGETS, "shapes", target)  # type: ignore[attr-defined]
    monkeypatch.setattr(fuzz, "CORPUS", tmp_path)
    with pytest.raises(KeyError):
        fuzz.once("shapes", "3x")  # type: ignore[attr-defined]
    (kept,) = (tmp_path / "shapes").iterdir()
    assert kept.read_text() == "3x"
