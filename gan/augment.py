"""Differentiable augmentation of what D sees (Zhao et al. 2020, "... for Data-Efficient GAN Training").

Real and drawn pictures go through the same transformations, and gradients pass back through them to G, so D cannot
simply learn a hundred pictures by heart and G does not learn the augmentation. Each picture of a batch is moved, cut
or left alone by its own dice. Colour is among the choices, but flat art suffers from it: the presets leave it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

CUTOUT = 0.25  # side of the hole relative to the picture's; larger holes leak into what G draws


def _dice(x: Tensor, g: torch.Generator) -> Tensor:
    return torch.rand(x.shape[0], 1, 1, 1, generator=g).to(x.device)


def brightness(x: Tensor, g: torch.Generator) -> Tensor:
    """X + (u − ½)."""
    return x + (_dice(x, g) - 0.5)


def saturation(x: Tensor, g: torch.Generator) -> Tensor:
    """(x − mean over C) · 2u + mean over C."""
    grey = x.mean(dim=1, keepdim=True)
    return (x - grey) * (2 * _dice(x, g)) + grey


def contrast(x: Tensor, g: torch.Generator) -> Tensor:
    """(x − mean) · (u + ½) + mean."""
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    return (x - mean) * (_dice(x, g) + 0.5) + mean


def translation(x: Tensor, g: torch.Generator) -> Tensor:
    """Move by up to ±⅛ of the side; what comes in from outside is zero (grey)."""
    B, _, H, W = x.shape
    reach = H // 8
    padded = F.pad(x, (reach, reach, reach, reach))
    rows = torch.arange(H) + torch.randint(0, 2 * reach + 1, (B, 1), generator=g)  # (B, H)
    columns = torch.arange(W) + torch.randint(0, 2 * reach + 1, (B, 1), generator=g)  # (B, W)
    batch = torch.arange(B)[:, None, None]
    return padded.permute(0, 2, 3, 1)[batch, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def cutout(x: Tensor, g: torch.Generator) -> Tensor:
    """Grey out one square of ``CUTOUT`` of the side at a random place."""
    B, _, H, W = x.shape
    side = int(H * CUTOUT)
    top = torch.randint(0, H - side + 1, (B, 1, 1), generator=g)
    left = torch.randint(0, W - side + 1, (B, 1, 1), generator=g)
    y, x_ = torch.arange(H)[None, :, None], torch.arange(W)[None, None, :]
    hole = (y >= top) & (y < top + side) & (x_ >= left) & (x_ < left + side)  # (B, H, W)
    return x * (~hole)[:, None].to(x.device, x.dtype)


AUGMENTATIONS: dict[str, Callable[[Tensor, torch.Generator], Tensor]] = {
    "brightness": brightness,
    "saturation": saturation,
    "contrast": contrast,
    "translation": translation,
    "cutout": cutout,
}


def augment(x: Tensor, policy: Sequence[str], probability: float, g: torch.Generator) -> Tensor:
    """Apply each augmentation of ``policy`` to each picture of ``x`` (B, 3, H, W) with ``probability``.

    The dice come from ``g`` alone, so a resumed run throws the same ones. Raises KeyError for an unknown name.
    """
    for name in policy:
        chosen = _dice(x, g) < probability
        x = torch.where(chosen, AUGMENTATIONS[name](x, g), x)
    return x
