"""Fused inference: the fast generator with a third of the multiplications and identical float64 pictures.

Inference runs one icon at a time in float64 on a CPU, so it needs few multiplications, as matrix products. Three exact
transformations:

- Batch normalisation is fused into the preceding weights.
- Convolutions become Winograd convolutions (`gan.networks.winograd`).
- Tensors are laid out as pixels × channels, which turns every layer into a few BLAS products.

The order of summation differs from training. In float64 the difference stays below 1e-12, far from the 1/127.5 between
two 8-bit values.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

from gan.networks.fast import SLOPE, FastGenerator, UpBlock
from gan.networks.winograd import CONVOLUTION, TRANSPOSED, UPSAMPLING, Scheme, WinogradConv2d


def fuse_generator(generator: nn.Module) -> nn.Module:
    """Return an equivalent network for inference: (B, z_dim) -> (B, 64, 64, 3) in [-1, 1], float64.

    `generator` is not modified. Other networks than the fast one are copied with parametrisations removed (spectral
    normalisation is computed once).
    """
    generator = copy.deepcopy(generator).double().eval().requires_grad_(requires_grad=False)
    if isinstance(generator, FastGenerator):
        return FusedGenerator(generator)
    for module in generator.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
    return nn.Sequential(generator, _ChannelsLast())


class FusedGenerator(nn.Module):
    """Equivalent of `FastGenerator` in eval mode: (B, z_dim) -> (B, 64, 64, 3) in [-1, 1], float64."""

    def __init__(self, generator: FastGenerator) -> None:
        super().__init__()
        g = generator
        self.embed = g.embed
        scale, shift = _scale_and_shift(g.stem_norm)
        channels = len(scale)
        # the stem's outputs are channel-major; here channels come last
        stem = g.stem.weight.double().view(channels, 16, -1) * scale[:, None, None]
        self.stem = nn.Buffer(stem.transpose(0, 1).reshape(16 * channels, -1).T.contiguous())
        self.stem_shift = nn.Buffer(shift.repeat(16))
        layers: list[nn.Module] = []
        for block in g.blocks:
            assert isinstance(block, UpBlock)  # noqa: S101  # narrows nn.Sequential's items for the type checker
            layers.append(_Layer(UPSAMPLING, block.conv1.weight, block.norm1))
            layers.append(_Layer(CONVOLUTION, block.conv2.weight, block.norm2))
        layers.append(_Layer(TRANSPOSED, g.to_detail.weight.transpose(0, 1), g.detail_norm))
        self.layers = nn.Sequential(*layers)
        self.to_rgb = _ToColours(g.to_rgb)
        self.requires_grad_(requires_grad=False)

    def forward(self, latent: Tensor) -> Tensor:
        """Draw: ``latent`` (B, z_dim) float64 -> (B, 64, 64, 3) in [-1, 1]."""
        return self.paint(self.embed.resolve(latent))

    def paint(self, resolved: Tensor) -> Tensor:
        """Draw a resolved latent: (B, z_dim) -> (B, 64, 64, 3)."""
        return self.finish(self.features(resolved)[-1])

    def features(self, resolved: Tensor) -> list[Tensor]:
        """Return the feature maps of all blocks, zero-padded: (B, side+2, side+2, C); `finish` takes the last."""
        x = F.leaky_relu((self.embed.mix(resolved) @ self.stem).add_(self.stem_shift), SLOPE, inplace=True)
        x = F.pad(x.view(len(resolved), 4, 4, -1), (0, 0, 1, 1, 1, 1))
        made = []
        for number, layer in enumerate(list(self.layers)[:-1], 1):
            x = layer(x)
            if number % 2 == 0:  # a block is two layers
                made.append(x)
        return made

    def finish(self, last: Tensor) -> Tensor:
        """The last block's features (B, 34, 34, C) to the picture (B, 64, 64, 3) in [-1, 1]."""
        return torch.tanh(self.to_rgb(self.layers[-1](last)))


class _ChannelsLast(nn.Module):
    """(B, C, H, W) -> (B, H, W, C)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1)


class _Layer(nn.Module):
    """Convolution, BatchNorm, leaky ReLU: (B, H+2, W+2, C) -> (B, H'+2, W'+2, O), both zero-padded."""

    def __init__(self, scheme: Scheme, weight: Tensor, norm: nn.BatchNorm2d) -> None:
        super().__init__()
        scale, shift = _scale_and_shift(norm)
        self.convolve = WinogradConv2d(scheme, weight.double() * scale[:, None, None, None])
        self.shift = nn.Buffer(shift)

    def forward(self, x: Tensor) -> Tensor:
        x = self.convolve(x)
        x[:, 1:-1, 1:-1] += self.shift  # the border stays 0: it pads the next convolution
        return F.leaky_relu(x, SLOPE, inplace=True)


class _ToColours(nn.Module):
    """3×3 convolution to few channels: (B, H+2, W+2, C), zero-padded -> (B, H, W, O).

    It multiplies every pixel by every tap, then sums over neighbours: with few outputs this moves less data.
    """

    def __init__(self, convolution: nn.Conv2d) -> None:
        super().__init__()
        weight = convolution.weight.double().permute(1, 2, 3, 0)  # (O, C, ky, kx) -> (C, ky, kx, O)
        self.weight = nn.Buffer(weight.flatten(1).contiguous())
        bias = convolution.bias
        self.shift = nn.Buffer(weight.new_zeros(weight.shape[-1]) if bias is None else bias.double())

    def forward(self, x: Tensor) -> Tensor:
        B, H, W, _ = x.shape
        taps = (x @ self.weight).view(B, H, W, 3, 3, -1)
        drawn = self.shift.expand(B, H - 2, W - 2, -1).clone()
        for y in range(3):
            for x_ in range(3):
                drawn += taps[:, y : y + H - 2, x_ : x_ + W - 2, y, x_]
        return drawn


def _scale_and_shift(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """BatchNorm in eval mode as y = scale·x + shift, float64."""
    mean, var = norm.running_mean, norm.running_var
    if mean is None or var is None:
        raise ValueError("BatchNorm without stored statistics cannot be fused")
    scale = norm.weight.double() / torch.sqrt(var.double() + norm.eps)
    return scale, norm.bias.double() - scale * mean.double()
