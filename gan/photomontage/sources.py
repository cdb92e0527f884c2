"""A style's own pictures, as they travel with its model.

One safetensors file holds them. Each is compressed without loss: the differences of its rows by zlib, so reading one
needs no image decoder and at most as much memory as the picture has pixels.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save

from gan.checkpoint import WeightsError, read_tensors

Pixels = NDArray[np.uint8]

SIDE, LARGE_SIDE = 256, 512  # pixels a side; the labelling looks at SIDE
MAX_SOURCES = 256
LARGEST_FILE = 96 * 2**20  # bytes
LARGE_BYTES = 20 * 2**20  # pictures of LARGE_SIDE are kept where all of them take no more


class SourcePictures:
    """Up to `MAX_SOURCES` square RGB pictures, compressed in memory."""

    def __init__(self, packed: Sequence[bytes], side: int) -> None:
        self._packed = list(packed)
        self.side = side  # pixels a side, SIDE or LARGE_SIDE

    def __len__(self) -> int:
        return len(self._packed)

    @classmethod
    def from_pictures(cls, pictures: Sequence[Pixels]) -> SourcePictures:
        """Take square uint8 RGB pictures of any size; of more than `MAX_SOURCES`, evenly many from start to end.

        They are kept at `LARGE_SIDE` where half of them are that large and they compress well, else at `SIDE`.
        Raises ValueError where there is none.
        """
        if not pictures:
            raise ValueError("a style needs at least one picture to be drawn with")
        if len(pictures) > MAX_SOURCES:
            pictures = [pictures[i * len(pictures) // MAX_SOURCES] for i in range(MAX_SOURCES)]
        large = sorted(len(picture) for picture in pictures)[len(pictures) // 2] >= LARGE_SIDE
        if large:
            packed = [_pack(_fit(picture, LARGE_SIDE)) for picture in pictures]
            if sum(map(len, packed)) <= LARGE_BYTES:
                return cls(packed, LARGE_SIDE)
        return cls([_pack(_fit(picture, SIDE)) for picture in pictures], SIDE)

    @classmethod
    def load(cls, path: Path) -> SourcePictures:
        """Read a file that `to_bytes` made. Raises `WeightsError` where it is missing or damaged."""
        tensors = read_tensors(path, LARGEST_FILE)
        side = tensors.pop("side", None)
        if side is None or side.shape != (1,) or int(side[0]) not in (SIDE, LARGE_SIDE):
            raise WeightsError(f"{path} does not hold the pictures of a style")
        if not 1 <= len(tensors) <= MAX_SOURCES:
            raise WeightsError(f"{path} holds {len(tensors)} pictures: a style has 1 to {MAX_SOURCES}")
        if any(tensor.dtype != torch.uint8 or tensor.ndim != 1 for tensor in tensors.values()):
            raise WeightsError(f"{path} is damaged: its pictures are not bytes")
        sources = cls([tensors[name].numpy().tobytes() for name in sorted(tensors)], int(side[0]))
        try:
            for number in range(len(sources)):
                sources[number]
        except ValueError as error:
            raise WeightsError(f"{path} is damaged: {error}") from error
        return sources

    def to_bytes(self) -> bytes:
        """Return the file that `load` reads."""
        tensors = {f"{i:03}": torch.frombuffer(bytearray(data), dtype=torch.uint8) for i, data in enumerate(self._packed)}
        return save({"side": torch.tensor([self.side]), **tensors})

    def __getitem__(self, number: int) -> Pixels:
        """Return a picture, uint8 (side, side, 3). Raises ValueError where it is damaged."""
        return _unpack(self._packed[number], self.side)

    def small(self) -> Pixels:
        """Return all pictures at the size that the labelling looks at, uint8 (N, SIDE, SIDE, 3)."""
        return np.stack([_fit(self[number], SIDE) for number in range(len(self))])


def _fit(picture: Pixels, side: int) -> Pixels:
    if len(picture) == side:
        return np.ascontiguousarray(picture)
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS))


def _pack(picture: Pixels) -> bytes:
    rows = picture.reshape(len(picture), -1)
    differences = np.diff(rows, axis=0, prepend=np.zeros_like(rows[:1]))  # modulo 256
    return zlib.compress(differences.tobytes(), 9)


def _unpack(data: bytes, side: int) -> Pixels:
    size = side * side * 3
    stream = zlib.decompressobj()
    try:
        differences = stream.decompress(data, size + 1)
    except zlib.error as error:
        raise ValueError(f"a picture cannot be unpacked ({error})") from error
    if len(differences) != size:
        raise ValueError(f"a picture has {len(differences)} bytes or more, not {size}")
    rows = np.frombuffer(differences, np.uint8).reshape(side, -1)
    return np.cumsum(rows, axis=0, dtype=np.uint8).reshape(side, side, 3)
