"""Backgrounds for transparent pictures, and detection of blank pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WHITE, DARK = (255, 255, 255, 255), (64, 64, 64, 255)  # DARK still shows black details of a white drawing
_SEEN = 32  # of 255: pixels that differ less from a white background are invisible on it
_LEAST_SEEN = 0.05  # of what is drawn; a white figure with thin black lines has more
_BLANK = 8  # of 255: maximal difference within a blank picture, allowing for JPEG artefacts


def on_ground(image: Image.Image) -> Image.Image:
    """Flatten an RGBA image to RGB on white, or on dark grey if it would be invisible on white."""
    pixels = np.asarray(image).astype(np.int32)
    alpha = pixels[..., 3]
    contrast = alpha * (255 - pixels[..., :3].min(axis=2)) // 255
    seen = int(alpha[contrast > _SEEN].sum())
    ground = WHITE if seen >= _LEAST_SEEN * int(alpha.sum()) else DARK
    return Image.alpha_composite(Image.new("RGBA", image.size, ground), image).convert("RGB")


def is_blank(pixels: NDArray[np.uint8]) -> bool:
    """Whether pixels (H, W, 3) have a single colour."""
    return bool((np.ptp(pixels.reshape(-1, 3), axis=0) <= _BLANK).all())
