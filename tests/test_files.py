"""Writing files: what stands there is lost in no way that a write can fail."""

from __future__ import annotations

import errno
import os
import re
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import run

from convshape.errors import SpecError
from convshape.files import keep_apart, write_atomically


def test_it_is_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "net.md"
    write_atomically(str(path), "a\r\nb × c\n")
    assert path.read_bytes() == "a\r\nb × c\n".encode()
    write_atomically(str(path), b"\xff\x00")
    assert path.read_bytes() == b"\xff\x00"
    assert os.listdir(tmp_path) == ["net.md"]


def test_permissions_are_kept_and_a_new_file_has_the_usual_ones(tmp_path: Path) -> None:
    path, usual = tmp_path / "net.md", tmp_path / "usual"
    usual.touch()
    write_atomically(str(path), "new")
    assert path.stat().st_mode == usual.stat().st_mode
    path.chmod(0o640)
    write_atomically(str(path), "newer")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_symbolic_link_goes_on_pointing_to_it(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    path, link = tmp_path / "there" / "net.md", tmp_path / "link.md"
    path.write_text("old")
    link.symlink_to(path)
    write_atomically(str(link), "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    (tmp_path / "dangling").symlink_to(tmp_path / "later")
    write_atomically(str(tmp_path / "dangling"), "new")
    assert (tmp_path / "later").read_text() == "new"


def test_a_device_or_pipe_is_written_to(tmp_path: Path) -> None:
    write_atomically(os.devnull, "gone")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(str(pipe), "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    with pytest.raises(SpecError, match=r"^cannot write /dev/full: no space left on device$"):
        write_atomically("/dev/full", "much")


@pytest.mark.parametrize("fails", ["fsync", "replace", "chmod", "open"])
def test_the_old_file_stands_where_anything_fails(
    fails: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.md"
    path.write_text("old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, fails, fail)
        with pytest.raises(SpecError, match=r"^cannot write .*net\.md: no space left on device$"):
            write_atomically(str(path), "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["net.md"]


@pytest.mark.parametrize("new", [False, True])
def test_a_full_disk_leaves_no_half_of_a_file(new: bool, tmp_path: Path) -> None:
    path = tmp_path / "net.md"
    if not new:
        path.write_text("old")
    code = (
        f"from convshape.files import write_atomically as w; w({str(path)!r}, 'x' * 9999, "
        f"new={new})"
    )

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = subprocess.run(
        [sys.executable, "-B", "-c", code],
        capture_output=True,
        text=True,
        preexec_fn=limit,
        check=False,
    )
    assert "SpecError: cannot write" in done.stderr
    assert "file too large" in done.stderr
    assert [each.read_text() for each in tmp_path.iterdir()] == ([] if new else ["old"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_signal_while_it_is_written_leaves_the_old_file(number: int, tmp_path: Path) -> None:
    path = tmp_path / "net.md"
    path.write_text("old")
    code = (
        "import os; from convshape.files import write_atomically\n"
        f"os.fsync = lambda _: os.kill(os.getpid(), {int(number)})\n"
        f"write_atomically({str(path)!r}, 'new')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode != 0
    assert path.read_text() == "old"
    assert len(os.listdir(tmp_path)) == (1 if number == signal.SIGINT else 2)


def test_a_file_that_must_be_new(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    write_atomically(str(path), "first", new=True)
    with pytest.raises(FileExistsError):
        write_atomically(str(path), "second", new=True)
    assert path.read_text() == "first"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("no/such/folder", "no such file or directory"),
        (".", "is a directory"),
        ("a\0b", "(lstat: )?embedded null (byte|character in path)"),  # Python's words
        ("x" * 300, "file name too long"),
    ],
)
def test_what_cannot_be_written_is_told(
    path: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError) as caught:
        write_atomically(path, "text")
    assert re.fullmatch(f"cannot write {re.escape(path)}: {reason}", caught.value.what)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write it")
def test_a_file_that_is_read_only_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "net.md"
    path.write_text("old")
    path.chmod(0o444)
    with pytest.raises(SpecError, match="permission denied"):
        write_atomically(str(path), "new")
    assert path.read_text() == "old"


def test_a_file_that_is_read_is_not_written_over(tmp_path: Path) -> None:
    read, link, other = tmp_path / "net.json", tmp_path / "link.json", tmp_path / "other.json"
    for path in (read, other):
        path.write_text("{}")
    link.symlink_to(read)
    for output in (read, link):
        with pytest.raises(SpecError, match="it is not overwritten"):
            keep_apart(str(output), "missing", str(read))
    keep_apart(str(other), str(read), "missing")
    keep_apart("", str(read))


def test_the_output_of_a_trace_replaces_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "net.md"
    path.write_text("old")
    path.chmod(0o600)
    network = tmp_path / "net.yaml"
    network.write_text("input: 3x8x8\nlayers: [Flatten()]\n")
    assert run("trace", str(network), "-o", str(path))[0] == 0
    assert "`Flatten()`" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path)) == ["net.md", "net.yaml"]
