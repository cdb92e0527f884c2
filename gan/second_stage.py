"""What turns a generator's 64×64 picture into the icon that a person sees.

A model that has a second stage keeps it in its weights file, as tensors whose names begin with the stage's, and names
it in its card's `parts`. So it is copied, exported, deleted and hashed with the model. A model without one is enlarged
by `gan.rendering.upscaling`, as all were before there were second stages: their icons keep their pixels at every size.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from gan.rendering.upscaling import MAX_SIZE, MIN_SIZE, resize, sharp, upscale

Pixels = NDArray[np.uint8]

RAW = 64  # pixels a side of what a generator draws: at this size its own output is shown, untouched


class SecondStage(Protocol):
    """The second stage of one model; thread-safe."""

    part: str  # its name in `ModelCard.parts`, and before the dot in the names of its tensors
    gradual: bool  # whether a small change of the generator's picture is a small change of the icon

    def tensors(self) -> Mapping[str, Tensor]:
        """Return what `part` is read from again, by names without the prefix."""

    def finish(self, raw: Pixels) -> Pixels:
        """Return the icon that `raw`, uint8 (64, 64, 3), stands for: uint8 (S, S, 3), S a multiple of 64."""


def digest_of(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of tensors with their names, types and shapes, as `ModelCard.parts` has it."""
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().cpu().contiguous()
        total.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        total.update(tensor.numpy().tobytes())
    return total.hexdigest()


def shown(raw: Pixels, size: int, stage: SecondStage | None) -> Pixels:
    """Return the icon of a generator's picture `raw` at `size` pixels a side, uint8 (size, size, 3).

    Raises ValueError for a size out of bounds.
    """
    if stage is None or size == RAW:
        return upscale(raw, size)
    if not MIN_SIZE <= size <= MAX_SIZE:
        raise ValueError(f"an icon's size goes from {MIN_SIZE} to {MAX_SIZE} pixels, not {size}")
    return resized(stage.finish(raw), size)


def resized(icon: Pixels, size: int) -> Pixels:
    """Return a finished icon at another size."""
    side = len(icon)
    if size <= side:
        return icon if size == side else resize(icon, size, Image.Resampling.LANCZOS)
    enlarged = sharp(icon, min(size, 4 * side))
    return enlarged if len(enlarged) == size else resize(enlarged, size, Image.Resampling.BICUBIC)
