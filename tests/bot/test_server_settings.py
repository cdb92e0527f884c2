"""What servers have set, on SQLite and PostgreSQL, and what is remembered of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.store import Chosen, Store, server_settings
from bot.store.server_settings import FRESH, ServerSettingsTable


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[Store]:
    url = await request.getfixturevalue("postgres_database")() if request.param == "postgresql" else None
    store = await Store.open(url, tmp_path)
    store.server_settings._clock = clock
    yield store
    await store.close()


@pytest.fixture
def other(store: Store, clock: Clock) -> ServerSettingsTable:
    """The same table in another process."""
    return ServerSettingsTable(store._engine, clock)


@pytest.fixture
def queries(store: Store) -> list[str]:
    """What the database is asked, from now on."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "server_settings" in statement:
            asked.append(statement)

    event.listen(store._engine.sync_engine, "before_cursor_execute", note)
    return asked


async def test_fields_are_set_one_by_one_for_one_server(store: Store, other: ServerSettingsTable) -> None:
    table = store.server_settings
    assert await table.get(1) == Chosen()
    assert await table.change(1, style="fan") == Chosen("fan")
    assert await table.change(1, private=True) == Chosen("fan", private=True)
    assert await table.change(1, style=None, language="ja") == Chosen(None, private=True, language="ja")
    assert await table.get(1) == await other.get(1) == await table.read(1) == Chosen(None, True, "ja")
    assert await table.get(2) == Chosen()
    assert await table.change(2**63 - 1, style="a" * 32) == await other.get(2**63 - 1)


async def test_concurrent_changes_of_a_new_server_are_all_kept(store: Store, other: ServerSettingsTable) -> None:
    table = store.server_settings
    await asyncio.gather(table.change(1, style="fan"), other.change(1, private=True), table.change(1, language="fr"))
    assert await table.read(1) == Chosen("fan", private=True, language="fr")


async def test_a_server_is_looked_up_once_a_minute_even_if_it_has_set_nothing(
    store: Store, queries: list[str], clock: Clock
) -> None:
    for moment in (0.0, 30.0, FRESH - 1):
        clock.now = moment
        assert await store.server_settings.get(1) == Chosen()
        assert len(queries) == 1
    clock.now = FRESH
    await store.server_settings.get(1)
    assert len(queries) == 2


async def test_a_change_is_seen_at_once_here_and_within_a_minute_by_another_process(
    store: Store, other: ServerSettingsTable, clock: Clock
) -> None:
    assert FRESH <= 60
    assert await other.get(1) == await store.server_settings.get(1) == Chosen()
    await store.server_settings.change(1, private=True)
    assert (await store.server_settings.get(1)).private
    assert not (await other.get(1)).private
    clock.now = FRESH
    assert (await other.get(1)).private


async def test_a_change_during_a_look_up_is_not_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    table = store.server_settings
    read = table.read

    async def slowly(guild_id: int) -> Chosen:
        found = await read(guild_id)
        await table.change(guild_id, style="fan")
        return found

    monkeypatch.setattr(table, "read", slowly)
    await table.get(1)
    assert await table.get(1) == Chosen("fan")


async def test_only_so_many_servers_are_remembered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_settings, "MOST_CACHED", 10)
    table = ServerSettingsTable(store._engine)
    for number in range(15):
        await table.get(number)
    assert len(table._known) == 10


async def test_without_a_database_what_was_last_read_stays_in_use(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    table = store.server_settings
    await table.change(1, style="fan", private=True)
    clock.now = FRESH

    async def fail(_guild_id: int) -> Chosen:
        raise OSError("the network is away")

    async def hang(_guild_id: int) -> Chosen:
        await asyncio.sleep(3600)
        raise AssertionError

    for broken in (fail, hang):
        monkeypatch.setattr(table, "read", broken)
        monkeypatch.setattr(server_settings, "PATIENCE", 0.01)
        assert await table.get(1) == Chosen("fan", private=True)
        assert await table.get(2) == Chosen()
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
