"""The pace of requests, and what is done after a failure."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.daily.pace import Pace
from bot.daily.planning import next_attempt


async def test_turns_come_evenly_and_in_order() -> None:
    pace, loop = Pace(100), asyncio.get_running_loop()
    came: list[tuple[float, int]] = []

    async def one(number: int) -> None:
        await pace.turn()
        came.append((loop.time(), number))

    began = loop.time()
    await asyncio.gather(*(one(n) for n in range(21)))
    assert [number for _, number in came] == list(range(21))
    assert came[-1][0] - began >= 0.199
    # a second of the loop's clock never sees more than 100
    assert all(came[n + 10][0] - came[n][0] >= 0.08 for n in range(10))


async def test_a_pause_is_not_made_up_for_by_a_burst() -> None:
    pace, loop = Pace(50), asyncio.get_running_loop()
    await pace.turn()
    await asyncio.sleep(0.2)
    began = loop.time()
    for n in range(4):
        await pace.turn()
        assert loop.time() - began >= n * 0.02 - 0.001  # never early, however late the loop woke before


def test_attempts_are_farther_and_farther_apart_but_never_after_the_deadline() -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    end = now + timedelta(hours=15)
    waits = [(next_attempt(now, attempt, end) - now).total_seconds() / 60 for attempt in range(1, 9)]
    assert waits == [1, 2, 5, 15, 30, 60, 60, 60]
    assert next_attempt(now, 8, now + timedelta(minutes=7)) == now + timedelta(minutes=7)
