"""Round avatars: an icon cropped to a circle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def rounded(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return square uint8 RGB `pixels` (size, size, 3) as RGBA, transparent outside of the inscribed circle.

    The edge is antialiased with linear coverage.
    """
    size = len(pixels)
    off = np.arange(size) - (size - 1) / 2  # from the centre, in pixels
    distance = np.sqrt(off[:, None] ** 2 + off[None, :] ** 2)
    alpha = np.clip(size / 2 - distance + 0.5, 0.0, 1.0)
    opacity = np.floor(alpha * 255 + 0.5).astype(np.uint8)
    # transparent pixels are black, which compresses better
    shown = pixels * (opacity > 0)[..., None].astype(np.uint8)
    return np.concatenate([shown, opacity[..., None]], axis=2)
