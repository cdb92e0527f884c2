"""Decides what to do for a due subscription: post, catch up or skip."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.localtime.due_dates import DAY, Schedule, UnknownZone
from bot.store import Plan

if TYPE_CHECKING:
    from bot.store import DailySubscription

# after the 1st, 2nd, … failed attempt; the last value repeats
_BACK_OFF = (1, 2, 5, 15, 30, 60)  # minutes


def plan(subscription: DailySubscription, now: datetime, catch_up: timedelta) -> Plan:
    """Return the local date open at `now`, if any, and the next one.

    catch_up: how late a missed post may still be made.
    """
    schedule = Schedule(subscription.minute, subscription.timezone)
    day = subscription.next_date
    missed: list[date] = []
    try:
        due = schedule.due(day)
        if due is not None and due > now:  # the zone's rules have changed
            return Plan(None, None, None, day, due)
        while True:
            next_day, next_due = schedule.following(day)
            deadline = schedule.deadline(day, due, catch_up) if due else now
            if due is not None and now < deadline:
                return Plan(day, due, deadline, next_day, next_due, tuple(missed))
            missed.append(day)
            if next_due > now:
                return Plan(None, None, None, next_day, next_due, tuple(missed))
            day, due = next_day, next_due
    except UnknownZone:
        return Plan(None, None, None, day, None)


def earliest(
    schedule: Schedule, now: datetime, taken: Collection[date], catch_up: timedelta | None
) -> tuple[date, datetime]:
    """Return the first date, except `taken`, whose icon is still due at `now`, and when.

    catch_up: how late a missed post may still be made; None: never. If the previous day had no post, the subscription
    was created that day after its time, so nothing was missed.
    """
    day = schedule.local_date(now) - 2 * DAY
    while True:
        day, due = schedule.following(day)
        is_missed = catch_up is not None and day - DAY in taken and now < schedule.deadline(day, due, catch_up)
        if day not in taken and (due > now or is_missed):
            return day, due


def next_attempt(now: datetime, attempt: int, deadline: datetime) -> datetime:
    """Return when to retry after `attempt` failed; at most the deadline, so that the post gets settled."""
    wait = timedelta(minutes=_BACK_OFF[min(attempt, len(_BACK_OFF)) - 1])
    return min(now + wait, deadline)
