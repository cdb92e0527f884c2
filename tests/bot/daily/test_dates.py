"""Dates in the languages of the bot."""

from __future__ import annotations

from datetime import date

import pytest

from bot.i18n import Catalogues
from bot.i18n.dates import last_of_month, long_date, month_name, parse_month, short_date

CATALOGUES = Catalogues.load()


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en-US", "Monday 23 November 2026"),
        ("fr", "lundi 23 novembre 2026"),
        ("ja", "2026年11月23日（月）"),
    ],
)
def test_a_date_is_written_as_its_language_does(language: str, shown: str) -> None:
    assert long_date(CATALOGUES.words(language), date(2026, 11, 23)) == shown


def test_every_day_and_month_has_its_name_in_every_language() -> None:
    for language in ("en-US", "fr", "ja"):
        words = CATALOGUES.words(language)
        days = [date(2026, month, day) for month in range(1, 13) for day in range(1, 9)]
        assert len({long_date(words, day) for day in days}) == len(days)
        assert len({short_date(words, day) for day in days}) == len(days)
        assert len({month_name(words, day) for day in days}) == 12
        assert not any("{" in long_date(words, day) or "date." in long_date(words, day) for day in days)


@pytest.mark.parametrize("typed", ["2026-11", "2026/11", "2026.11", "2026年11月", " ２０２６-１１ "])
def test_a_month_is_read(typed: str) -> None:
    assert parse_month(typed) == date(2026, 11, 1)


@pytest.mark.parametrize("typed", ["", "11", "2026-13", "2026-00", "0000-01", "November", "2026-11-01"])
def test_what_is_no_month_is_refused(typed: str) -> None:
    assert parse_month(typed) is None


def test_a_month_ends_on_its_last_day() -> None:
    assert last_of_month(date(2028, 2, 1)) == date(2028, 2, 29)
    assert last_of_month(date(2026, 12, 1)) == date(2026, 12, 31)
