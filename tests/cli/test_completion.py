"""What shells complete: networks, layers, columns, terms, and the classes of a source."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import pytest
from terminal import ROOT, pseudo_terminal, run

SOURCE = str(ROOT / "benchmarks" / "lenet.py")


def in_bash(line: str) -> list[str]:
    """Return what bash is offered for the last word of a line, which it takes apart at colons."""
    words = line.replace(":", " : ").split(" ")
    environment = {
        "_CONVSHAPE_COMPLETE": "complete_bash",
        "COMP_WORDS": "\n".join(words),  # so Typer's script joins them
        "COMP_CWORD": str(len(words) - 1),
    }
    with mock.patch.dict(os.environ, environment):
        return run()[1].split()


def in_zsh(line: str) -> str:
    environment = {"_CONVSHAPE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": line}
    with mock.patch.dict(os.environ, environment):
        return run()[1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("convshape dr", ["draw"]),
        ("convshape trace --wa", ["--watch"]),
        ("convshape init al", ["alexnet"]),
        ("convshape layers MaxPool", ["MaxPool1d", "MaxPool2d", "MaxPool3d"]),
        ("convshape layer MaxPool2", ["MaxPool2d"]),
        ("convshape layers F.pad", ["F.pad"]),
        ("convshape layers nope", []),
        ("convshape trace net.yaml --columns pa", ["params", "params%"]),
        ("convshape trace net.yaml --columns al", ["all"]),
        ("convshape trace net.yaml --columns layer,pa", ["layer,params", "layer,params%"]),
        ("convshape explain padd", ["padding", "padding_mode"]),
        (f"convshape trace {SOURCE}:", ["LeNet"]),
        (f"convshape trace {SOURCE}:Le", ["LeNet"]),
        (f"convshape annotate {SOURCE}:X", []),
        ("convshape trace missing.py:", []),
        ("convshape trace net.yaml", []),
    ],
)
def test_bash(line: str, words: list[str]) -> None:
    assert in_bash(line) == words


def test_a_source_is_not_run(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "raise SystemExit\nclass Net(Base):\n    def forward(self): ...\nclass A(B): ...\n"
    )
    assert in_bash(f"convshape trace {file}:") == ["Net"]
    file.write_text("class Net(:\n")
    assert in_bash(f"convshape trace {file}:") == []


def home(folder: Path, shell: str) -> dict[str, str]:
    """Return the environment of a shell whose user has convshape, its completion and a source."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    (folder / "net.py").write_text(Path(SOURCE).read_text(encoding="utf-8"), encoding="utf-8")
    program = folder / "convshape"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m convshape "$@"\n')
    program.chmod(0o755)
    (folder / "_convshape").write_text(run("--show-completion", shell)[1], encoding="utf-8")
    return os.environ | {
        "HOME": str(folder),
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "TERM": "dumb",
    }


def test_bash_itself(tmp_path: Path) -> None:
    script = (
        ". ./_convshape; COMP_WORDS=(convshape trace net.py : Le); COMP_CWORD=4; "
        '_convshape_completion convshape Le :; echo "${COMPREPLY[@]}"'
    )
    environment = home(tmp_path, "bash")
    shown = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert shown.stdout == "LeNet\n"


def test_fish_itself(tmp_path: Path) -> None:
    environment = home(tmp_path, "fish")
    script = "source _convshape; complete -C 'convshape trace net.py:'; complete -C 'convshape c'"
    shown = subprocess.run(
        ["fish", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert shown.stdout.splitlines()[0] == "net.py:LeNet"
    assert "conv\tOutput size of a convolution." in shown.stdout


def test_zsh_completes_at_the_first_tab(tmp_path: Path) -> None:
    environment = home(tmp_path, "zsh")
    (tmp_path / ".zshrc").write_text("fpath=(~ $fpath); autoload -Uz compinit; compinit -u\n")
    ours, theirs = pseudo_terminal()
    shell = subprocess.Popen(
        ["zsh", "-i"], stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=environment
    )
    os.close(theirs)
    os.set_blocking(ours, False)
    os.write(ours, b"convshape trace net.py:\t")
    shown, end = b"", time.monotonic() + 30
    while b"net.py:LeNet" not in shown and time.monotonic() < end:
        time.sleep(0.05)
        try:
            shown += os.read(ours, 65536)
        except BlockingIOError:
            continue
    shell.kill()
    shell.wait()
    os.close(ours)
    assert b"net.py:LeNet" in shown


def test_the_script_of_a_shell_by_name() -> None:
    assert run("--show-completion", "zsh")[1].startswith("#compdef convshape")
    assert run("completion", "fish")[1].startswith("complete --command convshape")
    status, _, told = run("--show-completion", "tcsh")
    assert status == 2
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in told


def test_zsh_keeps_apostrophes() -> None:
    assert "the file’s own" in in_zsh("convshape trace --batc")
    assert "''" not in in_zsh("convshape trace --")
    assert "''" not in in_zsh("convshape ")
