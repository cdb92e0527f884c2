"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

PART = ".part"  # how the name of a file ends while it is being written


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside and rename into place: after a crash or on a full disk ``path`` is the old file or the new, whole.

    Raises OSError; the half-written file is removed.
    """
    write_together({path: data})


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write files that belong together: none is put into place before all of them are on the disk.

    Raises OSError; the half-written files are removed.
    """
    parts: list[tuple[Path, Path]] = []
    try:
        for path, data in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.parent / f".{path.name}.{secrets.token_hex(4)}{PART}"
            # unlike tempfile's, the file is readable to whom the umask lets it be
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
    """Clear away what a process that was killed while it wrote left in ``folder``."""
    for part in folder.glob(f".*{PART}"):
        part.unlink(missing_ok=True)
