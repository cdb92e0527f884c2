"""Augmentations that make icons resemble other pictures, so that the encoder generalises to avatars and photos.

Each function takes pictures (B, 3, 64, 64) in -1…1 and returns them changed, with random parameters for each picture.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from gan.batch_rng import BatchRng


def augmented(x: Tensor, rng: BatchRng) -> Tensor:
    """Apply all augmentations, each with random strength."""
    for change in (mirror, reframe, recolour, blend, cover, blur, roughen):
        x = change(x, rng)
    return x.clamp(-1, 1)


def mirror(x: Tensor, rng: BatchRng) -> Tensor:
    """Flip half of the pictures horizontally."""
    return torch.where(_uniform(x, rng) < 0.5, x, x.flip(3))


def reframe(x: Tensor, rng: BatchRng) -> Tensor:
    """Zoom by ¾ to 4/3, shift by up to an eighth of the side, rotate a little; borders are replicated."""
    count = len(x)
    zoom = torch.exp((2 * rng.uniform(count) - 1) * math.log(4 / 3))
    tilt = (2 * rng.uniform(count) - 1) * 0.15
    across, down = (2 * rng.uniform(count) - 1) / 4, (2 * rng.uniform(count) - 1) / 4
    cos, sin = zoom * torch.cos(tilt), zoom * torch.sin(tilt)
    matrix = torch.stack([torch.stack([cos, -sin, across], 1), torch.stack([sin, cos, down], 1)], 1)
    grid = F.affine_grid(matrix, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def recolour(x: Tensor, rng: BatchRng) -> Tensor:
    """Shift the channels, and change contrast and saturation."""
    grey = x.mean(dim=1, keepdim=True)
    x = grey + (x - grey) * (0.6 + 0.7 * _uniform(x, rng))
    x = x * (0.7 + 0.5 * _uniform(x, rng))
    return x + 0.3 * (rng.uniform(len(x), 3, 1, 1) - 0.5) + 0.3 * (_uniform(x, rng) - 0.5)


def blend(x: Tensor, rng: BatchRng) -> Tensor:
    """Blend half of the pictures with another one of the batch, by up to a third."""
    share = 0.33 * _uniform(x, rng) * (_uniform(x, rng) < 0.5)
    return x * (1 - share) + x.roll(1, 0) * share


def cover(x: Tensor, rng: BatchRng) -> Tensor:
    """Put a uniform patch on a third of the pictures, and crop a third to a circle on white or black."""
    count = len(x)
    y = torch.arange(64).view(1, 1, 64, 1)
    across = torch.arange(64).view(1, 1, 1, 64)
    side = rng.integers(8, 28, count, 1, 1, 1)
    top, left = rng.integers(0, 64, count, 1, 1, 1) - side // 2, rng.integers(0, 64, count, 1, 1, 1) - side // 2
    patch = (y >= top) & (y < top + side) & (across >= left) & (across < left + side)
    colour = 2 * rng.uniform(count, 3, 1, 1) - 1
    x = torch.where(patch & (_uniform(x, rng) < 1 / 3), colour, x)
    outside = (y - 31.5) ** 2 + (across - 31.5) ** 2 > 32**2
    paper = torch.where(_uniform(x, rng) < 0.7, 1.0, -1.0)
    return torch.where(outside & (_uniform(x, rng) < 1 / 3), paper, x)


def blur(x: Tensor, rng: BatchRng) -> Tensor:
    """Reduce half of the pictures to the detail of 16×16 to 48×48 pixels."""
    half = len(x) // 2
    side = int(rng.integers(2, 7, 1)) * 8
    small = F.interpolate(x[:half], (side, side), mode="area")
    return torch.cat([F.interpolate(small, (64, 64), mode="bilinear", align_corners=False), x[half:]])


def roughen(x: Tensor, rng: BatchRng) -> Tensor:
    """Add noise, up to a standard deviation of 25 of 255 levels."""
    noise = rng.uniform(*x.shape) + rng.uniform(*x.shape) - 1  # triangular, with variance 1/6
    return x + noise * (6**0.5 * 0.2) * _uniform(x, rng) ** 2


def _uniform(x: Tensor, rng: BatchRng) -> Tensor:
    return rng.uniform(len(x), 1, 1, 1)
