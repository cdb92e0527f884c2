"""Files that nobody should hand in as pictures, made anew for each test: name -> (bytes, words of the line it gets)."""

from __future__ import annotations

import functools
import io
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.gan.odd_pictures import BAD, drawing, encoded, plain, png_header
from tests.gan.pngs import chunk as png_chunk
from tests.gan.pngs import png

Made = Callable[[], bytes]


def zipped(entries: dict[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of `entries`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data, compress_type=method)
    return buffer.getvalue()


def entry(name: str, mode: int) -> zipfile.ZipInfo:
    """Return the head of an entry of another kind than a plain file."""
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    return info


def encrypted() -> bytes:
    """Return a zip whose one entry says that it is encrypted."""
    data = bytearray(zipped({"secret.png": plain(60)}))
    data[6] |= 1  # in the entry's own head, and in the directory
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def declaring(size: int, entries: dict[str | zipfile.ZipInfo, bytes]) -> bytes:
    """Return a zip whose directory says that each entry unpacks to `size` bytes, whatever it does."""
    data = bytearray(zipped(entries))
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(data)


@functools.cache
def png_of_zeros(width: int, height: int, *, last_rows: bytes = b"\0") -> bytes:
    """Return a whole and valid PNG of one colour: some 100 bytes for each megapixel.

    `last_rows`: what the bytes of its lower half are instead of zero.
    """
    packer = zlib.compressobj(1)
    rows = [b"\0" + value * (width * 3) for value in (b"\0", last_rows)]
    packed = b"".join(packer.compress(rows[2 * y // height]) for y in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def almost_too_large() -> bytes:
    """Return a PNG of 49.6 megapixels, black above and white below."""
    return png_of_zeros(8_000, 6_200, last_rows=b"\xff")


def two_of_one_name() -> bytes:
    """Return a zip with two entries of one name, of which a reader might check one and unpack the other."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a.png", plain(91))
        archive.writestr("a.png", b"no picture")
    return buffer.getvalue()


def tiff_bomb() -> bytes:
    """Return a TIFF that claims 60,000 × 60,000 pixels."""
    data = bytearray(encoded(Image.fromarray(drawing(61)), "TIFF"))
    for tag in (256, 257):
        at = data.find(struct.pack("<HH", tag, 4))
        at = at if at >= 0 else data.find(struct.pack("<HH", tag, 3))
        data[at : at + 12] = struct.pack("<HHII", tag, 4, 1, 60_000)
    return bytes(data)


def _gif_flood() -> bytes:
    data = bytearray(encoded(Image.fromarray(drawing(69)).quantize(8), "GIF"))
    data[6:10] = struct.pack("<HH", 65_535, 65_535)
    return bytes(data)


def _bmp_flood() -> bytes:
    data = bytearray(encoded(Image.fromarray(drawing(69)), "BMP"))
    data[18:26] = struct.pack("<ii", 40_000, 40_000)
    return bytes(data)


def _damaged() -> bytes:
    data = bytearray(zipped({"a.png": plain(68)}))
    for at in range(100, 160):
        data[at] ^= 0xFF
    return bytes(data)


def overlapping() -> bytes:
    """Return a zip whose directory gives each entry the other's bytes: small zip bombs use the same ones many times."""
    data = bytearray(zipped({"a.png": plain(81), "b.png": plain(82)}))
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 1)
    # where the entry lies
    data[first + 42 : first + 46], data[second + 42 : second + 46] = (
        data[second + 42 : second + 46], data[first + 42 : first + 46],
    )  # fmt: skip
    return bytes(data)


def sixty_four() -> bytes:
    """Return a zip64 that says that it lists four billion entries."""
    data = zipped({"a.png": plain(83)})
    at = data.rfind(b"PK\x05\x06")
    start, size = data.find(b"PK\x01\x02"), at - data.find(b"PK\x01\x02")
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, 1 << 32, 1 << 32, size, start)
    return data[:at] + record + b"PK\x06\x07" + struct.pack("<IQI", 0, at, 1) + data[at:]


def _planes() -> bytes:
    """Return a TIFF that says of its grey and alpha that they lie one behind the other."""
    data = encoded(Image.fromarray(drawing(69)).convert("LA"), "TIFF")
    return data.replace(struct.pack("<HHIHH", 284, 3, 1, 1, 0), struct.pack("<HHIHH", 284, 3, 1, 2, 0))


def _profile_bomb() -> bytes:
    """Return a PNG without pixels whose profile unpacks to 200 MiB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    head = plain(69)[:33]  # the signature and the header
    return head + png_chunk(b"iCCP", b"bomb\0\0" + packed) + png_chunk(b"IEND", b"")


def _webp_flood() -> bytes:
    """Return a lossless WebP whose head says 16,384 × 16,384."""
    return b"RIFF" + struct.pack("<I", 30) + b"WEBPVP8L" + struct.pack("<I", 18) + b"\x2f\xff\xff\xff\x0f" + bytes(13)


# on top of the odd files that gan's own tests have
REFUSED: dict[str, tuple[Made, str]] = {
    **{name: value for name, value in BAD.items() if name != "twin.png"},
    "flood.png": (lambda: png_of_zeros(7_072, 7_072), "megapixels"),
    "flood.tif": (tiff_bomb, "megapixels"),
    "flood.gif": (_gif_flood, "megapixels"),
    "flood.bmp": (_bmp_flood, "megapixels"),
    "page.pdf": (lambda: b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", "not a picture"),
    "program.png": (lambda: b"\x7fELF" + bytes(200), "not a picture"),
    "script.png": (lambda: b"#!/bin/sh\nrm -rf /\n", "not a picture"),
    "film.mp4": (lambda: b"\x00\x00\x00\x18ftypmp42" + bytes(64), "not a picture"),
    "half-head.png": (lambda: b"\x89PNG\r\n\x1a\n", "not a picture"),
    "zeros.png": (lambda: bytes(10_000), "not a picture"),
    "archive.tar.gz": (lambda: b"\x1f\x8b\x08" + bytes(100), "make it a zip"),
    "archive.7z": (lambda: b"7z\xbc\xaf\x27\x1c" + bytes(100), "a .7z archive"),
    "archive.rar": (lambda: b"Rar!\x1a\x07\x01\x00" + bytes(100), "a .rar archive"),
    "in-a-zip.zip": (lambda: zipped({"in.rar": b"Rar!\x1a\x07\x01\x00" + bytes(100)}), "a .rar archive"),
    "future.jxl": (lambda: b"\xff\x0a" + bytes(100), "JPEG XL: not a picture"),
    "photo.heic": (lambda: b"\x00\x00\x00\x18ftypheic" + bytes(64), ""),
    "blank.png": (lambda: encoded(Image.new("RGB", (64, 64), "white")), "blank"),
    "planes.tif": (_planes, "planar TIFF"),
    "profile-bomb.png": (_profile_bomb, "damaged"),
    "icon-of-nothing.ico": (lambda: b"\x00\x00\x01\x00\x01\x00" + bytes(16), "damaged"),
    "no-end.zip": (lambda: zipped({"a.png": plain(62)})[:300], "cut off"),
    "encrypted.zip": (encrypted, "encrypted"),
    "up.zip": (lambda: zipped({"../../up.png": plain(63)}), "leads out"),
    "absolute.zip": (lambda: zipped({"/etc/cron.d/x.png": plain(64)}), "leads out"),
    "drive.zip": (lambda: zipped({"C:\\x.png": plain(65)}), "leads out"),
    "link.zip": (lambda: zipped({entry("link.png", 0o120777): b"/etc/passwd"}), "a link"),
    "pipe.zip": (lambda: zipped({entry("pipe.png", 0o010644): b""}), "not a regular file"),
    "nested.zip": (lambda: zipped({"in.zip": zipped({"a.png": plain(66)})}), "an archive in the archive"),
    "crowd.zip": (lambda: zipped({f"{n}.png": b"" for n in range(5_001)}), "5,000"),
    "bomb.zip": (lambda: zipped({"zeros.png": bytes(20 << 20)}), "smaller, which no picture is"),
    "big.zip": (lambda: declaring(60 << 20, {f"{n}.png": b"x" for n in range(9)}), "may unpack to 512 MiB"),
    "liar.zip": (lambda: declaring(900_000, {"a.png": bytes(20 << 20)}), "damaged in the archive"),
    "odd-method.zip": (lambda: zipped({"a.png": plain(67)}, zipfile.ZIP_LZMA), "uncommon method"),
    "damaged.zip": (_damaged, "damaged"),
    "words-in.zip": (lambda: zipped({"readme.txt": b"hello"}), "not a picture"),
    "overlap.zip": (overlapping, "damaged in the archive"),
    "zip64.zip": (sixty_four, "lists 4,294,967,296 files"),
    "share.zip": (lambda: zipped({"\\\\server\\share\\x.png": plain(84)}), "leads out"),
    "up-inside.zip": (lambda: zipped({"a/../../x.png": plain(85)}), "leads out"),
    "device.zip": (lambda: zipped({entry("null.png", 0o020666): b""}), "not a regular file"),
    "folder-link.zip": (lambda: zipped({entry("all", 0o120777): b"/"}), "a link"),
    "empty-in.zip": (lambda: zipped({"nothing.png": b""}), "zero bytes"),
    "names.zip": (lambda: zipped({"\u202egnp.exe\n\x1b[2J" + "☃" * 3_000: b"no picture"}), "not a picture"),
    "zip-in-disguise.png": (lambda: zipped({"../x.png": plain(86)}), "leads out"),
    "flood.webp": (_webp_flood, "megapixels"),
    "flood.ppm": (lambda: b"P6 50000 50000 255\n" + bytes(99), "megapixels"),
    "page-and-script.gif": (lambda: b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)", "not a picture"),
    "bomb-in.zip": (lambda: zipped({"bomb.png": png_header(50_000, 50_000)}), "megapixels"),
}

# taken, though they are odd
TAKEN: dict[str, Made] = {
    "polyglot.png": lambda: plain(70) + zipped({"evil.png": plain(71)}),
    "trailing-script.png": lambda: plain(72) + b"<script>alert(1)</script>",
    "zip-behind.jpg": lambda: encoded(Image.fromarray(drawing(87)), "JPEG") + zipped({"../x.png": plain(88)}),
    "deep-colours.png": lambda: png(drawing(89).astype(np.uint16) * 257),
    "cmyk.tif": lambda: encoded(Image.fromarray(drawing(90)).convert("CMYK"), "TIFF"),
    "deep.png": lambda: encoded(Image.fromarray((drawing(73)[..., 0].astype(np.uint16)) * 257)),
    "many-frames.gif": lambda: encoded(
        Image.fromarray(drawing(74)), "GIF", save_all=True,
        append_images=[Image.fromarray(drawing(75 + n % 5)) for n in range(200)],
    ),
    "almost-too-large.png": almost_too_large,
}  # fmt: skip
