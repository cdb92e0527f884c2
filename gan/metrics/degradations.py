"""Harm of known kind and size, done to real icons: what the figures must notice, and notice more the more there is.

Icons are uint8 (N, S, S, 3). What chance decides is decided by `seed`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Images = NDArray[np.uint8]


def blurred(images: Images, radius: float) -> Images:
    """Blur every icon by a Gaussian of `radius` pixels."""
    blur = ImageFilter.GaussianBlur(radius)
    return np.stack([np.asarray(Image.fromarray(image).filter(blur)) for image in images])


def noisy(images: Images, sigma: float, *, seed: int = 0) -> Images:
    """Add Gaussian noise of standard deviation `sigma` (of 255) to every channel of every pixel."""
    noise = np.random.RandomState(seed).standard_normal(images.shape) * sigma
    return np.clip(np.round(images + noise), 0, 255).astype(np.uint8)


def drop_modes(images: Images, modes: NDArray[np.integer], keep: float, *, seed: int = 0) -> Images:
    """Drop whole modes: only icons of a share `keep` of the values in `modes` (N,) stay."""
    values = np.random.RandomState(seed).permutation(np.unique(modes))
    kept = values[: max(1, round(keep * len(values)))]
    return images[np.isin(modes, kept)]


def repeated(images: Images, share: float, *, originals: int = 4, seed: int = 0) -> Images:
    """Replace a `share` of the icons by copies of `originals` of the others, with a generator's little noise."""
    count = round(share * len(images))
    if count == 0:
        return images.copy()
    sources = images[len(images) - originals :]
    copies = sources[np.random.RandomState(seed).randint(originals, size=count)]
    return np.concatenate([noisy(copies, 2.0, seed=seed), images[count:]])


def memorised(images: Images, training: Images, share: float, *, seed: int = 0) -> Images:
    """Replace a `share` of the icons by training icons, with a little noise as a generator adds."""
    count = round(share * len(images))
    copies = training[np.random.RandomState(seed).randint(len(training), size=count)]
    return np.concatenate([noisy(copies, 2.0, seed=seed), images[count:]])


def ghosted(images: Images, share: float) -> Images:
    """Mix every icon with the next one, which gets a weight of `share` / 2: at 1, the average of two icons."""
    mixed = (1.0 - share / 2) * images + share / 2 * np.roll(images, 1, axis=0)
    return np.round(mixed).astype(np.uint8)


def shuffled(images: Images, share: float, *, side: int = 8, seed: int = 0) -> Images:
    """Change places of a `share` of each icon's squares of `side` pixels at random."""
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
    """Mix every icon with itself in wrong colours: red, green and blue change places, `share` of the way."""
    mixed = (1.0 - share) * images + share * images[..., [2, 0, 1]]
    return np.round(mixed).astype(np.uint8)
