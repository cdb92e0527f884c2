"""Time zone names: cities, countries, abbreviations and CLDR names, in all the bot's languages.

Names come from Unicode CLDR (through Babel), countries from the time zone database.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib.resources import files
from zoneinfo import available_timezones

from babel.core import Locale, get_global

from bot.i18n import LANGUAGES
from bot.localtime.zone_files import use_newest

# preferred zones of a country or offset; others follow in the order of zone.tab
PROMINENT = (
    "UTC", "Europe/London", "Europe/Paris", "Europe/Berlin", "Asia/Tokyo", "America/New_York", "America/Chicago",
    "America/Denver", "America/Los_Angeles", "America/Phoenix", "America/Anchorage", "Pacific/Honolulu",
    "America/Toronto", "America/Vancouver", "America/Sao_Paulo", "America/Bogota", "Africa/Cairo", "Africa/Lagos",
    "Africa/Johannesburg", "Europe/Moscow", "Asia/Dubai", "Asia/Karachi", "Asia/Kolkata", "Asia/Dhaka", "Asia/Bangkok",
    "Asia/Shanghai", "Asia/Seoul", "Asia/Tashkent", "Australia/Sydney", "Australia/Brisbane", "Australia/Perth",
    "Pacific/Auckland",
)  # fmt: skip
# countries by precedence for abbreviations: EST is New York before Panama, IST is India
_ABBREVIATING = ("en", "en_GB", "en_AU", "en_NZ", "en_IN", "en_ZA", "en_CA", "ja", "fr_CA")
_NONE = "∅∅∅"  # CLDR's marker for "no abbreviation here"
_MOST = re.compile(r"most of |\(mainland\)|\(peninsula\)|\(main\)")  # in the comments of zone.tab
# names that repeat cities or mislead: Etc/GMT+5 is west
_OLD_REGIONS = ("Etc/", "SystemV/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/")
_DROPPED = re.compile(r"[.'’]")
_SAINT = re.compile(r"\bsaint(e?)\b")

Names = dict[str, list[str]]  # folded name -> zones, most prominent first


def plain(text: str) -> str:
    """Fold case, accents and underscores, so that são paulo matches America/Sao_Paulo."""
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    folded = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("_", " ").replace("-", " ")
    return " ".join(_SAINT.sub(r"st\1", _DROPPED.sub("", folded)).split())


class ZoneNames:
    """All names, loaded on first use in about 0.1 s."""

    def __init__(self) -> None:
        use_newest()
        self._aliases: dict[str, str] = dict(get_global("zone_aliases"))
        self._installed = available_timezones()
        self._locales = [Locale.parse(language) for language in LANGUAGES]

    @cached_property
    def zones(self) -> list[str]:
        """Zones to offer: names with a region, most prominent first."""
        return sorted(
            {"UTC", *(n for n in self._installed if "/" in n and not n.startswith(_OLD_REGIONS))}, key=self.order
        )

    def modern(self, zone: str) -> str:
        """Return a zone's current canonical name: Asia/Kolkata for Asia/Calcutta."""
        name = self._aliases.get(zone, zone)
        if name in {"Etc/UTC", "Etc/GMT"}:
            return "UTC"
        return name if name in self._installed else zone

    def order(self, zone: str) -> tuple[int, int, int, str]:
        """Return the sort key of a zone, most prominent first."""
        first = PROMINENT.index(zone) if zone in PROMINENT else len(PROMINENT)
        return first, zone not in self._mainlands, self._places.get(zone, len(self._places)), zone

    def stands_for(self, zone: str, others: Iterable[str]) -> bool:
        """Whether `zone` covers most of a country and `others` its remaining parts."""
        country = self._countries.get(zone)
        return zone in self._mainlands and all(self._countries.get(other) == country for other in others)

    @cached_property
    def exact(self) -> Names:
        """Zones by full name, city and legacy names such as US/Pacific and Hongkong."""
        found: Names = {}
        for zone in self._installed - {"localtime", "Factory"}:
            modern = self.modern(zone)
            old = "/" not in zone or zone.startswith(_OLD_REGIONS)
            _add(found, [zone], modern if old else zone)
            for city in self.cities.get(zone, ()):
                _add(found, [city], zone)
        return self._sorted(found)

    @cached_property
    def cities(self) -> dict[str, list[str]]:
        """The folded names of each zone's city; UTC has none."""
        named = {zone: [plain(zone.rpartition("/")[2])] for zone in self.zones if zone != "UTC"}
        for locale in self._locales:
            for zone, names in locale.time_zones.items():
                if zone in named and (city := dict(names).get("city")):
                    named[zone].append(plain(city))
        return named

    @cached_property
    def countries(self) -> Names:
        """Zones by country name."""
        found: Names = {}
        for zone, country in self._countries.items():
            names = [locale.territories.get(country, "") for locale in self._locales]
            _add(found, [*names, self._country_names.get(country, "")], zone)
        return self._sorted(found)

    @cached_property
    def country_codes(self) -> Names:
        """Zones by two-letter country code."""
        found: Names = {}
        for zone, country in self._countries.items():
            _add(found, [country], zone)
        return self._sorted(found)

    @cached_property
    def other_codes(self) -> Names:
        """Zones by other country codes: USA, UK, DEU."""
        codes = {
            alias: replaced[0]
            for alias, replaced in get_global("territory_aliases").items()
            if len(replaced) == 1 and alias.isalpha()
        }
        return {plain(a): self.country_codes[plain(c)] for a, c in codes.items() if plain(c) in self.country_codes}

    @cached_property
    def times(self) -> Names:
        """Zones by CLDR time names: Pacific Time, heure du Japon, 日本標準時."""
        found: Names = {}
        for zone, region in self._regions:
            for locale in self._locales:
                named = locale.meta_zones.get(region)
                _add(found, named["long"].values() if named and "long" in named else (), zone)
        return self._sorted(found)

    @cached_property
    def abbreviations(self) -> Names:
        """The most common zone for an abbreviation such as EST."""
        members: Names = {}
        for zone, region in self._regions:
            members.setdefault(region, []).append(zone)
        found: Names = {}
        for language in _ABBREVIATING:
            for region, named in Locale.parse(language).meta_zones.items():
                if region not in members or "short" not in named:
                    continue
                zone = min(members[region], key=self.order)
                for short in named["short"].values():
                    if short != _NONE and plain(short) not in self.exact:
                        found.setdefault(plain(short), [zone])
                    elif short != _NONE and language == "en":
                        found.setdefault(plain(short), [zone])  # before the database's own EST, which means Panama
        return found

    @property
    def _regions(self) -> Iterator[tuple[str, str]]:
        """Zones with their CLDR metazone."""
        for zone, region in get_global("meta_zones").items():
            if (modern := self.modern(zone)) in self._places:
                yield modern, region

    @cached_property
    def _countries(self) -> dict[str, str]:
        """Each zone's country code."""
        return {row[2]: row[0] for row in _rows("zone.tab")}

    @cached_property
    def _country_names(self) -> dict[str, str]:
        return {row[0]: row[1] for row in _rows("iso3166.tab")}

    @cached_property
    def _places(self) -> dict[str, int]:
        """Each zone's position in zone.tab, which lists a country's largest zones first."""
        return {row[2]: place for place, row in enumerate(_rows("zone.tab"))}

    @cached_property
    def _mainlands(self) -> frozenset[str]:
        """Zones that cover most of a country."""
        return frozenset(row[2] for row in _rows("zone.tab") if len(row) > 3 and _MOST.search(row[3]))

    def _sorted(self, names: Names) -> Names:
        return {name: sorted(set(zones), key=self.order) for name, zones in names.items()}


def _add(names: Names, called: Iterable[str], zone: str) -> None:
    for name in filter(None, map(plain, called)):
        names.setdefault(name, []).append(zone)


def _rows(table: str) -> list[list[str]]:
    text = (files("tzdata") / "zoneinfo" / table).read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
