"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from convshape.files import write_atomically


def test_text_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    write_atomically(file, "é: 1\r\nb: 2\n")
    assert file.read_bytes() == "é: 1\r\nb: 2\n".encode()
    write_atomically(file, b"\xff")
    assert file.read_bytes() == b"\xff"
    assert os.listdir(tmp_path) == ["net.yaml"]


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "net.yaml", tmp_path / "link.yaml"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to("net.yaml")
    write_atomically(link, "new")
    assert link.is_symlink()
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o640


def test_what_cannot_be_written_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "net.yaml"
    file.write_text("old")

    def fails(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="No space"):
        write_atomically(file, "new")
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["net.yaml"]


def test_a_new_file_is_not_written_over_another(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    write_atomically(file, "first", new=True)
    with pytest.raises(FileExistsError):
        write_atomically(file, "second", new=True)
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "dangling", "second", new=True)
    assert file.read_text() == "first"


def test_a_device_is_written_to() -> None:
    write_atomically(os.devnull, "text")
    assert not os.path.isfile(os.devnull)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "none" / "net.yaml", "text")
