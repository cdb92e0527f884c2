"""When a local date's icon is due: worked by hand for the odd days, and properties for all others."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.localtime.due_dates import QUEUE_TIME, Schedule, UnknownZone

DAY = timedelta(days=1)
# changes by an hour, by half an hour, at midnight, over a whole day, and not at all
ZONES = (
    "Europe/Paris", "America/Los_Angeles", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC",
    "America/Sao_Paulo", "Asia/Beirut", "America/Nuuk", "Pacific/Apia", "Africa/Casablanca", "Asia/Tehran",
)  # fmt: skip

# minutes: what falls between two is never asked
MOMENTS = st.integers(0, 30 * 365 * 24 * 60).map(lambda n: datetime(2006, 1, 1, tzinfo=UTC) + timedelta(minutes=n))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "minute", "day", "due"),
    [
        ("Asia/Tokyo", 540, "2026-11-23", "2026-11-23 00:00"),
        # 02:30 does not exist: the moment at which the clock jumps from 02:00 to 03:00
        ("Europe/Paris", 150, "2026-03-29", "2026-03-29 01:00"),
        ("America/Los_Angeles", 120, "2026-03-08", "2026-03-08 10:00"),
        # 02:30 comes twice: the first
        ("Europe/Paris", 150, "2026-10-25", "2026-10-25 00:30"),
        # half an hour: 02:00 becomes 02:30, which exists, and 02:15 does not
        ("Australia/Lord_Howe", 135, "2026-10-03", "2026-10-02 15:45"),
        ("Australia/Lord_Howe", 135, "2026-10-04", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", 150, "2026-10-04", "2026-10-03 15:30"),
        # the day begins at 01:00
        ("Africa/Cairo", 0, "2026-04-24", "2026-04-23 22:00"),
        ("Africa/Cairo", 30, "2026-04-24", "2026-04-23 22:00"),
        # 23:30 comes twice, and the date with it
        ("Africa/Cairo", 23 * 60 + 30, "2026-10-29", "2026-10-29 20:30"),
        # clocks jump from 23:00 to the next date: the last minute before
        ("America/Nuuk", 23 * 60 + 30, "2026-03-28", "2026-03-29 00:59"),
    ],
)
def test_the_moment_is_the_first_at_which_the_clock_shows_the_time(zone: str, minute: int, day: str, due: str) -> None:
    assert Schedule(minute, zone).due(date.fromisoformat(day)) == at(due)


def test_a_date_that_a_zone_skipped_has_no_post() -> None:
    samoa = Schedule(540, "Pacific/Apia")
    assert samoa.due(date(2011, 12, 30)) is None
    assert samoa.following(date(2011, 12, 29))[0] == date(2011, 12, 31)


@given(st.sampled_from(ZONES), st.integers(0, 1439), st.dates(date(2005, 1, 1), date(2036, 12, 31)))
def test_each_date_is_due_once_on_that_date_and_after_the_one_before(zone: str, minute: int, day: date) -> None:
    schedule = Schedule(minute, zone)
    due = schedule.due(day)
    if due is None:
        assert (zone, day) == ("Pacific/Apia", date(2011, 12, 30))
        return
    assert schedule.local_date(due) == day
    before = schedule.due(day - DAY)
    assert before is None or before < due
    assert due < schedule.end(day)
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    shown = due.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert shown >= wall or schedule.local_date(due + timedelta(minutes=1)) > day


@given(st.sampled_from(ZONES), st.integers(0, 1439), MOMENTS)
def test_the_first_after_a_moment_has_none_in_between(zone: str, minute: int, now: datetime) -> None:
    schedule = Schedule(minute, zone)
    day, due = schedule.first_after(now)
    assert due > now
    earlier = [schedule.due(day - n * DAY) for n in (1, 2)]
    assert all(one is None or one <= now for one in earlier)


def test_a_missed_post_may_come_while_it_is_still_its_day() -> None:
    schedule, day = Schedule(540, "Europe/Paris"), date(2026, 3, 29)
    due = schedule.due(day)
    assert due is not None
    assert schedule.deadline(day, due, timedelta(hours=24)) == at("2026-03-29 22:00")
    assert schedule.deadline(day, due, timedelta(hours=2)) == due + timedelta(hours=2)
    assert schedule.deadline(day, due, timedelta()) == due + QUEUE_TIME
    late = Schedule(23 * 60 + 55, "Europe/Paris")
    due = late.due(day)
    assert due is not None
    assert late.deadline(day, due, timedelta(hours=24)) == due + QUEUE_TIME, "10,000 servers may be in the queue"


def test_an_unknown_zone_is_said_to_be_unknown() -> None:
    for name in ("Atlantis/Capital", "../UTC", ""):
        with pytest.raises(UnknownZone):
            Schedule(0, name).due(date(2026, 1, 1))
