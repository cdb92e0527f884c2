"""Patch metrics: which degradations they detect at the size shown."""

from __future__ import annotations

import numpy as np
import pytest

from gan import artist
from gan.metrics import MetricsError
from gan.metrics.degradations import blurred, ghosted, noisy, recoloured, shuffled
from gan.metrics.patches import APART, PLACES, SIDE, Patches
from gan.rendering import upscale

COUNT = 60


@pytest.fixture(scope="module")
def reference() -> np.ndarray:
    return artist.icons(20_000_000, COUNT, 256)


@pytest.fixture(scope="module")
def real() -> np.ndarray:
    return artist.icons(30_000_000, COUNT, 256)


@pytest.fixture(scope="module")
def patches(reference: np.ndarray) -> Patches:
    return Patches(reference)


def test_patches_are_cut_at_the_same_positions_near_edges(patches: Patches, reference: np.ndarray) -> None:
    assert len(set(patches.places)) == PLACES
    assert (
        min(max(abs(y - b), abs(x - a)) for i, (y, x) in enumerate(patches.places) for b, a in patches.places[:i])
        >= APART
    )
    cut = patches.cut(reference)
    assert cut[3].shape == (COUNT, SIDE, SIDE, 3)
    y, x = patches.places[3]
    assert np.array_equal(cut[3][5], reference[5, y : y + 16, x : x + 16])
    contrast = np.mean([square.std(axis=(1, 2)).mean() for square in cut])
    everywhere = reference.reshape(COUNT, 16, 16, 16, 16, 3).std(axis=(2, 4)).mean()
    assert contrast > 1.5 * everywhere
    assert Patches(reference).places == patches.places


def test_fresh_pictures_are_the_floor_and_every_harm_is_told_from_them(patches: Patches, real: np.ndarray) -> None:
    floor = patches.measure(real)
    assert floor.kid_low < 0.02
    assert floor.nn_accuracy == pytest.approx(0.5, abs=0.05)
    assert floor.coverage > 0.9
    assert floor.density == pytest.approx(1.0, abs=0.2)
    small = np.stack([upscale(icon, 256) for icon in artist.icons(30_000_000, COUNT)])
    for harm, pictures in {
        "enlarged from 64 px": small,
        "blurred": blurred(real, 1.0),
        "noisy": noisy(real, 4.0),
        "ghosted": ghosted(real, 1.0),
        "shuffled": shuffled(real, 1.0, side=32),
        "recoloured": recoloured(real, 1.0),
    }.items():
        figures = patches.measure(pictures)
        assert figures.kid_low > floor.kid, harm
        assert figures.nn_accuracy > floor.nn_accuracy + 0.1, harm
        assert figures.coverage < floor.coverage, harm


def test_pictures_of_another_size_and_too_small_ones_are_refused_in_a_sentence(
    patches: Patches, real: np.ndarray
) -> None:
    with pytest.raises(MetricsError, match="draw them at the same size"):
        patches.measure(real[:, ::2, ::2])
    with pytest.raises(MetricsError, match="no room for 16 patches"):
        Patches(real[:, :20, :20])
