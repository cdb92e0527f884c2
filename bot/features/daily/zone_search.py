"""Time zone search by city, country, UTC offset or current local time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from bot.features.daily.zone_names import ZoneNames, plain
from bot.localtime.due_dates import load_zone
from bot.localtime.times import clock, parse_time

# suggestions before anything is typed, by Discord language
_USUAL = {
    "ja": ("Asia/Tokyo",),
    "fr": ("Europe/Paris", "America/Montreal"),
    "en-GB": ("Europe/London",),
    "en-US": ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    "de": ("Europe/Berlin",),
    "es-ES": ("Europe/Madrid",),
    "it": ("Europe/Rome",),
    "ko": ("Asia/Seoul",),
    "pt-BR": ("America/Sao_Paulo",),
    "zh-CN": ("Asia/Shanghai",),
    "zh-TW": ("Asia/Taipei",),
}
_EVERYWHERE = (
    "UTC", "Europe/London", "Europe/Paris", "Asia/Tokyo", "America/New_York", "America/Los_Angeles",
    "America/Sao_Paulo", "Africa/Cairo", "Asia/Kolkata", "Asia/Shanghai", "Australia/Sydney",
)  # fmt: skip
_OFFSET = re.compile(r"(?:utc|gmt)?\s*(?P<sign>[+-])\s*(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?")
_YEAR = 366  # days


@dataclass(frozen=True)
class Found:
    """A zone to offer, with its local time."""

    zone: str
    shown: str  # for example "Asia/Tokyo · 14:05"


class ZoneFinder:
    """All zones of the time zone database. The first search loads the names; each may take 20 ms."""

    def search(self, typed: str, now: datetime, *, language: str = "en", limit: int = 25) -> list[Found]:
        """Return the zones matching `typed`, best first, with the local time at `now` (aware)."""
        wanted = plain(typed)
        if not wanted:
            found: Iterable[str] = (*_USUAL.get(language, ()), *_EVERYWHERE)
        elif (minute := parse_time(typed)) is not None and not typed.strip().isdigit():
            found = [name for name in self._names.zones if _minute(name, now) // 30 == minute // 30]
        else:
            found = [*self.candidates(typed, now), *self._similar(wanted)]
        names = list(dict.fromkeys(self._one_each(found)))[:limit]
        return [Found(name, f"{name.replace('_', ' ')} · {clock(_minute(name, now))}") for name in names]

    def canonical(self, typed: str, now: datetime | None = None) -> str | None:
        """Return the zone a person named; None if it is unknown or ambiguous.

        Zones that agree for a year from `now` (if None, the present) are treated as equal.
        """
        now = now or datetime.now(UTC)
        first, *others = self.candidates(typed, now) or (None,)
        if first is None or self._names.stands_for(first, others):
            return first
        return first if all(_same_times(first, other, now) for other in others) else None

    def candidates(self, typed: str, now: datetime) -> list[str]:
        """Return the zones whose full name is `typed`, most probable first."""
        wanted, names = plain(typed), self._names
        if (offset := _offset(typed)) is not None:
            there = [zone for zone in names.zones if now.astimezone(load_zone(zone)).utcoffset() == offset]
            return self._one_each(there)
        if names.exact.get(wanted) == ["UTC"]:
            return ["UTC"]  # GMT is not Iceland's
        # cities before countries of the same name; PT means Pacific Time or Portugal
        if wanted not in names.abbreviations and wanted in names.exact:
            return self._one_each(names.exact[wanted])
        tables = (names.abbreviations, names.countries, names.times, names.country_codes)
        found = [zone for table in tables for zone in table.get(wanted, ())]
        found = found or self._abbreviated(wanted, now) or names.other_codes.get(wanted, [])
        return list(dict.fromkeys(found))

    @cached_property
    def _names(self) -> ZoneNames:
        return ZoneNames()

    def _similar(self, wanted: str) -> list[str]:
        """Return the zones with a name that starts with or contains the text, best first."""
        names = self._names
        begun = [zone for zone in names.zones if any(c.startswith(wanted) for c in names.cities.get(zone, ()))]
        for table in (names.countries, names.times):
            begun += [zone for name, zones in table.items() if name.startswith(wanted) for zone in zones]
        inside = [zone for zone in names.zones if wanted in plain(zone)]
        for table in (names.exact, names.countries, names.times):
            inside += [zone for name, zones in table.items() if wanted in name for zone in zones]
        offered = set(names.zones)
        return [zone for zone in begun + inside if zone in offered]

    def _abbreviated(self, wanted: str, now: datetime) -> list[str]:
        """Return the zones that use an abbreviation now or in half a year."""
        moments = (now, now + timedelta(days=_YEAR // 2))

        def goes_by_it(zone: str) -> bool:
            return any(plain(moment.astimezone(load_zone(zone)).tzname() or "") == wanted for moment in moments)

        return self._one_each(filter(goes_by_it, self._names.zones))

    def _one_each(self, zones: Iterable[str]) -> list[str]:
        """Deduplicate aliases of the same zone."""
        there = set(zones := list(zones))
        return [zone for zone in zones if self._names.modern(zone) == zone or self._names.modern(zone) not in there]


def _offset(typed: str) -> timedelta | None:
    """Parse a UTC offset: UTC+9, GMT-3:30, +0530."""
    text = unicodedata.normalize("NFKC", typed).strip().casefold().replace("−", "-")
    found = _OFFSET.fullmatch(text)
    if found is None or int(found["hours"]) > 14 or int(found["minutes"] or 0) > 59:
        return None
    distance = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return distance if found["sign"] == "+" else -distance


def _same_times(one: str, other: str, now: datetime) -> bool:
    first, second = load_zone(one), load_zone(other)
    days = (now + timedelta(days=n) for n in range(_YEAR))
    return all(day.astimezone(first).utcoffset() == day.astimezone(second).utcoffset() for day in days)


def _minute(name: str, now: datetime) -> int:
    local = now.astimezone(load_zone(name))
    return local.hour * 60 + local.minute
