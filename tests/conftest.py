"""What holds for every test."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres

# PyTorch's threads, here and in the processes that tests start: several workers with several threads each would spend
# their time waiting for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Under nohup, or behind an `&`, the programs that tests start would inherit that these are ignored.
for _number, _handler in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)

MOST_WORKERS = 8  # each has a PostgreSQL server, a browser and half a gigabyte of PyTorch

# A busy machine is no failure: hypothesis would report an example that took 200 ms, and examples that are made slowly.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

_numbers = itertools.count()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """How many processes `-n auto` starts: two more than the CPUs that this one may use, as tests often wait.

    At most a number that fits memory.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable + 2, MOST_WORKERS)


@pytest.fixture(scope="session")
def postgres_folder() -> Iterator[Path]:
    """A PostgreSQL server, by the folder of its socket; skips where there is none to be had."""
    with postgres.server() as folder:
        yield folder


@pytest.fixture
def postgres_database(postgres_folder: Path) -> Callable[[], Awaitable[str]]:
    """Make an empty PostgreSQL database and return its URL."""

    async def make() -> str:
        return await postgres.new_database(postgres_folder, f"melicon{next(_numbers)}")

    return make
