"""When the icon of a local date is due: wall-clock times, time zones and the days on which clocks change.

The icon of a date is due at the first moment at which the local clock shows its time or a later one on that date:

- the time comes twice (clocks go back): the first of the two;
- the time does not exist (clocks go forward): the moment of the change;
- the change leads into the next date: the last minute before it, so that each date has its post;
- the date does not exist (a zone that crossed the date line): there is no post.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.localtime.zone_files import use_newest

MINUTES = 24 * 60
DAY = timedelta(days=1)
# a post that was due just before midnight may come a little after it: queues are long when 10,000 servers wait
QUEUE_TIME = timedelta(minutes=15)
_STEP = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)


class UnknownZone(Exception):  # noqa: N818 - says what is the matter
    """There is no time zone of that name (or not any more)."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A wall-clock time in a time zone, every day."""

    minute: int  # since midnight, 0 … 1439
    timezone: str  # IANA name

    def due(self, day: date) -> datetime | None:
        """Return the moment (UTC) at which `day`'s icon is due; None where the zone has no such day."""
        return _due(self.minute, self.timezone, day)

    def end(self, day: date) -> datetime:
        """Return the first moment (UTC) after which it is never `day` any more."""
        zone = load_zone(self.timezone)
        return _last_instant(zone, day) + _STEP

    def local_date(self, now: datetime) -> date:
        """Return the date that the local calendar shows at `now`."""
        return now.astimezone(load_zone(self.timezone)).date()

    def first_after(self, now: datetime) -> tuple[date, datetime]:
        """Return the first date whose icon is due after `now`, and when it is due."""
        return self.following(self.local_date(now) - 2 * DAY, after=now)

    def following(self, day: date, after: datetime | None = None) -> tuple[date, datetime]:
        """Return the first date later than `day` whose icon is due (after the moment `after`), and when it is due."""
        while True:
            day += DAY
            due = self.due(day)
            if due is not None and (after is None or due > after):
                return day, due

    def deadline(self, day: date, due: datetime, catch_up: timedelta) -> datetime:
        """Return until when `day`'s icon may still be posted if it was missed: `catch_up` long, and while it is `day`.

        Shortly after `due` it is never too late.
        """
        return max(due + QUEUE_TIME, min(due + catch_up, self.end(day)))


@lru_cache(maxsize=1024)  # `zoneinfo` keeps 8, and to search all of them by their clocks reads 500 files
def load_zone(name: str) -> ZoneInfo:
    """Return a time zone by the newest rules that are installed; raises `UnknownZone`."""
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
    # the clock jumped over the rest of the day, or over all of it
    before = moment - _MINUTE
    return before if before.astimezone(zone).date() == day else None


def _first_reaching(zone: ZoneInfo, wall: datetime) -> datetime:
    """Return the first moment (UTC) at which the local clock shows `wall` (naive) or later."""
    moment = wall.replace(tzinfo=zone).astimezone(UTC)  # fold=0: the first of two
    if _wall(zone, moment) == wall:
        return moment
    # in a gap: what the old offset and the new one make of it lie on either side of the change
    low, high = sorted((moment, wall.replace(tzinfo=zone, fold=1).astimezone(UTC)))
    while high - low > _STEP:
        middle = low + (high - low) // 2
        if _wall(zone, middle) >= wall:
            high = middle
        else:
            low = middle
    return high.replace(microsecond=0)


def _last_instant(zone: ZoneInfo, day: date) -> datetime:
    """Return the last moment (UTC, whole seconds) at which it is `day`, or at which an earlier day ends."""
    midnight = datetime.combine(day + DAY, time())
    # fold=1: where the clock shows midnight twice, the day comes back for a while before it is over
    moment = midnight.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if _wall(zone, moment) != midnight:
        moment = _first_reaching(zone, midnight)
    return moment - _STEP


def _wall(zone: ZoneInfo, moment: datetime) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
