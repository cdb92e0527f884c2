"""An icon cut to a circle, for places that show avatars round or on a coloured ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rounded(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return square uint8 RGB `pixels` (size, size, 3) as RGBA, transparent outside of the largest circle.

    The circle's edge is smooth: a pixel's opacity is how much of it lies inside, taken as linear across its width.
    """
    size = len(pixels)
    off = np.arange(size) - (size - 1) / 2  # from the centre, in pixels
    distance = np.sqrt(off[:, None] ** 2 + off[None, :] ** 2)
    alpha = np.clip(size / 2 - distance + 0.5, 0.0, 1.0)
    opacity = np.floor(alpha * 255 + 0.5).astype(np.uint8)
    # no colour where nothing is seen: such a file is smaller, and hides nothing
    shown = pixels * (opacity > 0)[..., None].astype(np.uint8)
    return np.concatenate([shown, opacity[..., None]], axis=2)
