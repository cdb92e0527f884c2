"""Two-tower encoder: one network embeds pictures, the other latents, in a common space.

Matching pairs have the same direction (Radford et al. 2021, "Learning Transferable Visual Models From Natural Language
Supervision", with latents instead of text). The second network also predicts the icon's descriptor.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FEATURES = 48  # dimensions of the common space
PARTS = 48  # principal components of a descriptor
WIDTHS = (48, 96, 128)  # channels at 16×16, 8×8 and 4×4


class PictureTower(nn.Module):
    """Pictures (B, 3, 64, 64) in -1…1 to unit vectors (B, FEATURES)."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = 12  # after pixel unshuffle: a layer at full resolution would take longer than all others together
        for width in WIDTHS:
            layers += [nn.Conv2d(before, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            before = width
        self.trunk = nn.Sequential(*layers, nn.Flatten())
        self.head = nn.Sequential(nn.Linear(16 * before, 128), nn.ReLU(), nn.Linear(128, FEATURES))

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, 64, 64) -> (B, FEATURES)."""
        return F.normalize(self.head(self.trunk(F.pixel_unshuffle(x, 2))))


class PointTower(nn.Module):
    """Resolved latents (B, z_dim) to unit vectors (B, FEATURES) and predicted descriptors (B, PARTS)."""

    centre: Tensor  # (z_dim,), subtracted from the latents
    scale: Tensor  # (z_dim,), then multiplied: gives rare attribute values the same weight as common ones

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
    """Both towers, the principal components of descriptors, and the temperature of the contrastive loss."""

    mean: Tensor  # (SIZE of a descriptor,)
    basis: Tensor  # (SIZE, PARTS), orthonormal columns
    low: Tensor  # (SIZE,), lower bound of the descriptors of the model's icons
    high: Tensor  # (SIZE,), upper bound
    grounds: Tensor  # (2, 3), bounds of their background colours, 0 … 255
    spread: Tensor  # (): scale of the predicted principal components

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
