"""Localised dates: Monday 23 November 2026, lundi 23 novembre 2026, 2026年11月23日（月）."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.i18n import Words

_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?")


def long_date(words: Words, day: date) -> str:
    """Return a date with its weekday."""
    return words(
        "date.long",
        weekday=words(f"date.weekday.{day.isoweekday()}"),
        day=_day(words, day),
        month=words(f"date.month.{day.month}"),
        year=day.year,
    )


def short_date(words: Words, day: date) -> str:
    """Return a date without weekday and year."""
    return words("date.short", day=_day(words, day), month=words(f"date.month.{day.month}"))


def month_name(words: Words, day: date) -> str:
    """Return the month of a date with its year."""
    return words("date.year_month", month=words(f"date.month.{day.month}"), year=day.year)


def parse_month(text: str) -> date | None:
    """Parse a month such as 2026-11 to its first day; None if invalid."""
    found = _MONTH.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
        return None
    return date(int(found[1]), int(found[2]), 1)


def last_of_month(first: date) -> date:
    """Return the last day of the month that begins with `first`."""
    return first.replace(day=monthrange(first.year, first.month)[1])


def _day(words: Words, day: date) -> str:
    return words("date.first") if day.day == 1 else str(day.day)
