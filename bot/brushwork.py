"""What the studio's worker threads do with icons that have been drawn."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

_FEW = 9  # icons on a sheet that are shown large
_CELL, _SMALL_CELL = 160, 128  # pixels a side
_GAP = 8


def columns(count: int) -> int:
    """Return how many columns a sheet of `count` icons has: as square as can be, rather wide than high."""
    return math.ceil(math.sqrt(count))


def lay_out(icons: Sequence[bytes]) -> bytes:
    """Lay icons, PNGs of 64×64, in rows with their numbers below, from 1. Returns a PNG."""
    import numpy as np  # noqa: PLC0415 - the bot's start does not wait for it
    from PIL import Image  # noqa: PLC0415

    from gan.rendering import contact_sheet, encode_plain_png, upscale  # noqa: PLC0415

    cell = _CELL if len(icons) <= _FEW else _SMALL_CELL
    pictures = [upscale(np.asarray(Image.open(io.BytesIO(icon)).convert("RGB")), cell) for icon in icons]
    labels = [str(n) for n in range(1, len(icons) + 1)]
    return encode_plain_png(contact_sheet(pictures, columns(len(icons)), _GAP, labels))
