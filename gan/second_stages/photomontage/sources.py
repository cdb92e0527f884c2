"""A style's own pictures, stored with its model.

They are compressed losslessly (`gan.dataset.packed`): reading one needs no image decoder and a bounded amount of
memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan.dataset.packed import PackedPicture
from gan.rendering.upscaling import resized, sharp

Pixels = NDArray[np.uint8]

SIDE, LARGE_SIDE = 256, 512  # pixels a side; the labelling works at SIDE
MAX_SOURCES = 256
LARGE_BYTES = 20 * 2**20  # pictures are kept at LARGE_SIDE if all of them fit
_PICTURE = "picture."


class SourcePictures:
    """Up to `MAX_SOURCES` square RGB pictures, compressed in memory."""

    def __init__(self, packed: Sequence[bytes], side: int) -> None:
        self._packed = list(packed)
        self.side = side  # pixels a side, SIDE or LARGE_SIDE

    def __len__(self) -> int:
        return len(self._packed)

    @classmethod
    def from_pictures(cls, pictures: Sequence[Pixels]) -> SourcePictures:
        """Take square uint8 RGB pictures of any size; of more than `MAX_SOURCES`, an evenly spaced selection.

        They are stored at `LARGE_SIDE` if at least half of them are that large and they compress well, else at `SIDE`.
        Raises ValueError for no pictures.
        """
        if not pictures:
            raise ValueError("a style needs at least one picture to be drawn with")
        if len(pictures) > MAX_SOURCES:
            pictures = [pictures[i * len(pictures) // MAX_SOURCES] for i in range(MAX_SOURCES)]
        large = sorted(len(picture) for picture in pictures)[len(pictures) // 2] >= LARGE_SIDE
        if large:
            packed = [PackedPicture.pack(_fit(picture, LARGE_SIDE)).data for picture in pictures]
            if sum(map(len, packed)) <= LARGE_BYTES:
                return cls(packed, LARGE_SIDE)
        return cls([PackedPicture.pack(_fit(picture, SIDE)).data for picture in pictures], SIDE)

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> SourcePictures:
        """Read what `tensors` returned. Raises ValueError for anything else."""
        side = tensors.get("side")
        if side is None or side.shape != (1,) or int(side[0]) not in (SIDE, LARGE_SIDE):
            raise ValueError(f"the pictures of a style are {SIDE} or {LARGE_SIDE} pixels a side")
        names = [name for name in sorted(tensors) if name.startswith(_PICTURE)]
        if not 1 <= len(names) <= MAX_SOURCES:
            raise ValueError(f"a style has 1 to {MAX_SOURCES} pictures, not {len(names)}")
        if any(tensors[name].dtype != torch.uint8 or tensors[name].ndim != 1 for name in names):
            raise ValueError("the pictures of a style are bytes")
        sources = cls([tensors[name].numpy().tobytes() for name in names], int(side[0]))
        for number in range(len(sources)):
            sources[number]
        return sources

    def tensors(self) -> dict[str, Tensor]:
        """Return the compressed pictures."""
        pictures = {
            f"{_PICTURE}{i:03}": torch.frombuffer(bytearray(data), dtype=torch.uint8)
            for i, data in enumerate(self._packed)
        }
        return {"side": torch.tensor([self.side], dtype=torch.int32), **pictures}

    def __getitem__(self, number: int) -> Pixels:
        """Return a picture, uint8 (side, side, 3). Raises ValueError where it is damaged."""
        return PackedPicture(self.side, self._packed[number]).unpack()

    def small(self) -> Pixels:
        """Return all pictures at the size of the labelling, uint8 (N, SIDE, SIDE, 3)."""
        return np.stack([_fit(self[number], SIDE) for number in range(len(self))])


def _fit(picture: Pixels, side: int) -> Pixels:
    enlarged = sharp(picture, side) if len(picture) < side else resized(picture, side)
    return np.ascontiguousarray(enlarged)
