"""Differentiable augmentation of what D sees (Zhao et al. 2020, "... for Data-Efficient GAN Training").

Real and drawn pictures go through the same transformations, and gradients flow back through them to G. This keeps D
from memorising a small data set without leaking the augmentation into G. Each picture draws its own random parameters.
Colour jitter is available, but it hurts flat art, so the presets leave it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from gan.batch_rng import BatchRng

CUTOUT = 0.25  # side of the hole relative to the picture's; larger holes leak into what G draws


def _each(x: Tensor, rng: BatchRng) -> Tensor:
    return rng.uniform(len(x), 1, 1, 1)


def brightness(x: Tensor, rng: BatchRng) -> Tensor:
    """X + (u − ½)."""
    return x + (_each(x, rng) - 0.5)


def saturation(x: Tensor, rng: BatchRng) -> Tensor:
    """(x − mean over C) · 2u + mean over C."""
    grey = x.mean(dim=1, keepdim=True)
    return (x - grey) * (2 * _each(x, rng)) + grey


def contrast(x: Tensor, rng: BatchRng) -> Tensor:
    """(x − mean) · (u + ½) + mean."""
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    return (x - mean) * (_each(x, rng) + 0.5) + mean


def translation(x: Tensor, rng: BatchRng) -> Tensor:
    """Shift by up to ±⅛ of the side, padding with zeros (grey)."""
    B, _, H, W = x.shape
    reach = H // 8
    padded = F.pad(x, (reach, reach, reach, reach))
    rows = torch.arange(H, device=x.device) + rng.integers(0, 2 * reach + 1, B, 1)  # (B, H)
    columns = torch.arange(W, device=x.device) + rng.integers(0, 2 * reach + 1, B, 1)  # (B, W)
    batch = torch.arange(B, device=x.device)[:, None, None]
    return padded.permute(0, 2, 3, 1)[batch, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def cutout(x: Tensor, rng: BatchRng) -> Tensor:
    """Zero one square of side ``CUTOUT`` · H at a random position."""
    B, _, H, W = x.shape
    side = int(H * CUTOUT)
    top = rng.integers(0, H - side + 1, B, 1, 1)
    left = rng.integers(0, W - side + 1, B, 1, 1)
    y, x_ = torch.arange(H, device=x.device)[None, :, None], torch.arange(W, device=x.device)[None, None, :]
    hole = (y >= top) & (y < top + side) & (x_ >= left) & (x_ < left + side)  # (B, H, W)
    return x * (~hole)[:, None].to(x.dtype)


AUGMENTATIONS: dict[str, Callable[[Tensor, BatchRng], Tensor]] = {
    "brightness": brightness,
    "saturation": saturation,
    "contrast": contrast,
    "translation": translation,
    "cutout": cutout,
}


def augment(x: Tensor, policy: Sequence[str], probability: float, rng: BatchRng) -> Tensor:
    """Apply each augmentation of ``policy`` to each picture of ``x`` (B, 3, H, W) with ``probability``.

    Randomness comes from ``rng`` alone, whose device is that of ``x``, so a resumed run repeats it. Raises KeyError for
    an unknown name.
    """
    for name in policy:
        chosen = _each(x, rng) < probability
        x = torch.where(chosen, AUGMENTATIONS[name](x, rng), x)
    return x
