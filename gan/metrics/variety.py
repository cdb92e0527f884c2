"""Diversity of icons: near-duplicates, the birthday paradox, distinct attribute combinations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gan.dataset.lookalikes import close_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

# RMS distance of colour thumbnails, of 255: icons below it show one character with another mouth or other eyes. The two
# nearest of 2,400 icons of the house artist are 12 apart.
NEAR_DUPLICATE = 10.0
# Upper 95 % bounds of a Poisson mean where 0, 1 or 2 pairs were observed.
AT_MOST = (2.996, 4.744, 6.296)


@dataclass(frozen=True)
class Variety:
    """Near-duplicates among icons, and the estimated number of distinct icons."""

    near_duplicates: float  # share of icons similar to another one
    support: float  # number of equally likely icons that would give as many similar pairs
    support_is_bound: bool  # hardly any pair was found: a lower bound (95 %)


def variety(images: NDArray[np.uint8], threshold: float = NEAR_DUPLICATE) -> Variety:
    """Near-duplicate rate and birthday-paradox support of icons (N, S, S, 3), N ≥ 2.

    Among N draws from S equally likely icons, N(N-1)/2S pairs are expected to coincide; solving for S estimates the
    support (Arora, Risteski & Zhang, ICLR 2018, who judge pairs visually). For fewer than three pairs the result is a
    lower bound at 95 %, from the upper bound of the Poisson mean (Garwood 1936).
    """
    pairs = close_pairs(images, threshold)
    possible = len(images) * (len(images) - 1) / 2
    return Variety(
        near_duplicates=len(np.unique(pairs)) / len(images),
        support=possible / (AT_MOST[len(pairs)] if len(pairs) < len(AT_MOST) else len(pairs)),
        support_is_bound=len(pairs) < len(AT_MOST),
    )


def shares(labels: NDArray[np.integer], values: Sequence[int]) -> list[NDArray[np.float64]]:
    """For each column of labels (N, attributes), the share of icons that have each of its values."""
    return [np.bincount(column, minlength=count) / len(labels) for column, count in zip(labels.T, values, strict=True)]


def missing_values(
    labels: NDArray[np.integer], reals: NDArray[np.integer], attributes: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the attribute values that at least 1 % of reals have, and these icons at most a quarter as often.

    labels, reals: indices of values (N, attributes), (M, attributes). These are the dropped modes.
    """
    counts = [len(values) for values in attributes.values()]
    return [
        f"{name}={value}"
        for (name, values), own, real in zip(
            attributes.items(), shares(labels, counts), shares(reals, counts), strict=True
        )
        for value, has, should in zip(values, own, real, strict=True)
        if should >= 0.01 and has <= 0.25 * should
    ]


def distinct_combinations(labels: NDArray[np.integer], per: int = 2_000, *, rounds: int = 20, seed: int = 0) -> float:
    """Number of distinct rows among `per` icons, from attribute values (N, attributes).

    Fewer icons than `per` are counted directly; for more, the count is averaged over random subsets of `per`.
    """
    if len(labels) <= per:
        return float(len(np.unique(labels, axis=0)))
    random = np.random.RandomState(seed)
    counts = [len(np.unique(labels[random.permutation(len(labels))[:per]], axis=0)) for _ in range(rounds)]
    return float(np.mean(counts))
