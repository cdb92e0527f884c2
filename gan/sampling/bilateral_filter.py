"""Bilateral filter: flatten nearly uniform areas and keep edges.

Some drawing styles fill areas with a single colour. A network that learned such a style adds faint noise of a few
levels of 255, visible at large sizes. A bilateral filter (Tomasi & Manduchi 1998) averages each pixel with its
neighbours, weighted by similarity: this removes the noise and keeps edges of 15 levels.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

REACH = 2  # pixels to each side
NEAR = 2.0  # pixels: standard deviation of the spatial weight
LIKE = 7 / 127.5  # standard deviation of the colour weight: 7 of 255 levels
TIMES = 2
_HALF = [(dy, dx) for dy in range(REACH + 1) for dx in range(-REACH, REACH + 1) if (dy, dx) > (0, 0)]


def bilateral_filter(pictures: Tensor) -> Tensor:
    """(B, H, W, 3) in [-1, 1] -> the same, filtered; H and W are at least 3."""
    x = pictures.permute(0, 3, 1, 2).contiguous()
    for _ in range(TIMES):
        x = _once(x)
    return x.permute(0, 2, 3, 1)


def _once(x: Tensor) -> Tensor:
    """(B, 3, H, W) -> the same."""
    pull, weight = torch.zeros_like(x), torch.ones_like(x[:, :1])
    for dy, dx in _HALF:  # symmetric weights: half of the neighbours suffice
        (y0, y1), (x0, x1) = _slices(dy, x.shape[2]), _slices(dx, x.shape[3])
        here, there = x[..., y0, x0], x[..., y1, x1]
        step = here - there
        like = torch.exp(step.square().sum(dim=1, keepdim=True).mul_(-0.5 / LIKE**2))
        like *= math.exp(-0.5 * (dx * dx + dy * dy) / NEAR**2)
        step *= like
        pull[..., y0, x0] -= step
        pull[..., y1, x1] += step
        weight[..., y0, x0] += like
        weight[..., y1, x1] += like
    return x + pull / weight


def _slices(step: int, length: int) -> tuple[slice, slice]:
    """Slices of both pixels of all pairs ``step`` apart within ``length``."""
    if step < 0:
        there, here = _slices(-step, length)
        return here, there
    return slice(0, length - step), slice(step, length)
