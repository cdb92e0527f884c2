"""The evaluation as a whole detects each kind of degradation, in proportion to its strength."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gan import artist
from gan.metrics import Evaluator, Figures, MetricsError, evaluate
from gan.metrics.degradations import blurred, drop_modes, ghosted, memorised, noisy, recoloured, repeated, shuffled
from gan.metrics.report import NOT_FID
from gan.metrics.sharpness import grain

if TYPE_CHECKING:
    from collections.abc import Sequence

COUNT = 250
SPACES = ("layout_edges", "random", "classifier")


@pytest.fixture(scope="module")
def training() -> np.ndarray:
    return artist.icons(0, 64)


@pytest.fixture(scope="module")
def evaluator(training: np.ndarray) -> Evaluator:
    return Evaluator(training, artist.icons(20_000_000, 2 * COUNT), seeds=(0, 1))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return artist.icons(30_000_000, COUNT)


@pytest.fixture(scope="module")
def floor(evaluator: Evaluator, images: np.ndarray) -> Figures:
    return evaluator.measure(images)


def rises(figures: list[Figures], name: str, spaces: Sequence[str] = SPACES) -> bool:
    """Whether a figure rises at every step, in every one of `spaces` if it is one of a space."""
    if hasattr(figures[0], name):
        return all(getattr(a, name) < getattr(b, name) for a, b in pairwise(figures))
    return all(
        getattr(a.spaces[space], name) < getattr(b.spaces[space], name)
        for space in spaces
        for a, b in pairwise(figures)
    )


def falls(figures: list[Figures], name: str) -> bool:
    return rises(figures[::-1], name)


def test_real_icons_against_real_ones_are_the_floor(floor: Figures) -> None:
    for space in floor.spaces.values():
        assert space.kid_low <= 0.02
        assert space.nn_accuracy == pytest.approx(0.5, abs=0.08)
        assert space.density == pytest.approx(1.0, abs=0.25)
        assert space.coverage > 0.9
        assert space.novelty == pytest.approx(1.0, abs=0.1)
        assert space.copied < 0.06
    assert floor.near_duplicates == 0
    assert floor.combinations >= COUNT - 1


def test_blur_is_noticed_and_more_blur_more(evaluator: Evaluator, images: np.ndarray, floor: Figures) -> None:
    harmed = [floor, *(evaluator.measure(blurred(images, radius)) for radius in (0.7, 1.5, 2.5))]
    assert rises(harmed, "kid")
    assert falls([floor, *harmed[2:]], "coverage")  # averaged a little, icons lie in the middle of the reals
    assert falls(harmed, "confidence")
    assert falls(harmed, "sharpness")


def test_noise_is_noticed_and_more_noise_more(evaluator: Evaluator, images: np.ndarray, floor: Figures) -> None:
    harmed = [floor, *(evaluator.measure(noisy(images, sigma)) for sigma in (48, 96))]
    assert rises(harmed, "kid")
    assert falls(harmed, "coverage")
    assert harmed[-1].confidence < floor.confidence


def test_averages_of_two_icons_are_noticed(evaluator: Evaluator, images: np.ndarray, floor: Figures) -> None:
    harmed = [floor, *(evaluator.measure(ghosted(images, share)) for share in (0.6, 1.0))]
    assert rises(harmed, "kid")
    assert rises(harmed, "nn_accuracy")


def test_shuffled_patches_are_detected(evaluator: Evaluator, images: np.ndarray, floor: Figures) -> None:
    harmed = [floor, *(evaluator.measure(shuffled(images, share)) for share in (0.25, 1.0))]
    assert rises(harmed, "kid")
    assert rises(harmed, "nn_accuracy")
    assert [figures.spaces["layout_edges"].coverage < 0.5 for figures in harmed] == [False, True, True]


def test_wrong_colours_are_noticed(evaluator: Evaluator, images: np.ndarray, floor: Figures) -> None:
    harmed = [floor, *(evaluator.measure(recoloured(images, share)) for share in (0.5, 1.0))]
    assert rises(harmed, "kid")
    assert rises(harmed, "nn_accuracy")


@pytest.mark.parametrize("sigma", [4, 8, 16])
def test_grain_measures_noise_too_faint_for_the_feature_spaces(
    images: np.ndarray, floor: Figures, sigma: float
) -> None:
    assert floor.grain < 0.1
    assert sigma / 2 < grain(noisy(images, sigma)) < 1.5 * sigma


def test_dropped_modes_are_noticed_and_named(evaluator: Evaluator, images: np.ndarray, floor: Figures) -> None:
    hair = [artist.labels(30_000_000 + row)["hair_colour"] for row in range(COUNT)]
    modes = np.unique(hair, return_inverse=True)[1]
    harmed = [floor, *(evaluator.measure(drop_modes(images, modes, keep)) for keep in (0.5, 0.2))]
    assert rises(harmed, "kid", ("random", "classifier"))  # hair is a small part of the layout: coverage sees it
    assert falls(harmed, "coverage")
    gone = set(harmed[-1].missing)
    assert len({name for name in gone if name.startswith("hair_colour=")}) > 10


def test_injected_duplicates_are_noticed(evaluator: Evaluator, images: np.ndarray, floor: Figures) -> None:
    harmed = [floor, *(evaluator.measure(repeated(images, share)) for share in (0.2, 0.8))]
    assert rises(harmed, "near_duplicates")
    for name in ("support", "combinations", "coverage"):
        assert falls(harmed, name), name


def test_copies_of_the_training_set_fail_novelty(
    evaluator: Evaluator, images: np.ndarray, training: np.ndarray, floor: Figures
) -> None:
    harmed = [floor, *(evaluator.measure(memorised(images, training, share)) for share in (0.4, 1.0))]
    assert rises(harmed, "copied")
    assert falls(harmed, "novelty")
    for space in harmed[-1].spaces.values():
        assert space.novelty < 0.5
        assert space.copied > 0.95


def test_the_report_shows_floor_and_ceiling_and_says_what_it_cannot_be_compared_with(
    evaluator: Evaluator, training: np.ndarray
) -> None:
    copies = training[np.random.RandomState(0).randint(len(training), size=COUNT)]
    report = evaluator.report(copies)
    text = "\n".join(report.lines())
    assert NOT_FID in text
    assert "not comparable to published FID" in text
    assert "Fails novelty" in text
    assert "Repeats itself" in text
    assert "Fails novelty" not in "\n".join(evaluator.report(evaluator.floor.images).findings())
    assert set(report.anchors) == {"real", "copies", "blurred"}
    assert report.anchors["copies"].spaces["random"].novelty == 0
    told = json.loads(report.to_json())
    assert told["generated"]["spaces"]["classifier"]["novelty"] == 0
    assert told["note"] == NOT_FID


def test_without_fresh_icons_copies_still_fail_and_the_report_says_what_is_missing(
    images: np.ndarray, evaluator: Evaluator
) -> None:
    folder = artist.icons(0, 64)
    report = Evaluator(folder, seeds=(0,)).report(images[:64])
    assert not report.has_fresh
    assert "no fresh icons" in "\n".join(report.lines())
    assert math.isnan(report.anchors["real"].spaces["random"].novelty)
    assert json.loads(report.to_json())["anchors"]["real"]["spaces"]["random"]["novelty"] is None
    for space in report.figures.spaces.values():
        assert space.novelty == pytest.approx(1.0, abs=0.15)
    for space in report.anchors["copies"].spaces.values():
        assert space.novelty == 0


def test_the_same_icons_give_the_same_figures(evaluator: Evaluator, images: np.ndarray, floor: Figures) -> None:
    assert evaluator.measure(images) == floor


def test_sets_that_are_too_small_are_refused_in_a_sentence(images: np.ndarray, evaluator: Evaluator) -> None:
    with pytest.raises(MetricsError, match="draw at least 16"):
        evaluator.measure(images[:15])
    with pytest.raises(MetricsError, match="give at least 32"):
        evaluate(images, images[:31])
