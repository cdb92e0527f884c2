"""Selects the newer time zone database: the system's or the Python package tzdata.

`zoneinfo` prefers the system's files, however old. With outdated rules, icons would come an hour early or late.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import tzdata

_VERSION = re.compile(r"(\d{4})([a-z]+)")
# files that name the release: IANA's and Linux distributions', macOS's
_VERSION_FILES = ("tzdata.zi", "+VERSION")


@dataclass(frozen=True)
class ZoneFiles:
    """The selected copy."""

    version: str  # e.g. 2026b
    folder: str | None  # None: the Python package
    others: tuple[tuple[str, str], ...] = ()  # (folder, version or "unknown version") of the unused copies

    def __str__(self) -> str:
        used = f"{self.folder} ({self.version})" if self.folder else f"the Python package tzdata ({self.version})"
        unused = ", ".join(f"{folder} ({version})" for folder, version in self.others)
        return used + (f", at least as new as {unused}" if unused else "")


@lru_cache(maxsize=1)
def use_newest() -> ZoneFiles:
    """Make `zoneinfo` use the newest copy, process-wide; return it."""
    chosen = choose(zoneinfo.TZPATH, tzdata.IANA_VERSION)
    # names missing in the folder are still looked up in the package
    zoneinfo.reset_tzpath(to=[chosen.folder] if chosen.folder else [])
    zoneinfo.ZoneInfo.clear_cache()
    return chosen


def choose(folders: Iterable[str], package: str) -> ZoneFiles:
    """Return the newest of the copies in `folders` and the package's, of version `package`.

    The package wins ties, and against copies of unknown version.
    """
    found = {folder: _version(Path(folder)) for folder in folders if (Path(folder) / "UTC").is_file()}
    best = max(found, key=lambda folder: _order(found[folder]), default=None)
    if best is not None and _order(found[best]) <= _order(package):
        best = None
    others = [(folder, version or "unknown version") for folder, version in found.items() if folder != best]
    if best is not None:
        others.append(("the Python package tzdata", package))
    return ZoneFiles(package if best is None else found[best], best, tuple(others))


def _version(folder: Path) -> str:
    """Return the release in `folder`, such as 2026b; "" if unknown."""
    for name in _VERSION_FILES:
        try:
            with (folder / name).open(encoding="utf-8", errors="replace") as file:
                line = file.readline(200)
        except OSError:
            continue
        if found := _VERSION.search(line):
            return found[0]
    return ""


def _order(version: str) -> tuple[int, int, str]:
    """Return a release's sort key: 2025b before 2025c, z before aa."""
    found = _VERSION.fullmatch(version)
    return (int(found[1]), len(found[2]), found[2]) if found else (0, 0, "")
