"""Sampler: icon codes to pictures, with identical pixels on every machine for the same code and model.

Three measures ensure this. The latent comes from a frozen stream (`gan.latent.resolve`). Normalisation uses stored
statistics and each icon is drawn by itself, so the batch does not matter. Inference runs in float64: rounding differs
between processors and thread counts by less than 1e-12, and a pixel could differ only where its value is that close to
the boundary of two 8-bit values, in less than one icon in a million.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gan.checkpoint.weights import ModelCard, WeightsError, load_generator, second_stage_of
from gan.codes import IconCode, StyleMismatch, Term, Tweak
from gan.latent.directions import STEP, free_directions, mixed_directions
from gan.latent.edits import DIRECTIONS, Setting, check_tweaks, edit_axes
from gan.latent.interpolation import loop, path
from gan.latent.resolve import Latent, code_to_latent, mixed, seed_latents, term_to_latent
from gan.networks.fast import AttributeChoice
from gan.networks.fusion import FusedGenerator, fuse_generator
from gan.rendering.upscaling import Pixels
from gan.sampling.bilateral_filter import bilateral_filter
from gan.second_stages.second_stage import GeneratorOutput, fitted, shown
from gan.second_stages.upscaler.features import SIDES


class Sampler:
    """Draws icon codes with a generator. Stateless between calls, so threads may share it."""

    def __init__(self, generator: nn.Module, card: ModelCard) -> None:
        """Copy `generator`; raises `WeightsError` where the card is unsuitable."""
        self.card = card
        self._stage = second_stage_of(generator)
        self._network = fuse_generator(generator)
        self._z_dim = card.z_dim
        # truncation excludes the end of the latent: it would change the frequencies of attribute values
        self._groups: list[int] = list(card.architecture.get("attributes", ()))
        self._free: int = card.z_dim - sum(self._groups)
        try:
            self._truncation = card.truncation
        except ValueError as error:
            raise WeightsError(f"the model card of {card.style} cannot be drawn by: {error}") from error
        self._flat = card.flat

    @classmethod
    def load(cls, weights: Path) -> Sampler:
        """Load a `.safetensors` file with its model card beside it; raises `WeightsError`."""
        return cls(*load_generator(weights))

    def latents(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Return the latents of the codes, float64 (N, z_dim): standard normal, truncated as the card says.

        Tweaks of attributes are applied; tweaks along directions are applied in `resolved` only. Raises
        `gan.latent.edits.UnknownTweak` for tweaks that the model does not support.
        """
        latents = np.empty((len(codes), self._z_dim))
        for row, code in zip(latents, codes, strict=True):
            check_tweaks(self.card, code)
            row[:] = self._latent(code)
        latents[:, : self._free] *= self._truncation
        for row, code in zip(latents, codes, strict=True):
            if code.tweaks:
                self._choose(row, code)
        return latents

    def _latent(self, code: IconCode) -> Latent:
        """Return the latent of `code` (z_dim,) without its final tweaks."""
        if code.second is None or not (code.first.tweaks or code.second.tweaks):
            return code_to_latent(code, self._z_dim)
        return mixed(code, self._preferring(code.first), self._preferring(code.second))

    def _preferring(self, term: Term) -> Latent:
        """Return the latent of one icon of a mix (z_dim,), with its tweaked attributes set at ordinary scores.

        The extreme scores of `_choose` would always win against the other icon of the mix.
        """
        latent = term_to_latent(term, self._z_dim)
        for number, value in self._other_choices(latent, term.tweaks):
            choose = cast("AttributeChoice", self._network.get_submodule("embed.choose"))
            latent[self._free :] = choose.preferring(torch.from_numpy(latent[self._free :]), number, value).numpy()
        return latent

    def _choose(self, latent: Latent, code: IconCode) -> None:
        """Set the attributes that the final tweaks of `code` change, in place; `latent` is (z_dim,)."""
        for number, value in self._other_choices(latent, code.tweaks):
            start = self._free + sum(self._groups[:number])
            latent[start : start + self._groups[number]] = -AttributeChoice.LIMIT
            latent[start + value] = AttributeChoice.LIMIT

    def _other_choices(self, latent: Latent, tweaks: Iterable[Tweak]) -> Iterator[tuple[int, int]]:
        """Yield attribute index and new value index for each attribute that `tweaks` change."""
        chosen = self.choices(latent[None])[0]
        names = [str(attribute["name"]) for attribute in self.card.attributes]
        known = edit_axes(self.card)
        for tweak in tweaks:
            if not known[tweak.name].values or not known[tweak.name].wrapped(tweak.steps):
                continue  # a direction, or a full cycle
            number = names.index(tweak.name)
            yield number, int((chosen[number] + tweak.steps) % self._groups[number])

    def _shifts(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Return the offsets of the codes' tweaks along directions, (N, z_dim)."""
        shifts = np.zeros((len(codes), self._z_dim))
        for row, code in enumerate(codes):
            way = code.percent / 100
            for share, term in ((1 - way, code.first), (way, code.second), (1.0, code)):
                for tweak in () if term is None else term.tweaks:
                    if not edit_axes(self.card)[tweak.name].values:
                        shifts[row] += share * tweak.steps * STEP * self._directions[int(tweak.name[1:]) - 1]
        return shifts

    @cached_property
    def _directions(self) -> NDArray[np.float64]:
        if self.card.attributes:  # named attributes have axes of their own
            return free_directions(self._network, self._free, DIRECTIONS)
        return mixed_directions(self._network, DIRECTIONS)

    def settings(self, code: IconCode) -> list[Setting]:
        """Return the position of `code` on each of the model's edit axes; raises as `draw`."""
        self.check(code)
        now, before = self.choices(self.latents([code, code.untweaked]))
        numbers = {str(attribute["name"]): n for n, attribute in enumerate(self.card.attributes)}
        settings = []
        for axis in edit_axes(self.card).values():
            if axis.values:
                number = numbers[axis.name]
                settings.append(Setting(axis, int(now[number]), int(before[number])))
            else:
                settings.append(Setting(axis, code.steps_of(axis.name), 0))
        return settings

    def describe(self, code: IconCode) -> dict[str, str]:
        """Return the attribute values that `code` selects, such as hair: blue; {} where the card names none.

        These are the conditions given to the generator; the icon may not realise all of them.
        """
        # without names in the card there is nothing to describe
        return {
            str(attribute["name"]): str(attribute["values"][choice])
            for attribute, choice in zip(self.card.attributes, self.choices(self.latents([code]))[0], strict=False)
        }

    def choices(self, latents: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the index of the value that each latent (N, z_dim) selects for each attribute, (N, attributes)."""
        embed = getattr(self._network, "embed", None)
        if embed is None or embed.choose is None:
            return np.empty((len(latents), 0), np.int64)
        with torch.inference_mode():
            groups = embed.choose.groups(embed.choose.scores(torch.from_numpy(latents[:, self._free :])))
            return torch.stack([group.argmax(dim=1) for group in groups], dim=1).numpy()

    def draw(self, codes: Sequence[IconCode]) -> NDArray[np.uint8]:
        """Draw icons, uint8 RGB (N, 64, 64, 3).

        Raises `StyleMismatch` for a code of another style or model, and `gan.latent.edits.UnknownTweak`.
        """
        for code in codes:
            self.check(code)
        return self._draw(self.latents(codes), self._shifts(codes))

    def render(self, codes: Sequence[IconCode], size: int) -> list[Pixels]:
        """Draw icons at the size to be shown, uint8 RGB (size, size, 3), 16 to 2,048 pixels.

        At 64 pixels the result is that of `draw`; at others it comes from the model's second stage, if it has one.
        Raises as `draw`, and ValueError for a size out of range.
        """
        return [self.enlarge(output, size) for output in self.generate(codes)]

    def render_morph(self, codes: Sequence[IconCode], size: int) -> list[Pixels]:
        """Draw the frames of a loop through icons, uint8 (size, size, 3) each: 48 for two, 12 more for each other one.

        Raises as `render`, and ValueError for fewer than 2 or more than `gan.latent.interpolation.MOST_ICONS` icons.
        """
        stage = self._stage
        if stage is not None and not stage.gradual:
            with torch.inference_mode():
                return [fitted(frame, size) for frame in loop(self.generate(codes), stage.transition)]
        points = path(self, codes)
        # with two icons, the way back repeats the same points
        drawn = {point.tobytes(): self.enlarge(self._generate(torch.from_numpy(point[None])), size) for point in points}
        return [drawn[point.tobytes()] for point in points]

    def generate(self, codes: Sequence[IconCode]) -> list[GeneratorOutput]:
        """Return the generator's output for icons, as input to `enlarge`. Raises as `draw`."""
        for code in codes:
            self.check(code)
        return [self._generate(point[None]) for point in torch.from_numpy(self.resolved(codes))]

    def enlarge(self, output: GeneratorOutput, size: int) -> Pixels:
        """Return an icon at the size to be shown, uint8 (size, size, 3). Raises ValueError for a size out of range."""
        with torch.inference_mode():
            return shown(output, size, self._stage)

    @property
    def plain(self) -> bool:
        """Whether the model has no second stage, so that icons are enlarged by interpolation."""
        return self._stage is None

    def _generate(self, point: Tensor) -> GeneratorOutput:
        """(1, z_dim), resolved -> the generator's output."""
        network, conditions = self._network, point[0, self._free :]
        if not isinstance(network, FusedGenerator):
            return GeneratorOutput({}, conditions, lambda: self._pixels(network(point)))
        with torch.inference_mode():
            blocks = network.features(point)
        features = {block.shape[1] - 2: block[0, 1:-1, 1:-1] for block in blocks if block.shape[1] - 2 in SIDES}
        return GeneratorOutput(features, conditions, lambda: self._pixels(network.finish(blocks[-1])))

    def _pixels(self, pictures: Tensor) -> Pixels:
        """(1, 64, 64, 3) in [-1, 1] -> uint8 (64, 64, 3)."""
        with torch.inference_mode():
            return to_8_bits((bilateral_filter(pictures) if self._flat else pictures)[0].numpy())

    def draw_latents(self, latents: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Draw latents (N, z_dim), float64 as `latents` returns them, to uint8 RGB (N, 64, 64, 3)."""
        return self._draw(latents, np.zeros_like(latents))

    def _draw(self, latents: NDArray[np.float64], shifts: NDArray[np.float64]) -> NDArray[np.uint8]:
        pictures = np.empty((len(latents), 64, 64, 3), dtype=np.uint8)
        with torch.inference_mode():
            # one at a time: float64 batches do not fit the cache and take longer per icon
            for picture, latent, shift in zip(pictures, torch.from_numpy(latents), shifts, strict=True):
                point = self._resolve(latent[None]) + torch.from_numpy(shift)
                picture[:] = to_8_bits(self._paint(self._network, point)[0].numpy())
        return pictures

    def _paint(self, network: nn.Module, points: Tensor) -> Tensor:
        """(N, z_dim), resolved -> (N, 64, 64, 3) in [-1, 1]."""
        pictures: Tensor = network.paint(points) if isinstance(network, FusedGenerator) else network(points)
        return bilateral_filter(pictures) if self._flat else pictures

    def _resolve(self, latents: Tensor) -> Tensor:
        """(N, z_dim) -> (N, z_dim), resolved."""
        if not isinstance(self._network, FusedGenerator):
            return latents
        resolved, choose = self._network.embed.resolve(latents), self._network.embed.choose
        if choose is not None and self._stage is not None and self._stage.distinct:
            resolved[:, self._free :] = choose.distinct(resolved[:, self._free :])
        return resolved

    def resolved(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Return the codes' resolved latents, float64 (N, z_dim).

        Pictures change gradually between resolved latents; between plain latents, attributes would flip.
        Raises `StyleMismatch` as `draw` does.
        """
        for code in codes:
            self.check(code)
        with torch.inference_mode():
            resolved: NDArray[np.float64] = self._resolve(torch.from_numpy(self.latents(codes))).numpy()
        return resolved + self._shifts(codes)

    def points(self, normal: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return resolved latents without tweaks for latents (N, z_dim) of `gan.latent.resolve`."""
        latents = normal.copy()
        latents[:, : self._free] *= self._truncation
        with torch.inference_mode():
            points: NDArray[np.float64] = self._resolve(torch.from_numpy(latents)).numpy()
        return points

    def seed_points(self, seeds: Iterable[int]) -> NDArray[np.float64]:
        """Return the resolved latents of plain seeds, at least one; several times as fast as `resolved`."""
        return self.points(seed_latents(seeds, self._z_dim))

    @property
    def free(self) -> int:
        """The number of leading dimensions of a latent that select no attribute."""
        return self._free

    def sketch(self, resolved: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Draw resolved latents, or interpolations of them, to uint8 RGB (N, 64, 64, 3).

        In float32: twice as fast as `draw` and visually equal, but not reproducible across machines.
        """
        pictures = np.empty((len(resolved), 64, 64, 3), dtype=np.uint8)
        with torch.inference_mode():
            for picture, point in zip(pictures, torch.from_numpy(resolved).float(), strict=True):
                picture[:] = to_8_bits(self._paint(self._quick, point[None])[0].double().numpy())
        return pictures

    @cached_property
    def _quick(self) -> nn.Module:
        return copy.deepcopy(self._network).float()

    def check(self, code: IconCode) -> None:
        """Raise `StyleMismatch` when `code` names another style or model, `UnknownTweak` for an unsupported tweak."""
        if code.style is not None and code.style != self.card.style:
            raise StyleMismatch(
                f"{code} is an icon of the style {code.style}, but these weights draw {self.card.style}.", "style"
            )
        if code.model is not None and code.model not in self.card.names:
            raise StyleMismatch(
                f"{code} was drawn by model {code.model} of {code.style}, which has been replaced by"
                f" {self.card.short_hash}: the icon would look different. Leave out #{code.model} to draw it anew.",
                "model",
            )
        check_tweaks(self.card, code)


def to_8_bits(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Convert values in [-1, 1] to 0 … 255: ⌊(x + 1) · 127.5 + ½⌋, clamped."""
    return np.clip(np.floor((values + 1.0) * 127.5 + 0.5), 0, 255).astype(np.uint8)
