"""Starts and ends subprocesses: without secrets, and confined if they handle untrusted data.

    process = await start_confined("bot.features.retrain.reader", "1000000000", "50000000")
    await hear_missing(process)

After confining itself (`bot.system.confinement`), the module reports the missing layers by `say_missing`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]  # the folder of the packages
ELSEWHERE = Path(ROOT.anchor)  # a working directory without `.env`
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")


def environment(threads: int = 1) -> dict[str, str]:
    """Return an environment with our packages on the path and a number of threads.

    Our own variables are removed, so a compromised child finds no token.
    """
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    bounds = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    return passed_on | bounds | {"PYTHONPATH": str(ROOT)}


def command(module: str, *arguments: str) -> list[str]:
    """Return the command line for one of our modules; it never imports from the working directory."""
    return [sys.executable, "-P", "-B", "-m", module, *arguments]


async def start_confined(module: str, *arguments: str, longest_line: int = 2**16) -> asyncio.subprocess.Process:
    """Start a module that handles untrusted files, with pipes for input and output. Raises OSError.

    `longest_line`: the read limit in bytes.
    """
    return await asyncio.create_subprocess_exec(
        *command(module, *arguments),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env=environment(), cwd=ELSEWHERE, limit=longest_line, start_new_session=True,
    )  # fmt: skip


def say_missing(missing: Sequence[str]) -> None:
    """In the child: report the missing confinement layers on the first line of standard output."""
    sys.stdout.write(json.dumps({"missing": list(missing)}) + "\n")
    sys.stdout.flush()


async def hear_missing(process: asyncio.subprocess.Process) -> None:
    """Read that line and log it once. Raises EOFError if the process has ended."""
    assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
    line = await process.stdout.readline()
    if not line:
        raise EOFError(f"ended with {process.returncode}")
    missing = tuple(json.loads(line)["missing"])
    if missing and missing not in _logged:
        _logged.add(missing)
        log.warning("untrusted files are read without full confinement; missing: %s", "; ".join(missing))


_logged: set[tuple[str, ...]] = set()
_REAPING = 5.0  # seconds


async def kill_child(process: asyncio.subprocess.Process, seconds: float = _REAPING) -> None:
    """Kill a process whose pipes nobody else reads, and wait at most `seconds` for its end.

    The pipes are drained: `Process.wait` can hang because asyncio waits for all pipes to close, and stops reading a
    pipe while its StreamReader is full.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    try:
        async with asyncio.timeout(seconds):
            await process.communicate()
    except TimeoutError:
        log.warning("process %d was killed, but its pipes are still open", process.pid)
