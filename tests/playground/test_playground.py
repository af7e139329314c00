"""The playground in headless Chromium, offline, with Pyodide from the npm registry.

It needs node, Chromium and what `npm ci` puts into docs/playground. Where one of them is missing,
nothing of it is tested, and the reason is shown; with CONVSHAPE_BROWSER=required that is a failure.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import ROOT

PLAYGROUND = ROOT / "docs" / "playground"
CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


def missing() -> str:
    """Return what the browser tests need and is not here."""
    modules = PLAYGROUND / "node_modules"
    needs = {
        "node": shutil.which("node"),
        "Chromium": CHROMIUM,
        "npm ci in docs/playground": (modules / "pyodide").is_dir()
        and (modules / "playwright-core").is_dir(),
    }
    return ", ".join(name for name, found in needs.items() if not found)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the playground and its engine, as the site has them."""
    folder = tmp_path_factory.mktemp("site")
    ignored = shutil.ignore_patterns("node_modules", "*.json", "*.py", "examples")
    shutil.copytree(PLAYGROUND, folder / "playground", ignore=ignored)
    command = [sys.executable, str(PLAYGROUND / "build.py"), str(folder / "playground")]
    subprocess.run(command, check=True)
    return folder


def test_nothing_is_left_out_where_it_is_required() -> None:
    assert not missing() or os.environ.get("CONVSHAPE_BROWSER") != "required", missing()


@pytest.mark.skipif(bool(missing()), reason=f"the playground is not tested: no {missing()}")
def test_in_a_browser(site: Path) -> None:
    environment = os.environ | {"SITE": str(site), "CHROMIUM": CHROMIUM or ""}
    script = ROOT / "tests" / "playground" / "playground.test.mjs"
    done = subprocess.run(
        ["node", "--test", "--test-reporter=spec", str(script)],
        env=environment, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"tests \d\d", done.stdout)


@pytest.mark.skipif(bool(missing()), reason=f"its types are not checked: no {missing()}")
def test_the_types_of_its_javascript() -> None:
    done = subprocess.run(
        ["npx", "--no-install", "tsc"], cwd=PLAYGROUND, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def load(name: str):
    spec = importlib.util.spec_from_file_location(f"playground_{name}", PLAYGROUND / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    return load("answer").answer


LENET = (ROOT / "examples" / "lenet.yaml").read_text("utf-8")
SOURCE = (PLAYGROUND / "examples" / "net.py").read_text("utf-8")
ANSWERS = {
    "a layer": ({"text": "Conv2d(3, 6, 5)", "input": "3x32x32"}, "1×6×28×28"),
    "with nn in front": ({"text": " nn.Linear(4, 2)\n", "input": "4"}, "1×2"),
    "a function": ({"text": "F.max_pool2d(input, 2)", "input": "3x8x8", "batch": "5"}, "5×3×4×4"),
    "two inputs": ({"text": "Bilinear(3, 4, 5)", "input": "3 4"}, "1×5"),
    "a network file": ({"text": LENET}, "1×10"),
    "another batch": ({"text": LENET, "batch": "9"}, "9×10"),
    "constants": ({"text": "vars: {n: 4}\ninput: 3\nlayers:\n  fc: Linear(3, n)",
        "constants": "n=7"}, "1×7"),
    "source": ({"text": SOURCE, "input": "3x32x32"}, "1×10"),
    "source, its class": ({"text": SOURCE, "input": "3x32x32", "network": "Net(classes=2)"}, "1×2"),
    "a printed model": ({"text": "Sequential(\n  (0): Linear(in_features=4, out_features=2, "
                                 "bias=True)\n)", "input": "4"}, "1×2"),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "out"), ANSWERS.values(), ids=ANSWERS)
def test_it_answers(answer, request_: dict[str, str], out: str) -> None:
    found = answer(**request_)
    assert found.get("error") is None
    assert found["out"] == out
    assert found["picture"].startswith(("<svg", "<?xml"))
    assert all(len(line["cells"]) == len(found["columns"]) for line in found["lines"])


REFUSALS = {
    "an input that does not fit": ({"text": LENET, "input": "3x36x36"}, "expects 400 features",
        True),
    "a layer that is not closed": ({"text": "Conv2d(3, 6", "input": "3x8x8"}, "never closed",
        False),
    "a batch of words": ({"text": LENET, "batch": "many"}, "not a whole number", False),
    "a constant without a value": ({"text": LENET, "constants": "n"}, "no value", False),
    "five megabytes": ({"text": "x" * 5_000_000}, "characters", False),
    "a word": ({"text": "hello"}, "not a mapping", False),
}  # fmt: skip


@pytest.mark.parametrize(("request_", "says", "reads"), REFUSALS.values(), ids=REFUSALS)
def test_it_refuses(answer, request_: dict[str, str], says: str, reads: bool) -> None:
    error = answer(**request_)["error"]
    assert says in error["message"]
    assert error["fix"]
    assert error["reads"] is reads


def test_a_torch_error_is_explained(answer) -> None:
    text = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x1568 and 1050x10)"
    assert "Linear(1568, 10)" in answer(text)["explanation"]


def test_it_says_whether_what_ran_has_changed_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    playground = load("answer")
    playground.warm_up()

    def changed(text: str) -> bool:
        return json.loads(playground.answer_json(json.dumps({"text": text, "input": "3x32x32"})))[
            "changed"
        ]

    assert not changed(SOURCE)
    assert not changed("Conv2d(3, 6, 5)")
    assert not changed(LENET)
    with monkeypatch.context() as patch:
        patch.setattr("convshape.shapetorch.nn.Linear.forward", lambda self, x: x)
        assert changed("Conv2d(3, 6, 5)")
    assert not changed("Conv2d(3, 6, 5)")


def test_a_window_is_drawn_if_it_is_small(answer) -> None:
    small, large = (answer("Conv2d(1, 1, 3)", f"1x{n}x{n}")["picture"] for n in (8, 200))
    assert 'class="window"' in small
    assert 'class="window"' not in large


@pytest.mark.parametrize("example", load("build").EXAMPLES, ids=lambda example: example[0])
def test_an_example_answers(answer, example: tuple[str, str, dict[str, str]]) -> None:
    title, text, fields = example
    found = answer(load("build").example_text(text), **fields)
    wrong = "doesn't fit" in title or title.endswith("with an error")
    assert ("error" in found) is wrong
