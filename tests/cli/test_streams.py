"""Standard streams that are closed, full or unread: reported unless unread, with exit code 2."""

from __future__ import annotations

import errno
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import LENET, ROOT

from convshape.cli import COMMANDS, main

#: A command line of each command that answers on stdout.
ANSWERING = {
    "--help": "--help",
    "--version": "--version",
    "conv": "conv --in 32 --k 5",
    "pool": "pool --in 112 --k 3",
    "deconv": "deconv --in 7 --k 4",
    "layer": "layer Conv2d(3,6,5) --in 3x32x32",
    "trace": f"trace {LENET}",
    "layers": "layers",
    "init": "init --list",
    "schema": "schema",
    "diff": f"diff {LENET} {ROOT}/examples/vae.yaml",
    "check": f"check {LENET} --json",
    "fit": f"fit {LENET}",
    "annotate": f"annotate {LENET}",
    "verify": f"verify {LENET} --json",
    "explain": "explain 'mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)'",
    "solve": "solve conv --in 224 --out 112",
    "draw": "draw conv --in 5 --k 3",
    "command --help": "conv --help",
    "rarer spelling": "conv --in 32 -k5",
}
FULL, CLOSED, UNREAD = "no space left on device", "bad file descriptor", "broken pipe"
FAULTS = {FULL: ">/dev/full", CLOSED: ">&-", UNREAD: ""}


def faulty(words: str, redirection: str) -> subprocess.CompletedProcess[str]:
    """Run a command line under a shell's redirection; without one its stdout is read by nobody."""
    command = ["sh", "-c", f'"$0" -m convshape "$@" {redirection}', sys.executable]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(
            command + shlex.split(words),
            stdout=subprocess.DEVNULL if redirection else writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writer)


def test_every_command_is_tried() -> None:
    assert set(COMMANDS) <= set(ANSWERING)


@pytest.mark.parametrize("reason", FAULTS)
@pytest.mark.parametrize("name", ANSWERING)
def test_an_answer_that_cannot_be_written_is_told(name: str, reason: str) -> None:
    done = faulty(ANSWERING[name], FAULTS[reason])
    said = "" if reason is UNREAD else f"error: cannot write the output: {reason}\n"
    assert (done.returncode, done.stderr) == (2, said)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_pipe_that_breaks_in_the_middle_of_an_answer(unbuffered: str) -> None:
    """A pipe holds 64 KiB: the rest of the schema is not read by anybody."""
    with subprocess.Popen(
        [sys.executable, "-m", "convshape", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    ) as process:
        process.stdout.read(10)  # type: ignore[union-attr]
        process.stdout.close()  # type: ignore[union-attr]
        assert process.stderr.read() == b""  # type: ignore[union-attr]
    assert process.returncode == 2


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_disk_that_has_room_for_half_of_an_answer(unbuffered: str, tmp_path: Path) -> None:
    limited = f'export PYTHONUNBUFFERED={unbuffered}; ulimit -f 1; exec "$0" -B -m convshape "$@"'
    command = ["sh", "-c", f"{limited} >{tmp_path}/out", sys.executable, "schema"]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "error: cannot write the output: file too large\n")


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize(
    "words", ["trace missing.yaml", "conv --in 3 --k 5", "conv --nothing", "explain"]
)
def test_an_error_that_cannot_be_written_ends_with_2(words: str, redirection: str) -> None:
    done = faulty(words, f"{redirection} </dev/null")
    assert (done.returncode, done.stderr) == (2, "")


@pytest.mark.parametrize("redirection", [">/dev/full 2>&1", ">&- 2>&-", ">&- 2>&- <&-"])
def test_where_nothing_is_left_the_status_tells(redirection: str) -> None:
    assert faulty("conv --in 32 --k 5", redirection).returncode == 2


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", "<&-", ">/dev/null <&- 2>&-"])
def test_a_stream_that_is_not_needed_may_be_closed(redirection: str) -> None:
    assert faulty(f"trace {LENET}", redirection).returncode == 0


@pytest.mark.parametrize("words", ["trace -", f"diff - {LENET}", "explain", "check -", "explain -"])
def test_standard_input_that_is_closed_is_told(words: str) -> None:
    done = faulty(words, "<&-")
    assert done.returncode == 2
    assert done.stderr.removesuffix("  --> -\n") == (
        "error: cannot read standard input: bad file descriptor\n"
    )


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_what_a_source_prints_may_be_lost_but_its_trace_is_not(
    redirection: str, tmp_path: Path
) -> None:
    source = tmp_path / "net.py"
    source.write_text("import torch\nprint('hello')\nnet = torch.nn.Linear(8, 2)\n")
    done = faulty(f"trace {source}:net --in 8", f"{redirection} >{tmp_path}/out")
    assert done.returncode in (0, 2)  # what it prints is nothing that was asked for
    assert "Linear" in (tmp_path / "out").read_text()


def test_a_file_is_not_written_into_by_what_goes_to_a_closed_stream(tmp_path: Path) -> None:
    done = faulty(f"trace {LENET} -o {tmp_path}/net.md", ">&- 2>&- <&-")
    assert done.returncode == 0
    assert (tmp_path / "net.md").read_text().startswith("**LeNet**")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "cannot write the output: no space"),
        (PermissionError(errno.EACCES, "Permission denied", "x.yaml"), "x.yaml: permission denied"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), "no such file or directory"),
        (BlockingIOError(errno.EAGAIN, "Cannot fork", "fork"), "fork: cannot fork"),
    ],
)
def test_only_errors_of_the_output_are_about_the_output(
    error: OSError,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr("convshape.one_layer.layer_of", fails)
    with pytest.raises(SystemExit) as ended:
        main(["conv", "--in", "32", "--k", "5"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
