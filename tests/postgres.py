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
def server(tls_port: int | None = None) -> Iterator[Path]:
    """Run a server and give the folder of its socket; skips the test where there is no PostgreSQL.

    It has no TCP port, or one of 127.0.0.1 that takes nothing but TLS.
    """
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
        if tls_port is not None:
            options += _tls(data, tls_port, who)
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


def _tls(data: Path, port: int, who: dict[str, int]) -> list[str]:
    """Give the server a certificate, and return its options; skips the test where there is no OpenSSL."""
    if shutil.which("openssl") is None:
        pytest.skip("a certificate cannot be made without openssl")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-keyout", "server.key", "-out", "server.crt"],
        check=True, capture_output=True, cwd=data, **who,
    )  # fmt: skip
    (data / "server.key").chmod(0o600)
    (data / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 trust\n")
    return ["-c", "listen_addresses=127.0.0.1", "-c", f"port={port}", "-c", "ssl=on"]


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    ready = _program("pg_isready")
    assert ready
    for _ in range(round(ENOUGH / 0.05)):
        if process.poll() is not None:
            raise AssertionError((folder / "log").read_text())
        port = next((f.name.rpartition(".")[2] for f in folder.glob(".s.PGSQL.*[0-9]")), "5432")
        if subprocess.run([ready, "-q", "-h", folder, "-p", port, "-U", "melicon"], check=False).returncode == 0:
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
