"""The gallery shows what the program draws now."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from figures import labels_overlap
from terminal import ROOT

PICTURES = sorted((ROOT / "docs" / "gallery").glob("*.svg"))


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gallery", ROOT / "docs" / "make_gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_and_its_pictures_are_made_by_the_script(
    gallery: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8") == gallery.page()
    gallery.draw(tmp_path)
    drawn = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    stored = {file.name: file.read_bytes() for file in PICTURES}
    assert sorted(drawn) == sorted(stored)
    changed = [name for name, content in drawn.items() if stored[name] != content]
    assert not changed, "python docs/make_gallery.py draws them anew"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda file: file.stem)
def test_a_picture_can_be_read(picture: Path) -> None:
    root = ElementTree.parse(picture).getroot()
    assert not labels_overlap(root)
    assert root[0].text
    assert root[1].text


@pytest.mark.skipif(shutil.which("xmllint") is None, reason="needs xmllint")
def test_xmllint_accepts_all_pictures() -> None:
    result = subprocess.run(["xmllint", "--noout", *PICTURES], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
