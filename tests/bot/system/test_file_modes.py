"""Who can read what the bot writes."""

from __future__ import annotations

import logging
import os
import stat
import webbrowser
from pathlib import Path

import pytest

from bot import run
from bot.system import file_modes


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_what_an_earlier_version_left_open_is_closed_and_nothing_else(tmp_path: Path) -> None:
    theirs = [tmp_path / "notes.txt", tmp_path / "project"]
    ours = [tmp_path / "melicon.db", tmp_path / "melicon.db-wal", tmp_path / "logs", tmp_path / "try"]
    elsewhere = tmp_path / "elsewhere"
    for path in [theirs[0], *ours[:2], elsewhere]:
        path.touch(0o644)
        path.chmod(0o644)
    for path in [theirs[1], *ours[2:]]:
        path.mkdir()
        path.chmod(0o755)
    (tmp_path / "styles").symlink_to(elsewhere)
    file_modes.close_to_others(tmp_path)
    assert [mode(path) for path in ours] == [0o600, 0o600, 0o700, 0o700]
    assert [mode(path) for path in theirs] == [0o644, 0o755]
    assert mode(elsewhere) == 0o644, "links are not followed"


def test_a_settings_file_that_others_can_read_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / ".env"
    path.touch()
    path.chmod(0o600)
    with caplog.at_level(logging.WARNING):
        file_modes.warn_of_open_secrets(path)
        file_modes.warn_of_open_secrets(tmp_path / "missing")
        assert caplog.text == ""
        path.chmod(0o644)
        file_modes.warn_of_open_secrets(path)
    assert f"chmod 600 {path}" in caplog.text


def test_files_and_folders_are_made_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        file_modes.write_privately()
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").touch()
    finally:
        os.umask(before)
    assert (mode(tmp_path / "folder"), mode(tmp_path / "file")) == (0o700, 0o600)


def test_the_browser_is_started_without_the_key_that_others_would_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    for key in ("old", "new"):
        run._open_in_browser(f"http://127.0.0.1:1/?key={key}", tmp_path)
    page = tmp_path / "open.html"
    assert opened == [page.as_uri()] * 2
    assert "url=http://127.0.0.1:1/?key=new" in page.read_text()
    assert mode(page) == 0o600
