"""Time zones, found by city, by country, or by what their clocks show."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.daily.zones import ZoneFinder

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


@pytest.mark.parametrize("typed", ["Asia/Tokyo", "asia/tokyo", "Tokyo", " tokyo "])
def test_a_zone_is_known_by_its_name_or_its_city(typed: str) -> None:
    assert FINDER.canonical(typed) == "Asia/Tokyo"


@pytest.mark.parametrize("typed", ["", "Asia", "Atlantis", "../../etc/passwd", "Asia/Tokyo\0", "+09:00"])
def test_what_is_no_zone_is_refused(typed: str) -> None:
    assert FINDER.canonical(typed) is None
