"""Pictures a person would call the same although their pixels differ: re-saved, rescaled, slightly recoloured.

Two pictures are look-alikes when their 16×16 colour thumbnails lie within a small root-mean-square
distance. A hash of signs (dHash, pHash) was not used: flat drawings have large areas of equal colour, where
such signs are noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRID = 16
# RMS over the thumbnail, of 255. A picture saved again as JPEG lies at 2 to 5, rescaled at 1; two characters that
# differ in the mouth or the brows alone at 2 to 8, in anything else further away.
THRESHOLD = 6.0
BLOCK = 512


def thumbnails(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(N, S, S, 3) uint8, S a multiple of 16, to (N, 768): means of a 16×16 grid, in 0…255."""
    count, size = images.shape[0], images.shape[1]
    cell = size // GRID
    grid = images[:, : cell * GRID, : cell * GRID].reshape(count, GRID, cell, GRID, cell, 3)
    means: NDArray[np.float32] = grid.mean(axis=(2, 4), dtype=np.float32)
    return means.reshape(count, GRID * GRID * 3)


def close_pairs(images: NDArray[np.uint8], threshold: float = THRESHOLD) -> NDArray[np.intp]:
    """Return all pairs (i, j), i < j, of look-alikes among `images` (N, S, S, 3), an (M, 2) array, sorted."""
    small = thumbnails(images) - 127.5
    norms = np.einsum("nd,nd->n", small, small)
    limit = threshold**2 * small.shape[1]
    found = []
    for start in range(0, len(small), BLOCK):
        rows = small[start : start + BLOCK]
        squared = norms[start : start + BLOCK, None] + norms[None, start:] - 2 * rows @ small[start:].T
        i, j = np.nonzero(squared <= limit)
        found.append(np.stack([i + start, j + start], axis=1)[i < j])
    return np.concatenate(found) if found else np.empty((0, 2), dtype=np.intp)


def find_lookalikes(images: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """For each picture that looks like an earlier one: (its index, the first such index)."""
    first: dict[int, int] = {}
    for earlier, later in close_pairs(images):
        first.setdefault(int(later), int(earlier))
    return sorted(first.items())
