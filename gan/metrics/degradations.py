"""Degradations of real icons with known kind and strength: metrics must react to them monotonically.

Icons are uint8 (N, S, S, 3). Randomness comes from `seed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Images = NDArray[np.uint8]


def blurred(images: Images, radius: float) -> Images:
    """Apply a Gaussian blur of `radius` pixels."""
    blur = ImageFilter.GaussianBlur(radius)
    return np.stack([np.asarray(Image.fromarray(image).filter(blur)) for image in images])


def noisy(images: Images, sigma: float, *, seed: int = 0) -> Images:
    """Add Gaussian noise of standard deviation `sigma` (of 255) to every channel of every pixel."""
    noise = np.random.RandomState(seed).standard_normal(images.shape) * sigma
    return np.clip(np.round(images + noise), 0, 255).astype(np.uint8)


def drop_modes(images: Images, modes: NDArray[np.integer], keep: float, *, seed: int = 0) -> Images:
    """Mode dropping: keep only icons with a share `keep` of the values in `modes` (N,)."""
    values = np.random.RandomState(seed).permutation(np.unique(modes))
    kept = values[: max(1, round(keep * len(values)))]
    return images[np.isin(modes, kept)]


def repeated(images: Images, share: float, *, originals: int = 4, seed: int = 0) -> Images:
    """Replace a `share` of the icons by slightly noisy copies of `originals` others."""
    count = round(share * len(images))
    if count == 0:
        return images.copy()
    sources = images[len(images) - originals :]
    copies = sources[np.random.RandomState(seed).randint(originals, size=count)]
    return np.concatenate([noisy(copies, 2.0, seed=seed), images[count:]])


def memorised(images: Images, training: Images, share: float, *, seed: int = 0) -> Images:
    """Replace a `share` of the icons by slightly noisy training icons."""
    count = round(share * len(images))
    copies = training[np.random.RandomState(seed).randint(len(training), size=count)]
    return np.concatenate([noisy(copies, 2.0, seed=seed), images[count:]])


def ghosted(images: Images, share: float) -> Images:
    """Blend every icon with the next one, which has weight `share` / 2: at 1, the average of both."""
    mixed = (1.0 - share / 2) * images + share / 2 * np.roll(images, 1, axis=0)
    return np.round(mixed).astype(np.uint8)


def shuffled(images: Images, share: float, *, side: int = 8, seed: int = 0) -> Images:
    """Permute a `share` of each icon's patches of `side` pixels at random."""
    count, size = images.shape[:2]
    across = size // side
    squares = images.reshape(count, across, side, across, side, 3).swapaxes(2, 3).reshape(count, -1, side, side, 3)
    squares = squares.copy()
    random = np.random.RandomState(seed)
    for icon in squares:
        chosen = random.permutation(len(icon))[: round(share * len(icon))]
        icon[chosen] = icon[random.permutation(chosen)]
    grid = squares.reshape(count, across, across, side, side, 3).swapaxes(2, 3)
    return grid.reshape(images.shape)


def recoloured(images: Images, share: float) -> Images:
    """Blend every icon with a copy whose channels are permuted, by `share`."""
    mixed = (1.0 - share) * images + share * images[..., [2, 0, 1]]
    return np.round(mixed).astype(np.uint8)
