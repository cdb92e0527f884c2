"""Losses of the upscalers: of RGB, and of label maps."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from gan.second_stages.upscaler.network import UNIT

EDGES, SQUARES, SALIENT = 0.5, 2.0, 2.0  # weights of the loss of RGB
BORDER = 3.0  # additional weight of pixels at a border of two labels


def rgb_loss(drawn: Tensor, real: Tensor) -> Tensor:
    """Distance of pictures (B, 3, 256, 256) in 0 … 255, with a larger weight for detailed areas."""
    drawn, real = drawn / 255, real / 255
    mean = F.avg_pool2d(real, 8)
    spread = (F.avg_pool2d(real.square(), 8) - mean.square()).clamp_min(0).sum(dim=1, keepdim=True).sqrt()
    weight = 1 + SALIENT * F.interpolate((spread * 3).clamp(0, 1), scale_factor=8.0)
    weight = weight / weight.mean()
    apart = drawn - real
    loss = (apart.abs() * weight).mean() + SQUARES * (apart.square() * weight).mean()
    return loss + EDGES * sum(
        (apart.diff(dim=d).abs().mean() for d in (2, 3)), start=torch.zeros((), device=real.device)
    )


def label_loss(scores: Tensor, labels: Tensor, shares: Tensor, inner: Tensor) -> Tensor:
    """Cross-entropy of ``scores`` (B, 4K, H, W), before the last pixel shuffle, with label maps.

    ``labels`` uint8 (B, M, 4H, 4W) are M label maps for each picture with twice the resolution of the shuffled scores,
    so each score has four targets, whose mean sets where a border runs within the pixel. ``shares`` (B, M) weigh
    the maps: an interpolation of two icons has two. ``inner`` (B, 2H, 2W) is 0 for pixels to be left out.
    """
    weight = inner * (1 + BORDER * _borders(labels[:, 0]))
    weight = weight / weight.sum()
    quarters = [_cells(labels[:, :, y::2, x::2]) for y in (0, 1) for x in (0, 1)]
    targets = torch.cat(quarters, dim=1).long()
    loss: Tensor = _CrossEntropy.apply(  # type: ignore[no-untyped-call]  # torch's own
        scores.float(), targets, shares.repeat(1, 4) / 4, _cells(weight[:, None])[:, 0]
    )
    return loss


def _borders(labels: Tensor) -> Tensor:
    """(B, 2H, 2W) -> (B, H, W): 1 for each 2×2 pixels in whose 3×3 neighbourhood of such cells labels meet."""
    meet = torch.zeros_like(labels, dtype=torch.bool)
    for dimension in (1, 2):
        size = labels.shape[dimension]
        differ = labels.narrow(dimension, 1, size - 1) != labels.narrow(dimension, 0, size - 1)
        meet.narrow(dimension, 1, size - 1).logical_or_(differ)
        meet.narrow(dimension, 0, size - 1).logical_or_(differ)
    return F.max_pool2d(F.max_pool2d(meet.float()[:, None], 2), 3, 1, 1)[:, 0]


def _cells(maps: Tensor) -> Tensor:
    """(B, M, 2H, 2W) -> (B, M, 4, H, W): the four pixels of each cell, in the order of pixel shuffle."""
    cells = F.pixel_unshuffle(maps, 2)
    return cells.view(len(maps), -1, 4, *cells.shape[2:])


class _CrossEntropy(torch.autograd.Function):
    """Works in place before the pixel shuffle. With PyTorch's own, a training step takes a third longer on a CPU."""

    @staticmethod
    def forward(ctx: Any, scores: Tensor, targets: Tensor, shares: Tensor, weight: Tensor) -> Tensor:
        """``targets`` (B, T, 4, H, W) with ``shares`` (B, T) that sum to 1; ``weight`` (B, 4, H, W)."""
        shares = shares[:, :, None, None, None]
        work = scores.reshape(len(scores), -1, *weight.shape[1:]) / UNIT  # (B, K, 4, H, W)
        hit = (work.gather(1, targets) * shares).sum(dim=1)
        highest = work.amax(dim=1, keepdim=True)
        work.sub_(highest).exp_()
        total = work.sum(dim=1, keepdim=True)
        loss: Tensor = ((total.log() + highest)[:, 0] - hit).mul_(weight).sum()
        work.mul_(weight[:, None] / total).scatter_add_(1, targets, -(weight[:, None] * shares).expand_as(targets))
        ctx.save_for_backward(work.flatten(1, 2).div_(UNIT))
        return loss

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (slope,) = ctx.saved_tensors
        passed: Tensor = slope * gradients[0]
        return passed, None, None, None
