"""What turns what a generator made into the icon that a person sees.

A model that has a second stage keeps it in its weights file, as tensors whose names begin with the stage's, and names
it in its card's `parts`. So it is copied, exported, deleted and hashed with the model. A model without one is enlarged
by `gan.rendering.upscaling`, as all were before there were second stages: their icons keep their pixels at every size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from torch import Tensor

from gan.rendering.upscaling import Pixels, check_size, doubled, resized, upscale

RAW = 64  # pixels a side of what a generator draws: at this size its own output is shown, untouched


@dataclass(frozen=True)
class GeneratorOutput:
    """One icon as its generator made it.

    ``features`` float64 by side (side, side, C), {} where the network shows none; ``conditions`` float64 (N,): the
    weights of the attributes' values. ``finish`` draws the picture, which not every second stage needs.
    """

    features: Mapping[int, Tensor]
    conditions: Tensor
    finish: Callable[[], Pixels]

    @cached_property
    def pixels(self) -> Pixels:
        """The generator's own picture, uint8 (64, 64, 3)."""
        return self.finish()


class SecondStage(Protocol):
    """The second stage of one model; any number of threads may share one."""

    part: str  # its name in `ModelCard.parts`, and before the dot in the names of its tensors
    gradual: bool  # whether a small change of what the generator makes is a small change of the icon

    def tensors(self) -> Mapping[str, Tensor]:
        """Return what it is read from again, by names without the prefix."""

    def enlarge(self, output: GeneratorOutput) -> Pixels:
        """Return the icon, uint8 (S, S, 3) with S of 256 or 512."""


def digest_of(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of tensors with their names, types and shapes, as `ModelCard.parts` has it."""
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        total.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        total.update(tensor.numpy().tobytes())
    return total.hexdigest()


def shown(output: GeneratorOutput, size: int, stage: SecondStage | None) -> Pixels:
    """Return an icon at `size` pixels a side, uint8 (size, size, 3).

    At 64 pixels that is the generator's own picture. Raises ValueError for a size out of bounds.
    """
    check_size(size)
    if stage is None or size == RAW:
        return upscale(output.pixels, size)
    return fitted(stage.enlarge(output), size)


def fitted(icon: Pixels, size: int) -> Pixels:
    """Return a finished icon, uint8 (S, S, 3), at another size."""
    while len(icon) < size:
        icon = doubled(icon)
    return icon if len(icon) == size else resized(icon, size)
