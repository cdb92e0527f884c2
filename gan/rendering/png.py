"""PNG files that embed the icon's code, and extraction of the code from untrusted bytes.

Encoding does not use Pillow, because drawing is interactive: one filter for all rows and ISA-L's fastest deflate take
an eighth of the time of Pillow's fastest setting, at the same file size.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from gan.codes import CodeError, IconCode

CODE, STYLE, MODEL = "melicon:code", "melicon:style", "melicon:model"

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {3: 2, 4: 6}  # by channels: RGB, RGBA
_UP = 2  # filter: each byte minus the one above
_MAX_TEXT = 1000  # bytes of a text chunk that is parsed; ours are smaller
_MAX_CHUNKS = 1000


def encode_png(pixels: NDArray[np.uint8], *, code: str, style: str, model: str) -> bytes:
    """Return uint8 RGB or RGBA `pixels` (height, width, 3 or 4) as a PNG with the three texts in text chunks."""
    return _encode(pixels, {CODE: code, STYLE: style, MODEL: model, "Software": "Melicon"})


def encode_plain_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return uint8 RGB or RGBA `pixels` (height, width, channels) as a PNG without a code: sheets and figures."""
    return _encode(pixels, {"Software": "Melicon"})


def read_code(png: bytes) -> str | None:
    """Return the icon code in a PNG, in canonical form, or None where there is no valid one.

    It reads text chunks only and decompresses nothing, so untrusted bytes are safe.
    """
    for kind, data in _chunks(png):
        text = _read_text(kind, data)
        if text is not None and text[0] == CODE:
            try:
                return str(IconCode.parse(text[1]))
            except CodeError:
                return None
    return None


def is_ours(data: bytes) -> bool:
    """Whether `data` is a PNG written by Melicon."""
    return any(_read_text(kind, body) == ("Software", "Melicon") for kind, body in _chunks(data))


def _encode(pixels: NDArray[np.uint8], texts: dict[str, str]) -> bytes:
    height, width, channels = pixels.shape
    rows = np.ascontiguousarray(pixels).reshape(height, channels * width)
    filtered = np.empty((height, 1 + channels * width), dtype=np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    data = isal_zlib.compress(filtered, 1)
    parts = [_SIGNATURE, _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, _COLOUR_TYPES[channels], 0, 0, 0))]
    parts += [_text_chunk(key, text) for key, text in texts.items()]
    parts += [_chunk(b"IDAT", data), _chunk(b"IEND", b"")]
    return b"".join(parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _text_chunk(key: str, text: str) -> bytes:
    if text.isascii():
        return _chunk(b"tEXt", f"{key}\0{text}".encode("ascii"))
    return _chunk(b"iTXt", f"{key}\0\0\0\0\0{text}".encode())  # not compressed, no language


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and data of the complete chunks."""
    if not png.startswith(_SIGNATURE):
        return
    start = len(_SIGNATURE)
    for _ in range(_MAX_CHUNKS):
        if start + 12 > len(png):
            return
        length = int.from_bytes(png[start : start + 4], "big")
        end = start + 12 + length
        if end > len(png):
            return
        if length <= _MAX_TEXT:
            body, check = png[start + 4 : end - 4], png[end - 4 : end]
            if zlib.crc32(body) == int.from_bytes(check, "big"):
                yield body[:4], body[4:]
        start = end


def _read_text(kind: bytes, data: bytes) -> tuple[str, str] | None:
    """Return keyword and text of an uncompressed text chunk."""
    key, zero, rest = data.partition(b"\0")
    if not zero:
        return None
    if kind == b"tEXt":
        return key.decode("latin-1"), rest.decode("latin-1")
    if kind == b"iTXt" and rest[:2] == b"\0\0":  # compression flag and method
        text = rest[2:].split(b"\0", 2)[-1]  # after language and translated keyword
        return key.decode("latin-1"), text.decode("utf-8", "replace")
    return None
