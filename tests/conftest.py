"""What holds for every test."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import postgres

# A busy machine is no failure: hypothesis would report an example that took 200 ms.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

_numbers = itertools.count()


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
