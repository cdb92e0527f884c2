"""Times of day as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.localtime.times import clock, parse_time


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("9:00", 540), ("09:00", 540), ("9am", 540), ("9 am", 540), ("9AM", 540), ("9 a.m.", 540), ("9", 540),
        ("９：００", 540), ("9.00", 540), ("9h", 540), ("9h00", 540), ("9時", 540), ("9時00分", 540), ("午前9時", 540),
        ("21h30", 1290), ("9:30pm", 1290), ("午後9時半", 1290), ("21:30", 1290),
        ("12am", 0), ("12:30am", 30), ("12pm", 720), ("0:00", 0), ("00:30", 30), ("23:59", 1439), (" 7:05 ", 425),
    ],
)  # fmt: skip
def test_every_usual_form_is_read(text: str, minute: int) -> None:
    assert parse_time(text) == minute


@pytest.mark.parametrize(
    "text",
    ["", "soon", "24:00", "9:60", "13pm", "0am", "9:5", "-9", "9:00:00", "99", "9am9",
     "午後9時pm", "9:00 Uhr", ":30", "am"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    assert parse_time(text) is None


@given(st.integers(0, 1439))
def test_a_clock_is_read_as_what_it_shows(minute: int) -> None:
    assert parse_time(clock(minute)) == minute


@given(st.text(max_size=20))
def test_whatever_is_typed_is_a_time_of_day_or_none(text: str) -> None:
    assert parse_time(text) in {None, *range(1440)}
