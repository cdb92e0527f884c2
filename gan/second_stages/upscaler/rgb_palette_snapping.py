"""Palette snapping: replace colours that are nearly one of the drawing's own by that colour.

The house artist fills every area with one of a few colours, determined by the conditions. A network reproduces them
with slight noise. Each pixel near one of the colours is moved towards it, more strongly the nearer it is; antialiased
edges stay. All arithmetic is on integers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

REACH = 32  # levels of 255, distance in RGB beyond which a colour is left alone
WHOLE = 0.5  # share of that distance up to which a colour is replaced entirely
CELL = 16  # levels: side of the RGB cubes that share a nearest colour
_PARTS = 256  # integer representation of 1


def snapped(pixels: NDArray[np.uint8], palette: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Snap ``pixels`` (H, W, 3) to the colours ``palette`` (K, 3) near them.

    Fastest for planar memory with contiguous channels, which is also the result's layout.
    """
    channels = [pixels[..., channel] for channel in range(3)]
    red, green, blue = (channel.astype(np.uint16) >> 4 for channel in channels)
    cubes = (red << 8) | (green << 4) | blue
    nearest = palette[_nearest(palette)].astype(np.int16)
    # clamped: larger differences are out of reach, and their squares would overflow 16 bits
    apart = [
        np.clip(channel - nearest[:, number].take(cubes), -REACH - 1, REACH + 1)
        for number, channel in enumerate(channels)
    ]
    square = apart[0] * apart[0] + apart[1] * apart[1] + apart[2] * apart[2]
    lost = _LOST.take(np.minimum(square, REACH**2))
    made = np.empty((3, *pixels.shape[:2]), np.uint8)
    for new, old, far in zip(made, channels, apart, strict=True):
        np.subtract(old, (far * lost + _PARTS // 2) >> 8, out=new, casting="unsafe")
    return np.moveaxis(made, 0, 2)


def _nearest(palette: NDArray[np.int32]) -> NDArray[np.intp]:
    """The index of the colour nearest to the centre of each RGB cube, (4096,)."""
    # smallest |x - p|² means largest 2·x·p - |p|²; integers below 2²⁴, so float32 is exact
    score = _MIDDLES @ (2 * palette.T).astype(np.float32) - (palette**2).sum(axis=1).astype(np.float32)
    nearest: NDArray[np.intp] = score.argmax(axis=1)
    return nearest


def _lost() -> NDArray[np.int16]:
    """For each squared distance up to REACH², the share of the difference that is removed, in 256ths."""
    way = np.clip((np.sqrt(np.arange(REACH**2 + 1)) / REACH - WHOLE) / (1 - WHOLE), 0, 1)
    return _PARTS - np.floor(_PARTS * way * way * (3 - 2 * way) + 0.5).astype(np.int16)


_LOST = _lost()
_MIDDLES = np.stack(np.meshgrid(*[np.arange(CELL // 2, 256, CELL)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
_MIDDLES = _MIDDLES.astype(np.float32)
