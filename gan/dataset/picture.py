"""One picture file to 64×64 RGB on white: its header is checked before anything is decoded."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from gan.dataset.limits import Limits, Refusal

if TYPE_CHECKING:
    from typing import BinaryIO

    from numpy.typing import NDArray

# Only formats that are recognised by their first bytes and decoded in process: no EPS (it starts
# Ghostscript), no TGA (it has no signature and would take noise for a picture).
FORMATS = ("PNG", "JPEG", "MPO", "GIF", "WEBP", "BMP", "TIFF", "PPM", "ICO", "AVIF", "JPEG2000")
REDUCE_TO = 4  # large pictures are box-averaged down to this many times the size asked for, then Lanczos does the rest


def read_picture(file: BinaryIO, size: int = 64, limits: Limits | None = None) -> NDArray[np.uint8]:
    """Decode `file` to uint8 (size, size, 3): first frame, upright by EXIF, alpha on white, centre crop, Lanczos.

    A picture that is RGB and `size` × `size` already comes back untouched. Colour profiles are not applied.
    Raises Refusal with a reason for a person: not a picture, damaged, over `limits.max_pixels`, under
    `limits.min_side`.
    """
    limits = limits or Limits()
    with warnings.catch_warnings():
        # Pillow warns about sizes it finds suspicious and about broken metadata; both are judged below.
        warnings.simplefilter("ignore")
        try:
            Image.init()
            with Image.open(file, formats=[name for name in FORMATS if name in Image.OPEN]) as image:
                _check_size(image, limits)
                image.draft(
                    "RGB", (REDUCE_TO * size, REDUCE_TO * size)
                )  # JPEG decodes at ½, ¼ or ⅛ where that is enough
                image.load()
                return _to_square(_upright(image), size)
        except Refusal:
            raise
        except UnidentifiedImageError:
            raise Refusal("not a picture that can be read (PNG, JPEG, GIF, WebP, BMP, TIFF… can)") from None
        except Image.DecompressionBombError:
            raise Refusal(f"larger than {limits.max_pixels // 1_000_000} megapixels") from None
        except MemoryError:
            raise Refusal("does not fit into memory") from None
        except Exception as error:  # decoders fed with hostile bytes raise nearly anything; the rest goes on
            raise Refusal(f"cut off or damaged ({type(error).__name__})") from error


def square_side(file: BinaryIO) -> int:
    """Return how many pixels a side the centre crop of a picture has, and leave `file` at its start.

    Nothing is decoded; 0 where the header cannot be read.
    """
    try:
        with Image.open(file, formats=[name for name in FORMATS if name in Image.OPEN]) as image:
            side = min(image.size)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, `read_picture` says it
        side = 0
    file.seek(0)
    return side


def _check_size(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise Refusal(f"{width}×{height} is larger than {limits.max_pixels / 1e6:g} megapixels")
    if min(width, height) < limits.min_side:
        raise Refusal(f"{width}×{height} is smaller than {limits.min_side} pixels")


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001  broken metadata says nothing about the pixels: show them as they lie
        return image


def _to_square(image: Image.Image, size: int) -> NDArray[np.uint8]:
    image = _simple_mode(image)
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.crop((left, top, left + side, top + side))
    if side > REDUCE_TO * size:
        image = image.reduce(side // (REDUCE_TO * size))
    if image.mode == "RGBA":  # before resizing: Lanczos would mix the hidden colours under transparent pixels in
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image = image.convert("RGB")
    if image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.LANCZOS)
    return np.array(image, dtype=np.uint8)


def _simple_mode(image: Image.Image) -> Image.Image:
    """`image` as L, RGB or RGBA, 8 bits a channel."""
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_grey(image)
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB") else image.convert("RGB")


def _deep_grey(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and floating-point grey to 8 bits; the range (1, 255 or 65535) is told by the largest value."""
    values = np.asarray(image)
    if values.dtype.kind == "f":
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
        top = float(values.max(initial=0.0))
        scale = 255.0 if top <= 1 else 1.0 if top <= 255 else 255.0 / max(top, 65535.0)
        return Image.fromarray(np.clip(np.round(values * scale), 0, 255).astype(np.uint8))
    if image.mode.startswith("I;16") or int(values.max(initial=0)) > 255:
        values = np.clip(values, 0, 65535) >> 8
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
