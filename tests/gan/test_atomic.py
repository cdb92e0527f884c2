"""Atomic writes under disk errors."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

from gan.atomic import remove_parts, write_atomically, write_together
from tests.gan.disks import small_disk

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def no_space(*_args: object, **_more: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
def test_a_file_is_written_with_its_folders_and_readable_to_whom_the_umask_lets(
    umask: int, mode: int, tmp_path: Path
) -> None:
    path = tmp_path / "a" / "b" / "file"
    before = os.umask(umask)
    try:
        write_atomically(path, b"new")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("step", ["fsync", "fdopen"])
def test_a_disk_that_refuses_leaves_the_old_file_whole_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    write_atomically(tmp_path / "file", b"old")
    monkeypatch.setattr(os, step, no_space)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(tmp_path / "file", b"new" * 1000)
    assert files(tmp_path) == {"file": b"old"}


def test_a_really_full_disk_leaves_the_old_file_whole_and_nothing_beside_it(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64k") as disk:
        write_atomically(disk / "file", b"old" * 1000)
        with pytest.raises(OSError, match="No space left"):
            write_atomically(disk / "file", bytes(100_000))
        assert files(disk) == {"file": b"old" * 1000}


def test_of_files_that_belong_together_none_is_replaced_when_one_does_not_fit(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64k") as disk:
        write_together({disk / "a": b"old a", disk / "b": b"old b"})
        with pytest.raises(OSError, match="No space left"):
            write_together({disk / "a": b"new a", disk / "b": bytes(100_000)})
        assert files(disk) == {"a": b"old a", "b": b"old b"}


def test_an_interruption_cleans_up_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "file", b"new")
    assert files(tmp_path) == {}


def test_what_a_killed_process_left_half_written_is_cleared_away_and_nothing_else(tmp_path: Path) -> None:
    for name in (".file.x1y2.part", ".file", "file.part", "file"):
        (tmp_path / name).touch()
    remove_parts(tmp_path)
    assert set(files(tmp_path)) == {".file", "file.part", "file"}
