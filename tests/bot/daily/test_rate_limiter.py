"""The pace of requests, and what is done after a failure."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.features.daily.planning import next_attempt
from bot.features.daily.rate_limiter import RateLimiter
from tests.clocks import run_at_once


def test_turns_come_evenly_and_in_order() -> None:
    async def turns() -> list[tuple[float, int]]:
        pace, loop = RateLimiter(100), asyncio.get_running_loop()
        came: list[tuple[float, int]] = []

        async def one(number: int) -> None:
            await pace.turn()
            came.append((loop.time(), number))

        await asyncio.gather(*(one(n) for n in range(21)))
        return came

    came = run_at_once(turns())
    assert [number for _, number in came] == list(range(21))
    assert [moment for moment, _ in came] == pytest.approx([n / 100 for n in range(21)])


def test_a_pause_is_not_made_up_for_by_a_burst() -> None:
    async def turns() -> list[float]:
        pace, loop = RateLimiter(50), asyncio.get_running_loop()
        await pace.turn()
        await asyncio.sleep(0.2)
        came = []
        for _ in range(4):
            await pace.turn()
            came.append(loop.time())
        return came

    assert run_at_once(turns()) == pytest.approx([0.2, 0.22, 0.24, 0.26])


def test_attempts_are_farther_and_farther_apart_but_never_after_the_deadline() -> None:
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    end = now + timedelta(hours=15)
    waits = [(next_attempt(now, attempt, end) - now).total_seconds() / 60 for attempt in range(1, 9)]
    assert waits == [1, 2, 5, 15, 30, 60, 60, 60]
    assert next_attempt(now, 8, now + timedelta(minutes=7)) == now + timedelta(minutes=7)
