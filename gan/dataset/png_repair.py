"""Repair a PNG: drop metadata that is damaged or too long for decoders.

Pillow refuses a whole picture for a wrong checksum in a comment. Like libpng, this drops damaged ancillary chunks, and
also those that do not affect the picture (PNG, third edition, section 5).
"""

from __future__ import annotations

import struct
import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_PROFILE = 16 << 20  # bytes, unpacked; press profiles have up to three million
_LARGEST_TEXT = 1 << 20  # bytes, unpacked; Pillow's limit
_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
_LENGTHS = {b"gAMA": 4, b"sRGB": 1}  # required lengths in bytes
# Transparency, colours, orientation, and the frames of an animation.
_USED = {b"tRNS", b"gAMA", b"sRGB", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"fdAT"}
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_ORIENTING_TEXTS = {b"XML:com.adobe.xmp", b"Raw profile type exif"}  # keywords that may carry an orientation
_PACKED = {b"iCCP", *_ORIENTING_TEXTS}
_LONGEST_KEYWORD = 80  # bytes, including the terminating zero


def repaired(data: bytes) -> tuple[bytes, bytes | None] | None:
    """Return a PNG with the same pixels and only valid chunks, and its profile if that is too long for Pillow.

    None for anything but a PNG. Damaged critical chunks are kept for the decoder to judge.
    """
    if not data.startswith(SIGNATURE):
        return None
    kept = bytearray(SIGNATURE)
    profile = None
    seen: set[bytes] = set()  # compressed chunk types already used: only the first of each is unpacked
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, end = data[at + 4 : at + 8], at + 12 + length
        if kind not in _CRITICAL and end > len(data):
            break
        body = data[at + 8 : end - 4]
        if kind in _CRITICAL:
            kept += data[at:end]
        elif (what := _used_for(kind, body)) and what not in seen and _is_sound(kind, data[at:end]):
            if what in _PACKED:
                seen.add(what)
            if kind == b"iCCP" and (long := _long_profile(body)) is not None:
                profile = long
            elif kind not in _TEXTS or not _is_long_text(kind, body):
                kept += data[at:end]
        if kind == b"IEND":
            break
        at = end
    return bytes(kept), profile


def _is_sound(kind: bytes, chunk: bytes) -> bool:
    right_checksum = struct.pack(">I", zlib.crc32(chunk[4:-4])) == chunk[-4:]
    return right_checksum and len(chunk) - 12 == _LENGTHS.get(kind, len(chunk) - 12)


def _used_for(kind: bytes, body: bytes) -> bytes | None:
    """Return the identity of a chunk that affects the picture: its type, or the keyword of a text."""
    if kind in _TEXTS:
        keyword = body[:_LONGEST_KEYWORD].partition(b"\0")[0]
        return keyword if keyword in _ORIENTING_TEXTS else None
    return kind if kind in _USED else None


def _is_long_text(kind: bytes, body: bytes) -> bool:
    """Whether a text exceeds Pillow's limit when unpacked."""
    rest = body.partition(b"\0")[2]
    if kind == b"zTXt":
        packed = rest[1:]
    elif kind == b"iTXt" and rest[:1] == b"\1":
        packed = rest[2:].split(b"\0", 2)[-1]  # after language and translated keyword
    else:
        return len(body) > _LARGEST_TEXT
    return _unpacked(packed, _LARGEST_TEXT) is None


def _long_profile(body: bytes) -> bytes | None:
    """Return the profile of an iCCP chunk if it exceeds Pillow's limit."""
    _, _, packed = body.partition(b"\0")
    profile = _unpacked(packed[1:], LARGEST_PROFILE)
    if profile is None:  # longer than ours: dropped
        return b""
    return profile if len(profile) > _LARGEST_TEXT else None


def _unpacked(packed: bytes, most: int) -> bytes | None:
    """Return the content of a zlib stream as far as it is intact; None beyond `most` bytes."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, most)
    except zlib.error:
        return b""
    return None if unpacker.unconsumed_tail else data
