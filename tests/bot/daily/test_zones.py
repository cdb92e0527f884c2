"""Time zones, found by city, by country, or by what their clocks show."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.features.daily.zone_search import ZoneFinder

NOW = datetime(2026, 7, 1, 3, 5, tzinfo=UTC)
FINDER = ZoneFinder()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("tokyo", "Asia/Tokyo · 12:05"),
        ("TOK", "Asia/Tokyo · 12:05"),
        ("são paulo", "America/Sao Paulo · 00:05"),
        ("new york", "America/New York · 23:05"),
        ("Europe/Par", "Europe/Paris · 05:05"),
        ("kathm", "Asia/Kathmandu · 08:50"),
        ("lord howe", "Australia/Lord Howe · 13:35"),
        ("utc", "UTC · 03:05"),
    ],
)
def test_a_city_is_offered_first_with_its_local_time(typed: str, first: str) -> None:
    assert FINDER.search(typed, NOW)[0].shown == first


def test_a_country_offers_its_zones() -> None:
    assert {"Asia/Tokyo"} == {found.zone for found in FINDER.search("japan", NOW)}
    assert {"Pacific/Auckland", "Pacific/Chatham"} <= {found.zone for found in FINDER.search("new zealand", NOW)}


def test_a_time_offers_the_zones_in_which_it_is_that_time() -> None:
    zones = {found.zone for found in FINDER.search("12:05", NOW)}
    assert "Asia/Tokyo" in zones
    assert "Europe/Paris" not in zones


def test_before_anything_is_typed_the_zone_of_the_users_language_comes_first() -> None:
    assert FINDER.search("", NOW, language="ja")[0].zone == "Asia/Tokyo"
    assert FINDER.search("", NOW, language="fr")[0].zone == "Europe/Paris"
    assert FINDER.search("", NOW, language="tlh")[0].zone == "UTC"


@pytest.mark.parametrize("typed", ["", "a", "america", "zzzz", "%", "x" * 100, "３時", "\0"])
def test_never_more_is_offered_than_discord_takes(typed: str) -> None:
    found = FINDER.search(typed, NOW)
    assert len(found) <= 25
    assert all(1 <= len(one.shown) <= 100 for one in found)


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("Asia/Tokyo", "Asia/Tokyo"),
        ("asia/tokyo", "Asia/Tokyo"),
        (" tokyo ", "Asia/Tokyo"),
        # cities: of one name under two regions, in three languages, with and without their full stops
        ("Istanbul", "Europe/Istanbul"),
        ("Buenos Aires", "America/Argentina/Buenos_Aires"),
        ("St. Johns", "America/St_Johns"),
        ("St John’s", "America/St_Johns"),
        ("Londres", "Europe/London"),
        ("ニューヨーク", "America/New_York"),
        ("montréal", "America/Montreal"),
        ("Kiev", "Europe/Kyiv"),
        # countries: of one zone, of several that show the same time, of one that is most of it
        ("Japan", "Asia/Tokyo"),
        ("日本", "Asia/Tokyo"),
        ("Japon", "Asia/Tokyo"),
        ("Allemagne", "Europe/Berlin"),
        ("Ukraine", "Europe/Kyiv"),
        ("Turkey", "Europe/Istanbul"),
        ("Türkiye", "Europe/Istanbul"),
        ("Spain", "Europe/Madrid"),
        ("UK", "Europe/London"),
        ("jp", "Asia/Tokyo"),
        # names of times
        ("EST", "America/New_York"),
        ("PDT", "America/Los_Angeles"),
        ("IST", "Asia/Kolkata"),
        ("JST", "Asia/Tokyo"),
        ("KST", "Asia/Seoul"),
        ("MSK", "Europe/Moscow"),
        ("GMT", "UTC"),
        ("heure du Japon", "Asia/Tokyo"),
        ("日本標準時", "Asia/Tokyo"),
        # old names
        ("US/Pacific", "America/Los_Angeles"),
        ("Hongkong", "Asia/Hong_Kong"),
        # offsets, where all cities that have it keep it for a year
        ("UTC+9", "Asia/Tokyo"),
        ("+09:00", "Asia/Tokyo"),
        ("gmt +5:30", "Asia/Kolkata"),
        ("UTC−3:30", None),  # St. John's, in winter only
        ("UTC-3", None),  # São Paulo, and in July Halifax
        ("UTC+14", "Pacific/Kiritimati"),
    ],
)
def test_a_zone_is_known_by_what_people_call_it(typed: str, zone: str | None) -> None:
    assert FINDER.canonical(typed, NOW) == zone


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("USA", ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"]),
        ("États-Unis", ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"]),
        ("Australia", ["Australia/Sydney", "Australia/Brisbane"]),
        ("PT", ["America/Los_Angeles", "Europe/Lisbon"]),
        ("UTC+2", ["Europe/Paris", "Europe/Berlin"]),  # in July; Johannesburg too
    ],
)
def test_what_names_several_is_refused_with_the_most_probable_first(typed: str, first: list[str]) -> None:
    assert FINDER.canonical(typed, NOW) is None
    assert FINDER.candidates(typed, NOW)[: len(first)] == first
    assert [found.zone for found in FINDER.search(typed, NOW)][: len(first)] == first


@pytest.mark.parametrize(
    ("typed", "first"),
    [("UK", "Europe/London"), ("Brasilien", None), ("brés", "America/Sao_Paulo"), ("アメリカ", "America/New_York")],
)
def test_countries_are_offered_in_all_languages(typed: str, first: str | None) -> None:
    assert next((found.zone for found in FINDER.search(typed, NOW)), None) == first


def test_a_zone_is_offered_once_by_its_modern_name() -> None:
    zones = [found.zone for found in FINDER.search("+05:30", NOW)]
    assert "Asia/Kolkata" in zones
    assert "Asia/Calcutta" not in zones
    assert all(
        not zone.startswith("Etc/")
        for typed in ("gmt", "5", "+")
        for zone in (f.zone for f in FINDER.search(typed, NOW))
    )


@pytest.mark.parametrize(
    "typed", ["", "Asia", "Atlantis", "../../etc/passwd", "Asia/Tokyo\0", "UTC+15", "9:00", "localtime"]
)
def test_what_is_no_zone_is_refused(typed: str) -> None:
    assert FINDER.canonical(typed, NOW) is None
