"""The bot's child processes: what they are started with, an environment without secrets, and how they are ended."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[1]  # the folder that holds the packages
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")


def environment(threads: int = 1) -> dict[str, str]:
    """Return the variables of a process that finds our packages and computes on so many threads.

    None of ours comes along: a child that is taken over, by a hostile picture say, finds no token.
    """
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    bounds = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    return passed_on | bounds | {"PYTHONPATH": str(ROOT)}


_REAPING = 5.0  # seconds


async def kill_child(process: asyncio.subprocess.Process, seconds: float = _REAPING) -> None:
    """Kill a process whose pipes nobody else reads, and wait for its end for at most `seconds`.

    Its pipes are read to their end. `Process.wait` alone may wait for ever: asyncio takes a process for ended once all
    its pipes are closed, and does not look at a pipe while the StreamReader behind it is full.
    """
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    try:
        async with asyncio.timeout(seconds):
            await process.communicate()
    except TimeoutError:
        log.warning("process %d was killed, and something still holds its pipes", process.pid)
