"""Subscriptions, claims, icons and stars in a real database: a SQLite file, and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from bot.features.daily.planning import plan
from bot.localtime.due_dates import Schedule
from bot.store import DailyIcon, DailySubscription, Plan, Store, StoreError
from bot.store.models import Base
from tests.bot import older_database

NINE = Schedule(540, "UTC")
DUE = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = DUE.date()
LEASE = timedelta(seconds=90)


@pytest.fixture(params=["sqlite", "postgresql"])
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Store, Store]]:
    """One database, opened by two processes."""
    url = await request.getfixturevalue("postgres_database")() if request.param == "postgresql" else None
    opened = await Store.open(url, tmp_path), await Store.open(url, tmp_path)
    yield opened
    for store in opened:
        await store.close()


@pytest.fixture
def store(stores: tuple[Store, Store]) -> Store:
    """One of the two."""
    return stores[0]


def server(number: int, **changes: object) -> DailySubscription:
    fields = {
        "guild_id": number, "channel_id": 100 + number, "minute": 540, "timezone": "UTC", "locale": "en-US",
        "set_by": 7, "next_date": DAY, "next_at": DUE,
    }  # fmt: skip
    return DailySubscription(**(fields | changes))


def planned(subscription: DailySubscription) -> Plan:
    return plan(subscription, DUE, timedelta(hours=24))


async def subscribe(store: Store, *numbers: int) -> None:
    for number in numbers:
        await store.subscriptions.put(server(number), NINE.following)


async def test_both_databases_have_the_tables_that_the_models_describe(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))

    async with store._engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_each_date_is_claimed_once_however_many_ask_at_once(stores: tuple[Store, Store]) -> None:
    await subscribe(stores[0], *range(1, 41))
    rounds = [store.claims.take_due(DUE, DUE + LEASE, 8, planned) for store in stores * 5]
    claims = [claim for taken in await asyncio.gather(*rounds) for claim in taken]
    while more := await stores[1].claims.take_due(DUE, DUE + LEASE, 8, planned):
        claims += more
    assert sorted(claim.guild_id for claim in claims) == list(range(1, 41))
    assert {(claim.date, claim.attempt) for claim in claims} == {(DAY, 1)}
    subscription = await stores[1].subscriptions.get(40)
    assert subscription is not None
    assert (subscription.next_date, subscription.next_at) == (DAY + timedelta(days=1), DUE + timedelta(days=1))


async def test_those_who_have_waited_longest_come_first(store: Store) -> None:
    for number, minutes in ((1, 0), (2, 5), (3, 10)):
        await store.subscriptions.put(server(number, next_at=DUE - timedelta(minutes=minutes)), NINE.following)
    claims = await store.claims.take_due(DUE, DUE + LEASE, 2, planned)
    assert [claim.guild_id for claim in claims] == [3, 2]


async def test_a_claim_is_taken_over_by_one_and_only_after_its_lease(stores: tuple[Store, Store]) -> None:
    await subscribe(stores[0], 1)
    (first,) = await stores[0].claims.take_due(DUE, DUE + LEASE, 8, planned)
    assert await stores[1].claims.reclaim(DUE + LEASE / 2, DUE + 2 * LEASE, 8) == []
    takers = [store.claims.reclaim(DUE + LEASE, DUE + 2 * LEASE, 8) for store in stores]
    (second,) = [claim for taken in await asyncio.gather(*takers) for claim in taken]
    assert (second.id, second.attempt) == (first.id, 2)
    # the first attempt comes to life again: it may not give away what is no longer its own
    await stores[0].claims.retry(first, DUE, "late")
    assert await stores[0].claims.missed(first, DUE, pause_after=1) is None
    assert await stores[1].claims.reclaim(DUE + LEASE, DUE + 3 * LEASE, 8) == []
    # but that it has posted is the truth whoever says it
    await stores[0].claims.posted(first, 5, DUE)
    await stores[1].claims.posted(second, 6, DUE)
    post = await stores[1].claims.find(1, DAY)
    assert post is not None
    assert (post.state, post.message_id) == ("posted", 5)


async def test_after_three_failed_days_in_a_row_one_process_hears_of_the_pause(stores: tuple[Store, Store]) -> None:
    await subscribe(stores[0], 1)
    heard = []
    for n in range(3):
        now = DUE + timedelta(days=n)
        (claim,) = await stores[0].claims.take_due(now, now + LEASE, 8, lambda s: plan(s, now, timedelta(hours=24)))  # noqa: B023 - called at once
        await stores[0].claims.retry(claim, now + LEASE, "403 Forbidden")
        (again,) = await stores[1].claims.reclaim(now + LEASE, now + 2 * LEASE, 8)
        told = await asyncio.gather(*(store.claims.missed(again, now, pause_after=3) for store in stores))
        heard.append([subscription for subscription in told if subscription])
    assert [len(told) for told in heard] == [0, 0, 1]
    subscription = await stores[0].subscriptions.get(1)
    assert subscription is not None
    assert (subscription.next_at, subscription.pause_reason) == (None, "403 Forbidden")
    await subscribe(stores[0], 1)
    subscription = await stores[0].subscriptions.get(1)
    assert subscription is not None
    assert (subscription.paused_at, subscription.failed_days) == (None, 0)
    assert subscription.next_date == DAY + timedelta(days=3), "the failed days are behind it"


async def test_new_rules_of_a_time_zone_move_what_lies_ahead(store: Store) -> None:
    await subscribe(store, 1, 2)
    await store.subscriptions.put(server(3, minute=600), NINE.following)
    later = DUE + timedelta(hours=1)
    assert await store.subscriptions.reschedule(lambda minute, *_: later if minute == 540 else None) == 2
    moments = [s.next_at for s in [await store.subscriptions.get(n) for n in (1, 2, 3)] if s]
    assert moments == [later, later, DUE]


async def test_a_person_has_one_star_however_often_they_press(stores: tuple[Store, Store]) -> None:
    store = stores[0]
    await subscribe(store, 1)
    await store.claims.take_due(DUE, DUE + LEASE, 8, planned)
    assert await store.stars.toggle(2, DAY, 7) is None, "there is no such post"
    await asyncio.gather(*(one.stars.toggle(1, DAY, user) for user in range(10) for one in stores[:1]))
    assert await store.stars.count(1, DAY) == 10
    await asyncio.gather(*(one.stars.toggle(1, DAY, 3) for one in (*stores, store)))
    assert await store.stars.count(1, DAY) == 9, "three presses of one who had one"
    assert await stores[1].stars.best(1, DAY.replace(day=1), DAY.replace(day=31), 9) == [(DAY, 9)]
    assert await store.stars.starred_dates(1) == [DAY]


async def test_of_two_that_choose_a_dates_icon_one_counts(stores: tuple[Store, Store]) -> None:
    def icon(day: date, code: str) -> DailyIcon:
        return DailyIcon(date=day, code=code, style="house", model="0a1b2c3d", png=b"png", chosen_at=DUE)

    both = await asyncio.gather(
        *(s.daily_icons.add(icon(DAY, c), 60, set()) for s, c in zip(stores, "12", strict=True))
    )
    assert len({chosen.code for chosen in both if chosen}) == 1
    neighbour = DAY + timedelta(days=1)
    assert await stores[0].daily_icons.add(icon(neighbour, "3"), 60, set()) is None, (
        "it has not been compared with DAY's"
    )
    assert await stores[0].daily_icons.add(icon(neighbour, "3"), 60, {DAY}) is not None
    assert [found.date for found in await stores[1].daily_icons.around(DAY, 60)] == [neighbour]


async def test_an_older_program_refuses_a_newer_database_of_either_kind(store: Store, tmp_path: Path) -> None:
    async with store._engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    url = store._engine.url.render_as_string(hide_password=False)
    with pytest.raises(StoreError, match=r"newer Melicon \(schema 9999\)"):
        await Store.open(url, tmp_path)


async def test_a_servers_icon_is_requested_with_the_post_and_changed_by_one_process(
    stores: tuple[Store, Store],
) -> None:
    await stores[0].subscriptions.put(server(1, server_icon=True), NINE.following)
    await stores[0].subscriptions.put(server(2), NINE.following)
    for claim in await stores[0].claims.take_due(DUE, DUE + LEASE, 8, planned):
        await stores[0].claims.posted(claim, 5, DUE)
        await stores[1].claims.posted(claim, 6, DUE)
    taken = await asyncio.gather(*(store.server_icons.take(DUE, 8) for store in stores * 3))
    (task,) = [task for tasks in taken for task in tasks]
    assert (task.guild_id, task.date, task.attempt, task.tried) == (1, DAY, 1, None)
    (again,) = await stores[1].server_icons.take(DUE + LEASE, 8)
    assert (again.attempt, again.tried) == (2, DAY), "the first attempt may have changed the icon"
    await stores[1].server_icons.keep_original(1, b"own")
    await stores[1].server_icons.changed(again, "hash")
    assert await stores[0].server_icons.take(DUE + 2 * LEASE, 8) == []
    await stores[0].subscriptions.remove(1)
    (restoring,) = await stores[0].server_icons.take(DUE + 2 * LEASE, 8)
    assert (restoring.date, restoring.hash) == (None, "hash")
    assert await stores[1].server_icons.take(DUE + 2 * LEASE, 8, guild_id=1) == [], "it is being restored"
    assert await stores[1].server_icons.original(1) == b"own"
    await stores[0].server_icons.forget(1)
    assert await stores[1].server_icons.get(1) is None


@pytest.mark.parametrize("server", [False, True])
async def test_subscriptions_of_an_older_version_get_the_new_columns_with_their_defaults(
    request: pytest.FixtureRequest, tmp_path: Path, server: bool
) -> None:
    url = await request.getfixturevalue("postgres_database")() if server else None
    written = """
        INSERT INTO daily_subscriptions
            (guild_id, channel_id, minute, timezone, locale, next_date, next_at, failed_days)
        VALUES (1, 2, 540, 'UTC', 'en-US', '2026-01-02', '2026-01-02 09:00:00', 0)
    """
    await older_database.make(url, tmp_path, "0007", written)
    store = await Store.open(url, tmp_path)
    subscription = await store.subscriptions.get(1)
    assert subscription is not None
    assert (subscription.minute, subscription.server_icon, subscription.monthly) == (540, False, False)
    await store.close()
