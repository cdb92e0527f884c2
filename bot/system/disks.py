"""Whether a disk is full, which passes when somebody makes room."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

_FULL = {errno.ENOSPC, errno.EDQUOT}
_ROOM = 64 * 1024  # bytes; with less, SQLite cannot even open a database


def disk_is_full(error: BaseException | None, folder: Path | None = None) -> bool:
    """Whether `error`, or what caused it, says so, or there is no room left in `folder`."""
    while error is not None:
        full = isinstance(error, OSError) and error.errno in _FULL
        if full or getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            return True
        error = getattr(error, "orig", None) or error.__cause__
    try:
        return folder is not None and shutil.disk_usage(folder).free < _ROOM
    except OSError:
        return False
