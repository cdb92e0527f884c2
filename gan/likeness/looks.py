"""What a picture looks like from afar: its colours in CIE L*a*b* on a smoothed 16×16 grid.

The middle counts more than the borders: who looks for a likeness looks at the face rather than at a loud ground.
Distances between looks are in units of CIE 1976 colour differences, as those of `gan.morphing.steps`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gan.dataset.lookalikes import GRID, thumbnails
from gan.morphing import to_lab

SIZE = GRID * GRID * 3  # numbers of a look
CELLS = GRID * GRID


def looks(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what uint8 RGB pictures (N, 64, 64, 3) look like, float32 (N, SIZE)."""
    lab = to_lab(thumbnails(images).reshape(-1, GRID, GRID, 3))
    for axis in (1, 2):
        padded = np.concatenate([lab.take([0], axis), lab, lab.take([-1], axis)], axis)
        lower, middle, upper = (padded.take(range(k, k + GRID), axis) for k in range(3))
        lab = (lower + 2 * middle + upper) / 4
    return (lab * np.sqrt(_weights())).reshape(-1, SIZE).astype(np.float32)


def _weights() -> NDArray[np.float64]:
    """How much each cell counts, (GRID, GRID, 1): three times as much in the middle as in the corners, 1 on average."""
    place = (np.arange(GRID) + 0.5) / GRID * 2 - 1
    weights = 0.4 + np.exp(-2 * (place[:, None] ** 2 + place**2))
    return (weights / weights.mean())[..., None]


def reach(seen: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return between what, low and high, (SIZE,) each, nearly all of the looks (N, SIZE) lie.

    A picture is best compared as if it kept to that: where it is louder than any icon can be, a search would trade
    what can be met for what cannot, such as the hair for the ground.
    """
    low, high = np.quantile(seen, (0.02, 0.98), axis=0)
    return low.astype(np.float32), high.astype(np.float32)


def distances(look: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far `others`, (N, SIZE), are from one look, (SIZE,): root mean squares over the grid, (N,)."""
    squares: NDArray[np.float32] = np.square(others - look).sum(axis=1)
    return np.sqrt(squares / CELLS)
