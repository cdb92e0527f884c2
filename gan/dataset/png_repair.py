"""A PNG without what decoders stumble over beside its pixels: metadata that is damaged or too long.

Pillow refuses a whole picture for a wrong checksum in a comment. As libpng does by default, ancillary chunks that are
damaged are left out here; so are those that say nothing about how the picture looks (PNG, third edition, section 5).
"""

from __future__ import annotations

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_PROFILE = 16 << 20  # bytes, unpacked; a profile for a press has up to three million
_LARGEST_TEXT = 1 << 20  # bytes, unpacked; Pillow reads no more
_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
_LENGTHS = {b"gAMA": 4, b"sRGB": 1}  # bytes that these must have
# Transparency, colours, which side is up, and the frames of an animation.
_USED = {b"tRNS", b"gAMA", b"sRGB", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"fdAT"}
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_ORIENTING_TEXTS = (b"XML:com.adobe.xmp\0", b"Raw profile type exif\0")  # they may say which side is up


def repaired(data: bytes) -> tuple[bytes, bytes | None] | None:
    """Return a PNG with the same pixels and only sound chunks, and its profile where that is too long for Pillow.

    None for what is no PNG. A chunk that pixels need and that is damaged stays as it is: the decoder has to judge it.
    """
    if not data.startswith(SIGNATURE):
        return None
    kept = bytearray(SIGNATURE)
    profile = None
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if kind not in _CRITICAL and end > len(data):
            break
        body = data[at + 8 : end - 4]
        if kind == b"iCCP" and _is_sound(kind, data[at:end]) and (long := _long_profile(body)) is not None:
            profile = long
        elif kind in _CRITICAL or (_is_used(kind, body) and _is_sound(kind, data[at:end])):
            kept += data[at:end]
        if kind == b"IEND":
            break
        at = end
    return bytes(kept), profile


def _is_sound(kind: bytes, chunk: bytes) -> bool:
    right_checksum = struct.pack(">I", zlib.crc32(chunk[4:-4])) == chunk[-4:]
    return right_checksum and len(chunk) - 12 == _LENGTHS.get(kind, len(chunk) - 12)


def _is_used(kind: bytes, body: bytes) -> bool:
    if kind not in _TEXTS:
        return kind in _USED
    # Of the three kinds of text, an iTXt may be packed, a zTXt is.
    return body.startswith(_ORIENTING_TEXTS) and len(body) <= _LARGEST_TEXT and not _unpacks_beyond(body)


def _unpacks_beyond(text: bytes) -> bool:
    """Whether what may be packed in a text chunk is longer than Pillow reads."""
    start = text.find(b"\x78")  # the first byte of a zlib stream, as every encoder writes it
    while 0 <= start < len(text) - 1:
        if int.from_bytes(text[start : start + 2], "big") % 31 == 0:
            return _unpacked(text[start:], _LARGEST_TEXT) is None
        start = text.find(b"\x78", start + 1)
    return False


def _long_profile(body: bytes) -> bytes | None:
    """Return the profile of an iCCP chunk if it is longer than Pillow reads."""
    _, _, packed = body.partition(b"\0")
    profile = _unpacked(packed[1:], LARGEST_PROFILE)
    if profile is None:  # longer than any: it is left out
        return b""
    return profile if len(profile) > _LARGEST_TEXT else None


def _unpacked(packed: bytes, most: int) -> bytes | None:
    """Return what a zlib stream holds, as far as it is sound; None beyond `most` bytes."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, most)
    except zlib.error:
        return b""
    return None if unpacker.unconsumed_tail else data
