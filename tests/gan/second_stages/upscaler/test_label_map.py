"""A label map is painted in the palette's colours, with antialiased borders, and fades where it is told to."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from gan.second_stages.upscaler.label_map import SOFTEST, Scores, between, painted

SIDE = 16
PALETTE = np.array([[200, 40, 40], [20, 20, 30], [240, 240, 240]], np.int32)


def scores(planes: np.ndarray) -> Scores:
    """Scores (3, SIDE, SIDE), as a network's last layer makes them."""
    return Scores(F.pixel_unshuffle(torch.from_numpy(planes.astype(np.float32)), 2))


def ramp(slope: float, middle: float) -> np.ndarray:
    """Label 0 wins left of ``middle``, in pixels, and label 1 right of it."""
    lead = slope * (middle - (np.arange(SIDE) + 0.5))
    planes = np.full((3, SIDE, SIDE), -500.0)
    planes[0], planes[1] = lead, -lead
    return planes


def test_areas_have_the_palettes_own_colours() -> None:
    planes = np.full((3, SIDE, SIDE), -9.0)
    planes[1] = 4
    planes[2, 4:12, 4:12] = 8
    picture = painted(scores(planes), PALETTE)
    assert picture.shape == (2 * SIDE, 2 * SIDE, 3)
    assert (picture[:6, :] == PALETTE[1]).all()
    assert (picture[12:20, 12:20] == PALETTE[2]).all()


@pytest.mark.parametrize("middle", [8.0, 8.25, 8.375, 8.5, 8.75])
def test_a_border_runs_where_the_scores_are_equal(middle: float) -> None:
    picture = painted(scores(ramp(40, middle)), PALETTE)
    red = (picture[SIDE, :, 0].astype(float) - PALETTE[1, 0]) / (PALETTE[0, 0] - PALETTE[1, 0])
    assert red.sum() / 2 == pytest.approx(middle, abs=0.13)  # half a subpixel
    assert ((red > 0) & (red < 1)).sum() <= 1  # one antialiased pixel


def test_a_third_colour_between_two_is_painted() -> None:
    planes = np.maximum(ramp(40, 8), -60)
    planes[2, :, 7:9] = 100
    assert (painted(scores(planes), PALETTE)[:, 15:17] == PALETTE[2]).all()


def test_of_equal_scores_the_first_wins_everywhere() -> None:
    assert (painted(scores(np.zeros((3, SIDE, SIDE))), PALETTE) == PALETTE[0]).all()


def test_a_tolerance_fades_between_areas_and_leaves_certain_ones() -> None:
    shown = []
    for lead in np.linspace(-2 * SOFTEST, 2 * SOFTEST, 17):
        planes = np.full((3, SIDE, SIDE), -4.0 * SOFTEST)
        planes[0], planes[1] = lead / 2, -lead / 2
        shown.append(int(painted(scores(planes), PALETTE, SOFTEST)[5, 5, 0]))
    assert shown[0] == PALETTE[1, 0]
    assert shown[-1] == PALETTE[0, 0]
    assert shown[8] == PALETTE[:2, 0].mean()
    steps = np.diff(shown)
    assert (steps >= 0).all()
    assert steps.max() <= 40


@pytest.mark.parametrize("share", [1 / 24, 0.25, 0.5, 0.6, 23 / 24])
def test_a_transition_fades_certain_areas_in_proportion_and_keeps_common_ones(share: float) -> None:
    one, other = np.full((3, SIDE, SIDE), -900.0), np.full((3, SIDE, SIDE), -400.0)
    one[0], other[1] = 0, 1000
    one[:, :4], other[:, :4] = -900, -900
    one[2, :4] = other[2, :4] = 500
    painted_between = painted(between(scores(one).leads(), scores(other).leads(), share), PALETTE, SOFTEST)
    assert (painted_between[:6] == PALETTE[2]).all()
    expected = (1 - share) * PALETTE[0] + share * PALETTE[1]
    assert np.abs(painted_between[12:].astype(float) - expected).max() <= 6  # scores are rounded to whole steps


def test_scores_out_of_range_are_limited() -> None:
    planes = np.zeros((3, SIDE, SIDE))
    planes[2] = 1e6
    assert (painted(scores(planes), PALETTE) == PALETTE[2]).all()


def test_a_picture_does_not_depend_on_the_number_of_threads() -> None:
    planes = np.random.default_rng(3).normal(0, 90, (3, SIDE, SIDE))
    before = torch.get_num_threads()
    pictures = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        pictures.append(painted(scores(planes), PALETTE, SOFTEST // 2))
    torch.set_num_threads(before)
    np.testing.assert_array_equal(*pictures)
