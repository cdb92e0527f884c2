"""Palette snapping changes colours near the palette only."""

from __future__ import annotations

import numpy as np

from gan.second_stages.upscaler.rgb_palette_snapping import REACH, snapped

PALETTE = np.array([[200, 40, 40], [20, 20, 30], [240, 240, 240]], np.int32)


def picture(*colours: tuple[int, int, int]) -> np.ndarray:
    return np.array([colours], np.uint8)


def test_a_colour_near_one_of_the_palette_becomes_it() -> None:
    drawn = snapped(picture((206, 35, 44), (25, 25, 25), (240, 240, 240)), PALETTE)
    np.testing.assert_array_equal(drawn[0], PALETTE)


def test_a_colour_out_of_reach_stays() -> None:
    others = picture((110, 110, 110), (0, 255, 0), (200, 40 + REACH, 40), (255, 255, 0))
    np.testing.assert_array_equal(snapped(others, PALETTE), others)


def test_what_lies_between_goes_over_gradually() -> None:
    ramp = picture(*[(200, 40 + step, 40) for step in range(REACH + 8)])
    green = snapped(ramp, PALETTE)[0, :, 1].astype(int)
    assert green[REACH // 2] == 40
    assert (np.diff(green) >= 0).all()
    assert np.diff(green).max() <= 6
