"""Training data of the learned upscaler: label maps for a generator's features and conditions."""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from gan.checkpoint.weights import WeightsError, load_generator
from gan.latent.resolve import seed_latents
from gan.networks.fast import FastGenerator
from gan.sampling.bilateral_filter import bilateral_filter
from gan.sampling.sampler import Sampler
from gan.second_stages.upscaler.features import CONDITION_UNIT, generator_features, rounded_features
from gan.second_stages.upscaler.house_palette import colour_slots, house_colours
from gan.second_stages.upscaler.label_map import PAINTED
from gan.second_stages.upscaler.losses import label_loss
from gan.second_stages.upscaler.network import Upscaler
from gan.second_stages.upscaler.pairs import label_maps, mixed_orders, seed_orders
from gan.second_stages.upscaler.sources import AT_ONCE, Inputs, Pictures
from gan.second_stages.upscaler.spec import SIDE

BLENDED = 8  # one in so many is an interpolation of two icons
ABRUPT = 0.1  # share of an interpolation at either end in which the target does not change
WINDOW, MARGIN = 40, 3  # of 64: side of the window that the fine stages see, and its edge without a loss
MIDDLE, AROUND = 12.5, 8.0  # of 64: mean and standard deviation of a window's corner; faces are in the middle


class PairSource:
    """The generator's features and conditions, paired with the artist's label maps of the same conditions."""

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
        owners = [str(attribute["name"]) for attribute in card.attributes for _ in attribute["values"]]
        self.colour_choices = [
            torch.tensor([number for number, owner in enumerate(owners) if owner == slot], device=device)
            for slot in colour_slots()
        ]
        colours = house_colours(sampler.card)
        self.colours = len(colours.still)
        self._chosen = torch.from_numpy(colours.chosen).to(device)
        self._still = torch.from_numpy(colours.still).to(device)
        self._conditions = torch.from_numpy(orders.conditions).to(device)
        self._held_points = torch.from_numpy(sampler.points(seed_latents(range(chosen.held), card.z_dim))).float()
        self._held_conditions = torch.from_numpy(held.conditions)
        requested = itertools.chain(held.requested, orders.requested)
        drawn = label_maps(requested, workers=chosen.workers or None)
        self.maps = Pictures(drawn, (len(held) + len(orders), PAINTED, PAINTED), device)

    @property
    def ready(self) -> int:
        """The number of drawings available so far."""
        return self.maps.ready

    def wait(self, count: int) -> None:
        """Return when the held-out drawings and ``count`` others are available."""
        self.maps.wait(self.held + count)

    def loss(self, network: Upscaler, size: int) -> Tensor:
        """Cross-entropy of windows; one picture in eight is an interpolation, with both label maps as targets."""
        picks = torch.randint(self.held, self.ready, (2, size), device=self.device)
        share = torch.zeros(size, 1, device=self.device)
        blended = -(-size // BLENDED)
        share[:blended] = torch.rand(blended, 1, device=self.device)
        first, second = self._conditions[picks - self.held].float()
        conditions = first.lerp(second, share).round()
        x = network.coarse(self.drawn(conditions)[0], conditions)
        corners = [(_corner(), _corner()) for _ in range(size)]
        window = torch.stack([x[i, :, y : y + WINDOW, left : left + WINDOW] for i, (y, left) in enumerate(corners)])
        span, times = WINDOW * PAINTED // SIDE, PAINTED // SIDE
        targets = torch.stack(
            [
                self.maps.all[picks[:, i], times * y : times * y + span, times * left : times * left + span]
                for i, (y, left) in enumerate(corners)
            ]
        )
        seen = ((share - ABRUPT) / (1 - 2 * ABRUPT)).clamp(0, 1)
        inner = _inner(corners).to(self.device)
        return label_loss(network.fine(window), targets, torch.cat([1 - seen, seen], dim=1), inner)

    @torch.no_grad()
    def quality(self, network: Upscaler) -> dict[str, float]:
        """``wrong``: the percentage of pixels of 256×256 with another label than the artist's."""
        wrong = 0.0
        for start in range(0, self.held, AT_ONCE):
            picks = list(range(start, min(start + AT_ONCE, self.held)))
            predicted = network(*self.held_out(picks)).argmax(dim=1)
            wrong += (predicted != self.maps.all[picks, ::2, ::2]).float().mean(dim=(1, 2)).sum().item()
        return {"wrong": round(100 * wrong / self.held, 3)}

    @torch.no_grad()
    def sheet(self, network: Upscaler, count: int) -> Tensor:
        """Held-out pictures, without antialiasing for the network's."""
        picks = list(range(min(count, self.held)))
        inputs, conditions = self.held_out(picks)
        assert conditions is not None  # noqa: S101  # this source has conditions
        drawn = network(inputs, conditions).argmax(dim=1)
        return torch.stack([self._coloured(drawn, conditions), self.held_real(picks)], dim=1).to(torch.uint8)

    def some(self, size: int) -> tuple[Tensor, Tensor]:
        """Conditions (B, N) and drawings of the same (B, 3, 256, 256) in 0 … 255."""
        picks = torch.randint(self.held, self.ready, (size,), device=self.device)
        conditions = self._conditions[picks - self.held].float()
        return conditions, F.avg_pool2d(self._coloured(self.maps.all[picks], conditions), 2)

    def _coloured(self, maps: Tensor, conditions: Tensor) -> Tensor:
        """Label maps (B, H, W) in the colours of their conditions (B, N): (B, 3, H, W) in 0 … 255."""
        chosen = torch.einsum("bn,nkc->bkc", conditions / CONDITION_UNIT, self._chosen.float())
        palettes = (chosen + self._still).round().clamp(0, 255)
        return torch.stack([palette[one.long()] for palette, one in zip(palettes, maps, strict=True)]).permute(
            0, 3, 1, 2
        )

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
        """The drawings of the conditions of the seeds ``picks``, (B, 3, 256, 256) in 0 … 255."""
        return F.avg_pool2d(
            self._coloured(self.maps.all[picks], self._held_conditions[picks].to(self.device)), 2
        ).round()

    def tensors(self) -> dict[str, Tensor]:
        """The palette of conditions."""
        return {"palette.chosen": self._chosen.cpu(), "palette.still": self._still.cpu()}


def _corner() -> int:
    """A random corner of a window, in pixels of 64, along one axis."""
    return int(min(max(round(torch.normal(MIDDLE, AROUND, ()).item()), 0), SIDE - WINDOW))


def _inner(corners: list[tuple[int, int]]) -> Tensor:
    """(B, 4 · WINDOW, 4 · WINDOW): 1 where a window shows what the whole picture would, 0 near its edge."""
    inner = torch.zeros(len(corners), 4 * WINDOW, 4 * WINDOW)
    for one, corner in zip(inner, corners, strict=True):
        first = [0 if at == 0 else 4 * MARGIN for at in corner]
        last = [4 * (WINDOW if at + WINDOW == SIDE else WINDOW - MARGIN) for at in corner]
        one[first[0] : last[0], first[1] : last[1]] = 1
    return inner
