"""Flat colours: what a network paints a little unevenly is evened out, and edges stay.

A hand that fills its areas with one colour leaves nothing uneven. A network that learned from it does: by a few of 255
levels, in clouds that one sees as soon as an icon is shown large. A bilateral filter (Tomasi & Manduchi 1998) takes for
each pixel the mean of those around it, of which the like ones count the more: clouds go, an edge of 15 levels stays.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

REACH = 2  # pixels to each side
NEAR = 2.0  # pixels at which a neighbour counts 0.6 of one at the same place
LIKE = 7 / 127.5  # distance of colours at which it counts 0.6 of one of the same colour: 7 of 255 levels
TIMES = 2
_HALF = [(dy, dx) for dy in range(REACH + 1) for dx in range(-REACH, REACH + 1) if (dy, dx) > (0, 0)]


def bilateral_filter(pictures: Tensor) -> Tensor:
    """(B, H, W, 3) in [-1, 1] -> the same without clouds; H and W are at least 3."""
    x = pictures.permute(0, 3, 1, 2).contiguous()
    for _ in range(TIMES):
        x = _once(x)
    return x.permute(0, 2, 3, 1)


def _once(x: Tensor) -> Tensor:
    """(B, 3, H, W) -> the same."""
    pull, weight = torch.zeros_like(x), torch.ones_like(x[:, :1])
    for dy, dx in _HALF:  # a pair of pixels counts for both of them: half of the neighbours are enough
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
    """Where both of two pixels ``step`` apart lie within ``length``: the one, and the other."""
    if step < 0:
        there, here = _slices(-step, length)
        return here, there
    return slice(0, length - step), slice(step, length)
