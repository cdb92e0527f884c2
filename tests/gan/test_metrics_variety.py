"""Near-duplicates, the birthday paradox and combinations, on sets of known diversity."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gan.metrics.degradations import noisy, repeated
from gan.metrics.variety import distinct_combinations, missing_values, variety
from tests.gan.odd_pictures import drawing


@pytest.fixture(scope="module")
def drawings() -> np.ndarray:
    """Draw 300 pictures that differ clearly."""
    return np.stack([drawing(seed) for seed in range(300)])


def test_different_pictures_are_no_duplicates_and_only_bound_the_support(drawings: np.ndarray) -> None:
    found = variety(drawings)
    assert found.near_duplicates == 0
    assert found.support_is_bound
    assert found.support == pytest.approx(300 * 299 / 2 / 2.996)


@pytest.mark.parametrize("pairs", [0, 1, 2])
def test_few_pairs_bound_the_support_where_it_lies_above_in_95_of_100_cases(
    drawings: np.ndarray, monkeypatch: pytest.MonkeyPatch, pairs: int
) -> None:
    monkeypatch.setattr("gan.metrics.variety.close_pairs", lambda *_: np.arange(2 * pairs).reshape(-1, 2))
    found = variety(drawings)
    expected = 300 * 299 / 2 / found.support
    chance = sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(pairs + 1))
    assert found.support_is_bound
    assert chance == pytest.approx(0.05, abs=1e-4)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_injected_duplicates_are_counted_even_with_noise(drawings: np.ndarray, share: float) -> None:
    found = variety(repeated(drawings, share))
    assert found.near_duplicates == pytest.approx(share, abs=0.02)  # the four originals count as well


@pytest.mark.parametrize("support", [20, 80, 250])
def test_the_birthday_paradox_finds_how_many_icons_there_are(drawings: np.ndarray, support: int) -> None:
    random = np.random.RandomState(support)
    drawn = noisy(drawings[random.randint(support, size=400)], 2.0)
    found = variety(drawn)
    assert not found.support_is_bound
    assert found.support == pytest.approx(support, rel=0.25)


def test_combinations_are_counted_and_scaled_to_two_thousand_at_most() -> None:
    labels = np.array([[0, 1], [0, 1], [1, 0], [1, 1]])
    assert distinct_combinations(labels) == 3
    many = np.random.RandomState(1).randint(0, 1_000, size=(5_000, 1))
    assert distinct_combinations(many, per=500) == pytest.approx(1_000 * (1 - (1 - 1 / 1_000) ** 500), rel=0.02)


def test_a_dropped_mode_is_named_and_rare_or_present_ones_are_not() -> None:
    attributes = {"hair": ["long", "short", "rare"], "hat": ["none", "crown"]}
    reals = np.array([[0, 0]] * 500 + [[1, 1]] * 496 + [[2, 0]] * 4)
    fakes = np.array([[0, 0]] * 90 + [[0, 1]] * 10)
    assert missing_values(fakes, reals, attributes) == ["hair=short", "hat=crown"]
    assert missing_values(reals, reals, attributes) == []
