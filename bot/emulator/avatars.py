"""Small generated avatars: a mirrored 5×5 pattern in one colour, drawn from the user's id."""

from __future__ import annotations

import colorsys
import hashlib
import io

from PIL import Image

_CELLS = 5


def avatar_png(user_id: int, size: int = 80) -> bytes:
    """Return a PNG of `size`×`size` pixels that is always the same for the same id."""
    digest = hashlib.sha256(str(user_id).encode()).digest()
    hue = digest[0] / 255
    ink = _colour(hue, 0.45, 0.55)
    image = Image.new("RGB", (_CELLS + 1, _CELLS + 1), _colour(hue, 0.92, 0.5))
    bits = int.from_bytes(digest[1:4], "big")
    for y in range(_CELLS):
        for x in range((_CELLS + 1) // 2):
            if bits >> (y * 3 + x) & 1:
                image.putpixel((x, y), ink)
                image.putpixel((_CELLS - 1 - x, y), ink)
    pattern = image.crop((0, 0, _CELLS, _CELLS)).resize((size, size), Image.Resampling.NEAREST)
    buffer = io.BytesIO()
    pattern.save(buffer, "PNG")
    return buffer.getvalue()


def _colour(hue: float, lightness: float, saturation: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)
