"""A generated corpus of unusual and malicious picture files."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def drawing(seed: int, height: int = 64, width: int = 64) -> NDArray[np.uint8]:
    """Return a flat drawing (height, width, 3): coloured patches that differ clearly from seed to seed."""
    random = np.random.RandomState(seed)
    patches = random.randint(0, 256, size=(8, 8, 3)).astype(np.uint8)
    return np.asarray(Image.fromarray(patches).resize((width, height), Image.Resampling.NEAREST))


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return `image` as the bytes of a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def plain(seed: int, size: int = 64) -> bytes:
    """Return an ordinary RGB PNG."""
    return encoded(Image.fromarray(drawing(seed, size, size)))


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that claims a size in its header and carries next to no pixels: a decompression bomb's face."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _rgba(seed: int) -> Image.Image:
    """Return a drawing whose left half is transparent, with a garish colour hidden under the transparency."""
    pixels = np.dstack([drawing(seed), np.full((64, 64), 255, np.uint8)])
    pixels[:, :32] = (255, 0, 255, 0)
    return Image.fromarray(pixels)


def _animated(seed: int, kind: str) -> bytes:
    frames = [Image.fromarray(drawing(seed + step)) for step in range(3)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def _turned(seed: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° clockwise to show
    return encoded(Image.fromarray(np.rot90(drawing(seed))), "PNG", exif=exif)


def _palette_see_through(seed: int) -> bytes:
    image = Image.fromarray(drawing(seed)).quantize(64)
    return encoded(image, "PNG", transparency=int(np.asarray(image)[0, 0]))


def _broken_exif(seed: int) -> bytes:
    return encoded(Image.fromarray(drawing(seed)), "PNG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + b"\xff" * 40)


def _chatty(seed: int) -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("comment", "x" * 100_000, zip=True)
    return encoded(Image.fromarray(drawing(seed)), "PNG", pnginfo=text)


def _grey(seed: int) -> Image.Image:
    return Image.fromarray(drawing(seed)).convert("L")


def _noise_jpeg() -> bytes:
    noise = np.random.RandomState(9).randint(0, 256, size=(256, 256, 3)).astype(np.uint8)
    return encoded(Image.fromarray(noise), "JPEG", quality=90)


# name -> bytes of a file that must be accepted.
GOOD: dict[str, Callable[[], bytes]] = {
    "rgb.png": lambda: plain(1),
    "rgba.png": lambda: encoded(_rgba(2)),
    "grey.png": lambda: encoded(_grey(3)),
    "grey-alpha.png": lambda: encoded(_rgba(4).convert("LA")),
    "grey-16.png": lambda: encoded(Image.fromarray(np.asarray(_grey(5)).astype(np.uint16) * 257)),
    "one-bit.png": lambda: encoded(_grey(6).convert("1")),
    "palette.gif": lambda: encoded(Image.fromarray(drawing(7)).quantize(64), "GIF"),
    "palette-see-through.png": lambda: _palette_see_through(8),
    "cmyk.jpg": lambda: encoded(Image.fromarray(drawing(9)).convert("CMYK"), "JPEG", quality=95),
    "ycbcr.jpg": lambda: encoded(Image.fromarray(drawing(10)), "JPEG", quality=95),
    "grey.jpg": lambda: encoded(_grey(11), "JPEG"),
    "lab.tif": lambda: encoded(
        ImageCms.profileToProfile(
            Image.fromarray(drawing(12)),
            ImageCms.createProfile("sRGB"),
            ImageCms.createProfile("LAB"),
            outputMode="LAB",
        ),
        "TIFF",
    ),
    "float.tif": lambda: encoded(Image.fromarray(np.asarray(_grey(13)).astype(np.float32) / 255), "TIFF"),
    "int32.tif": lambda: encoded(Image.fromarray(np.asarray(_grey(14)).astype(np.int32)), "TIFF"),
    "old.bmp": lambda: encoded(Image.fromarray(drawing(15)), "BMP"),
    "unix.ppm": lambda: encoded(Image.fromarray(drawing(16)), "PPM"),
    "animated.gif": lambda: _animated(17, "GIF"),
    "animated.webp": lambda: _animated(21, "WEBP"),
    "animated.png": lambda: _animated(25, "PNG"),
    "turned.png": lambda: _turned(29),
    "wide.png": lambda: encoded(Image.fromarray(drawing(30, 64, 200))),
    "tall.jpg": lambda: encoded(Image.fromarray(drawing(31, 900, 300)), "JPEG"),
    "large.png": lambda: plain(32, 1_000),
    "smallest.png": lambda: plain(33, 32),
    "no-ending": lambda: plain(34),
    "lies.jpg": lambda: plain(35),  # a PNG by another name
    "broken-exif.png": lambda: _broken_exif(36),
    "chatty.png": lambda: _chatty(37),
    "naïve ☃ 名前.png": lambda: plain(38),
    "\x1b[31mred\u202egnp.png": lambda: plain(39),
}

# name -> (bytes, a word its reason must hold).
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.png": (lambda: b"", "zero bytes"),
    "words.txt": (lambda: b"these are words\n", "not a picture"),
    "web.png": (lambda: b"<html><body>404</body></html>", "not a picture"),
    "vector.svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
    "script.eps": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n", "not a picture"),
    "noise.bin": (lambda: np.random.RandomState(1).bytes(4_096), "not a picture"),
    "cut.png": (lambda: plain(50, 256)[:400], "damaged"),
    "cut.jpg": (lambda: _noise_jpeg()[:20_000], "damaged"),
    "cut.gif": (lambda: encoded(Image.fromarray(drawing(51, 300, 300)).quantize(64), "GIF")[:1_200], "damaged"),
    "cut.webp": (lambda: encoded(Image.fromarray(drawing(52, 300, 300)), "WEBP")[:200], "damaged"),
    "flipped-bits.png": (lambda: plain(53)[:60] + b"\xff" * 40 + plain(53)[100:], "damaged"),
    "bomb.png": (lambda: png_header(20_000, 20_000), "megapixels"),
    "over-limit.png": (lambda: png_header(10_000, 5_001), "megapixels"),
    "endless.png": (lambda: png_header(2**31 - 1, 2**31 - 1), "megapixels"),
    "tiny.png": (lambda: plain(54, 31), "smaller than 32"),
    "thread.png": (lambda: encoded(Image.fromarray(drawing(55, 8, 640))), "smaller than 32"),
    "twin.png": (lambda: plain(1), "same picture as rgb.png"),
}
