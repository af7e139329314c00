"""Adds to the playground what it runs: Python for the browser, convshape, PyYAML, the examples.

    python docs/playground/build.py site/playground

It makes ``engine/`` there. Pyodide comes from the npm registry, in the version of
package-lock.json: `npm ci` has to have run in this folder, or npm has to be there to run it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PYODIDE = HERE / "node_modules" / "pyodide"
#: Of Pyodide, what a browser loads.
FILES = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
#: Title, file, and what else is filled in.
EXAMPLES = (
    ("A convolution", "Conv2d(3, 6, 5, stride=2, padding=1)", {"input": "3x12x12"}),
    (
        "A transposed convolution",
        "ConvTranspose2d(64, 32, 4, stride=2, padding=1)",
        {"input": "64x7x7"},
    ),
    ("LeNet, a network file", "examples/lenet.yaml", {}),
    ("LeNet, an input that doesn't fit", "examples/lenet.yaml", {"input": "3x36x36"}),
    (
        "PyTorch source",
        "docs/playground/examples/net.py",
        {"input": "3x32x32", "network": "Net(classes=2)"},
    ),
    ("PyTorch source with an error", "docs/playground/examples/broken.py", {"input": "3x32x32"}),
    ("U-Net, with its branches", "examples/unet.yaml", {}),
    ("ResNet-18", "examples/resnet18.yaml", {}),
    ("A PyTorch error", "docs/playground/examples/error.txt", {}),
)


def build(target: Path) -> None:
    """Make ``engine/`` in a copy of the playground.

    Raises:
        FileNotFoundError: Pyodide is not there, and npm is not or cannot fetch it.
    """
    pyodide = _pyodide()
    engine = target / "engine"
    shutil.rmtree(engine, ignore_errors=True)
    (engine / "pyodide").mkdir(parents=True)
    for name in FILES:
        shutil.copy(pyodide / name, engine / "pyodide" / name)
    archives = [_convshape(engine), _yaml(engine)]
    shutil.copy(HERE / "answer.py", engine)
    names = {"pyodide": "pyodide/", "archives": archives, "code": "answer.py"}
    (engine / "engine.json").write_text(json.dumps(names))
    examples = [
        {"title": title, "text": example_text(text), **fields} for title, text, fields in EXAMPLES
    ]
    (engine / "examples.json").write_text(json.dumps(examples))


def _pyodide() -> Path:
    if not PYODIDE.is_dir():
        npm = shutil.which("npm")
        if npm is None:
            raise FileNotFoundError("the playground needs Pyodide, and npm to fetch it")
        if subprocess.run([npm, "ci", "--omit=dev", "--silent"], cwd=HERE).returncode:
            raise FileNotFoundError("the playground needs Pyodide, and npm could not fetch it")
    return PYODIDE


def _convshape(engine: Path) -> str:
    """Build the wheel, as a release has it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, str(ROOT)]
        subprocess.run(command, check=True)
        wheel = next(Path(folder).glob("*.whl"))
        shutil.copy(wheel, engine)
    return wheel.name


def _yaml(engine: Path) -> str:
    """Pack the Python part of the installed PyYAML; its compiled part is for this machine."""
    package = metadata.distribution("PyYAML")
    name = f"pyyaml-{package.version}.zip"
    with zipfile.ZipFile(engine / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in package.files or ():
            is_license = "LICENSE" in file.name
            if (file.parts[0] == "yaml" and file.suffix == ".py") or is_license:
                archive.write(str(file.locate()), str(file))
    return name


def example_text(text: str) -> str:
    """Return an example: the text of a file of the checkout, or what is written in `EXAMPLES`."""
    path = ROOT / text
    return path.read_text(encoding="utf-8") if "/" in text else text


if __name__ == "__main__":
    build(Path(sys.argv[1]))
