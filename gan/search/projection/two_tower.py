"""Two small networks that meet in one space: one looks at pictures, the other at points of a model's latent space.

What belongs together lies in the same direction there (Radford et al. 2021, "Learning Transferable Visual Models From
Natural Language Supervision", with latents in place of sentences). The second also foretells the look of the icon.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FEATURES = 48  # numbers in the common space
PARTS = 48  # principal components of a look
WIDTHS = (48, 96, 128)  # channels at 16×16, 8×8 and 4×4


class PictureTower(nn.Module):
    """Pictures (B, 3, 64, 64) in -1…1 to directions (B, FEATURES) of length 1."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 12  # four pixels' colours: a layer at the full size would take longer than all others together
        for width in WIDTHS:
            layers += [nn.Conv2d(before, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            before = width
        self.trunk = nn.Sequential(*layers, nn.Flatten())
        self.head = nn.Sequential(nn.Linear(16 * before, 128), nn.ReLU(), nn.Linear(128, FEATURES))

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, 64, 64) -> (B, FEATURES)."""
        return F.normalize(self.head(self.trunk(F.pixel_unshuffle(x, 2))))


class PointTower(nn.Module):
    """Points (B, z_dim), as `Sampler.points` gives them, to a direction (B, FEATURES) and a look (B, PARTS)."""

    centre: Tensor  # (z_dim,), what is taken from points …
    scale: Tensor  # (z_dim,), … and what they are multiplied by then: rare choices say as much as common ones

    def __init__(self, z_dim: int, width: int = 256) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(z_dim))
        self.register_buffer("scale", torch.ones(z_dim))
        self.trunk = nn.Sequential(nn.Linear(z_dim, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.direction = nn.Linear(width, FEATURES)
        self.look = nn.Linear(width, PARTS)

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """(B, z_dim) -> (B, FEATURES), (B, PARTS)."""
        x = self.trunk((points - self.centre) * self.scale)
        return F.normalize(self.direction(x)), self.look(x)


class TwoTowerEncoder(nn.Module):
    """Both, with what turns looks into their principal components, and how sharply directions are told apart."""

    mean: Tensor  # (SIZE of a look,)
    basis: Tensor  # (SIZE, PARTS), orthonormal columns
    low: Tensor  # (SIZE,), what nearly all looks of the model's icons are above …
    high: Tensor  # (SIZE,), … and below
    grounds: Tensor  # (2, 3), the same of the colours of their grounds, 0 … 255
    spread: Tensor  # (): what the second network's looks are multiplied by

    def __init__(self, z_dim: int, look: int) -> None:
        super().__init__()
        self.picture = PictureTower()
        self.point = PointTower(z_dim)
        self.sharpness = nn.Parameter(torch.tensor(math.log(10.0)))
        self.register_buffer("mean", torch.zeros(look))
        self.register_buffer("basis", torch.zeros(look, PARTS))
        self.register_buffer("low", torch.zeros(look))
        self.register_buffer("high", torch.zeros(look))
        self.register_buffer("grounds", torch.zeros(2, 3))
        self.register_buffer("spread", torch.ones(()))
