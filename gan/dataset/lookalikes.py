"""Near-duplicate detection: pictures that look the same although pixels differ (re-saved, rescaled, recoloured).

Two pictures are near-duplicates when their 16×16 colour thumbnails have a small root-mean-square distance. Perceptual
hashes (dHash, pHash) are unsuitable: their signs are noise in the large uniform areas of flat drawings.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

GRID = 16
# RMS over the thumbnail, of 255. A picture re-saved as JPEG is at 2 to 5, a rescaled one at 1; two characters that
# differ only in the mouth or the brows at 2 to 8, in anything else further away.
THRESHOLD = 6.0
BLOCK = 512
_COARSE = 4  # grid of the means used for bucketing
_AXES = 5  # of a bucket; each has 3^5 neighbours, including itself
_ROUNDING = 1.001  # margin for float32 rounding


def thumbnails(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, S, S, 3) uint8, S a multiple of 16, to (N, 768): means of a 16×16 grid, in 0…255."""
    count, size = images.shape[0], images.shape[1]
    cell = size // GRID
    grid = images[:, : cell * GRID, : cell * GRID].reshape(count, GRID, cell, GRID, cell, 3)
    means: NDArray[np.float32] = grid.mean(axis=(2, 4), dtype=np.float32)
    return means.reshape(count, GRID * GRID * 3)


class _Points:
    """Thumbnails, or some coordinates of them: (N, D)."""

    def __init__(self, points: NDArray[np.float32]) -> None:
        self.points = points
        self.norms = np.einsum("nd,nd->n", points, points)

    def squared_distances(self, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.float32]:
        products = self.points[rows] @ self.points[columns].T
        distances: NDArray[np.float32] = self.norms[rows, None] + self.norms[None, columns] - 2 * products
        return distances


def close_pairs(images: NDArray[np.uint8], threshold: float = THRESHOLD) -> NDArray[np.intp]:
    """Return all pairs (i, j), i < j, of near-duplicates among `images` (N, S, S, 3), an (M, 2) array, sorted.

    Their number and the time grow quadratically where many are alike.
    """
    small = _Points(thumbnails(images) - 127.5)
    everything = np.arange(len(images))
    found = []
    for start in range(0, len(images), BLOCK):
        squared = small.squared_distances(everything[start : start + BLOCK], everything[start:])
        i, j = np.nonzero(squared <= _limit(threshold))
        found.append(np.stack([i + start, j + start], axis=1)[i < j])
    return np.concatenate(found) if found else np.empty((0, 2), dtype=np.intp)


def _limit(threshold: float) -> float:
    """Return the squared distance of two thumbnails whose root mean square difference is `threshold`."""
    return threshold**2 * GRID * GRID * 3


def find_lookalikes(images: NDArray[np.uint8], threshold: float = THRESHOLD) -> list[tuple[int, int]]:
    """For each picture with an earlier near-duplicate: (its index, the first such index); sorted.

    Equivalent to the first of `close_pairs` for each. Pictures are hashed into buckets as wide as the threshold, along
    the principal axes: near-duplicates lie in one bucket or in neighbours, and only the first of a group is searched
    for. Time is linear in N while buckets stay small, as they do for distinct pictures and for films.
    """
    if len(images) < 2:
        return []
    small = _Points(thumbnails(images) - 127.5)
    limit = _limit(threshold)
    first = np.full(len(images), -1)
    coarse = _Points(_coordinates(small.points))
    for members, candidates in _neighbourhoods(coarse.points[:, -_AXES:], limit**0.5 * _ROUNDING):
        for start in range(0, len(members), BLOCK):
            _find_first(small, coarse, limit, members[start : start + BLOCK], candidates, first)
    return [(later, int(earlier)) for later, earlier in enumerate(first) if earlier >= 0]


def _find_first(  # noqa: PLR0917 - internal
    small: _Points,
    coarse: _Points,
    limit: float,
    rows: NDArray[np.intp],
    candidates: NDArray[np.intp],
    first: NDArray[np.intp],
) -> None:
    """Set `first` for each of `rows` to the first earlier one of `candidates` within a squared distance."""
    for start in range(0, len(candidates), BLOCK):
        columns = candidates[start : start + BLOCK]
        rows = rows[rows > columns[0]]
        if not len(rows):
            return
        # the coarse distance, at a sixteenth of the cost, excludes most candidates
        near = coarse.squared_distances(rows, columns) <= limit * _ROUNDING
        some, columns = rows[near.any(axis=1)], columns[near.any(axis=0)]
        if not len(some):
            continue
        close = (small.squared_distances(some, columns) <= limit) & (columns[None] < some[:, None])
        found = close.any(axis=1)
        first[some[found]] = columns[close[found].argmax(axis=1)]
        rows = rows[first[rows] < 0]


def _coordinates(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return thumbnails (N, 768) in 48 coordinates that never increase distances.

    These are the means over a 4×4 grid, rotated to principal axes, in ascending order of variance.
    """
    cell = GRID // _COARSE
    coarse = small.reshape(-1, _COARSE, cell, _COARSE, cell, 3).mean(axis=(2, 4)).reshape(len(small), -1) * cell
    coarse = coarse - coarse.mean(axis=0)
    _, axes = np.linalg.eigh(coarse.T @ coarse)
    coordinates: NDArray[np.float32] = coarse @ axes
    return coordinates


def _neighbourhoods(
    coordinates: NDArray[np.float32], width: float
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Yield for each bucket the indices in it, and those in it and its neighbours; both sorted."""
    cells = np.floor(coordinates / width).astype(np.int64)
    cells -= cells.min(axis=0) - 1
    spans = cells.max(axis=0) + 2
    strides = np.append(np.cumprod(spans[::-1])[-2::-1], 1)
    keys = cells @ strides  # one number per bucket; neighbours have constant offsets
    order = np.argsort(keys, kind="stable")
    buckets, starts = np.unique(keys[order], return_index=True)
    contents = np.split(order, starts[1:])
    steps = np.array(list(product((-1, 0, 1), repeat=coordinates.shape[1]))) @ strides
    around = np.searchsorted(buckets, buckets[:, None] + steps)
    there = buckets[np.minimum(around, len(buckets) - 1)] == buckets[:, None] + steps
    for own, near, known in zip(contents, around, there, strict=True):
        yield own, np.sort(np.concatenate([contents[bucket] for bucket in near[known]]))
