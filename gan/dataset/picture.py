"""Read a picture file as 64×64 sRGB; the header is checked before decoding."""

from __future__ import annotations

import contextlib
import io
import warnings
from typing import TYPE_CHECKING

import numpy as np
from PIL import ExifTags, Image, UnidentifiedImageError

from gan.dataset import depth, jpeg_repair, png_repair, tiff
from gan.dataset.colour import is_for_cmyk, to_srgb
from gan.dataset.ground import is_blank, on_ground
from gan.dataset.limits import Limits, Refusal
from gan.dataset.reasons import Reason
from gan.dataset.signatures import refusal_of

if TYPE_CHECKING:
    from typing import BinaryIO

    from numpy.typing import NDArray
    from PIL import ImageFile

with contextlib.suppress(ImportError):  # an optional extra
    import pillow_heif

    pillow_heif.register_heif_opener()
    pillow_heif.options.DECODE_THREADS = 1  # the bot's decoding process has low priority

# Only formats with a signature that are decoded in process: no EPS (it starts Ghostscript), no TGA (without a
# signature, it would accept noise).
FORMATS = ("PNG", "JPEG", "MPO", "GIF", "WEBP", "BMP", "TIFF", "PPM", "ICO", "AVIF", "JPEG2000", "HEIF")
REDUCE_TO = 4  # large pictures are box-averaged to this multiple of the target size, then resized by Lanczos
REDUCE_LARGE_TO = 2  # the same for targets of 256 pixels and more, to save memory
# EXIF orientation -> the transformation that makes the picture upright
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_ALPHA_MAY_BE_UNUSED = ("BMP", "DIB", "ICO")  # formats whose fourth byte many tools leave at zero


def read_picture(file: BinaryIO, size: int = 64, limits: Limits | None = None) -> NDArray[np.uint8]:
    """Decode `file` to uint8 (size, size, 3): first frame, upright by EXIF, in sRGB, centre crop, Lanczos.

    Transparency is flattened on white, or on dark grey if the picture would be invisible on white. An sRGB picture of
    `size` × `size` is returned unchanged. Files with damaged metadata or a missing end marker are repaired first.
    Raises Refusal with a readable reason: not a picture, damaged, over `limits.max_pixels`, under `limits.min_side`,
    blank.
    """
    limits = limits or Limits()
    with warnings.catch_warnings():
        # Pillow warns about suspicious sizes and broken metadata; both are handled below.
        warnings.simplefilter("ignore")
        try:
            Image.init()
            try:
                return _read(file, size, limits)
            except (Refusal, MemoryError, Image.DecompressionBombError):
                raise
            except Exception:
                repaired = _repaired(file, size)
                if repaired is None:
                    raise
                data, profile = repaired
                return _read(io.BytesIO(data), size, limits, profile)
        except Refusal:
            raise
        except UnidentifiedImageError:
            reason = refusal_of(file) or Reason("none")
            raise Refusal(reason) from None
        except Image.DecompressionBombError:
            raise Refusal(Reason("huge", most=limits.max_pixels // 1_000_000)) from None
        except MemoryError:
            raise Refusal(Reason("memory")) from None
        except Exception as error:  # decoders raise nearly anything on malicious bytes
            raise Refusal(Reason("damaged", detail=type(error).__name__)) from error


def square_side(file: BinaryIO) -> int:
    """Return the side of a picture's centre crop in pixels, and rewind `file`.

    Nothing is decoded; 0 where the header cannot be read.
    """
    try:
        with _open(file) as image:
            side = min(image.size)
    except Exception:  # noqa: BLE001 - `read_picture` reports the error
        side = 0
    file.seek(0)
    return side


def _read(file: BinaryIO, size: int, limits: Limits, profile: bytes | None = None) -> NDArray[np.uint8]:
    """Decode a file; `profile`: its ICC profile if the file itself no longer carries it."""
    with _open(file) as image:
        _check_size(image, limits)
        profile = profile or image.info.get("icc_profile")
        gamma = _gamma(image)  # read before the pixels: a PNG may not state it later
        premultiplied = tiff.prepare_planes(image)
        is_deep = depth.is_deep_colour(image)
        # a JPEG is decoded at ½, ¼ or ⅛ size where that suffices
        image.draft("RGB", (_reduced_side(size), _reduced_side(size)))
        image.load()
        decoded: Image.Image = image
        if premultiplied:
            decoded = tiff.without_premultiplication(image)
        elif is_deep and depth.needs_lower_bits(image):
            file.seek(0)
            with _open(file) as again:
                lower = depth.lower_bits(again)
            del again
            decoded = depth.joined(image, lower)
        decoded = _upright(decoded, image)
        if decoded.mode.startswith("I") or decoded.mode == "F":
            decoded = depth.grey_to_8_bits(decoded, None if profile else gamma)
            gamma = gamma if profile else None
        pixels = _to_square(_simple_mode(decoded, image.format, profile), size, profile, gamma)
    if is_blank(pixels):
        raise Refusal(Reason("blank"))
    return pixels


def _open(file: BinaryIO) -> ImageFile.ImageFile:
    return Image.open(file, formats=[name for name in FORMATS if name in Image.OPEN])


def _repaired(file: BinaryIO, size: int) -> tuple[bytes, bytes | None] | None:
    """Return a PNG or JPEG without damaged parts, and its profile if the result no longer carries it.

    None where it cannot be repaired.
    """

    def decode(jpeg: bytes) -> bytes:
        with _open(io.BytesIO(jpeg)) as image:
            image.draft("RGB", (_reduced_side(size), _reduced_side(size)))
            return image.tobytes()

    file.seek(0)
    head = file.read(len(png_repair.SIGNATURE))
    if head == png_repair.SIGNATURE:
        return png_repair.repaired(head + file.read())
    if head.startswith(jpeg_repair.START):
        data = jpeg_repair.completed(head + file.read(), decode)
        return None if data is None else (data, None)
    return None


def _check_size(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise Refusal(Reason("large", size=f"{width}×{height}", most=f"{limits.max_pixels / 1e6:g}"))
    if min(width, height) < limits.min_side:
        raise Refusal(Reason("small", size=f"{width}×{height}", least=limits.min_side))


def _gamma(image: Image.Image) -> float | None:
    """Return a PNG's encoding exponent, unless the PNG also declares sRGB."""
    gamma = image.info.get("gamma")
    return gamma if isinstance(gamma, float) and "srgb" not in image.info else None


def _upright(decoded: Image.Image, image: Image.Image) -> Image.Image:
    """Return `decoded` rotated by the orientation of its file, `image`."""
    try:
        method = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001  broken metadata: leave the orientation
        return decoded
    return decoded if method is None else decoded.transpose(method)


def _simple_mode(image: Image.Image, file_format: str | None, profile: bytes | None) -> Image.Image:
    """Return an image as L, RGB or RGBA, or as CMYK if `profile` describes that."""
    if image.mode == "La":
        image = image.convert("LA")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        # Many programs write zero as the fourth byte of opaque pixels.
        unused = file_format in _ALPHA_MAY_BE_UNUSED and image.getchannel("A").getextrema() == (0, 0)
        return image.convert("RGB") if unused else image
    if image.mode in ("L", "RGB") or (image.mode == "CMYK" and is_for_cmyk(profile)):
        return image
    return image.convert("RGB")


def _reduced_side(size: int) -> int:
    """Return the minimal decoded size for a picture of `size` pixels a side."""
    return size * (REDUCE_TO if size < 256 else REDUCE_LARGE_TO)


def _to_square(image: Image.Image, size: int, profile: bytes | None, gamma: float | None) -> NDArray[np.uint8]:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    image = image.crop((left, top, left + side, top + side))
    if side > _reduced_side(size):
        image = image.reduce(side // _reduced_side(size))
    image = to_srgb(image, profile, gamma)
    if image.mode == "RGBA":  # before resizing: Lanczos would mix in the colours of transparent pixels
        image = on_ground(image)
    image = image.convert("RGB")
    if image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.LANCZOS)
    return np.array(image, dtype=np.uint8)
