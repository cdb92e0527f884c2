"""Finding a time zone by what a person knows: a city, a country, or what the clock shows there now."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from bot.daily.times import clock, parse_time

# offered before anything was typed, by the language of the user's Discord
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


@dataclass(frozen=True)
class Found:
    """A zone to offer, with the time that its clocks show."""

    zone: str
    shown: str  # for example "Asia/Tokyo · 14:05"


class ZoneFinder:
    """All zones of the time zone database; its files are read at the first search."""

    def search(self, typed: str, now: datetime, *, language: str = "en", limit: int = 25) -> list[Found]:
        """Return the zones that fit `typed`, the best first, with the local time at `now` (aware)."""
        wanted = _plain(typed)
        if not wanted:
            names: Sequence[str] = list(dict.fromkeys((*_USUAL.get(language, ()), *_EVERYWHERE)))
        elif (minute := parse_time(typed)) is not None and not typed.strip().isdigit():
            names = [name for name in self._names if _minute(name, now) // 30 == minute // 30]
        else:
            ranked = [(rank, name) for name in self._names if (rank := self._rank(name, wanted)) is not None]
            names = [name for _, name in sorted(ranked)]
        return [Found(name, f"{name.replace('_', ' ')} · {clock(_minute(name, now))}") for name in names[:limit]]

    def canonical(self, typed: str) -> str | None:
        """Return the zone that a person names: Asia/Tokyo, asia/tokyo, or tokyo where only one city is called so."""
        wanted = _plain(typed)
        exact = [name for name in self._names if _plain(name) == wanted]
        cities = [name for name in self._names if _plain(name.rpartition("/")[2]) == wanted]
        found = exact or cities
        return found[0] if len(found) == 1 else None

    @cached_property
    def _names(self) -> list[str]:
        # those without a region are old names (PST8PDT, GB, …), and Etc/GMT+5 means five hours west
        regions = (n for n in available_timezones() if "/" in n and not n.startswith(("Etc/", "SystemV/", "US/")))
        return ["UTC", *sorted(regions)]

    @cached_property
    def _countries(self) -> dict[str, str]:
        """The zones' countries, as one searchable text each."""
        try:
            tables = files("tzdata") / "zoneinfo"
            names = _rows((tables / "iso3166.tab").read_text("utf-8"))
            zones = _rows((tables / "zone.tab").read_text("utf-8"))
        except OSError:  # a system without them: cities can be found all the same
            return {}
        country = {row[0]: row[1] for row in names}
        return {row[2]: _plain(country.get(row[0], "")) for row in zones}

    def _rank(self, name: str, wanted: str) -> int | None:
        """Say how well a zone fits, 0 the best; None: not at all."""
        plain = _plain(name)
        city = plain.rpartition("/")[2]
        country = self._countries.get(name, "")
        tests = (
            wanted in {plain, city},
            city.startswith(wanted),
            country.startswith(wanted),
            wanted in plain,
            wanted in country,
        )
        return next((rank for rank, fits in enumerate(tests) if fits), None)


def _rows(table: str) -> list[list[str]]:
    return [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]


def _minute(name: str, now: datetime) -> int:
    local = now.astimezone(ZoneInfo(name))
    return local.hour * 60 + local.minute


def _plain(text: str) -> str:
    """Fold case, accents and underscores, so that são paulo finds America/Sao_Paulo."""
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("_", " ").replace("-", " ")
