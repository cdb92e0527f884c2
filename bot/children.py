"""What the bot's child processes are started with: the folder of the packages, and an environment without secrets."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]  # the folder that holds the packages
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")


def environment(threads: int = 1) -> dict[str, str]:
    """Return the variables of a process that finds our packages and computes on so many threads.

    None of ours comes along: a child that is taken over, by a hostile picture say, finds no token.
    """
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    bounds = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    return passed_on | bounds | {"PYTHONPATH": str(ROOT)}
