"""Detects a full disk, which is worth a retry."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT}
_ROOM = 64 * 1024  # bytes; below that, SQLite cannot open a database


def disk_is_full(error: BaseException | None, folder: Path | None = None) -> bool:
    """Whether `error` or its cause reports a full disk, or `folder` has no space left."""
    while error is not None:
        full = isinstance(error, OSError) and error.errno in _FULL
        if full or getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            return True
        error = getattr(error, "orig", None) or error.__cause__
    try:
        return folder is not None and shutil.disk_usage(folder).free < _ROOM
    except OSError:
        return False
