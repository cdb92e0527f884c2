"""Training data of the plain upscaler: pictures of a generator and degraded drawings of all styles."""

from __future__ import annotations

import argparse
import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from gan.second_stages.upscaler.degrading import degraded
from gan.second_stages.upscaler.losses import rgb_loss
from gan.second_stages.upscaler.network import Upscaler
from gan.second_stages.upscaler.pair_source import PairSource
from gan.second_stages.upscaler.pairs import icons
from gan.second_stages.upscaler.sources import AT_ONCE, Inputs, Pictures
from gan.second_stages.upscaler.spec import DRAWN

OTHER_STYLES = ("inkling", "plush")


class PlainSource:
    """Pixel inputs: a third of the batches from the generator, the others degraded drawings of all styles."""

    def __init__(self, pairs: PairSource, chosen: argparse.Namespace) -> None:
        self.pairs, self.device, self.held = pairs, pairs.device, pairs.held
        self.colour_choices: list[Tensor] = []
        count = chosen.pictures // 2
        self._others = [
            Pictures(
                map(_planar, icons(style, range(chosen.skip, chosen.skip + count), workers=chosen.workers or None)),
                (count, 3, DRAWN, DRAWN),
                pairs.device,
            )
            for style in OTHER_STYLES
        ]

    @property
    def ready(self) -> int:
        """The number of drawings available so far."""
        return self.pairs.ready + sum(pictures.ready for pictures in self._others)

    def wait(self, count: int) -> None:
        """Return when ``count`` of each style are available."""
        self.pairs.wait(count)
        for pictures in self._others:
            pictures.wait(count)

    def loss(self, network: Upscaler, size: int) -> Tensor:
        """The distance of what ``network`` draws from pixels to the drawings."""
        third = size // 3
        conditions, house = self.pairs.some(size - 2 * (third // 2 + third // 4))
        generated = self.pairs.pixels(self.pairs.drawn(conditions[:third])[1])
        real = torch.cat([house, *(o.some(third // 2 + third // 4).float() for o in self._others)])
        with torch.no_grad():
            pixels = torch.cat([generated, degraded(real[third:])])
        return rgb_loss(network(*_pixel_inputs(pixels)).float(), real)

    @torch.no_grad()
    def quality(self, network: Upscaler) -> dict[str, float]:
        """``psnr``: over all held-out pictures, in dB."""
        pairs = self.sheet(network, self.held).float()
        return {"psnr": round(10 * math.log10(255**2 / (pairs[:, 0] - pairs[:, 1]).square().mean().item()), 3)}

    @torch.no_grad()
    def sheet(self, network: Upscaler, count: int) -> Tensor:
        """Held-out pictures."""
        starts = range(0, min(count, self.held), AT_ONCE)
        parts = [list(range(start, min(start + AT_ONCE, count, self.held))) for start in starts]
        drawn = torch.cat([network(*self.held_out(picks)).round().clamp(0, 255) for picks in parts])
        return torch.stack([drawn, torch.cat([self.held_real(picks) for picks in parts])], dim=1).to(torch.uint8)

    def held_out(self, picks: list[int]) -> Inputs:
        """The generator's pixels for the seeds ``picks``."""
        return _pixel_inputs(self.pairs.held_pixels(picks))

    def held_real(self, picks: list[int]) -> Tensor:
        """The drawings of the conditions of the seeds ``picks``."""
        return self.pairs.held_real(picks)

    def tensors(self) -> dict[str, Tensor]:
        """No further tensors."""
        return {}


def _planar(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(picture.transpose(2, 0, 1))


def _pixel_inputs(pixels: Tensor) -> Inputs:
    return {32: F.pixel_unshuffle(pixels, 2), 64: pixels}, None
