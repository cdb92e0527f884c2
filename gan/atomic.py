"""Atomic file writes."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

PART = ".part"  # suffix of a file while it is being written


def write_atomically(path: Path, data: bytes) -> None:
    """Write to a temporary file and rename: after a crash or on a full disk ``path`` is the old file or the new one.

    Raises OSError; the partial file is removed.
    """
    write_together({path: data})


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write several files; none is renamed into place before all are on disk.

    Raises OSError; the partial files are removed.
    """
    parts: list[tuple[Path, Path]] = []
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.parent / f".{path.name}.{secrets.token_hex(4)}{PART}"
            # unlike tempfile's, the file's mode follows the umask
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            parts.append((part, path))
            with os.fdopen(handle, "wb") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())
        for part, path in parts:
            part.replace(path)
    except BaseException:
        for part, _ in parts:
            part.unlink(missing_ok=True)
        raise


def remove_parts(folder: Path) -> None:
    """Remove partial files that a killed process left in ``folder``."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)
