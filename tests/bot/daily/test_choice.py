"""The icon of a date: the same everywhere, and unlike those of the days around it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from bot.features.daily.choice import CANDIDATES, DISTANCE, MOST_CANDIDATES, candidate, choose
from bot.inference import Drawing
from gan.codes import IconCode
from gan.rendering import encode_png

DAY = date(2026, 11, 23)


def plain(code: IconCode, level: int) -> Drawing:
    """An icon of one grey."""
    pixels = np.full((64, 64, 3), level, np.uint8)
    return Drawing(code, "plain", "0a1b2c3d", 64, encode_png(pixels, code=str(code), style="plain", model="0a1b2c3d"))


class Artist:
    """Draws candidate after candidate of `DAY` in the greys it was given, the last for all others."""

    def __init__(self, *levels: int) -> None:
        self.levels = levels
        self.drawn: list[IconCode] = []

    async def draw(self, code: IconCode) -> Drawing:
        """Draw the next."""
        self.drawn.append(code)
        return plain(code, self.levels[min(len(self.drawn), len(self.levels)) - 1])


def others(*levels: int) -> list[bytes]:
    return [plain(IconCode.from_seed(0), level).png for level in levels]


def test_the_candidates_of_a_date_follow_from_it_and_differ() -> None:
    assert candidate(DAY, 1) == IconCode.parse("melicon 2026-11-23")
    codes = {candidate(date(2026, 11, day), n) for day in range(1, 31) for n in range(1, MOST_CANDIDATES + 1)}
    assert len(codes) == 30 * MOST_CANDIDATES


async def test_of_the_candidates_the_one_least_like_its_neighbours_is_taken() -> None:
    artist = Artist(110, 100, 200, 90, 120)
    chosen = await choose(artist.draw, DAY, others(100, 130))
    assert chosen.code == candidate(DAY, 3)
    assert len(artist.drawn) == CANDIDATES
    assert artist.drawn == [candidate(DAY, n) for n in range(1, CANDIDATES + 1)]


async def test_while_none_is_far_enough_more_are_drawn() -> None:
    near = 100 + int(DISTANCE) - 1
    artist = Artist(*[near] * CANDIDATES, *[100] * 3, 100 + int(DISTANCE) + 1)
    chosen = await choose(artist.draw, DAY, others(100))
    assert chosen.code == candidate(DAY, CANDIDATES + 4)
    assert len(artist.drawn) == 2 * CANDIDATES


async def test_a_model_that_always_draws_the_same_gets_the_farthest_and_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    artist = Artist(101, 105, 101)
    chosen = await choose(artist.draw, DAY, others(100))
    assert chosen.code == candidate(DAY, 2)
    assert len(artist.drawn) == MOST_CANDIDATES
    assert "resembles" in caplog.text


async def test_the_first_icon_of_all_has_nothing_to_differ_from() -> None:
    assert (await choose(Artist(100).draw, DAY, [])).code == candidate(DAY, 1)
