"""Lossless compression of square pictures, readable without an image decoder.

Row differences are compressed by zlib, like PNG with the filter "up".
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class PackedPicture:
    """A square RGB picture of `side` pixels."""

    side: int
    data: bytes

    @classmethod
    def pack(cls, pixels: NDArray[np.uint8], level: int = 9) -> PackedPicture:
        """Compress uint8 (side, side, 3); `level` as in zlib."""
        rows = pixels.reshape(len(pixels), -1)
        differences = np.diff(rows, axis=0, prepend=np.zeros_like(rows[:1]))  # modulo 256
        return cls(len(pixels), zlib.compress(differences.tobytes(), level))

    def unpack(self) -> NDArray[np.uint8]:
        """Return uint8 (side, side, 3), with bounded memory. Raises ValueError where it is damaged."""
        size = self.side * self.side * 3
        try:
            differences = zlib.decompressobj().decompress(self.data, size + 1)
        except zlib.error as error:
            raise ValueError(f"a picture cannot be unpacked ({error})") from error
        if len(differences) != size:
            raise ValueError(f"a picture has {len(differences)} bytes or more, not {size}")
        rows = np.frombuffer(differences, np.uint8).reshape(self.side, -1)
        return np.cumsum(rows, axis=0, dtype=np.uint8).reshape(self.side, self.side, 3)
