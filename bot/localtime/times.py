"""Parses times of day: 9:00, 09:00, 9am, 21h30, 午後9時."""

from __future__ import annotations

import re
import unicodedata

_FORM = re.compile(
    r"(?P<before>午前|午後)?\s*(?P<hour>\d{1,2})\s*(?:[:.h時]\s*(?P<minute>\d{2}|半)?\s*分?)?\s*(?P<after>[ap]\.?m?\.?)?"
)
_HALF = {"午前": "a", "午後": "p"}


def parse_time(text: str) -> int | None:
    """Return the minutes since midnight, 0 … 1439, of a typed time; None if invalid."""
    form = _FORM.fullmatch(unicodedata.normalize("NFKC", text).strip().casefold())
    if form is None:
        return None
    hour = int(form["hour"])
    minute = 30 if form["minute"] == "半" else int(form["minute"] or 0)
    half = _HALF.get(form["before"] or "") or (form["after"] or "")[:1]
    if form["after"] and (form["before"] or not 1 <= hour <= 12):
        return None
    if half and hour > 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


def clock(minute: int) -> str:
    """Format minutes since midnight as 09:00."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
