"""From 64×64 to the size shown, with the crisp outlines and flat colours of a drawing.

Interpolation alone leaves a blur of several pixels where the drawing has an edge. Here each interpolated value is
pushed towards the darker or the lighter colour of its neighbourhood, whichever is nearer, by a smooth step: an
outline becomes as sharp as the size allows, bends stay round, and no value leaves the range of its neighbours, so
there are no halos. Where neighbours differ little, nothing is pushed: soft shading stays soft and a generator's
grain is not sharpened. docs/upscaling.md compares it with others.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels: TypeAlias = NDArray[np.uint8]  # (height, width, 3), RGB

MIN_SIZE, MAX_SIZE = 16, 2048

STEEPNESS = 2.0  # 1: a smooth step over the whole edge; higher: over that fraction of it
SOFT, HARD = 40, 120  # a range of neighbouring values up to SOFT is left alone; from HARD on it is an edge


def upscale(pixels: Pixels, size: int) -> Pixels:
    """Return square `pixels`, uint8 (64, 64, 3), as uint8 (size, size, 3); their own size gives them untouched.

    `size` is from MIN_SIZE to MAX_SIZE; smaller ones than the icon's average its pixels. Raises ValueError for
    other sizes.
    """
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(f"an icon's size goes from {MIN_SIZE} to {MAX_SIZE} pixels, not {size}")
    side = len(pixels)
    if size == side:
        return pixels.copy()
    if size < side:
        return resize(pixels, size, Image.Resampling.LANCZOS)
    # Edges are made at 4 times the side, where they cost little; the last doubling only rounds them off.
    # Beyond that it would show.
    work = 4 * side if size <= 8 * side else 8 * side
    return resize(sharp(pixels, work), size, Image.Resampling.BICUBIC)


def sharp(pixels: Pixels, size: int) -> Pixels:
    """Interpolate uint8 `pixels` to (size, size, 3) and steepen the edges."""
    image = Image.fromarray(pixels)
    darkest = np.asarray(image.filter(ImageFilter.MinFilter(3)))
    lightest = np.asarray(image.filter(ImageFilter.MaxFilter(3)))
    widest = (lightest - darkest).max(axis=2).astype(np.int32)  # an edge in one channel is an edge in all
    edges = np.clip((widest - SOFT) * 255 // (HARD - SOFT), 0, 255).astype(np.uint8)

    value = resize(pixels, size, Image.Resampling.BICUBIC).astype(np.float32)
    low = resize(darkest, size, Image.Resampling.BILINEAR).astype(np.float32)
    span = resize(lightest, size, Image.Resampling.BILINEAR).astype(np.float32)
    edge = resize(edges, size, Image.Resampling.BILINEAR).astype(np.float32) / 255
    span -= low
    value -= low

    # One push for all three channels: pushed each by itself they change the hue along every edge.
    place = np.clip(_sum(value) / np.maximum(_sum(span), 1), 0, 1)  # 0: the darkest around, 1: the lightest
    step = np.clip((place - 0.5) * STEEPNESS + 0.5, 0, 1)
    step *= step * (3 - 2 * step)
    push = (step - place) * edge

    value /= np.maximum(span, 1)
    value += push[..., None]
    np.clip(value, 0, 1, out=value)
    value *= span
    value += low
    value += 0.5
    return value.astype(np.uint8)


def _sum(channels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add up the channels in a fixed order."""
    total: NDArray[np.float32] = channels[..., 0] + channels[..., 1] + channels[..., 2]
    return total


def resize(pixels: Pixels, size: int, method: Image.Resampling) -> Pixels:
    """Resample with Pillow, which computes 8-bit images in whole numbers: the same everywhere."""
    return np.asarray(Image.fromarray(pixels).resize((size, size), method))
