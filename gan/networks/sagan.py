"""The article's pair of networks: a small SAGAN for 64×64 RGB icons.

Generator and discriminator have five convolutions each, with self-attention after the 3rd and the 4th (Zhang et al.,
"Self-Attention Generative Adversarial Networks", 2019). ``Generator()`` and ``Discriminator()`` without arguments are
exactly the article's networks. Melicon's default pair is in ``gan/networks/fast.py``.

    >>> Generator()(torch.randn(2, 20)).shape
    torch.Size([2, 3, 64, 64])
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm


class SelfAttention(nn.Module):
    """Self-attention over positions: x + γ · attention(x), with γ starting at 0 (SAGAN, section 3).

    Query and key are 1×1 convolutions to C/8 channels, the value keeps C.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.query = nn.Conv2d(channels, channels // 8, 1)
        self.key = nn.Conv2d(channels, channels // 8, 1)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        """Attend over the H·W positions of ``x`` (B, C, H, W); the shape stays."""
        B, C, H, W = x.shape
        q = self.query(x).flatten(2).transpose(1, 2)  # (B, HW, C/8)
        k = self.key(x).flatten(2)  # (B, C/8, HW)
        v = self.value(x).flatten(2)  # (B, C, HW)
        attention = torch.bmm(q, k).softmax(dim=-1)  # (B, HW, HW): row i holds the weights for position i
        attended = torch.bmm(v, attention.transpose(1, 2)).view(B, C, H, W)
        out: Tensor = x + self.gamma * attended
        return out


def _initialise(module: nn.Module) -> None:
    """DCGAN initialisation: convolutions from N(0, 0.02), BatchNorm scales from N(1, 0.02), no shift."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)


class Generator(nn.Module):
    """Latent (B, z_dim) to picture (B, 3, 64, 64) in [-1, 1]. 2,948,149 parameters at the article's size.

    ``width`` is the channel count at 32×32; each lower resolution doubles it (512 at 4×4 for 64).
    """

    def __init__(self, z_dim: int = 20, width: int = 64) -> None:
        super().__init__()
        self.z_dim = z_dim
        w = width
        self.layer1 = self._block(z_dim, 8 * w, stride=1, padding=0)  # 1×1 -> 4×4
        self.layer2 = self._block(8 * w, 4 * w)  # -> 8×8
        self.layer3 = self._block(4 * w, 2 * w)  # -> 16×16
        self.attention1 = SelfAttention(2 * w)
        self.layer4 = self._block(2 * w, w)  # -> 32×32
        self.attention2 = SelfAttention(w)
        self.last = nn.Sequential(nn.ConvTranspose2d(w, 3, 4, 2, 1), nn.Tanh())  # -> 64×64
        self.apply(_initialise)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            spectral_norm(layer[0])

    @staticmethod
    def _block(c_in: int, c_out: int, stride: int = 2, padding: int = 1) -> nn.Sequential:
        return nn.Sequential(
            nn.ConvTranspose2d(c_in, c_out, 4, stride, padding), nn.BatchNorm2d(c_out), nn.ReLU(inplace=True)
        )

    def forward(self, z: Tensor) -> Tensor:
        """Draw: ``z`` (B, z_dim), standard normal -> (B, 3, 64, 64) in [-1, 1]."""
        x = self.layer3(self.layer2(self.layer1(z[:, :, None, None])))
        x = self.layer4(self.attention1(x))
        picture: Tensor = self.last(self.attention2(x))
        return picture


class Discriminator(nn.Module):
    """Picture (B, 3, 64, 64) in [-1, 1] to logits (B,). 3,175,299 parameters at the article's size."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        w = width
        self.layer1 = self._block(3, w)  # 64×64 -> 32×32
        self.layer2 = self._block(w, 2 * w)  # -> 16×16
        self.layer3 = self._block(2 * w, 4 * w)  # -> 8×8
        self.attention1 = SelfAttention(4 * w)
        self.layer4 = self._block(4 * w, 8 * w)  # -> 4×4
        self.attention2 = SelfAttention(8 * w)
        self.last = nn.Conv2d(8 * w, 1, 4)  # -> 1×1
        self.apply(_initialise)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            spectral_norm(layer[0])

    @staticmethod
    def _block(c_in: int, c_out: int) -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(c_in, c_out, 4, 2, 1), nn.LeakyReLU(0.1, inplace=True))

    def forward(self, x: Tensor) -> Tensor:
        """``x`` (B, 3, 64, 64) -> logits (B,), higher for real pictures."""
        x = self.layer3(self.layer2(self.layer1(x)))
        x = self.layer4(self.attention1(x))
        logits: Tensor = self.last(self.attention2(x))
        return logits.flatten()


def parameter_count(module: nn.Module) -> int:
    """The number of trainable parameters."""
    return sum(p.numel() for p in module.parameters())
