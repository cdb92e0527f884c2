"""Simulate the artefacts of generators: distortion, blur, noise, ringing and flat patches."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from gan.second_stages.upscaler.spec import SIDE

WOBBLE = 0.9  # pixels of 64, maximal standard deviation
BLUR = 0.9  # pixels, maximal standard deviation
NOISE = 10.0  # levels of 255
CLOUDS = 8.0  # levels of 255: low-frequency noise, 8 pixels wide
QUALITY = 60.0  # levels of 255: the largest quantisation step of a frequency


def degraded(drawings: Tensor) -> Tensor:
    """Drawings (B, 3, 256, 256) in 0 … 255 -> degraded (B, 3, 64, 64) integers, with random strength for each."""
    x = F.avg_pool2d(_wobbled(drawings), drawings.shape[-1] // SIDE)
    x = _blurred(x)
    x = _coarse(x)
    B = len(x)
    clouds = F.interpolate(torch.randn(B, 3, 8, 8, device=x.device), SIDE, mode="bicubic")
    x = x + clouds * _amount(B, CLOUDS, x) + torch.randn_like(x) * _amount(B, NOISE, x)
    return x.round().clamp(0, 255)


def _amount(count: int, largest: float, like: Tensor) -> Tensor:
    """Random strength for each picture (B, 1, 1, 1): often zero, mostly small."""
    chance = torch.rand(count, 1, 1, 1, device=like.device)
    return largest * (chance - 0.3).clamp_min(0).square() / 0.49


def _wobbled(x: Tensor) -> Tensor:
    """Displace pixels by a smooth random field."""
    B = len(x)
    field = F.interpolate(torch.randn(B, 2, 10, 10, device=x.device), x.shape[-1], mode="bicubic")
    field = field * _amount(B, WOBBLE, x) * (2 / SIDE)  # the picture's width is 2
    still = torch.eye(2, 3, device=x.device).expand(B, 2, 3)
    places = F.affine_grid(still, list(x.shape), align_corners=False) + field.permute(0, 2, 3, 1)
    return F.grid_sample(x, places, padding_mode="border", align_corners=False)


def _blurred(x: Tensor) -> Tensor:
    B = len(x)
    sigma = _amount(B, BLUR, x).flatten() + 1e-3
    reach = torch.arange(-2, 3, device=x.device)
    kernel = torch.exp(-0.5 * (reach / sigma[:, None]) ** 2)
    kernel = kernel / kernel.sum(dim=1, keepdim=True)
    kernel = kernel.repeat_interleave(3, dim=0)
    y = F.pad(x, (2, 2, 2, 2), mode="replicate").flatten(0, 1)[None]
    y = F.conv2d(y, kernel[:, None, None, :], groups=3 * B)
    y = F.conv2d(y, kernel[:, None, :, None], groups=3 * B)
    return y.view(B, 3, *x.shape[2:])


def _coarse(x: Tensor) -> Tensor:
    """Quantise the DCT of 8×8 blocks, more coarsely at high frequencies, as JPEG does."""
    B, C, H, W = x.shape
    n = torch.arange(8, device=x.device)
    basis = torch.cos(math.pi / 8 * (n + 0.5) * n[:, None]) * math.sqrt(2 / 8)
    basis[0] /= math.sqrt(2)
    tiles = x.view(B, C, H // 8, 8, W // 8, 8).transpose(3, 4)
    spectrum = basis @ tiles @ basis.T
    steps = 1e-3 + _amount(B, QUALITY, x)[..., None, None] * (n + n[:, None]) / 14
    tiles = basis.T @ (torch.round(spectrum / steps) * steps) @ basis
    return tiles.transpose(3, 4).reshape(B, C, H, W)
