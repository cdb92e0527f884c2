"""What is to be done about a subscription whose time has come, or has come some days ago."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.features.daily.planning import plan
from bot.store import DailySubscription, Plan


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def planned(now: str, *, catch_up: timedelta = timedelta(hours=24), zone: str = "UTC") -> Plan:
    """Plan for a server that wants its icon of 2 March 2026."""
    waiting = DailySubscription(minute=540, timezone=zone, next_date=date(2026, 3, 2), next_at=at("2026-03-02 09:00"))
    return plan(waiting, at(now), catch_up)


def test_what_is_due_is_posted_and_the_next_date_is_the_following() -> None:
    step = planned("2026-03-02 09:00")
    assert (step.date, step.due_at) == (date(2026, 3, 2), at("2026-03-02 09:00"))
    assert step.deadline == at("2026-03-03 00:00")
    assert (step.next_date, step.next_at) == (date(2026, 3, 3), at("2026-03-03 09:00"))
    assert step.missed == ()


def test_what_was_missed_is_posted_while_its_day_lasts() -> None:
    assert planned("2026-03-02 23:59").date == date(2026, 3, 2)


def test_a_day_that_is_over_is_skipped_and_reported_as_missed() -> None:
    step = planned("2026-03-03 00:00")
    assert step.date is None
    assert step.missed == (date(2026, 3, 2),)
    assert (step.next_date, step.next_at) == (date(2026, 3, 3), at("2026-03-03 09:00"))


def test_after_a_week_only_the_day_that_is_still_open_is_posted() -> None:
    step = planned("2026-03-09 10:00")
    assert step.date == date(2026, 3, 9)
    assert step.missed == tuple(date(2026, 3, day) for day in range(2, 9))
    assert step.next_date == date(2026, 3, 10)


def test_how_late_a_post_may_come_is_the_owners_choice() -> None:
    hour = timedelta(hours=1)
    assert planned("2026-03-02 09:59", catch_up=hour).date == date(2026, 3, 2)
    assert planned("2026-03-02 10:00", catch_up=hour).missed == (date(2026, 3, 2),)
    assert planned("2026-03-02 09:14", catch_up=timedelta()).date == date(2026, 3, 2), "a queue is no delay"


def test_a_zone_whose_rules_have_changed_is_waited_for() -> None:
    step = planned("2026-03-02 08:59")
    assert (step.date, step.next_date, step.next_at) == (None, date(2026, 3, 2), at("2026-03-02 09:00"))


def test_a_zone_that_is_gone_is_never_due() -> None:
    step = planned("2026-03-02 09:00", zone="Atlantis/Capital")
    assert (step.date, step.next_at) == (None, None)
