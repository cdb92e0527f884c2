"""Compares pictures that were encoded differently."""

from __future__ import annotations

import io

_SIDE = 16  # pixels compared
_TOLERANCE = 4.0  # of 255, for scaling and compression; icons of neighbouring dates differ by 20


def similar(one: bytes, other: bytes) -> bool:
    """Whether two picture files show the same. Files that cannot be read show nothing."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    thumbnails = []
    for data in (one, other):
        try:
            with Image.open(io.BytesIO(data)) as image:
                small = image.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BOX)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return False
        thumbnails.append(np.asarray(small, np.float64))
    difference = np.square(thumbnails[0] - thumbnails[1]).mean()
    return bool(np.sqrt(difference) <= _TOLERANCE)
