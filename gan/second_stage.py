"""The second stage of a model: from what its generator drew to the size that is shown.

Which one a model has is in its card's ``parts``, and so in its hash: what was posted keeps its pixels. A model without
parts has the filter of `gan.rendering.upscaling`; ``upscaler`` is a network that learned the model's own style, in
``NAME-upscaler.safetensors`` beside ``NAME.safetensors``; ``plain-upscaler`` is the one for any style, in this package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from gan.checkpoint import ModelCard, WeightsError
from gan.rendering.upscaling import Pixels, check_size, doubled, resized, upscale
from gan.upscaling.exact import ExactUpscaler, unshuffled
from gan.upscaling.features import rounded_conditions, rounded_features
from gan.upscaling.spec import DRAWN, SIDE

LEARNED, PLAIN = "upscaler", "plain-upscaler"
PLAIN_FILE = Path(__file__).parent / "upscaling" / "plain.safetensors"


@dataclass(frozen=True)
class Sketch:
    """One icon as its generator left it.

    ``features`` float64 by side (side, side, C), ``chosen`` float64 (N,): the weights of the attributes' values.
    ``finish`` draws the rest, uint8 (64, 64, 3), which only some second stages need.
    """

    features: Mapping[int, Tensor]
    chosen: Tensor
    finish: Callable[[], Pixels]

    @cached_property
    def pixels(self) -> Pixels:
        """The generator's own picture, uint8 (64, 64, 3)."""
        return self.finish()


class SecondStage(Protocol):
    """Any number of threads may share one."""

    def enlarge(self, sketch: Sketch, size: int) -> Pixels:
        """Return uint8 (size, size, 3), ``size`` more than 64 and at most 2,048."""


class Filter:
    """Interpolation with steep edges."""

    def enlarge(self, sketch: Sketch, size: int) -> Pixels:
        """Enlarge the generator's pixels."""
        return upscale(sketch.pixels, size)


class PlainUpscaler:
    """A network that sees nothing but pixels."""

    def __init__(self, network: ExactUpscaler) -> None:
        self._network = network

    def enlarge(self, sketch: Sketch, size: int) -> Pixels:
        """Enlarge the generator's pixels."""
        return self.enlarge_pixels(sketch.pixels, size)

    def enlarge_pixels(self, pixels: Pixels, size: int) -> Pixels:
        """Enlarge uint8 (64, 64, 3)."""
        x = torch.from_numpy(pixels).float()
        return sized(self._network({SIDE // 2: unshuffled(x), SIDE: x}), size)


class LearnedUpscaler:
    """A network that sees the generator's features and knows what is to be drawn; it needs no pixels."""

    def __init__(self, network: ExactUpscaler) -> None:
        self._network = network

    def enlarge(self, sketch: Sketch, size: int) -> Pixels:
        """Draw what the features and conditions ask for."""
        inputs = {side: rounded_features(x).float() for side, x in sketch.features.items()}
        return sized(self._network(inputs, rounded_conditions(sketch.chosen).float()), size)


def second_stage(card: ModelCard, weights: Path | None) -> SecondStage:
    """Return what enlarges the icons of a model whose generator is in ``weights``.

    Raises `WeightsError` where the file that the card names is missing, damaged or another one.
    """
    if not card.parts:
        return Filter()
    if len(card.parts) > 1 or not card.parts.keys() <= {LEARNED, PLAIN}:
        raise WeightsError(f"{card.style} draws with {', '.join(card.parts)}: this version knows {LEARNED} or {PLAIN}")
    [(name, digest)] = card.parts.items()
    if name == PLAIN:
        return PlainUpscaler(_checked(PLAIN_FILE, digest))
    if weights is None:
        raise WeightsError(f"{card.style} draws with an upscaler, and it is not said where that is")
    network = _checked(beside(weights), digest)
    groups = sum(len(attribute["values"]) for attribute in card.attributes)
    if network.spec.conditions != groups:
        raise WeightsError(
            f"{beside(weights)} knows {network.spec.conditions} conditions, and {card.style} has {groups}"
        )
    return LearnedUpscaler(network)


def beside(weights: Path) -> Path:
    """Where the upscaler of the generator at ``weights`` is."""
    return weights.with_name(f"{weights.stem}-upscaler.safetensors")


def digest_of(path: Path) -> str:
    """SHA-256 (hex) of a file, as a card's ``parts`` have it. Raises `WeightsError`."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror or error}") from error


def sized(drawn: Pixels, size: int) -> Pixels:
    """From uint8 (256, 256, 3) to the size asked for."""
    check_size(size)
    if size == DRAWN:
        return drawn
    if size < DRAWN:
        return resized(drawn, size)
    larger = doubled(drawn)
    return larger if size == len(larger) else resized(larger, size)


def _checked(path: Path, digest: str) -> ExactUpscaler:
    if digest_of(path) != digest:
        raise WeightsError(f"{path} is not the upscaler that the model's card names: one of the two was changed")
    return ExactUpscaler.load(path)
