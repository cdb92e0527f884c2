"""How the bot's child processes are started and ended: with our packages, without secrets, hostile work confined.

    process = await start_confined("bot.features.retrain.reader", "1000000000", "50000000")
    await hear_missing(process)

The module, once it has confined itself (`bot.system.confinement`), says what it could not do by `say_missing`.
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

ROOT = Path(__file__).resolve().parents[2]  # the folder that holds the packages
ELSEWHERE = Path(ROOT.anchor)  # a working folder without `.env`
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")


def environment(threads: int = 1) -> dict[str, str]:
    """Return the variables of a process that finds our packages and computes on so many threads.

    None of ours comes along: a child that is taken over, by a hostile picture say, finds no token.
    """
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    bounds = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    return passed_on | bounds | {"PYTHONPATH": str(ROOT)}


def command(module: str, *arguments: str) -> list[str]:
    """Return the command line of one of our modules; it takes no module from the folder that it is started in."""
    return [sys.executable, "-P", "-B", "-m", module, *arguments]


async def start_confined(module: str, *arguments: str, longest_line: int = 2**16) -> asyncio.subprocess.Process:
    """Start a module that handles files from strangers, with pipes for its input and output. Raises OSError.

    `longest_line`: bytes that may be read at once.
    """
    return await asyncio.create_subprocess_exec(
        *command(module, *arguments),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        env=environment(), cwd=ELSEWHERE, limit=longest_line, start_new_session=True,
    )  # fmt: skip


def say_missing(missing: Sequence[str]) -> None:
    """In the child: say on standard output what of its confinement is missing, as the first line."""
    sys.stdout.write(json.dumps({"missing": list(missing)}) + "\n")
    sys.stdout.flush()


async def hear_missing(process: asyncio.subprocess.Process) -> None:
    """Read that line, and put what is missing into the log, once. Raises EOFError where the process has ended."""
    assert process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
    line = await process.stdout.readline()
    if not line:
        raise EOFError(f"ended with {process.returncode}")
    missing = tuple(json.loads(line)["missing"])
    if missing and missing not in _logged:
        _logged.add(missing)
        log.warning("files from the chat are read with less protection than usual; missing: %s", "; ".join(missing))


_logged: set[tuple[str, ...]] = set()
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
