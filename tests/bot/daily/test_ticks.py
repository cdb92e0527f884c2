"""Ticks come every minute by a clock that nobody can set; how far the other one was set is noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.features.daily.ticks import TICK, Ticks


class Times:
    """A wall clock and a monotonic one."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
        self.passed = 1000.0

    def go(self, seconds: float, wall: float | None = None) -> None:
        """Let so many seconds pass; the wall clock moves by `wall`."""
        self.passed += seconds
        self.wall += timedelta(seconds=seconds if wall is None else wall)


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def ticks(times: Times) -> Ticks:
    return Ticks(lambda: times.wall, lambda: times.passed)


def test_a_tick_comes_at_the_full_minute(times: Times, ticks: Ticks) -> None:
    assert ticks.seconds_left() == 30
    times.go(30)
    assert ticks.seconds_left() == TICK


@pytest.mark.parametrize("seconds", [-3600, -7 * 86400, 7 * 86400, 12.5, -12.5])
def test_wherever_the_clock_is_set_the_next_tick_is_a_minute_away_at_most(
    seconds: float, times: Times, ticks: Ticks
) -> None:
    times.go(0, wall=seconds)
    assert 0 < ticks.seconds_left() <= TICK


@pytest.mark.parametrize(("seconds", "said"), [(-3600, -3600), (604800, 604800), (0.4, None), (-20, None)])
def test_a_clock_that_was_set_is_noticed_once(seconds: float, said: float | None, times: Times, ticks: Ticks) -> None:
    times.go(60)
    assert ticks.clock_moved() is None
    times.go(60, wall=60 + seconds)
    assert ticks.clock_moved() == (None if said is None else timedelta(seconds=said))
    times.go(60)
    assert ticks.clock_moved() is None
