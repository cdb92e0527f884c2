"""When the icon of a local date is due: wall-clock times, time zones and clock changes.

It is due at the first moment at which the local clock shows the scheduled time or later on that date:

- the time occurs twice (clocks go back): the first occurrence;
- the time does not exist (clocks go forward): the moment of the change;
- the change leads into the next date: the last minute before it, so that each date has its post;
- the date does not exist (a zone crossed the date line): no post.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.localtime.zone_files import use_newest

MINUTES = 24 * 60
DAY = timedelta(days=1)
# grace for posts due just before midnight: with 10,000 servers, queues are long
QUEUE_TIME = timedelta(minutes=15)
_STEP = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)


class UnknownZone(Exception):  # noqa: N818 - says what is the matter
    """The time zone does not exist (any more)."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A daily wall-clock time in a time zone."""

    minute: int  # since midnight, 0 … 1439
    timezone: str  # IANA name

    def due(self, day: date) -> datetime | None:
        """Return when (UTC) the icon of `day` is due; None if the zone skips that date."""
        return _due(self.minute, self.timezone, day)

    def end(self, day: date) -> datetime:
        """Return the first moment (UTC) after `day`."""
        zone = load_zone(self.timezone)
        return _last_instant(zone, day) + _STEP

    def local_date(self, now: datetime) -> date:
        """Return the local date at `now`."""
        return now.astimezone(load_zone(self.timezone)).date()

    def first_after(self, now: datetime) -> tuple[date, datetime]:
        """Return the first date whose icon is due after `now`, and when."""
        return self.following(self.local_date(now) - 2 * DAY, after=now)

    def following(self, day: date, after: datetime | None = None) -> tuple[date, datetime]:
        """Return the first date later than `day` whose icon is due after the moment `after`, and when."""
        while True:
            day += DAY
            due = self.due(day)
            if due is not None and (after is None or due > after):
                return day, due

    def deadline(self, day: date, due: datetime, catch_up: timedelta) -> datetime:
        """Return the deadline for a missed post of `day`: `catch_up` after it was due, and within `day`.

        A short grace period after `due` always applies.
        """
        return max(due + QUEUE_TIME, min(due + catch_up, self.end(day)))


@lru_cache(maxsize=1024)  # `zoneinfo` caches only 8, and searching all zones reads 500 files
def load_zone(name: str) -> ZoneInfo:
    """Load a time zone; raises `UnknownZone`."""
    use_newest()
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownZone(name) from error


@lru_cache(maxsize=4096)
def _due(minute: int, timezone: str, day: date) -> datetime | None:
    zone = load_zone(timezone)
    moment = _first_reaching(zone, datetime.combine(day, time(*divmod(minute, 60))))
    if moment.astimezone(zone).date() == day:
        return moment
    # the clock skipped the rest of the day, or all of it
    before = moment - _MINUTE
    return before if before.astimezone(zone).date() == day else None


def _first_reaching(zone: ZoneInfo, wall: datetime) -> datetime:
    """Return the first moment (UTC) at which the local clock shows `wall` (naive) or later."""
    moment = wall.replace(tzinfo=zone).astimezone(UTC)  # fold=0: the first occurrence
    if _wall(zone, moment) == wall:
        return moment
    # in a gap: interpreted with the old and the new offset, `wall` lies on either side of the change
    low, high = sorted((moment, wall.replace(tzinfo=zone, fold=1).astimezone(UTC)))
    while high - low > _STEP:
        middle = low + (high - low) // 2
        if _wall(zone, middle) >= wall:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)


def _last_instant(zone: ZoneInfo, day: date) -> datetime:
    """Return the last moment (UTC, whole seconds) at which it is `day` or an earlier day ends."""
    midnight = datetime.combine(day + DAY, time())
    # fold=1: if midnight occurs twice, the day resumes for a while
    moment = midnight.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if _wall(zone, moment) != midnight:
        moment = _first_reaching(zone, midnight)
    return moment - _STEP


def _wall(zone: ZoneInfo, moment: datetime) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
