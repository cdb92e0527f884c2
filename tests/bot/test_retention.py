"""Old rows are deleted, on SQLite and PostgreSQL, and only when the clock can be trusted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from bot.operations.pruning import LONGEST_BREAK, Pruner
from bot.store import DailyPost, DailySubscription, DrawnIcon, MonthlyPost, RetrainJob, ServerIcon, Store, retention
from bot.store.models import Base, DailyStar, LongCode
from bot.store.retention import BOUNDED, RULES
from tests.bot import older_database
from tests.patience import ENOUGH

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = None
    if request.param == "postgresql":
        make: Callable[[], Awaitable[str]] = request.getfixturevalue("postgres_database")
        url = await make()
    store = await Store.open(url, tmp_path)
    yield store
    await store.close()


async def insert(store: Store, *rows: Base) -> None:
    async with store._session.begin() as session:
        session.add_all(rows)


async def sizes(store: Store) -> dict[str, int]:
    async with store._session() as session:
        return {
            table.name: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def drawn(at: datetime, user: int = 1) -> DrawnIcon:
    return DrawnIcon(user_id=user, guild_id=1, channel_id=1, code="5", style="mel", model="0" * 8, drawn_at=at)


def post(at: datetime, guild: int = 1) -> DailyPost:
    times = {"due_at": at, "deadline": at, "wake_at": at, "posted_at": at}
    return DailyPost(guild_id=guild, date=at.date(), channel_id=1, state="posted", attempt=1, **times)


def job(ended: datetime | None, state: str = "used") -> RetrainJob:
    given = {"channel_id": 1, "user_id": 1, "locale": "en-US", "style": "s", "start": "auto", "minutes": 15.0}
    given |= {"pictures": 9, "folder": "f", "crashes": 0, "created_at": ended or BEGIN}
    return RetrainJob(**given, state=state, ended_at=ended)


def paused(guild: int, at: datetime | None) -> DailySubscription:
    given = {"channel_id": 1, "minute": 0, "timezone": "UTC", "locale": "en-US", "next_date": BEGIN.date()}
    return DailySubscription(guild_id=guild, **given, next_at=None if at else BEGIN, failed_days=0, paused_at=at)


def server_icon(guild: int, at: datetime) -> ServerIcon:
    return ServerIcon(guild_id=guild, date=at.date(), wanted_at=at, attempt=1, original=b"PNG")


def monthly(guild: int, at: datetime) -> MonthlyPost:
    return MonthlyPost(guild_id=guild, month=at.date().replace(day=1), channel_id=1, requested_at=at, attempt=1)


def test_every_table_is_pruned_or_bounded() -> None:
    pruned = {rule.table.__tablename__ for rule in RULES}
    assert not pruned & BOUNDED.keys()
    assert pruned | BOUNDED.keys() == {table.name for table in Base.metadata.sorted_tables}


async def test_over_simulated_years_no_table_grows_beyond_its_bound(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_PAUSE", 0.0)
    monkeypatch.setattr(retention, "BATCH", 7)
    largest: dict[str, int] = {}
    for week in range(4 * 52):
        now = BEGIN + week * 7 * DAY
        posts = [post(now + n * DAY, guild) for n in range(7) for guild in (1, 2)]
        await insert(
            store, *posts, drawn(now), drawn(now, user=week), job(now), LongCode(key=f"{week}", code="5", used_at=now)
        )
        await insert(store, *(DailyStar(post_id=each.id, user_id=1) for each in posts))
        if week % 4 == 0:
            await store.retention.prune(now)
            largest = {table: max(size, largest.get(table, 0)) for table, size in (await sizes(store)).items()}
    assert largest["daily_posts"] == largest["daily_stars"] <= 2 * (400 + 8)
    assert largest["drawn_icons"] <= 2 * (180 // 7 + 1)
    assert largest["long_codes"] <= 400 // 7 + 1
    assert largest["retrain_jobs"] <= 400 // 7 + 1
    assert min(largest[table] for table in ("daily_posts", "drawn_icons", "long_codes", "retrain_jobs")) > 20


async def test_what_is_young_open_or_in_use_is_kept(store: Store) -> None:
    now, old = BEGIN, BEGIN - 401 * DAY
    await insert(
        store, drawn(now - 179 * DAY), post(now - 399 * DAY), LongCode(key="a", code="5", used_at=now - 399 * DAY)
    )
    await insert(store, job(now - 399 * DAY), job(None, "running"), job(old, "finished"), paused(1, now - 399 * DAY))
    await insert(store, paused(2, None), server_icon(1, now - 399 * DAY), monthly(1, now - 399 * DAY))
    before = await sizes(store)
    assert await store.retention.prune(now) == {}
    assert await sizes(store) == before
    await insert(
        store, drawn(old), post(old), LongCode(key="b", code="5", used_at=old), job(old, "failed"), paused(3, old)
    )
    await insert(store, server_icon(2, old), monthly(2, old))
    one_each = {rule.table.__tablename__: 1 for rule in RULES}
    assert await store.retention.prune(now, should_stop=lambda: True) == {}
    assert await store.retention.prune(now) == one_each
    assert await sizes(store) == before


async def test_a_long_code_in_use_is_kept(store: Store) -> None:
    old = datetime.now(UTC) - 399 * DAY
    await insert(store, LongCode(key="a", code="5~1", used_at=old), LongCode(key="b", code="5~2", used_at=old))
    assert await store.long_codes.find("a") == "5~1"
    assert await store.retention.prune(datetime.now(UTC) + 2 * DAY) == {"long_codes": 1}
    assert await store.long_codes.find("a") == "5~1"
    assert await store.long_codes.find("b") is None


@pytest.mark.parametrize("jump", [-900 * DAY, LONGEST_BREAK + DAY, 900 * DAY])
async def test_a_clock_that_jumps_deletes_nothing_until_a_day_has_passed_on_it(tmp_path: Path, jump: timedelta) -> None:
    store = await Store.open(None, tmp_path)
    now = BEGIN
    pruner = Pruner(store, lambda: now)
    await pruner.check()
    now += DAY
    await insert(store, drawn(now), drawn(now - 200 * DAY))
    await pruner.check()
    assert (await sizes(store))["drawn_icons"] == 1, "the old one is deleted"
    await insert(store, drawn(now + jump - 200 * DAY))
    now += jump
    for _ in range(3):
        await pruner.check()
        assert (await sizes(store))["drawn_icons"] == 2
        now += timedelta(hours=7)
    now += timedelta(hours=4)
    await pruner.check()
    assert (await sizes(store))["drawn_icons"] == (0 if jump > 180 * DAY else 1)
    await store.close()


@pytest.mark.parametrize("written", ["", "yesterday", "2026-01-01T00:00:00"])
async def test_a_damaged_time_is_replaced(tmp_path: Path, written: str) -> None:
    store = await Store.open(None, tmp_path)
    await store.put("pruned_at", written)
    await Pruner(store, lambda: BEGIN).check()
    assert await store.get("pruned_at") == BEGIN.isoformat()
    await store.close()


async def test_it_runs_until_it_is_closed_and_survives_a_database_that_is_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = await Store.open(None, tmp_path)
    async with store._session.begin() as session:
        await session.execute(text("ALTER TABLE key_values RENAME TO away"))
    pruner = Pruner.start(store, lambda: BEGIN)
    async with asyncio.timeout(ENOUGH):
        while "could not be pruned" not in caplog.text:  # noqa: ASYNC110 - a log tells no one
            await asyncio.sleep(0.01)
    await asyncio.wait_for(pruner.close(), ENOUGH)
    assert pruner._task is not None
    assert pruner._task.done()
    await store.close()


@pytest.mark.parametrize("server", [False, True])
async def test_long_codes_of_an_older_version_count_as_used_at_the_update(
    request: pytest.FixtureRequest, tmp_path: Path, server: bool
) -> None:
    url = await request.getfixturevalue("postgres_database")() if server else None
    await older_database.make(url, tmp_path, "0006", "INSERT INTO long_codes (key, code) VALUES ('a', '5~1')")
    store = await Store.open(url, tmp_path)
    async with store._session() as session:
        [row] = await session.scalars(select(LongCode))
    assert abs(datetime.now(UTC) - row.used_at) < timedelta(hours=1)
    assert await store.retention.prune(datetime.now(UTC) + 399 * DAY) == {}
    assert await store.retention.prune(datetime.now(UTC) + 401 * DAY) == {"long_codes": 1}
    await store.close()
