"""Faults while a command writes: files stay whole. `docs/explanation/faults.md` lists them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import LENET

resource = pytest.importorskip("resource")  # as on Windows

SOURCE = """import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(3, 4)

    def forward(self, x):
        return self.fc(x)
"""
#: Command lines that write a file, and the file, which is there before.
WRITING = {
    f"trace {LENET} -o out.html": "out.html",
    f"trace {LENET} --plot -o out.svg": "out.svg",
    f"draw {LENET} -o out.svg": "out.svg",
    "draw conv --in 9 --k 3 -o out.svg": "out.svg",
    "annotate net.py:Net --in 3 --write": "net.py",
    "trace net.py:Net --in 5 --fix=1": "net.py",
    "init --force": "lenet.yaml",
}
#: A command line runs again and again, killed at the first step of its writing, at the second, ...
KILLED = """
import os
import signal
import sys
from contextlib import suppress
from convshape.cli import main

folder, [words, name] = os.getcwd(), sys.argv[1:]
STEPS = {"open", "os.chmod", "os.chown", "os.remove", "os.rename"}


def content(new=None):
    with open(name, "r" if new is None else "w") as file:
        return file.read() if new is None else file.write(new)


def kill_at(step):
    def count(event, arguments):
        nonlocal step
        writes = event in STEPS and (event != "open" or arguments[2] & os.O_ACCMODE)
        if writes and os.path.realpath(str(arguments[0])).startswith(folder):
            step -= 1
            if not step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def is_killed_at(step):
    child = os.fork()
    if not child:
        kill_at(step)
        with suppress(SystemExit):
            main(words.split())
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0


old = content()
with suppress(SystemExit):
    main(words.split())
new = content()
content(old)
kept = []
while is_killed_at(len(kept) + 1):
    kept.append(content() == old)
assert kept and all(kept) and content() == new != old, kept
print("killed at", len(kept), "steps")
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in WRITING.values():
        Path(name).write_text(SOURCE if name.endswith(".py") else "old")
    return tmp_path


def begun(words: str, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-B", "-m", "convshape", *words.split()]  # no .pyc cut short
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, **pipes, **options)  # type: ignore[call-overload, no-any-return]


def full_disk() -> None:
    """Let this process write files of no more than 20 bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))


def heeding_ctrl_c() -> None:
    """Let Ctrl-C interrupt this process, also where tests run as a background job of a shell."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("words", WRITING)
def test_a_full_disk_leaves_the_old_file(words: str, folder: Path) -> None:
    before = {path.name: path.read_text() for path in folder.iterdir()}
    process = begun(words, preexec_fn=full_disk)
    _, err = process.communicate()
    assert process.returncode == 2
    assert f"error: cannot write {WRITING[words]}: file too large" in err.replace(f"{folder}/", "")
    assert "Traceback" not in err
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


@pytest.mark.parametrize("words", [f"trace {LENET} -o out.html", *list(WRITING)[-3:]])
def test_a_command_that_is_killed_leaves_the_old_file_or_the_new_one(words: str) -> None:
    command = [sys.executable, "-c", KILLED, words, WRITING[words]]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    assert int(done.stdout.split()[-2]) >= 4  # two files are opened; mode and name are changed


def test_a_hundred_processes_that_write_one_file_leave_one_answer(folder: Path) -> None:
    """They are forks, of which each traces a source and a network file."""
    code = f"""
import os
import convshape as cs
from convshape.files import write_atomically
alone = cs.trace("net.py", "3").to_json() + cs.trace({LENET!r}).to_json()
children = []
for _ in range(100):
    child = os.fork()
    if not child:
        answer = cs.trace("net.py", "3").to_json() + cs.trace({LENET!r}).to_json()
        write_atomically("out.html", answer)
        os._exit(answer != alone)
    children.append(child)
assert all(os.waitpid(child, 0)[1] == 0 for child in children)
assert open("out.html").read() == alone
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert {path.name for path in folder.iterdir()} == {*WRITING.values()}


def test_ctrl_c_ends_a_forward_without_end() -> None:
    endless = "        import os, signal\n        os.write(1, b'.')\n        while True: pass\n"
    Path("net.py").write_text(SOURCE.replace("        return", f"{endless}        return"))
    process = begun("trace net.py:Net --in 3", bufsize=0, preexec_fn=heeding_ctrl_c)
    try:
        assert os.read(process.stdout.fileno(), 1) == b"."  # type: ignore[union-attr]
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, "", "")
