"""Reduce samples of more than 8 bits to 8. 10, 12 or 14 bits stored in 16 are scaled to the full range."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageChops

from gan.dataset.colour import gamma_to_srgb, is_other_gamma

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import ImageFile

# raw mode of 16-bit pixels -> one that reads the lower bytes instead of the upper ones; libtiff's N is native order
_OTHER_HALF = {
    f"{mode};16{order}": f"{mode};16{other}"
    for mode in ("RGB", "RGBA", "RGBX")
    for order, other in (("B", "L"), ("L", "B"), ("N", "B" if sys.byteorder == "little" else "L"))
} | {"LA;16B": "RGBA"}  # both bytes of grey, then those of alpha
_DEPTHS = (8, 10, 12, 14, 16)  # bit depths that tools store in 16 bits


def grey_to_8_bits(image: Image.Image, gamma: float | None = None) -> Image.Image:
    """Return 16-bit, 32-bit or floating-point grey as L; the range follows from the largest value.

    It is 1, 255 or 65535 for floating-point values, else the lowest of 2^8, 2^10, 2^12, 2^14 and 2^16 that no value
    exceeds. `gamma`: see `gan.dataset.colour`; applied at full precision.
    """
    values = np.asarray(image)
    if values.dtype.kind == "f":
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
        top = float(values.max(initial=0.0))
        scale = 255.0 if top <= 1 else 1.0 if top <= 255 else 255.0 / max(top, 65535.0)
        return Image.fromarray(np.clip(np.round(values * scale), 0, 255).astype(np.uint8))
    values = np.clip(values, 0, 65535)
    top = int(values.max(initial=0))
    depth = next(bits for bits in _DEPTHS if top <= 1 << bits)
    if is_other_gamma(gamma):
        return Image.fromarray(_gamma_table(depth, gamma)[values])
    return Image.fromarray(np.minimum(values >> (depth - 8), 255).astype(np.uint8))


def _gamma_table(depth: int, gamma: float) -> NDArray[np.uint8]:
    samples = np.arange(65536) / ((1 << depth) - 1)
    return np.round(255 * gamma_to_srgb(np.minimum(samples, 1), gamma)).astype(np.uint8)


def is_deep_colour(image: ImageFile.ImageFile) -> bool:
    """Whether a picture that is not decoded yet has 16 bits per channel, of which Pillow keeps the upper 8."""
    return bool(image.tile) and _raw_mode(image) in _OTHER_HALF


def needs_lower_bits(upper: Image.Image) -> bool:
    """Whether the upper 8 of 16 bits leave most of the range unused."""
    return _top(upper) >> (_DEPTHS[-2] - 8) == 0


def lower_bits(image: ImageFile.ImageFile) -> list[Image.Image]:
    """Return the lower 8 of 16 bits of each channel of a picture that is not decoded yet.

    This sets the opposite byte order in its decoder.
    """
    raw_mode = _raw_mode(image)
    other = _OTHER_HALF[raw_mode]
    image.tile = [
        tile._replace(args=(other, *tile.args[1:]) if isinstance(tile.args, tuple) else other) for tile in image.tile
    ]
    image.load()
    if raw_mode != "LA;16B":
        return list(image.split())
    grey = image.getchannel(1)
    return [grey, grey, grey, image.getchannel(3)]


def joined(upper: Image.Image, lower: list[Image.Image]) -> Image.Image:
    """Combine the upper and lower bytes of 10, 12 or 14 bits to 8 bits."""
    depth = next(bits for bits in _DEPTHS if _top(upper) >> (bits - 8) == 0)
    channels = []
    for band, (_, top) in enumerate(_extrema(upper)):
        high = upper.getchannel(band)
        if top >> (depth - 8) == 0:  # otherwise it is alpha, in all 16 bits
            high = high.point([(value << (16 - depth)) & 255 for value in range(256)])
            low = lower[band].point([value >> (depth - 8) for value in range(256)])
            high = ImageChops.add(high, low)
        channels.append(high)
    return Image.merge(upper.mode, channels)


def _extrema(image: Image.Image) -> list[tuple[int, int]]:
    """Return the least and the largest value of each channel."""
    return image.getextrema()  # type: ignore[return-value]  # of several channels


def _top(upper: Image.Image) -> int:
    """Return the largest value of any colour."""
    return max(top for _, top in _extrema(upper)[:3])


def _raw_mode(image: ImageFile.ImageFile) -> str:
    """Return the raw mode of a Pillow decoder."""
    args = image.tile[0].args
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""
