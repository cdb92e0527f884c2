"""No secret reaches a log, wherever it comes from."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import logs

TOKEN = "MTExMTExMTExMTExMTExMTEx.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789"
SECRET = "hunter2"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers = []
    yield tmp_path / "logs"
    for handler in root.handlers:
        handler.close()
    root.handlers = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def test_secrets_are_blotted_out_of_messages_arguments_and_tracebacks(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("DEBUG", folder, [SECRET])
    log = logging.getLogger("test")
    log.info("in the text: " + SECRET)  # noqa: G003 - as a careless caller would
    log.info("as an argument: %s", {"token": SECRET})
    log.info("a token nobody told us of: Bot %s", TOKEN)
    log.info("POST https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb24/messages/@original")
    log.info("POST https://discord.com/api/v10/interactions/123/aW50ZXJhY3Rpb24/callback?with_response=1")
    log.debug("WebSocket Event: %s", {"t": "INTERACTION_CREATE", "d": {"token": "aW50ZXJhY3Rpb24", "id": 1}})
    try:
        int(SECRET)  # the error's text repeats it
    except ValueError:
        log.exception("with a traceback")
    written = (folder / "melicon.log").read_text("utf-8")
    for text in (written, capsys.readouterr().err):
        assert "with a traceback" in text
        assert "ValueError" in text
        assert "/messages/@original" in text
        for secret in (SECRET, TOKEN, "aW50ZXJhY3Rpb24"):
            assert secret not in text


def test_configuring_twice_writes_each_line_once(folder: Path) -> None:
    logs.configure("INFO", folder, [])
    logs.configure("INFO", folder, [])
    logging.getLogger("test").info("only once")
    assert (folder / "melicon.log").read_text("utf-8").count("only once") == 1


def test_the_level_holds(folder: Path) -> None:
    logs.configure("WARNING", folder, [])
    logging.getLogger("test").info("too quiet")
    logging.getLogger("test").warning("loud enough")
    written = (folder / "melicon.log").read_text("utf-8")
    assert "loud enough" in written
    assert "too quiet" not in written
