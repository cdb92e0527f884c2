"""What is to be done now about a subscription whose time has come: post, catch up, or let go what was missed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.localtime.schedule import DAY, Schedule, UnknownZone
from bot.store import Plan

if TYPE_CHECKING:
    from bot.store import DailySubscription

# after the 1st, 2nd, … attempt that failed; the last for all that follow
_BACK_OFF = (1, 2, 5, 15, 30, 60)  # minutes


def plan(subscription: DailySubscription, now: datetime, catch_up: timedelta) -> Plan:
    """Say which local date is open at `now`, if any, and which comes after it.

    catch_up: how long after its time a post that was missed is still made.
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
    """Return the first date, but those `taken`, whose icon is still to come at `now`, and when it is due.

    catch_up: how long after its time a post that was missed is still made; None: it is not. A date whose eve had no
    post was not missed: the icon was set up on that day, after its time.
    """
    day = schedule.local_date(now) - 2 * DAY
    while True:
        day, due = schedule.following(day)
        is_missed = catch_up is not None and day - DAY in taken and now < schedule.deadline(day, due, catch_up)
        if day not in taken and (due > now or is_missed):
            return day, due


def next_attempt(now: datetime, attempt: int, deadline: datetime) -> datetime:
    """Return when to try again after `attempt` has failed; at the latest at the deadline, to close the matter."""
    wait = timedelta(minutes=_BACK_OFF[min(attempt, len(_BACK_OFF)) - 1])
    return min(now + wait, deadline)
