"""Colour layout and edges: features, scales, and sensitivity."""

from __future__ import annotations

import numpy as np
import pytest

from gan import artist
from gan.metrics import LayoutEdges
from gan.metrics.degradations import blurred, memorised, noisy
from gan.metrics.layout_edges import BINS, FLOOR, GRID, Standardised, colour_layout, orientation_histograms

COUNT = 200


@pytest.fixture(scope="module")
def training() -> np.ndarray:
    return artist.icons(0, 64)


@pytest.fixture(scope="module")
def real() -> np.ndarray:
    return artist.icons(20_000_000, 3 * COUNT)


@pytest.fixture(scope="module")
def space(real: np.ndarray) -> LayoutEdges:
    return LayoutEdges(real[:COUNT])


def test_a_cell_of_the_layout_is_its_mean_colour() -> None:
    image = np.zeros((1, 64, 64, 3), np.uint8)
    image[0, 8:16, 0:8] = 51, 102, 255  # the first cell of the second row
    layout = colour_layout(image).reshape(GRID, GRID, 3)
    assert layout[1, 0].tolist() == pytest.approx([0.2, 0.4, 1.0])
    assert np.count_nonzero(layout) == 3


@pytest.mark.parametrize(("across", "down", "bin_"), [(1, 0, 0), (1, 1, 2), (0, 1, 4), (-1, 1, 6)])
def test_a_ramp_votes_for_its_own_orientation_alone(across: int, down: int, bin_: int) -> None:
    y, x = np.mgrid[-32:32, -32:32]
    ramp = (127 + 2 * (across * x + down * y)).clip(0, 255).astype(np.uint8)
    votes = orientation_histograms(np.repeat(ramp[None, :, :, None], 3, axis=3)).reshape(BINS, GRID, GRID)[
        :, 1:-1, 1:-1
    ]
    assert votes[bin_] == pytest.approx(np.sqrt(2 * np.hypot(across, down) / 255), rel=1e-3)
    assert np.delete(votes, bin_, axis=0).max() < 1e-3


def test_dark_on_light_is_as_light_on_dark() -> None:
    image = artist.icons(7, 1)
    assert np.allclose(orientation_histograms(image), orientation_histograms(255 - image), atol=1e-3)


def test_features_do_not_depend_on_their_company_and_any_size_does(real: np.ndarray, space: LayoutEdges) -> None:
    assert space.features(real[:300]).shape == (300, GRID * GRID * (3 + BINS))
    assert np.allclose(space.features(real[260:261]), space.features(real[:300])[260:261], atol=1e-3)
    assert orientation_histograms(np.zeros((2, 256, 256, 3), np.uint8)).shape == (2, GRID * GRID * BINS)


def test_no_feature_is_divided_by_less_than_the_floor() -> None:
    reference = np.random.RandomState(0).standard_normal((400, 3)) * [1.0, 0.5, 1e-6]
    scale = 1.0 / (Standardised(reference)(np.ones((1, 3))) - Standardised(reference)(np.zeros((1, 3))))[0]
    usual = np.sqrt((reference.std(axis=0) ** 2).mean())
    assert scale == pytest.approx([reference[:, 0].std(), max(reference[:, 1].std(), FLOOR * usual), FLOOR * usual])
    assert np.isfinite(Standardised(np.ones((9, 3)))(np.zeros((1, 3)))).all()


def test_fresh_icons_are_the_floor_and_harm_shows(training: np.ndarray, real: np.ndarray, space: LayoutEdges) -> None:
    fresh, icons = real[COUNT : 2 * COUNT], real[2 * COUNT :]

    def measure(images: np.ndarray) -> dict[str, float]:
        return vars(space.measure(images, training, fresh))

    floor = measure(icons)
    assert floor["kid"] < 0.02
    assert floor["coverage"] > 0.92
    assert floor["nn_accuracy"] == pytest.approx(0.5, abs=0.08)
    assert floor["novelty"] == pytest.approx(1.0, abs=0.06)
    assert floor["near_duplicates"] == 0
    assert measure(noisy(icons, 4))["kid"] > 0.1
    assert measure(blurred(icons, 0.7))["kid"] > 0.05
    assert measure(blurred(icons, 2.0))["coverage"] < 0.5
    ghosts = ((icons.astype(np.uint16) + np.roll(icons, 1, axis=0)) // 2).astype(np.uint8)
    assert measure(ghosts)["kid_low"] > floor["kid_high"]
    assert measure(ghosts)["nn_accuracy"] > 0.65
    copies = measure(memorised(icons, training, 1.0))
    assert copies["novelty"] < 0.5
    assert copies["copied"] > 0.95
    assert copies["near_duplicates"] > 0.9  # 200 copies of 64 icons
