"""The figures of a set of icons in one feature space: distance, diversity, novelty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gan.metrics.distances import density_coverage, kid, nearest, nearest_other, novelty, one_nn_accuracy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Features = NDArray[np.float64]  # (N, d)

# Icons nearer to another of their set than this share of the median neighbour distance of the reals. Of 500 icons of
# each of eight styles by real artists, at most 0.4 % are.
NEAR_DUPLICATE = 1 / 3


@dataclass(frozen=True)
class SpaceFigures:
    """Figures in one feature space; see gan.metrics.distances for their meaning."""

    kid: float
    kid_low: float  # 95 % bootstrap interval
    kid_high: float
    nn_accuracy: float
    density: float
    coverage: float
    novelty: float  # nan where the icons are the training icons themselves
    copied: float
    near_duplicates: float  # share of icons much nearer to another of the set than reals are


def measure_space(
    generated: Sequence[Features],
    reference: Sequence[Features],
    training: Sequence[Features],
    usual: Sequence[Features],
    *,
    seed: int = 0,
) -> SpaceFigures:
    """Return the figures of generated icons against reference icons, and their novelty against training icons.

    Each argument holds one array per feature extractor; figures are averaged over them. usual: distances (M,) of
    held-out icons to their nearest training icon, see `distances_to`.
    """
    own = [nearest_other(x) for x in generated]
    real = [float(np.median(nearest_other(y))) for y in reference]
    near = [one_nn_accuracy(x, y, seed=seed) for x, y in zip(generated, reference, strict=True)]
    filled = [density_coverage(x, y) for x, y in zip(generated, reference, strict=True)]
    new = [novelty(to, as_usual) for to, as_usual in zip(distances_to(training, generated), usual, strict=True)]
    distance = kid(generated, reference, seed=seed)
    return SpaceFigures(
        kid=distance.value,
        kid_low=distance.low,
        kid_high=distance.high,
        nn_accuracy=float(np.mean(near)),
        density=float(np.mean([density for density, _ in filled])),
        coverage=float(np.mean([coverage for _, coverage in filled])),
        novelty=float(np.mean([ratio for ratio, _ in new])),
        copied=float(np.mean([share for _, share in new])),
        near_duplicates=float(np.mean([(x < NEAR_DUPLICATE * y).mean() for x, y in zip(own, real, strict=True)])),
    )


def distances_to(training: Sequence[Features], icons: Sequence[Features]) -> list[Features]:
    """Return the distance of each icon to its nearest training icon, for each feature extractor: (N,)."""
    return [nearest(x, known) for x, known in zip(icons, training, strict=True)]
