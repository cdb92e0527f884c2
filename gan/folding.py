"""A trained fast generator rewritten for drawing: the same float64 pictures for half the work.

Training wants BatchNorm, and layers that a graphics library calls fast; drawing one icon in float64 on a CPU wants
few, large matrix products. Three exact rewritings:

- BatchNorm with stored statistics is a scale and a shift: the scale goes into the weights before it.
- Nearest upsampling followed by a 3×3 convolution is a transposed 4×4 convolution of stride 2: the nine taps fall
  on four pixels, and taps that fall on the same pixel are added up beforehand.
- Pixels are rows and channels are columns, which is how BLAS likes its operands: every layer is one product.

Sums are taken in another order than in training, which float64 keeps below 1e-12: far from the 1/127.5 between two
8-bit values.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

from gan.fast_networks import SLOPE, FastGenerator, UpBlock


def fold(generator: nn.Module) -> nn.Module:
    """Return what draws the same pictures fastest: (B, z_dim) -> (B, 64, 64, 3) in [-1, 1], float64.

    `generator` stays as it is. Networks other than the fast one are only freed of what training added to their
    weights (spectral normalisation is computed once rather than at every call).
    """
    generator = copy.deepcopy(generator).double().eval().requires_grad_(requires_grad=False)
    if isinstance(generator, FastGenerator):
        return FoldedGenerator(generator)
    for module in generator.modules():
        if parametrize.is_parametrized(module, "weight"):
            parametrize.remove_parametrizations(module, "weight")
    return nn.Sequential(generator, _ChannelsLast())


class FoldedGenerator(nn.Module):
    """Draws what `FastGenerator` in eval mode draws: (B, z_dim) -> (B, 64, 64, 3) in [-1, 1], float64."""

    def __init__(self, generator: FastGenerator) -> None:
        super().__init__()
        g = generator
        self.embed = g.embed
        scale, shift = _scale_and_shift(g.stem_norm)
        channels = len(scale)
        # the stem's outputs are channel-major; pixels come first here
        stem = g.stem.weight.double().view(channels, 16, -1) * scale[:, None, None]
        self.stem = nn.Buffer(stem.transpose(0, 1).reshape(16 * channels, -1).T.contiguous())
        self.stem_shift = nn.Buffer(shift.repeat(16))
        layers: list[nn.Module] = []
        for block in g.blocks:
            assert isinstance(block, UpBlock)  # noqa: S101  # narrows nn.Sequential's items for the type checker
            layers.append(_Upsample(_upsampled(block.conv1.weight.double()), *_scale_and_shift(block.norm1)))
            layers.append(_Convolve(block.conv2.weight.double(), *_scale_and_shift(block.norm2)))
        layers.append(_Upsample(g.to_detail.weight.double(), *_scale_and_shift(g.detail_norm)))
        self.layers = nn.Sequential(*layers)
        weight, bias = g.to_rgb.weight, g.to_rgb.bias
        shift = weight.new_zeros(len(weight)) if bias is None else bias
        self.to_rgb = _Convolve(weight, weight.new_ones(len(weight)), shift)
        self.requires_grad_(requires_grad=False)

    def forward(self, latent: Tensor) -> Tensor:
        """Draw: ``latent`` (B, z_dim) float64 -> (B, 64, 64, 3) in [-1, 1]."""
        return self.paint(self.embed.resolve(latent))

    def paint(self, resolved: Tensor) -> Tensor:
        """Draw a latent whose attributes are chosen, or lie between choices: (B, z_dim) -> (B, 64, 64, 3)."""
        x = F.leaky_relu((self.embed.mix(resolved) @ self.stem).add_(self.stem_shift), SLOPE, inplace=True)
        return torch.tanh(self.to_rgb.product(self.layers(x.view(len(resolved), 4, 4, -1))))


class _ChannelsLast(nn.Module):
    """(B, C, H, W) -> (B, H, W, C)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1)


class _Upsample(nn.Module):
    """Transposed 4×4 convolution of stride 2, shift, leaky ReLU: (B, H, W, C) -> (B, 2H+2, 2W+2, O), edged with 0."""

    def __init__(self, weight: Tensor, scale: Tensor, shift: Tensor) -> None:
        super().__init__()
        weight = (weight * scale[:, None, None]).permute(2, 3, 1, 0)  # (C, O, ky, kx) -> (ky, kx, O, C)
        self.weight = nn.Buffer(weight.reshape(-1, weight.shape[-1]).contiguous())
        self.shift = nn.Buffer(shift)

    def forward(self, x: Tensor) -> Tensor:
        B, H, W, _ = x.shape
        taps = F.linear(x, self.weight).view(B, H, W, 2, 2, 2, 2, -1)  # (…, ky//2, ky%2, kx//2, kx%2, O)
        out = x.new_zeros(B, H + 1, 2, W + 1, 2, len(self.shift))
        for i in range(2):
            for j in range(2):
                out[:, i : i + H, :, j : j + W] += taps[:, :, :, i, :, j].transpose(2, 3)
        out = out.view(B, 2 * H + 2, 2 * W + 2, -1)
        return _edge(F.leaky_relu(out.add_(self.shift), SLOPE, inplace=True))


class _Convolve(nn.Module):
    """3×3 convolution, shift, leaky ReLU: (B, H+2, W+2, C), edged with 0 -> (B, H, W, O)."""

    def __init__(self, weight: Tensor, scale: Tensor, shift: Tensor) -> None:
        super().__init__()
        weight = (weight * scale[:, None, None, None]).permute(0, 2, 3, 1)  # (O, C, ky, kx) -> (O, ky, kx, C)
        self.weight = nn.Buffer(weight.flatten(1).contiguous())
        self.shift = nn.Buffer(shift)

    def product(self, x: Tensor) -> Tensor:
        B, H, W, C = x.shape
        # three neighbours of a row lie side by side in memory: a window is three such runs
        windows = x.as_strided((B, H - 2, W - 2, 3, 3 * C), (H * W * C, W * C, C, W * C, 1))
        return F.linear(windows.reshape(B, H - 2, W - 2, 9 * C), self.weight, self.shift)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.product(x), SLOPE, inplace=True)


def _scale_and_shift(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """BatchNorm in eval mode as y = scale·x + shift, float64."""
    mean, var = norm.running_mean, norm.running_var
    if mean is None or var is None:
        raise ValueError("BatchNorm without stored statistics cannot be folded")
    scale = norm.weight.double() / torch.sqrt(var.double() + norm.eps)
    return scale, norm.bias.double() - scale * mean.double()


def _upsampled(weight: Tensor) -> Tensor:
    """Turn a 3×3 kernel that follows nearest upsampling into one of a transposed convolution.

    (O, C, 3, 3) -> (C, O, 4, 4), for stride 2 and padding 1.
    """
    # Input pixel i reaches output pixels 2i-1 … 2i+2; the copies of it at 2i and 2i+1 meet tap t of output y
    # where y - 1 + t is 2i or 2i+1.
    taps = torch.tensor([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]], dtype=weight.dtype)  # (output, tap)
    return torch.einsum("yt,xs,octs->coyx", taps, taps, weight)


def _edge(x: Tensor) -> Tensor:
    """Set the outermost pixels of ``x`` (B, H, W, C) to 0, in place: the padding of the convolution that follows."""
    x[:, 0] = x[:, -1] = 0
    x[:, :, 0] = x[:, :, -1] = 0
    return x
