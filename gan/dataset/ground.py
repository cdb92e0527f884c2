"""What a transparent picture is laid on, and whether there is anything to be seen in a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

WHITE, DARK = (255, 255, 255, 255), (64, 64, 64, 255)  # black details of a white drawing are seen on DARK, too
_SEEN = 32  # of 255: a pixel that differs less from the white below it is lost on it
_LEAST_SEEN = 0.05  # of what is drawn; a white figure with thin black lines shows more
_BLANK = 8  # of 255: no channel of a blank picture differs more, though it was a JPEG


def on_ground(image: Image.Image) -> Image.Image:
    """Return an RGBA image as RGB on white, or on a dark grey if it is a white drawing that white would swallow."""
    pixels = np.asarray(image).astype(np.int32)
    alpha = pixels[..., 3]
    contrast = alpha * (255 - pixels[..., :3].min(axis=2)) // 255
    seen = int(alpha[contrast > _SEEN].sum())
    ground = WHITE if seen >= _LEAST_SEEN * int(alpha.sum()) else DARK
    return Image.alpha_composite(Image.new("RGBA", image.size, ground), image).convert("RGB")


def is_blank(pixels: NDArray[np.uint8]) -> bool:
    """Whether pixels (H, W, 3) show one colour only."""
    return bool((np.ptp(pixels.reshape(-1, 3), axis=0) <= _BLANK).all())
