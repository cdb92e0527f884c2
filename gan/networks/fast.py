"""The fast pair: Melicon's default networks, designed for CPUs.

The generator uses nearest-neighbour upsampling and 3×3 convolutions (cheaper than transposed convolutions here, and
without checkerboard artefacts) with batch normalisation, and is wide only at low resolution. The discriminator
downsamples in its first layer, which avoids element-wise passes over large tensors. It has no normalisation: the
relativistic loss with R1 and R2 needs none (Huang et al., "The GAN is dead; long live the GAN!", 2024). Its layers have
an equalised learning rate, and it uses minibatch standard deviation (Karras et al., "Progressive Growing of GANs",
2018, sections 3 and 4.1).

For labelled pictures the end of the latent selects the value of every attribute, and the discriminator has an
auxiliary classifier (Odena et al., "Conditional Image Synthesis with Auxiliary Classifier GANs", 2017).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2  # of all leaky ReLUs


class UpBlock(nn.Module):
    """Nearest-neighbour upsampling by 2, then two normalised 3×3 convolutions."""

    def __init__(self, c_in: int, c_out: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, 1, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(c_out)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C', 2H, 2W)."""
        x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        x = F.leaky_relu(self.norm1(self.conv1(x)), SLOPE, inplace=True)
        return F.leaky_relu(self.norm2(self.conv2(x)), SLOPE, inplace=True)


class AttributeChoice(nn.Module):
    """Normal numbers to nearly one-hot attributes, by the Gumbel-softmax (Jang et al. 2017).

    Each group of ``sizes`` numbers becomes weights over the attribute's values that sum to 1. Nearly always one weight
    is 1, with the frequency given by ``prior``; a narrow range interpolates between two values. The latent stays a
    plain normal vector that can be interpolated and varied.
    """

    TEMPERATURE = 0.005  # 1 choice in 90 has less than 0.9 of its weight on one value
    LIMIT = 6.0  # numbers are clamped to ±6; a 6 among -6 selects its value whatever the prior
    prior: Tensor  # (sum of sizes,) log-probability of every value

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self.sizes = tuple(sizes)
        self.register_buffer("prior", torch.tensor([-math.log(n) for n in self.sizes for _ in range(n)]))

    def groups(self, x: Tensor) -> tuple[Tensor, ...]:
        """Split (B, sum of sizes) into one tensor (B, size) for each attribute."""
        return torch.split(x, list(self.sizes), dim=1)

    def forward(self, z: Tensor) -> Tensor:
        """(B, sum of sizes) standard normal -> (B, sum of sizes), each group summing to 1."""
        logits = self.scores(z) / self.TEMPERATURE
        return torch.cat([group.softmax(dim=1) for group in self.groups(logits)], dim=1)

    def distinct(self, weights: Tensor) -> Tensor:
        """(B, sum of sizes), weights of `forward` -> 1 for the greatest of each group, 0 for the others."""
        return torch.cat(
            [torch.zeros_like(each).scatter_(1, each.argmax(dim=1, keepdim=True), 1) for each in self.groups(weights)],
            dim=1,
        )

    def preferring(self, z: Tensor, attribute: int, value: int) -> Tensor:
        """(sum of sizes,) standard normal -> the same with the scores of ``value`` and of the group's maximum swapped.

        The new choice is as probable as the old one, and as stable in interpolation.
        """
        scores = list(self.groups(self.scores(z[None]).clone()))
        group = scores[attribute][0]
        winner = int(group.argmax())
        group[[winner, value]] = group[[value, winner]]
        changed = torch.special.ndtri(torch.exp(-torch.exp(self.prior - torch.cat(scores, dim=1)[0])))
        start = sum(self.sizes[:attribute])
        preferring = z.clone()
        for number in (start + winner, start + value):
            preferring[number] = changed[number].clamp(-self.LIMIT, self.LIMIT)
        return preferring

    def scores(self, z: Tensor) -> Tensor:
        """(B, sum of sizes) standard normal -> (B, sum of sizes): the argmax of each group is its choice."""
        uniform_log = torch.special.log_ndtr(z.clamp(-self.LIMIT, self.LIMIT))  # log Φ(z): log of a uniform number
        return self.prior - torch.log(-uniform_log)


class Embedding(nn.Module):
    """Latent (B, z_dim) to the stem's input: resolve attributes, then two mapping layers unless ``width`` is 0."""

    def __init__(self, z_dim: int, attributes: Sequence[int], width: int) -> None:
        super().__init__()
        self.free = z_dim - sum(attributes)  # the leading dimensions, which select no attribute
        self.choose = AttributeChoice(attributes) if attributes else None
        self.width = width or z_dim
        self.mix = nn.Sequential()
        for before in (z_dim, width) if width else ():
            self.mix.extend((nn.Linear(before, width), nn.LeakyReLU(SLOPE)))

    def resolve(self, latent: Tensor) -> Tensor:
        """Replace the end of ``latent`` (B, z_dim) by the attribute values it selects; the shape stays."""
        if self.choose is None:
            return latent
        return torch.cat([latent[:, : self.free], self.choose(latent[:, self.free :])], dim=1)

    def forward(self, latent: Tensor) -> Tensor:
        """(B, z_dim) standard normal -> (B, width)."""
        embedded: Tensor = self.mix(self.resolve(latent))
        return embedded


class FastGenerator(nn.Module):
    """Latent (B, z_dim) to picture (B, 3, 64, 64) in [-1, 1].

    ``widths`` are the channels at 4×4, 8×8, 16×16 and 32×32; ``detail`` those at 64×64. ``attributes`` are the sizes of
    the groups at the end of the latent that select the attributes' values, empty for unlabelled pictures. ``mapping``
    is the width of the mapping network, 0 for none; it should exceed the number of values, or subtle ones are lost.
    """

    def __init__(
        self,
        z_dim: int = 128,
        widths: Sequence[int] = (384, 256, 128, 64),
        detail: int = 24,
        *,
        attributes: Sequence[int] = (),
        mapping: int = 0,
    ) -> None:
        super().__init__()
        if len(widths) != 4:
            raise ValueError(f"widths must be 4 numbers, for pictures of 4, 8, 16 and 32 pixels, not {len(widths)}")
        self.z_dim = z_dim
        self.embed = Embedding(z_dim, attributes, mapping)
        self.stem = nn.Linear(self.embed.width, widths[0] * 16, bias=False)
        self.stem_norm = nn.BatchNorm2d(widths[0])
        self.blocks = nn.Sequential(*(UpBlock(a, b) for a, b in itertools.pairwise(widths)))
        self.to_detail = nn.ConvTranspose2d(widths[-1], detail, 4, 2, 1, bias=False)  # 32×32 -> 64×64
        self.detail_norm = nn.BatchNorm2d(detail)
        self.to_rgb = nn.Conv2d(detail, 3, 3, 1, 1)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight, SLOPE, nonlinearity="leaky_relu")
        nn.init.normal_(self.to_rgb.weight, 0.0, 0.05)  # start near grey, so that tanh does not saturate
        nn.init.zeros_(self.to_rgb.bias)  # type: ignore[arg-type]  # made with a bias three lines above

    def paint(self, embedded: Tensor) -> Tensor:
        """Synthesise from the embedding: (B, embed.width) -> (B, 3, 64, 64) in [-1, 1]."""
        x = self.stem(embedded).unflatten(1, (-1, 4, 4))
        x = x.contiguous(memory_format=torch.channels_last)  # faster convolutions on CPUs
        x = F.leaky_relu(self.stem_norm(x), SLOPE, inplace=True)
        x = self.to_detail(self.blocks(x))
        return torch.tanh(self.to_rgb(F.leaky_relu(self.detail_norm(x), SLOPE, inplace=True)))

    def draw_resolved(self, latent: Tensor) -> Tensor:
        """Draw a resolved latent (B, z_dim), as `Embedding.resolve` returns it."""
        return self.paint(self.embed.mix(latent))

    def forward(self, latent: Tensor) -> Tensor:
        """Draw: ``latent`` (B, z_dim), standard normal -> (B, 3, 64, 64) in [-1, 1]."""
        return self.paint(self.embed(latent))


class EqualConv(nn.Module):
    """A convolution with an equalised learning rate: weights N(0, 1), scaled by √(2 / fan-in) when used."""

    def __init__(self, c_in: int, c_out: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(c_out, c_in, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(c_out))
        self.scale = math.sqrt(2 / (c_in * kernel * kernel))
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C', H/stride, W/stride)."""
        return F.conv2d(x, self.weight * self.scale, self.bias, self.stride, padding=1)


class EqualLinear(nn.Module):
    """A linear layer with an equalised learning rate; ``gain`` is √2 before a leaky ReLU and 1 for an output."""

    def __init__(self, c_in: int, c_out: int, gain: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(c_out, c_in))
        self.bias = nn.Parameter(torch.zeros(c_out))
        self.scale = gain / math.sqrt(c_in)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C) -> (B, C')."""
        return F.linear(x, self.weight * self.scale, self.bias)


def minibatch_stddev(x: Tensor, group: int = 4) -> Tensor:
    """Append one channel with the standard deviation over a group of pictures (ProGAN, section 3).

    It exposes mode collapse to the discriminator. (B, C, H, W) -> (B, C + 1, H, W).
    """
    B, C, H, W = x.shape
    group = min(group, B)
    while B % group:
        group -= 1
    y = x.float().reshape(group, -1, C, H, W)  # (group, B/group, C, H, W)
    spread = (y.var(dim=0, unbiased=False) + 1e-8).sqrt().mean(dim=(1, 2, 3))  # (B/group,)
    plane = spread.repeat(group).view(B, 1, 1, 1).expand(B, 1, H, W)
    return torch.cat([x, plane.to(x.dtype)], dim=1)


class FastDiscriminator(nn.Module):
    """Picture (B, 3, 64, 64) in [-1, 1] to a logit (B,), and logits of the attributes where there are any.

    ``widths`` are the channels at 32×32, 16×16, 8×8 and 4×4.
    """

    def __init__(self, widths: Sequence[int] = (64, 128, 256, 384), attributes: Sequence[int] = ()) -> None:
        super().__init__()
        self.attributes = tuple(attributes)
        w1, w2, w3, w4 = widths
        self.down1 = EqualConv(3, w1, 4, 2)
        self.down2 = EqualConv(w1, w2, 4, 2)
        self.down3 = EqualConv(w2, w3, 4, 2)
        self.residual = EqualConv(w3, w3, 3)
        self.down4 = EqualConv(w3, w4, 4, 2)
        self.mix = EqualConv(w4 + 1, w4, 3)
        self.hidden = EqualLinear(w4 * 16, 256, gain=math.sqrt(2))
        self.verdict = EqualLinear(256, 1)
        self.naming = EqualLinear(w4 * 16, sum(self.attributes)) if self.attributes else None

    def features(self, x: Tensor) -> Tensor:
        """(B, 3, 64, 64) -> (B, widths[3], 4, 4), the input of both heads."""
        x = F.leaky_relu(self.down1(x), SLOPE)
        x = F.leaky_relu(self.down2(x), SLOPE)
        x = F.leaky_relu(self.down3(x), SLOPE)
        x = (x + F.leaky_relu(self.residual(x), SLOPE)) * math.sqrt(0.5)
        return F.leaky_relu(self.down4(x), SLOPE)

    def judge(self, features: Tensor) -> Tensor:
        """Features (B, C, 4, 4) -> logits (B,), higher for real pictures."""
        x = F.leaky_relu(self.mix(minibatch_stddev(features)), SLOPE)
        x = F.leaky_relu(self.hidden(x.flatten(1)), SLOPE)
        logits: Tensor = self.verdict(x)
        return logits.flatten()

    def classify(self, features: Tensor) -> list[Tensor]:
        """Auxiliary classifier: features (B, C, 4, 4) -> logits (B, values) for each attribute."""
        if self.naming is None:
            return []
        return list(torch.split(self.naming(features.flatten(1)), list(self.attributes), dim=1))

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (B, 3, 64, 64) -> logits (B,)."""
        return self.judge(self.features(x))
