"""Distances between feature sets: known values on small sets, unbiasedness, and limits."""

from __future__ import annotations

import numpy as np
import pytest

from gan.metrics.distances import (
    MetricsError,
    density_coverage,
    kid,
    nearest,
    nearest_other,
    novelty,
    one_nn_accuracy,
    squared_distances,
)


def normal(count: int, seed: int, shift: float = 0.0, d: int = 8) -> np.ndarray:
    return np.random.RandomState(seed).standard_normal((count, d)) + shift


def naive_kid(x: np.ndarray, y: np.ndarray) -> float:
    """Work the unbiased MMD² out pair by pair, as the formula reads."""

    def k(a: np.ndarray, b: np.ndarray) -> float:
        return (a @ b / len(a) + 1) ** 3

    n, m = len(x), len(y)
    xx = sum(k(x[i], x[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    yy = sum(k(y[i], y[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    return float(xx + yy - 2 * sum(k(a, b) for a in x for b in y) / (n * m))


def test_kid_is_the_formula_also_for_sets_of_unequal_and_tiny_size() -> None:
    for n, m in ((2, 2), (5, 9), (12, 3)):
        x, y = normal(n, 1), normal(m, 2, 0.5)
        assert kid([x], [y]).value == pytest.approx(naive_kid(x, y), rel=1e-9)


def test_kid_of_equal_distributions_is_zero_on_average_even_for_small_sets() -> None:
    values = [kid([normal(10, seed)], [normal(10, seed + 1_000)], bootstraps=0).value for seed in range(400)]
    error = np.std(values) / np.sqrt(len(values))
    assert abs(np.mean(values)) < 4 * error


def test_kid_grows_with_the_distance_between_distributions() -> None:
    values = [kid([normal(300, 1, shift)], [normal(300, 2)], bootstraps=0).value for shift in (0, 0.2, 0.4, 0.8)]
    assert values == sorted(values)
    assert values[1] > 10 * abs(values[0])


def test_kids_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    truth = np.mean([kid([normal(100, s, 0.3)], [normal(100, s + 9_000)], bootstraps=0).value for s in range(300)])
    hits = 0
    for seed in range(60):
        interval = kid([normal(100, seed + 500, 0.3)], [normal(100, seed + 5_000)], bootstraps=100)
        assert interval.low < interval.value < interval.high
        hits += interval.low <= truth <= interval.high
    assert hits >= 50  # 57 expected


def test_kid_over_several_extractors_is_the_mean_of_each() -> None:
    fakes, reals = [normal(50, seed, 0.3) for seed in range(3)], [normal(50, seed + 9) for seed in range(3)]
    each = [kid([x], [y]).value for x, y in zip(fakes, reals, strict=True)]
    assert kid(fakes, reals).value == pytest.approx(np.mean(each))


def test_one_nn_accuracy_is_half_for_equal_and_one_for_separate_distributions() -> None:
    assert one_nn_accuracy(normal(500, 1), normal(500, 2)) == pytest.approx(0.5, abs=0.06)
    assert one_nn_accuracy(normal(500, 1, 9.0), normal(500, 2)) == 1.0


def test_one_nn_accuracy_falls_to_zero_when_one_set_copies_the_other() -> None:
    reals = normal(200, 1)
    assert one_nn_accuracy(reals + 1e-3 * normal(200, 2), reals) < 0.01
    assert one_nn_accuracy(reals, reals) < 0.01


def test_one_nn_accuracy_is_not_shifted_by_unequal_sizes() -> None:
    assert one_nn_accuracy(normal(1_000, 1), normal(300, 2)) == pytest.approx(0.5, abs=0.08)


def test_density_and_coverage_by_hand() -> None:
    reals = np.array([[0.0], [1.0], [3.0]])  # with k=1 the balls reach 1, 1 and 2
    assert density_coverage(np.array([[0.5]]), reals, k=1) == (2.0, pytest.approx(2 / 3))
    assert density_coverage(np.array([[5.0]]), reals, k=1) == (1.0, pytest.approx(1 / 3))  # on the rim: `<=`
    assert density_coverage(np.array([[5.1], [9.0]]), reals, k=1) == (0.0, 0.0)


def test_a_set_covers_itself_wholly_and_a_fresh_one_as_far_as_chance_allows() -> None:
    reals = normal(600, 1)
    assert density_coverage(reals, reals)[1] == 1.0
    density, coverage = density_coverage(normal(600, 2), reals)
    assert density == pytest.approx(1.0, abs=0.1)
    assert coverage == pytest.approx(1 - 2**-5, abs=0.03)


def test_coverage_falls_to_the_share_of_modes_that_are_left() -> None:
    reals = np.concatenate([normal(100, mode, 20.0 * mode) for mode in range(5)])
    for left in (5, 3, 1):
        fakes = np.concatenate([normal(100, mode + 50, 20.0 * mode) for mode in range(left)])
        assert density_coverage(fakes, reals)[1] == pytest.approx(left / 5, abs=0.06)


def test_novelty_is_zero_for_copies_one_for_fresh_and_more_for_strangers() -> None:
    training, fresh = normal(128, 1), nearest(normal(500, 2), normal(128, 1))
    assert novelty(nearest(training, training), fresh) == (0.0, 1.0)
    ratio, copied = novelty(nearest(normal(500, 3), training), fresh)
    assert ratio == pytest.approx(1.0, abs=0.06)
    assert copied == pytest.approx(0.01, abs=0.015)
    assert novelty(nearest(normal(500, 3, 2.0), training), fresh)[0] > 1.5


def test_novelty_needs_fresh_icons_that_are_fresh() -> None:
    training = normal(20, 1)
    with pytest.raises(MetricsError, match="not trained on"):
        novelty(np.ones(5), nearest(training, training))


def test_equal_rows_are_at_distance_zero_and_blocks_change_nothing() -> None:
    x = normal(70, 1, 1_000.0)
    assert (np.diagonal(squared_distances(x, x)) == 0).all()
    assert np.array_equal(nearest(normal(9, 2), x, block=8), nearest(normal(9, 2), x))
    assert nearest_other(np.array([[0.0], [1.0], [5.0]])).tolist() == [1.0, 1.0, 4.0]


def test_too_few_icons_are_said_to_be_too_few() -> None:
    one = normal(1, 1)
    with pytest.raises(MetricsError, match="two icons"):
        kid([one], [normal(9, 2)])
    with pytest.raises(MetricsError, match="two icons"):
        one_nn_accuracy(one, normal(9, 2))
    with pytest.raises(MetricsError, match="more than 5 real icons"):
        density_coverage(normal(9, 2), normal(5, 1))
