"""The gallery shows what the program draws now."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from html import escape
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from figures import labels_overlap
from terminal import ROOT

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
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


_IN_BROWSER = """<!doctype html><html><head><meta charset="utf-8"></head><body>%s<pre></pre><script>
const faults = [];
onload = () => {
  for (const frame of document.querySelectorAll("iframe")) {
    const root = frame.contentDocument.querySelector("svg"), whole = root.getBoundingClientRect();
    const boxes = [...root.querySelectorAll("text")].map(e => [e, e.getBoundingClientRect()]);
    boxes.forEach(([e, a], i) => {
      if (a.left < whole.left || a.right > whole.right || a.bottom > whole.bottom)
        faults.push(`${frame.title}: ${e.textContent} is cut`);
      for (const [other, b] of boxes.slice(i + 1))
        if (a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)
          faults.push(`${frame.title}: ${e.textContent} overlaps ${other.textContent}`);
    });
  }
  document.querySelector("pre").textContent = `${faults.length} faults ${faults.join("; ")}`;
};
</script></body></html>"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_no_text_is_cut_or_overlaps_in_a_browser(tmp_path: Path) -> None:
    frames = "".join(
        f'<iframe title="{file.stem}" width="2000" height="5000" srcdoc="{escape(text)}"></iframe>'
        for file in PICTURES
        for text in [file.read_text(encoding="utf-8")]
    )
    page = tmp_path / "gallery.html"
    page.write_text(_IN_BROWSER % frames, encoding="utf-8")
    result = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
         f"--user-data-dir={tmp_path}", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "CONSOLE" not in result.stderr
    assert re.findall(r"<pre>(.*?)</pre>", result.stdout, re.DOTALL) == ["0 faults "]


@pytest.mark.skipif(shutil.which("xmllint") is None, reason="needs xmllint")
def test_xmllint_accepts_all_pictures() -> None:
    result = subprocess.run(["xmllint", "--noout", *PICTURES], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
