"""Training batches for upscalers: inputs and target drawings."""

from __future__ import annotations

import argparse
import itertools
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from gan.checkpoint.weights import WeightsError, load_generator
from gan.latent.resolve import seed_latents
from gan.networks.fast import FastGenerator
from gan.sampling.bilateral_filter import bilateral_filter
from gan.sampling.sampler import Sampler
from gan.second_stages.upscaler.degrading import degraded
from gan.second_stages.upscaler.features import CONDITION_UNIT, generator_features, rounded_features
from gan.second_stages.upscaler.pairs import drawings, icons, mixed_orders, seed_orders
from gan.second_stages.upscaler.palette import house_colours
from gan.second_stages.upscaler.spec import DRAWN

# the inputs of `Upscaler`: by side (B, C, side, side), and conditions (B, N)
Inputs: TypeAlias = tuple[dict[int, Tensor], Tensor | None]
BLENDED = 12  # one in so many is an interpolation of two icons
ABRUPT = 0.2  # share of an interpolation at either end in which the target does not change
OTHER_STYLES = ("inkling", "plush")


class Source(Protocol):
    """The training data of `gan.second_stages.upscaler.train`."""

    device: torch.device
    held: int

    @property
    def ready(self) -> int:
        """The number of drawings available so far."""

    def wait(self, count: int) -> None:
        """Return when ``count`` drawings are available."""

    def batch(self, size: int) -> tuple[Inputs, Tensor]:
        """Inputs, and target drawings (B, 3, 256, 256) in 0 … 255."""

    def held_out(self, picks: list[int]) -> Inputs:
        """Inputs of held-out pictures, which `batch` never returns."""

    def held_real(self, picks: list[int]) -> Tensor:
        """The drawings of the same, uint8 (N, 3, 256, 256)."""

    def tensors(self) -> dict[str, Tensor]:
        """Tensors to be stored in the upscaler's file beside the network's own."""


class Pictures:
    """Drawings uint8 (N, 3, 256, 256) on a device, filled by a background thread."""

    def __init__(self, drawn: Iterator[NDArray[np.uint8]], count: int, device: torch.device) -> None:
        self.all = torch.empty(count, 3, DRAWN, DRAWN, dtype=torch.uint8, device=device)
        self.ready = 0
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._fill, args=(drawn,), daemon=True)
        self._thread.start()

    def _fill(self, drawn: Iterator[NDArray[np.uint8]]) -> None:
        try:
            for picture in drawn:
                self.all[self.ready] = torch.from_numpy(picture).permute(2, 0, 1).to(self.all.device)
                self.ready += 1
        except BaseException as error:  # noqa: BLE001  # raised again in the waiting thread
            self._failed = error

    def wait(self, count: int) -> None:
        """Return when ``count`` are available; raises errors of the background thread."""
        while self.ready < min(count, len(self.all)):
            if self._failed is not None:
                raise self._failed
            time.sleep(0.05)

    def some(self, count: int) -> tuple[Tensor, Tensor]:
        """``count`` random indices, and the drawings (count, 3, 256, 256) in 0 … 255."""
        picks = torch.randint(self.ready, (count,), device=self.all.device)
        return picks, self.all[picks].float()


class PairSource:
    """The generator's features and conditions, paired with the artist's drawings of the same conditions."""

    def __init__(self, chosen: argparse.Namespace, device: torch.device) -> None:
        """Raises `WeightsError` for a generator that was not trained on the house artist's conditions."""
        path: Path = chosen.generator
        generator, card = load_generator(path)
        if not isinstance(generator, FastGenerator) or not card.attributes:
            raise WeightsError(f"{path} has no attributes: an upscaler needs to know what it should draw")
        self.device, self.held = device, chosen.held
        sampler = Sampler(generator, card)
        self._flat = card.options.get("flat", False) is True
        self._generator = generator.float().to(device)
        orders = mixed_orders(sampler, chosen.pictures, chosen.skip)
        held = seed_orders(sampler, range(chosen.held))
        self.values = orders.conditions.shape[1]
        self._free = sampler.free
        self._colours = house_colours(sampler.card)
        self._conditions = torch.from_numpy(orders.conditions).to(device)
        self._held_points = torch.from_numpy(sampler.points(seed_latents(range(chosen.held), card.z_dim))).float()
        self._held_conditions = torch.from_numpy(held.conditions)
        requested = itertools.chain(held.requested, orders.requested)
        self.pictures = Pictures(drawings(requested, workers=chosen.workers or None), len(held) + len(orders), device)

    @property
    def colours(self) -> int:
        """The number of colours of a drawing."""
        return len(self._colours.still)

    @property
    def ready(self) -> int:
        """The number of drawings available so far."""
        return self.pictures.ready

    def wait(self, count: int) -> None:
        """Return when the held-out drawings and ``count`` others are available."""
        self.pictures.wait(self.held + count)

    def batch(self, size: int) -> tuple[Inputs, Tensor]:
        """Inputs and drawings; one in twelve is an interpolation."""
        conditions, real = self.some(size)
        blended = size // BLENDED
        if blended:
            way = torch.rand(blended, 1, device=self.device)
            seen = ((way - ABRUPT) / (1 - 2 * ABRUPT)).clamp(0, 1)
            seen = (seen * seen * (3 - 2 * seen)).view(-1, 1, 1, 1)
            conditions[:blended] = conditions[:blended].lerp(conditions[-blended:], way).round()
            real[:blended] = real[:blended].lerp(real[-blended:], seen)
        inputs, _ = self.drawn(conditions)
        return (inputs, conditions), real

    def some(self, size: int) -> tuple[Tensor, Tensor]:
        """Conditions (B, N) and drawings of the same (B, 3, 256, 256) in 0 … 255."""
        picks = torch.randint(self.held, self.ready, (size,), device=self.device)
        return self._conditions[picks - self.held].float(), self.pictures.all[picks].float()

    def drawn(self, conditions: Tensor) -> tuple[dict[int, Tensor], Tensor]:
        """The generator's features and picture for conditions, with random free dimensions."""
        free = torch.randn(len(conditions), self._free, device=self.device)
        return self._drawn(torch.cat([free, conditions / CONDITION_UNIT], dim=1))

    @torch.no_grad()
    def _drawn(self, points: Tensor) -> tuple[dict[int, Tensor], Tensor]:
        features, picture = generator_features(self._generator, points)
        return {side: rounded_features(values) for side, values in features.items()}, picture

    @torch.no_grad()
    def pixels(self, picture: Tensor) -> Tensor:
        """Convert the generator's pictures from [-1, 1] to 0 … 255."""
        if self._flat:
            picture = bilateral_filter(picture.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return ((picture + 1) * 127.5).round().clamp(0, 255)

    def held_out(self, picks: list[int]) -> Inputs:
        """Features and conditions of the seeds ``picks``."""
        features, _ = self._drawn(self._held_points[picks].to(self.device))
        return features, self._held_conditions[picks].float().to(self.device)

    def held_pixels(self, picks: list[int]) -> Tensor:
        """The generator's pictures of the seeds ``picks``."""
        return self.pixels(self._drawn(self._held_points[picks].to(self.device))[1])

    def held_real(self, picks: list[int]) -> Tensor:
        """The drawings of the conditions of the seeds ``picks``."""
        return self.pictures.all[picks]

    def tensors(self) -> dict[str, Tensor]:
        """The palette of conditions."""
        return {
            "palette.chosen": torch.from_numpy(self._colours.chosen),
            "palette.still": torch.from_numpy(self._colours.still),
        }


class PlainSource:
    """Pixel inputs: a third of the batches from the generator, the others degraded drawings of all styles."""

    def __init__(self, pairs: PairSource, chosen: argparse.Namespace) -> None:
        self.pairs, self.device, self.held = pairs, pairs.device, pairs.held
        count = chosen.pictures // 2
        self._others = [
            Pictures(
                icons(style, range(chosen.skip, chosen.skip + count), workers=chosen.workers or None),
                count,
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

    def batch(self, size: int) -> tuple[Inputs, Tensor]:
        """Pixels and target drawings."""
        third = size // 3
        conditions, house = self.pairs.some(size - 2 * (third // 2 + third // 4))
        generated = self.pairs.pixels(self.pairs.drawn(conditions[:third])[1])
        real = torch.cat([house, *(o.some(third // 2 + third // 4)[1] for o in self._others)])
        with torch.no_grad():
            pixels = torch.cat([generated, degraded(real[third:])])
        return _pixel_inputs(pixels), real

    def held_out(self, picks: list[int]) -> Inputs:
        """The generator's pixels for the seeds ``picks``."""
        return _pixel_inputs(self.pairs.held_pixels(picks))

    def held_real(self, picks: list[int]) -> Tensor:
        """The drawings of the conditions of the seeds ``picks``."""
        return self.pairs.held_real(picks)

    def tensors(self) -> dict[str, Tensor]:
        """No further tensors."""
        return {}


def _pixel_inputs(pixels: Tensor) -> Inputs:
    return {32: F.pixel_unshuffle(pixels, 2), 64: pixels}, None
