"""A PostgreSQL server of the tests' own: private folder, private socket, gone afterwards."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tests.patience import ENOUGH

_PR_SET_PDEATHSIG = 1


def _program(name: str) -> str | None:
    """Find a program of PostgreSQL's; Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(found[-1]) if found else None)


def _unprivileged() -> dict[str, int]:
    """Who runs the server: PostgreSQL refuses to be run by root."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid}
    pytest.skip("PostgreSQL cannot be run by root, and there is no user postgres or nobody here")


def _end_with_parent() -> None:
    """End this process with the one that started it, even if that is killed: workers of an interrupted run are."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)  # which disconnects whoever is there


@contextlib.contextmanager
def server() -> Iterator[Path]:
    """Run a server and give the folder of its socket; skips the test where there is no PostgreSQL."""
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL is not installed (on Debian: apt install postgresql)")
    who = _unprivileged()
    # not pytest's own folder: another user could not enter it; and short, for a socket's path has 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="melicon-pg-"))
    if who:
        os.chown(folder, who["user"], who["group"])
    data = folder / "data"
    try:
        subprocess.run(
            [initdb, "-D", data, "-U", "melicon", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
            check=True, capture_output=True, cwd=folder, **who,
        )  # fmt: skip
        log = (folder / "log").open("wb")
        options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
        process = subprocess.Popen(
            [postgres, "-D", data, *options],
            stdout=log, stderr=log, cwd=folder, preexec_fn=_end_with_parent, **who,  # noqa: PLW1509 - no thread is started yet
        )  # fmt: skip
        try:
            _wait(folder, process)
            yield folder
        finally:
            process.terminate()
            process.wait(ENOUGH)
            log.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    ready = _program("pg_isready")
    assert ready
    for _ in range(round(ENOUGH / 0.05)):
        if process.poll() is not None:
            raise AssertionError((folder / "log").read_text())
        if subprocess.run([ready, "-q", "-h", folder, "-U", "melicon"], check=False).returncode == 0:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    raise AssertionError("PostgreSQL did not start")


async def new_database(folder: Path, name: str) -> str:
    """Make an empty database and return its URL."""
    connection = await asyncpg.connect(host=str(folder), user="melicon", database="postgres")
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return f"postgresql+asyncpg://melicon@/{name}?host={folder}"
