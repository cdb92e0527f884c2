"""Logging to a rotating file in DATA_DIR/logs and to the terminal, with secrets redacted."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from gan.errors import MeliconError

log = logging.getLogger(__name__)

FILE = "melicon.log"
_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
_FILE_BYTES = 5 * 2**20
_MOST_FILES = 4
_HIDDEN = "[secret]"
# patterns of Discord bot tokens, and of interaction and webhook tokens in URLs and payloads
_PATTERNS = (
    re.compile(r"()[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"),
    re.compile(r"((?:webhooks|interactions)/\d+/)[^/\s?'\"]+"),
    re.compile(r"(['\"]token['\"]: ?['\"])[^'\"]+"),
)


class RedactingFormatter(logging.Formatter):
    """Formats a record with its traceback and redacts all secrets."""

    def __init__(self, fmt: str, secrets: Iterable[str] = ()) -> None:
        super().__init__(fmt)
        self._secrets = tuple(sorted(filter(None, secrets), key=len, reverse=True))

    def format(self, record: logging.LogRecord) -> str:
        """Return the formatted record."""
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\1{_HIDDEN}", text)
        return text


class JsonFormatter(RedactingFormatter):
    """Formats a record as one line of JSON and redacts all secrets."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the message without a prefix; the library appends the traceback."""
        return record.message

    def format(self, record: logging.LogRecord) -> str:
        """Return the formatted record."""
        return json.dumps(
            {
                "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
                "level": record.levelname,
                "logger": record.name,
                "message": super().format(record),
            },
            ensure_ascii=False,
        )


class _LogFile(RotatingFileHandler):
    """Reports a write error, such as a full disk, once instead of for every record."""

    _said = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Report on standard error that records are lost."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._said:
            self._said = True
            print(f"{self.baseFilename} cannot be written: {error.strerror or error}", file=sys.stderr)


def configure(
    level: str, folder: Path, secrets: Iterable[str], *, screen_level: str | None = None, as_json: bool = False
) -> None:
    """Log to standard error and to `folder`/melicon.log, replacing existing handlers.

    `screen_level`: a higher level for standard error. Records with ``file_only`` in `extra` go to the file only.
    `as_json`: log one JSON object per line to both.

    Raises OSError if the file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    to_file = _LogFile(folder / FILE, maxBytes=_FILE_BYTES, backupCount=_MOST_FILES, encoding="utf-8")
    to_screen, screen_format = (logging.StreamHandler(), _FORMAT) if as_json else _screen()
    formatter = JsonFormatter if as_json else RedactingFormatter
    to_file.setFormatter(formatter(_FORMAT, secrets))
    to_screen.setFormatter(formatter(screen_format, secrets))
    to_screen.setLevel(screen_level or level)
    to_screen.addFilter(lambda record: record.name != "py.warnings")  # for developers: file only
    to_screen.addFilter(lambda record: not getattr(record, "file_only", False))

    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()
    root.addHandler(to_file)
    root.addHandler(to_screen)
    for handler in root.handlers:
        handler.addFilter(_is_wanted)
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    # too verbose at INFO: every request, migration step and pooled connection
    for name in ("aiohttp.access", "alembic", "sqlalchemy", "aiosqlite"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


@contextlib.contextmanager
def fatal_errors() -> Iterator[None]:
    """Log uncaught exceptions of the process and its threads to the file."""
    before = threading.excepthook
    threading.excepthook = _log_thread
    try:
        yield
    except MeliconError as error:
        log.critical("ends: %s", error, extra={"file_only": True})
        raise
    except Exception:
        log.critical("exiting because of an uncaught exception", exc_info=True, extra={"file_only": True})
        raise
    finally:
        threading.excepthook = before


def _log_thread(failure: threading.ExceptHookArgs) -> None:
    if failure.exc_value is not None and not isinstance(failure.exc_value, SystemExit):
        name = failure.thread.name if failure.thread else "?"
        log.error("the thread %s has ended with an uncaught exception", name, exc_info=failure.exc_value)


def _is_wanted(record: logging.LogRecord) -> bool:
    """Filter the warning about missing voice packages: the bot uses no voice."""
    return "voice will NOT be supported" not in record.getMessage()


def _screen() -> tuple[logging.Handler, str]:
    if not sys.stderr.isatty():
        return logging.StreamHandler(), _FORMAT
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.logging import RichHandler  # noqa: PLC0415

    # Rich's tracebacks print local variables, possibly the token
    handler = RichHandler(console=Console(stderr=True), show_path=False, rich_tracebacks=False, markup=False)
    return handler, "%(message)s"
