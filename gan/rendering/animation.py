"""Animations as GIF, which every chat client plays."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def encode_gif(frames: Sequence[NDArray[np.uint8]], *, milliseconds: int, comment: str = "") -> bytes:
    """Return uint8 RGB `frames` (height, width, 3) as an endless GIF with `milliseconds` per frame.

    The time is rounded to hundredths of a second, the resolution of GIF. `comment` is embedded, at most 255 bytes of
    ASCII. Each frame has its own 256 colours without dithering, which would flicker. Raises ValueError for no frames.
    """
    if not len(frames):
        raise ValueError("an animation needs at least one frame")
    first, *rest = (
        Image.fromarray(frame).quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE) for frame in frames
    )
    file = io.BytesIO()
    first.save(
        file,
        "GIF",
        save_all=True,
        append_images=rest,
        duration=max(20, round(milliseconds / 10) * 10),  # browsers ignore values below 20
        loop=0,
        optimize=False,
        comment=comment.encode("ascii", "replace")[:255],
    )
    return file.getvalue()


def dissolve(one: NDArray[np.uint8], other: NDArray[np.uint8], steps: int) -> list[NDArray[np.uint8]]:
    """Return `steps` pictures of a cross-dissolve from `one` to the last before `other`, uint8 (S, S, 3) both."""
    here, there = one.astype(np.int32), other.astype(np.int32)
    return [(((steps - n) * here + n * there + steps // 2) // steps).astype(np.uint8) for n in range(steps)]
