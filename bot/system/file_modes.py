"""Protects the bot's files from other users of the machine: folders 0700, files 0600."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

log = logging.getLogger(__name__)

UMASK = 0o077
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# the bot's own entries in DATA_DIR, which may hold other files too
_OURS = ("melicon.db*", "discord.db*", "logs", "styles", "built-in", "likeness", "runs", "try")


def write_privately() -> None:
    """Set the umask of this process and its children to owner-only."""
    os.umask(UMASK)


def close_to_others(data_dir: Path) -> None:
    """Remove group and other permissions from files of earlier versions in `data_dir`.

    A closed folder protects its contents. Files of other users or programs are left alone.
    """
    for pattern in _OURS:
        for path in data_dir.glob(pattern):
            _close(path)


def _close(path: Path) -> None:
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode) or not found.st_mode & _OTHERS or found.st_uid != os.geteuid():
            return
        path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
    except (OSError, AttributeError) as error:  # no os.geteuid on Windows, where modes have little effect
        log.debug("%s keeps its permissions: %s", path, error)
        return
    log.info("%s was readable by other users of this machine: now it is private", path)


def warn_of_open_secrets(env_file: Path) -> None:
    """Warn if other users can read the settings file, which holds the token."""
    try:
        open_to_others = os.name == "posix" and bool(env_file.stat().st_mode & _OTHERS)
    except OSError:
        return
    if open_to_others:
        log.warning(
            "%s contains secrets and is readable by other users of this machine: chmod 600 %s", env_file, env_file
        )
