"""Picture descriptors: colours in CIE L*a*b* on a smoothed 16×16 grid.

The centre has a larger weight than the borders, as faces matter more than backgrounds. Distances between descriptors
are in CIE 1976 colour differences, as in `gan.latent.interpolation.steps`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gan.dataset.lookalikes import GRID, thumbnails
from gan.latent.interpolation import to_lab

SIZE = GRID * GRID * 3  # dimensions of a descriptor
CELLS = GRID * GRID
CORNER = 8  # pixels
_MIDDLE = 0.45  # of half a picture's side, around its centre
_NEAR, _FAR = 40.0, 80.0  # RGB distances from the background colour: certainly background, certainly not


def descriptors(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the descriptors of uint8 RGB pictures (N, 64, 64, 3), float32 (N, SIZE)."""
    lab = to_lab(thumbnails(images).reshape(-1, GRID, GRID, 3))
    for axis in (1, 2):
        padded = np.concatenate([lab.take([0], axis), lab, lab.take([-1], axis)], axis)
        lower, middle, upper = (padded.take(range(k, k + GRID), axis) for k in range(3))
        lab = (lower + 2 * middle + upper) / 4
    return (lab * np.sqrt(_weights())).reshape(-1, SIZE).astype(np.float32)


def _weights() -> NDArray[np.float64]:
    """Weights of the cells, (GRID, GRID, 1): three times as large in the centre as in the corners, 1 on average."""
    place = (np.arange(GRID) + 0.5) / GRID * 2 - 1
    weights: NDArray[np.float64] = 0.4 + np.exp(-2 * (place[:, None] ** 2 + place**2))
    weights /= weights.mean()
    return weights[..., None]


def reach(seen: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the 2 % and 98 % quantiles of rows such as descriptors: (N, SIZE) to (SIZE,) each.

    Pictures are clamped to this range before comparison. Beyond the model's reach, the search would trade attainable
    properties such as the hair for unattainable ones such as the background.
    """
    low, high = np.quantile(seen, (0.02, 0.98), axis=0)
    return low.astype(np.float32), high.astype(np.float32)


def grounds(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the background colours of pictures (N, 64, 64, 3): medians of the upper corners, (N, 3)."""
    corners = np.concatenate([images[:, :CORNER, :CORNER], images[:, :CORNER, -CORNER:]], axis=1)
    medians: NDArray[np.float32] = np.median(corners.reshape(len(images), -1, 3), axis=1).astype(np.float32)
    return medians


def clamp_colours(picture: NDArray[np.uint8], low: NDArray[np.float32], high: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a picture, (64, 64, 3), with its background clamped between the colours `low` and `high`, (3,) each.

    The hue is kept. Otherwise green hair would be chosen to match a green background that the model cannot draw. The
    centre stays, as a face may have the background's colour.
    """
    (ground,) = grounds(picture[None])
    far = np.linalg.norm(picture - ground, axis=2, keepdims=True)
    x = np.linspace(-1, 1, picture.shape[0])
    outside = np.clip((np.hypot(x[:, None], x)[..., None] - _MIDDLE) / 0.2, 0, 1)
    share = np.clip((_FAR - far) / (_FAR - _NEAR), 0, 1) * outside
    paler = np.clip((low - ground) / np.maximum(255 - ground, 1), 0, 1).max()
    clamped = picture + share * (np.clip(ground + paler * (255 - ground), low, high) - ground)
    pixels: NDArray[np.uint8] = np.clip(np.rint(clamped), 0, 255).astype(np.uint8)
    return pixels


def distances(descriptor: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the distances of `others`, (N, SIZE), from one descriptor, (SIZE,): root mean square over cells, (N,)."""
    squared: NDArray[np.float32] = np.square(others - descriptor).sum(axis=1)
    return np.sqrt(squared / CELLS)
