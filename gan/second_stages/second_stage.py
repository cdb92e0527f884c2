"""Second stage: turns the generator's output into the icon shown.

A model's second stage is stored in its weights file, as tensors prefixed by its name, and listed in the card's `parts`.
It is therefore copied, exported, deleted and hashed with the model. Models without one use `gan.rendering.upscaling`;
these predate second stages and keep their pixels at every size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from torch import Tensor

from gan.rendering.upscaling import Pixels, check_size, doubled, resized, upscale

RAW = 64  # pixels a side of the generator's picture, which is shown unchanged at this size


@dataclass(frozen=True)
class GeneratorOutput:
    """The generator's output for one icon.

    ``features``: feature maps by side, float64 (side, side, C), {} where the network exposes none. ``conditions``:
    float64 (N,), the weights of the attributes' values. ``finish`` draws the picture, for stages that need it.
    """

    features: Mapping[int, Tensor]
    conditions: Tensor
    finish: Callable[[], Pixels]

    @cached_property
    def pixels(self) -> Pixels:
        """The generator's own picture, uint8 (64, 64, 3)."""
        return self.finish()


class SecondStage(Protocol):
    """The second stage of one model. Thread-safe."""

    part: str  # name in `ModelCard.parts` and prefix of its tensors

    @property
    def gradual(self) -> bool:
        """Whether the icon is a continuous function of the generator's output; if not, morphs use `transition`."""

    @property
    def distinct(self) -> bool:
        """Whether an icon has one whole value of each attribute, instead of the generator's weights."""

    def tensors(self) -> Mapping[str, Tensor]:
        """Return its tensors, without the prefix."""

    def enlarge(self, output: GeneratorOutput) -> Pixels:
        """Return the icon, uint8 (S, S, 3) with S of 256 or 512."""

    def transition(self, one: GeneratorOutput, other: GeneratorOutput, steps: int) -> list[Pixels]:
        """Return ``steps`` pictures from ``one`` to the last before ``other``, the first as of `enlarge`."""


def digest_of(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of tensors with their names, types and shapes, as used in `ModelCard.parts`."""
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        total.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        total.update(tensor.numpy().tobytes())
    return total.hexdigest()


def shown(output: GeneratorOutput, size: int, stage: SecondStage | None) -> Pixels:
    """Return an icon at `size` pixels a side, uint8 (size, size, 3).

    At 64 pixels that is the generator's picture. Raises ValueError for a size out of range.
    """
    check_size(size)
    if stage is None or size == RAW:
        return upscale(output.pixels, size)
    return fitted(stage.enlarge(output), size)


def fitted(icon: Pixels, size: int) -> Pixels:
    """Resize a finished icon, uint8 (S, S, 3)."""
    while len(icon) < size:
        icon = doubled(icon)
    return icon if len(icon) == size else resized(icon, size)
