"""A running source starts no program, uses no network and loses no file, unless allowed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from terminal import run

import convshape as cs

NETWORK = """
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(3, 4)

    def forward(self, x):
{in_forward}
        return self.fc(x)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder that is not temporary for the program."""
    (tmp_path / "work").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def source(first: str, in_forward: str = "        pass") -> None:
    Path("net.py").write_text(f"{first}\n{NETWORK.format(in_forward=in_forward)}")


PROGRAM = "import os, sys; open('started', 'w').close()"
RUNS = [
    "import os; os.system(f'{sys.executable} -c x')",
    "import subprocess; subprocess.Popen([sys.executable, '-c', 'x'])",
    "import subprocess; subprocess.run('x', shell=True)",
    "import os; os.popen('x').close()",
    "import os; os.execv(sys.executable, ['x'])",
    "import os; os.posix_spawn(sys.executable, ['x'], {})",
    "import os; os.spawnv(os.P_WAIT, sys.executable, ['x'])",
    "import os; os.fork()",
    "import pty; pty.spawn(['x'])",
    "import multiprocessing as m; m.get_context('fork').Process(target=print).start()",
    "import threading, os; t = threading.Thread(target=os.fork); t.start(); t.join()",
    "import _thread, os, time; _thread.start_new_thread(os.system, ('x',)); time.sleep(0.2)",
    "import subprocess; subprocess.run(['/bin/sh', 'x'])",
]
CONNECTIONS = [
    "import socket; socket.create_connection(('192.0.2.1', 80), 0.1)",
    "import socket; socket.getaddrinfo('example.org', 80)",
    "import urllib.request; urllib.request.urlopen('http://example.org', timeout=0.1)",
    "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))",
]
WRITES = [
    "open('kept', 'w')",
    "open('kept', 'a')",
    "open('kept', 'r+')",
    "open('new', 'x')",
    "import os; os.open('kept', os.O_WRONLY)",
    "import os; os.remove('kept')",
    "import os; os.rename('kept', 'other')",
    "import os; os.replace('kept', 'other')",
    "import os; os.truncate('kept', 0)",
    "import shutil; shutil.rmtree('.')",
    "import shutil; shutil.copy('kept', 'other')",
    "import shutil; shutil.move('kept', 'other')",
    "import pathlib; pathlib.Path('kept').write_text('lost')",
    "import pathlib; pathlib.Path('kept').unlink()",
    "import logging; logging.FileHandler('kept', mode='w')",
    "import os; os.symlink('kept', 'other')",
]


def attempted(statement: str) -> str:
    return f"import sys\ntry:\n    {statement}\nexcept OSError:\n    pass"


@pytest.mark.parametrize(
    ("statement", "allow"),
    [
        *((each, 'allow=["run"]') for each in RUNS),
        *((each, 'allow=["network"]') for each in CONNECTIONS),
        *((each, 'allow=["write"]') for each in WRITES),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_is_refused_is_noted_and_code_that_copes_goes_on(statement: str, allow: str) -> None:
    Path("kept").write_text("as it was")
    source(attempted(statement))
    trace = cs.trace("net.py", "3")
    assert trace.ok
    assert trace.note.count(allow) == 1
    assert "wanted to" in trace.note
    assert sorted(os.listdir()) == ["kept", "net.py"]
    assert Path("kept").read_text() == "as it was"


@pytest.mark.parametrize(
    "event",
    [
        "'os.remove', os.devnull, -1",
        "'os.rename', os.devnull, 'new', -1, -1",
        "'os.rename', 'new', os.devnull, -1, -1",
        "'shutil.move', os.devnull, 'new'",
        "'os.chmod', os.devnull, 0, -1",
        "'os.truncate', os.devnull, 0",
    ],
)
def test_a_device_may_be_written_to_but_not_deleted_or_replaced(event: str) -> None:
    """The events alone: who runs the tests as root would lose the device."""
    source(attempted(f"import os; sys.audit({event})"))
    assert 'allow=["write"]' in cs.trace("net.py", "3").note


@pytest.mark.parametrize("mode", ["w", "wb"])
def test_a_file_that_is_not_written_has_the_name_that_was_asked_for(mode: str) -> None:
    source(f"import os\nwith open('log', '{mode}') as f: assert f.name == 'log', f.name")
    assert cs.trace("net.py", "3").error is None


def test_the_line_and_what_it_wanted_are_told() -> None:
    source("import os\nstatus = os.system('pip install -U ultralytics')\nassert status")
    note = 'net.py:2 wanted to start `pip install -U ultralytics`: allow=["run"] lets it'
    assert cs.trace("net.py", "3").note == note
    status, out, err = run("trace", "net.py", "--in", "3")
    assert (status, err) == (0, f"note: {note}\n".replace('allow=["run"]', "--allow-run"))
    assert "Linear(3, 4)" in out


@pytest.mark.skipif(os.name == "nt", reason="its shell is told of as text")
@pytest.mark.parametrize(
    "statement",
    [
        "assert subprocess.call('pip install x', shell=True) == 126",
        "assert subprocess.run('pip install x', shell=True, capture_output=True).stdout == b''",
        "assert subprocess.run('pip install x', shell=True, close_fds=False).returncode == 126",
        "assert subprocess.run(['/bin/sh', '-c', 'pip install x'], text=True).returncode == 126",
        "assert subprocess.getstatusoutput('pip install x') == (126, '')",
        "assert subprocess.Popen('pip install x', shell=True).wait() == 126",
        "assert os.popen('pip install x').close() == 126 << 8",
        "assert os.system('pip install x') == 126 << 8",
        "import asyncio\nasync def f():\n"
        "    process = await asyncio.create_subprocess_shell('pip install x')\n"
        "    return await process.wait()\n"
        "assert asyncio.run(f()) == 126",
        "try: subprocess.check_output('pip install x', shell=True)\n"
        "except subprocess.CalledProcessError as e: assert e.returncode == 126",
    ],
)  # fmt: skip
def test_a_command_of_a_shell_ends_as_one_that_may_not_be_executed(statement: str) -> None:
    source(f"import os, subprocess\n{statement}")
    trace = cs.trace("net.py", "3")
    assert trace.error is None
    assert trace.note.count('wanted to start `pip install x`: allow=["run"] lets it') == 1


def test_a_program_that_is_called_like_a_shell_is_not_started() -> None:
    Path("sh").write_text("#!/bin/sh\ntouch started\n")
    Path("sh").chmod(0o755)
    statement = "subprocess.run('x', shell=True, executable=os.path.abspath('sh'))"
    source(f"import os\n{attempted(f'import subprocess; {statement}')}")
    assert "wanted to start" in cs.trace("net.py", "3").note
    assert not Path("started").exists()


def test_what_is_refused_in_forward_is_noted_too() -> None:
    source("import os", "        os.system('nvidia-smi')")
    assert "net.py:12 wanted to start `nvidia-smi`" in cs.trace("net.py", "3").note
    status, _, err = run("trace", "net.py", "--in", "4")
    assert status == 1
    assert err.count("note: net.py:12 wanted to start `nvidia-smi`: --allow-run lets it") == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("call", ["remove('pipe')", "rename('kept', 'pipe')"])
def test_a_device_is_written_to_but_not_deleted_or_replaced(call: str) -> None:
    source(f"import os\ntry: os.{call}\nexcept OSError: pass")
    os.mkfifo("pipe")
    Path("kept").write_text("")
    assert "net.py:2 wanted to" in cs.trace("net.py", "3").note
    assert Path("pipe").is_fifo()


def test_code_that_does_not_cope_is_told_what_would_let_it() -> None:
    source("import os; os.remove('log.txt')")
    Path("log.txt").write_text("")
    assert (
        'net.py:1 wanted to delete log.txt: allow=["write"] lets it' in cs.trace("net.py", "3").note
    )


@pytest.mark.parametrize(
    "statement",
    [
        "with open('log', 'w') as log: print('begun', file=log)",
        "import os; os.makedirs('checkpoints'); open('checkpoints/new', 'xb').write(b'1')",
        "import logging; logging.FileHandler('log').emit(logging.makeLogRecord({'msg': 'begun'}))",
        "import pathlib; pathlib.Path('log').write_text('begun')",
        "import json; json.dump({}, open('log', 'w+'))",
        "import csv; csv.writer(open(file='log', mode='a', newline='')).writerow('ab')",
        "from torch.utils.tensorboard import SummaryWriter; SummaryWriter('log'); open('log', 'w')",
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_a_script_writes_to_files_that_it_opens_goes_nowhere(statement: str) -> None:
    source(statement)
    Path("log").write_text("as it was")
    trace = cs.trace("net.py", "3")
    assert trace.error is None
    assert trace.note.count("net.py:1 wanted to write ") == 1
    assert Path("log").read_text() == "as it was"
    assert {*os.listdir()} - {"checkpoints"} == {"log", "net.py"}
    assert not Path("checkpoints/new").exists()


def test_functions_that_outlive_the_trace_write_again() -> None:
    source("import builtins\nbuiltins.kept = [lambda: open('log', 'w').close()]")
    cs.trace("net.py", "3")
    __builtins__["kept"][0]()
    assert Path("log").exists()


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("subprocess.run([sys.executable, '-c', ''], check=True)", "run"),
        ("open('x', 'w').close()", "write"),
    ],
)
def test_what_is_allowed_is_done(statement: str, kind: str) -> None:
    source(f"import subprocess, sys\n{statement}")
    assert cs.trace("net.py", "3", allow=(kind,)).note == ""
    assert cs.trace("net.py", "3", allow=kind).note == ""
    assert run("trace", "net.py", "--in", "3", f"--allow-{kind}")[::2] == (0, "")
    assert run("check", "net.py", "--in", "3", f"--allow-{kind}")[::2] == (0, "")
    assert run("diff", "net.py", "net.py", "--in", "3", f"--allow-{kind}")[::2] == (0, "")
    assert run("fit", "net.py", "--in", "W", f"--allow-{kind}")[0] == 0


def test_the_network_may_be_allowed() -> None:
    source(
        "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 9), 0.1)\n"
        "except OSError:\n    pass"
    )
    assert cs.trace("net.py", "3", allow=["network"]).note == ""


def test_there_is_nothing_else_to_allow() -> None:
    source("")
    with pytest.raises(cs.SpecError, match="unknown permission 'netwrok'"):
        cs.trace("net.py", "3", allow=["netwrok"])


@pytest.mark.parametrize(
    "statement",
    [
        "import tempfile; f = tempfile.NamedTemporaryFile('w'); f.write('x'); f.close()",
        "import tempfile, shutil; shutil.rmtree(tempfile.mkdtemp())",
        "import tempfile\nwith tempfile.TemporaryDirectory() as d: open(d + '/x', 'w').close()",
        "import os; os.makedirs('runs', exist_ok=True)",
        "open('/dev/null', 'w').close()",
        "import helper",
        "open(__file__).close()",
        "import socket; socket.socketpair(); socket.gethostname()",
        "import logging; logging.basicConfig()",
        "import os, tempfile; f = tempfile.TemporaryFile(); os.truncate(f.fileno(), 0); f.close()",
        "import py_compile; py_compile.compile('helper.py')",
        "import socket; socket.socket(socket.AF_UNIX).connect_ex('nothing')",
        "import threading; t = threading.Thread(target=print); t.start(); t.join()",
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_harms_nobody_is_done(statement: str) -> None:
    Path("helper.py").write_text("import json\n")
    source(statement)
    trace = cs.trace("net.py", "3")
    assert (trace.error, trace.note) == (None, "")


def test_other_threads_and_what_comes_after_are_not_guarded(folder: Path) -> None:
    source("import time\ntime.sleep(0.3)")
    results: list[object] = []

    def other() -> None:
        done = subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, check=True)
        Path("theirs").write_text("x")
        results.append(done.stdout)

    thread = threading.Timer(0.1, other)
    thread.start()
    cs.trace("net.py", "3")
    thread.join()
    assert results == [b"1\n"]
    other()
    assert os.system(f"{sys.executable} -c ''") == 0


def test_a_thread_that_is_no_thread_of_threading_is_the_sources(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What belongs to an object was taken for its `Thread`: no thread could print after it."""
    source(
        "import _thread, time\nwords = ['theirs']\n_thread.start_new_thread(words.append, ('x',))\n"
        "_thread.start_new_thread(print, ('printed',))\ntime.sleep(0.3)"
    )
    other = threading.Timer(0.1, print, ["theirs"])
    other.start()
    cs.trace("net.py", "3")
    other.join()
    assert capfd.readouterr() == ("theirs\n", "printed\n")


def test_what_is_no_function_is_no_thread() -> None:
    source("import _thread\n_thread.start_new_thread(3, ())")
    with pytest.raises(cs.SpecError, match="first arg must be callable"):
        cs.trace("net.py", "3")


def test_what_another_hook_refuses_is_an_error_as_without_a_trace() -> None:
    code = """
import sys
import convshape

def refuse(event, args):
    if event == "os.system":
        raise PermissionError("the company forbids it")

sys.addaudithook(refuse)
print(convshape.trace("net.py", "3", allow="run").note)
"""
    source("import os\nos.system('x')")
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "net.py:2: PermissionError: the company forbids it" in process.stdout


def test_a_source_that_traces_another_lifts_nothing() -> None:
    source("")
    Path("outer.py").write_text(
        "import os, convshape\nconvshape.trace('net.py', '3', allow=['run'])\nos.system('x')\n"
        + NETWORK.format(in_forward="        pass")
    )
    assert "outer.py:3 wanted to start `x`" in cs.trace("outer.py", "3").note


def test_torch_itself_is_guarded_too() -> None:
    source("import os\nos.system('x')")
    assert "net.py:2 wanted to start `x`" in cs.trace("net.py", "3", engine="torch").note


@pytest.mark.parametrize("path", ["'kept'", "pathlib.Path('kept')"])
def test_torch_saves_no_file(path: str) -> None:
    Path("kept").write_text("as it was")
    source(f"import io, pathlib, torch\ntorch.save({{}}, {path})\ntorch.save({{}}, io.BytesIO())")
    trace = cs.trace("net.py", "3", engine="torch")
    assert trace.error is None
    assert 'net.py:2 wanted to write kept: allow=["write"] lets it' in trace.note
    assert Path("kept").read_text() == "as it was"
    assert cs.trace("net.py", "3", engine="torch", allow=["write"]).note == ""
    assert Path("kept").read_bytes().startswith(b"PK")


@pytest.mark.parametrize("name", ["net.yaml", "net.YML", "net.json", "net.md", "net.log", "net"])
def test_code_in_a_file_of_another_kind_is_not_run(name: str) -> None:
    code = (
        "import os\nimport torch.nn as nn\nos.mkdir('ran')\nnet = nn.Sequential(nn.Linear(3, 4))\n"
    )
    Path(name).write_text(code)
    with pytest.raises(cs.SpecError, match=f"{name} has Python code, which is run from") as refusal:
        cs.trace(name, input="3")
    assert refusal.value.fix == "rename it: net.py"
    assert not Path("ran").exists()
    Path("net.txt").write_text(code)
    assert cs.trace("net.txt", input="3", allow=["write"]).params == 16
    assert Path("ran").exists()
