"""Upscaling from 64×64 to the size shown, with the sharp outlines and flat colours of a drawing.

Interpolation blurs edges over several pixels. Here each interpolated value is moved towards the darker or the lighter
colour of its neighbourhood by a smooth step. Outlines become sharp, bends stay round, and no value leaves the range of
its neighbours, so there are no halos. Small differences are left alone, which preserves soft shading and does not
amplify the generator's noise. docs/second-stage.md compares it with others.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels: TypeAlias = NDArray[np.uint8]  # (height, width, 3), RGB

MIN_SIZE, MAX_SIZE = 16, 2048

STEEPNESS = 2.0  # 1: a smooth step over the whole edge; higher: over that fraction of it
SOFT, HARD = 40, 120  # range of neighbouring values: no sharpening up to SOFT, full sharpening from HARD


def upscale(pixels: Pixels, size: int) -> Pixels:
    """Return square `pixels`, uint8 (64, 64, 3), as uint8 (size, size, 3); the own size returns them unchanged.

    `size` is from MIN_SIZE to MAX_SIZE; sizes below 64 average pixels. Raises ValueError for others.
    """
    check_size(size)
    side = len(pixels)
    if size == side:
        return pixels.copy()
    if size < side:
        return resize(pixels, size, Image.Resampling.LANCZOS)
    # Sharpening works at 4 times the side, where it is cheap; a final doubling only smooths the result.
    # Larger factors would look blurred.
    work = 4 * side if size <= 8 * side else 8 * side
    return resize(sharp(pixels, work), size, Image.Resampling.BICUBIC)


def check_size(size: int) -> None:
    """Raise ValueError for a size out of range."""
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(f"an icon's size goes from {MIN_SIZE} to {MAX_SIZE} pixels, not {size}")


def resized(pixels: Pixels, size: int) -> Pixels:
    """Resample uint8 (side, side, 3) to (size, size, 3)."""
    return resize(pixels, size, Image.Resampling.LANCZOS if size < len(pixels) else Image.Resampling.BICUBIC)


def doubled(pixels: Pixels) -> Pixels:
    """Double the side by cubic convolution (Keys 1981) with weights in 64ths: uint8 (H, W, 3) -> (2H, 2W, 3).

    Fastest for planar memory, where each channel of ``pixels`` is contiguous.
    """
    height, width, _ = pixels.shape
    wide = np.empty((height, 2 * width, 3), np.uint8)
    for channel in range(3):
        edged = np.pad(pixels[..., channel], ((0, 0), (2, 2)), mode="edge").astype(np.int16)
        wide[:, 0::2, channel], wide[:, 1::2, channel] = _between([edged[:, i : i + width] for i in range(5)])
    edged = np.pad(wide, ((2, 2), (0, 0), (0, 0)), mode="edge").astype(np.int16)
    tall = np.empty((2 * height, 2 * width, 3), np.uint8)
    tall[0::2], tall[1::2] = _between([edged[i : i + height] for i in range(5)])
    return tall


def _between(lines: list[NDArray[np.int16]]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """From five pictures, each shifted by one: samples a quarter before and a quarter after the middle one."""
    two_before, before, here, after, two_after = lines
    return _quarter(after, here, before, two_before), _quarter(before, here, after, two_after)


def _quarter(
    far: NDArray[np.int16], near: NDArray[np.int16], other: NDArray[np.int16], beyond: NDArray[np.int16]
) -> NDArray[np.int16]:
    """The cubic sample a quarter of the way from ``near`` to ``other``, rounded."""
    total = near * np.int16(55)
    total += other * np.int16(15)
    total -= far << 2
    total -= beyond << 1
    total += 32
    total >>= 6
    return np.clip(total, 0, 255, out=total)


def sharp(pixels: Pixels, size: int) -> Pixels:
    """Interpolate uint8 `pixels` to (size, size, 3) and sharpen the edges."""
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

    # One step for all channels: separate ones would change the hue along edges.
    place = np.clip(_sum(value) / np.maximum(_sum(span), 1), 0, 1)  # 0: darkest neighbour, 1: lightest
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
    """Sum the channels in a fixed order."""
    total: NDArray[np.float32] = channels[..., 0] + channels[..., 1] + channels[..., 2]
    return total


def resize(pixels: Pixels, size: int, method: Image.Resampling) -> Pixels:
    """Resample with Pillow, whose 8-bit resampling uses integers and is identical everywhere."""
    return np.asarray(Image.fromarray(pixels).resize((size, size), method))
