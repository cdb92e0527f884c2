"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
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
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
            parts.append((Path(name), path))
            with os.fdopen(handle, "wb") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())
            Path(name).chmod(0o644)
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
