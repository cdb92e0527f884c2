"""Conversion to sRGB, by a picture's ICC profile or a PNG's gamma."""

from __future__ import annotations

import functools
import io
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageChops, ImageCms

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from typing_extensions import TypeIs

_MODES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # colour space of a profile -> mode of its pictures
_SRGB = ImageCms.createProfile("sRGB")
_LARGEST_PROFILE = 16 << 20  # bytes; press profiles have up to three million
_SAME = 2  # of 255; variants of the sRGB profile differ by at most this
_PLAUSIBLE_GAMMA = (0.1, 3.0)
_SRGB_GAMMA = 1 / 2.2  # as stated by PNGs in sRGB
_GAMMA_SLACK = 0.05  # libpng ignores such a difference, too


def is_for_cmyk(profile: bytes | None) -> bool:
    """Whether a profile describes CMYK."""
    found = _converter(profile or b"")
    return found is not None and found[0] == "CMYK"


def to_srgb(image: Image.Image, profile: bytes | None, gamma: float | None = None) -> Image.Image:
    """Return an image of mode L, RGB, RGBA or CMYK as L, RGB or RGBA in sRGB. Alpha is kept.

    `profile`: an ICC profile, applied with relative colorimetric intent and black point compensation; damaged profiles
    and those for another kind of picture are ignored. `gamma`: the encoding exponent from a PNG's gAMA chunk, used
    where there is no profile.
    """
    found = _converter(profile or b"")
    if found is not None and found[0] == "L" and image.mode != "L" and not _is_grey(image):
        found = None
    if found is not None and (found[0] == "CMYK") == (image.mode == "CMYK"):
        mode, transform = found
        if transform is None:
            return image
        converted = transform.apply(image.convert(mode))
        converted = converted.convert("L") if mode == "L" else converted
    elif is_other_gamma(gamma):
        table = np.round(255 * gamma_to_srgb(np.arange(256) / 255, gamma)).astype(int).tolist()
        converted = image.point(table) if image.mode == "L" else image.convert("RGB").point(table * 3)
    else:
        return image.convert("RGB") if image.mode == "CMYK" else image
    if image.mode == "RGBA":
        converted = converted.convert("RGB")
        converted.putalpha(image.getchannel("A"))
    return converted


def is_other_gamma(gamma: float | None) -> TypeIs[float]:
    """Whether a PNG's gamma is plausible and differs from that of sRGB."""
    if gamma is None or not _PLAUSIBLE_GAMMA[0] <= gamma <= _PLAUSIBLE_GAMMA[1]:
        return False
    return abs(gamma / _SRGB_GAMMA - 1) > _GAMMA_SLACK


def gamma_to_srgb(samples: NDArray[np.float64], gamma: float) -> NDArray[np.float64]:
    """Convert samples, 0…1, encoded with exponent `gamma`, to sRGB, 0…1 (IEC 61966-2-1)."""
    light = np.power(samples, 1 / gamma)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.power(light, 1 / 2.4) - 0.055)


def _is_grey(image: Image.Image) -> bool:
    if image.mode == "CMYK":
        return False
    red, green, blue = image.convert("RGB").split()
    return all(ImageChops.difference(red, other).getbbox() is None for other in (green, blue))


@functools.lru_cache(maxsize=4)
def _converter(profile: bytes) -> tuple[str, ImageCms.ImageCmsTransform | None] | None:
    """Return the mode that a profile describes, and its transform to sRGB; None as transform if it is sRGB.

    Returns None for invalid profiles and those of unsupported kinds.
    """
    if not 0 < len(profile) <= _LARGEST_PROFILE:
        return None
    try:
        parsed = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = _MODES.get(parsed.profile.xcolor_space)
        if mode is None:
            return None
        transform = ImageCms.buildTransform(
            parsed, _SRGB, mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.BLACKPOINTCOMPENSATION
        )
        return mode, None if mode != "CMYK" and _changes_nothing(transform, mode) else transform
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    colours = [(level, level, level) for level in range(256)] + list(product(range(0, 256, 51), repeat=3))
    samples = Image.fromarray(np.array([colours], np.uint8))
    samples = samples.crop((0, 0, 256, 1)).convert("L") if mode == "L" else samples
    shown = transform.apply(samples)
    difference = ImageChops.difference(samples.convert("RGB"), shown)
    return all(high <= _SAME for _, high in difference.getextrema())  # type: ignore[misc]  # of three channels
