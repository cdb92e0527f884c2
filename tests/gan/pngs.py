"""PNG files written chunk by chunk, including ones that Pillow would not write."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # channels -> colour type


def chunk(kind: bytes, data: bytes, *, checksum: int | None = None) -> bytes:
    """Return a chunk, with a checksum of its own if one is given."""
    crc = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def png(
    pixels: np.ndarray, before: Mapping[bytes, bytes] | None = None, *, front: Iterable[bytes] = (), behind: bytes = b""
) -> bytes:
    """Return pixels (H, W) or (H, W, 1…4) of 8 or 16 bits as a PNG.

    `before`: chunks before the pixels; `front`, `behind`: whole chunks before and behind them.
    """
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    height, width, channels = pixels.shape
    bits = pixels.dtype.itemsize * 8
    rows = b"".join(b"\0" + row.astype(pixels.dtype.newbyteorder(">")).tobytes() for row in pixels)
    parts = [chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, _COLOUR_TYPES[channels], 0, 0, 0))]
    parts += [chunk(kind, data) for kind, data in (before or {}).items()]
    parts += [*front, chunk(b"IDAT", zlib.compress(rows)), behind, chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(parts)
