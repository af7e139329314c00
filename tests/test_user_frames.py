"""Which lines are the user's, and which are Python's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NET = """\
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        return self.fc(x.flatten(1))
"""


def test_pythons_library_may_be_a_zip(tmp_path: Path) -> None:
    """Pyodide and Windows' embeddable Python have it so; `os` lies in the zip file there."""
    (tmp_path / "net.py").write_text(NET)
    code = (
        "import os, sys; os.__file__ = '/lib/python314.zip/os.pyc'; "
        "from convshape.cli import main; main(['trace', 'net.py', '--in', '1x2x3'])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert "expects 4 features, but receives 6" in shown.stderr
    assert "--> net.py:7" in shown.stderr
