"""Distances between two sets of feature vectors, coverage, and novelty relative to a third set.

All functions take float64 arrays (N, d), one row per icon. They compute full distance matrices and are meant for a few
thousand rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gan.errors import MeliconError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Features = NDArray[np.float64]

NEIGHBOURS = 5
BOOTSTRAPS = 200
# Squared distances come from a difference of products; below this share of the squared norms they are rounding errors.
ROUNDING = 1e-12


class MetricsError(MeliconError):
    """The figures cannot be computed: too few icons, or incompatible sets."""


@dataclass(frozen=True)
class Interval:
    """An estimate and its 95 % bootstrap interval."""

    value: float
    low: float
    high: float


def squared_distances(x: Features, y: Features) -> Features:
    """Return the squared Euclidean distances of the rows of x (N, d) to those of y (M, d): (N, M), never negative."""
    norms_x, norms_y = np.einsum("nd,nd->n", x, x), np.einsum("md,md->m", y, y)
    sums = norms_x[:, None] + norms_y[None, :]
    squared: Features = sums - 2.0 * (x @ y.T)
    squared[squared < ROUNDING * sums] = 0.0  # distances of equal rows are exactly 0, so that `<=` and ties work
    return squared


def kernel(x: Features, y: Features) -> Features:
    """Return KID's cubic polynomial kernel (xᵀy/d + 1)³ of all pairs: (N, M). Bińkowski et al., arXiv 1801.01401."""
    gram: Features = (x @ y.T) / x.shape[1] + 1.0
    cubed: Features = gram**3
    return cubed


def kid(
    fakes: Sequence[Features], reals: Sequence[Features], *, bootstraps: int = BOOTSTRAPS, seed: int = 0
) -> Interval:
    """Kernel Inception Distance on given features: the unbiased MMD² of the cubic kernel, with its interval.

    `fakes` and `reals` hold one array per feature extractor, of the same icons in the same order; the kernels are
    averaged, and so is MMD². All rows are used, so no subset size limits small sets.
    0 for equal distributions (slightly negative by chance); the scale depends on the features.

    The interval resamples both sets with replacement and excludes pairs of a row with its own copy, which would bias
    it upwards.
    """
    if len(fakes[0]) < 2 or len(reals[0]) < 2:
        raise MetricsError("KID needs at least two icons on each side")
    within_fakes = _average([kernel(x, x) for x in fakes])
    within_reals = _average([kernel(y, y) for y in reals])
    across = _average([kernel(x, y) for x, y in zip(fakes, reals, strict=True)])
    random = np.random.RandomState(seed)
    n, m = across.shape
    rows = np.vstack([np.ones(n), random.multinomial(n, np.full(n, 1 / n), size=bootstraps)])  # multiplicities of rows
    columns = np.vstack([np.ones(m), random.multinomial(m, np.full(m, 1 / m), size=bootstraps)])
    values = (
        _mean_of_pairs(within_fakes, rows)
        + _mean_of_pairs(within_reals, columns)
        - 2.0 * np.einsum("bm,bm->b", rows @ across, columns) / (n * m)
    )
    low, high = np.nanpercentile(values[1:], [2.5, 97.5]) if bootstraps else (np.nan, np.nan)
    return Interval(float(values[0]), float(low), float(high))


def _average(kernels: Sequence[Features]) -> Features:
    mean: Features = sum(kernels[1:], start=kernels[0]) / len(kernels)
    return mean


def _mean_of_pairs(values: Features, weights: Features) -> Features:
    """Weighted mean of a kernel (N, N) over pairs of different rows, for each row of weights (B, N)."""
    squares = weights**2
    total = np.einsum("bn,bn->b", weights @ values, weights) - squares @ np.diagonal(values)
    pairs = weights.sum(axis=1) ** 2 - squares.sum(axis=1)
    pairs[pairs == 0] = np.nan  # with few rows, a resample may contain only one
    mean: Features = total / pairs
    return mean


def one_nn_accuracy(fakes: Features, reals: Features, *, seed: int = 0) -> float:
    """Leave-one-out 1-NN accuracy of telling fakes from reals: 0.5 for equal distributions.

    Near 1 the sets are easily distinguished; clearly below 0.5 suggests copying. The larger set is subsampled, since
    unequal sizes would shift the 0.5. Lopez-Paz & Oquab, arXiv 1610.06545.
    """
    size = min(len(fakes), len(reals))
    if size < 2:
        raise MetricsError("1-NN accuracy needs at least two icons on each side")
    random = np.random.RandomState(seed)
    x = fakes[np.sort(random.permutation(len(fakes))[:size])]
    y = reals[np.sort(random.permutation(len(reals))[:size])]
    across = squared_distances(x, y)
    own_x, own_y = squared_distances(x, x), squared_distances(y, y)
    np.fill_diagonal(own_x, np.inf)
    np.fill_diagonal(own_y, np.inf)
    right = _nearer(own_x.min(axis=1), across.min(axis=1)) + _nearer(own_y.min(axis=1), across.min(axis=0))
    return right / (2 * size)


def _nearer(own: Features, other: Features) -> float:
    return float((own < other).sum() + 0.5 * (own == other).sum())  # a tie counts half


def density_coverage(fakes: Features, reals: Features, *, k: int = NEIGHBOURS) -> tuple[float, float]:
    """Density and coverage (Naeem et al., arXiv 2002.09797), with `<=` so that a set covers itself.

    Each real icon has a ball with the radius of its k-th nearest real neighbour. Density is the mean number of balls
    that contain a fake, divided by k (about 1 for equal distributions, more where fakes concentrate). Coverage is the
    share of balls that contain a fake (1 - 2⁻ᵏ ≈ 0.97 at best for equal sizes).
    """
    if len(reals) <= k:
        raise MetricsError(f"density and coverage need more than {k} real icons, not {len(reals)}")
    own = squared_distances(reals, reals)
    np.fill_diagonal(own, np.inf)
    radii = np.partition(own, k - 1, axis=1)[:, k - 1]
    inside = squared_distances(reals, fakes) <= radii[:, None]
    return float(inside.sum() / (k * len(fakes))), float(inside.any(axis=1).mean())


def nearest(x: Features, training: Features, *, block: int = 4_096) -> Features:
    """Return the distance of every row of x to its nearest row of `training` (any number of rows): (N,)."""
    best = np.full(len(x), np.inf)
    for start in range(0, len(training), block):
        np.minimum(best, squared_distances(x, training[start : start + block]).min(axis=1), out=best)
    return np.asarray(np.sqrt(best))


def nearest_other(x: Features) -> Features:
    """Return the distance of every row of x to its nearest other row: (N,)."""
    own = squared_distances(x, x)
    np.fill_diagonal(own, np.inf)
    return np.asarray(np.sqrt(own.min(axis=1)))


def novelty(to_training: Features, fresh_to_training: Features) -> tuple[float, float]:
    """Novelty of icons, from their distances to the nearest training icon and those of held-out real icons.

    Returns the ratio of the medians (0: copies, 1: as new as held-out icons, above: outliers) and the share of icons
    nearer to a training icon than 99 of 100 held-out ones (0.01 expected, 1 for copies).
    """
    usual = float(np.median(fresh_to_training))
    if usual <= 0.0:
        raise MetricsError("fresh real icons equal training icons: give icons that were not trained on")
    return float(np.median(to_training)) / usual, float((to_training < np.quantile(fresh_to_training, 0.01)).mean())
