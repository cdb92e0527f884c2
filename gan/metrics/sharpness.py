"""Image quality: noise in flat areas, smudges, and steepness of edges.

Feature spaces average over areas and are insensitive to faint noise or blur, which people notice in flat drawings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
FLAT = 0.2  # share of an icon's pixels assumed to be flat
FLAT_OF_NORMAL = 0.2533  # that quantile of |x| for a standard normal x
FAINT = (1.5, 16.0)  # levels of 255 a pixel: above the rounding of a flat area, below any outline
EDGES = 0.98  # quantile of the gradient taken as that of outlines


def grain(images: NDArray[np.uint8]) -> float:
    """Estimate the noise in flat areas of icons (N, S, S, 3), in levels of 255, averaged over the icons.

    It uses a mask that ignores flat areas and slopes (Immerkær 1996), where the response is weakest, to exclude edges.
    0 for flat drawings; about the standard deviation for noise of 8 and more; an overestimate for fainter noise,
    because of edges.
    """
    y = images @ LUMA
    smooth = y[:, :-2] - 2 * y[:, 1:-1] + y[:, 2:]
    response = np.abs(smooth[:, :, :-2] - 2 * smooth[:, :, 1:-1] + smooth[:, :, 2:])
    weakest = np.quantile(response.reshape(len(images), -1), FLAT, axis=1)
    return float(weakest.mean()) / (6 * FLAT_OF_NORMAL)  # 6: the root of the sum of the mask's squares


def steepness(images: NDArray[np.uint8]) -> float:
    """Return the steepness of outlines of icons (N, S, S, 3): levels of 255 a pixel, averaged over the icons."""
    return float(np.quantile(_gradient(images).reshape(len(images), -1), EDGES, axis=1).mean())


def haze(images: NDArray[np.uint8]) -> float:
    """Return the share of pixels of icons (N, S, S, 3) with faint gradients: smudges, mottled backgrounds.

    Compare it with that of real icons, as soft shading counts, too.
    """
    gradient = _gradient(images)
    return float(((gradient > FAINT[0]) & (gradient < FAINT[1])).mean())


def _gradient(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    y = images @ LUMA
    gradient: NDArray[np.float32] = np.hypot(y[:, 1:, :-1] - y[:, :-1, :-1], y[:, :-1, 1:] - y[:, :-1, :-1])
    return gradient
