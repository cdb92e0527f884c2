"""Distinguish a JPEG that lacks only its end marker from a truncated one.

In both cases the file ends without FF D9. To tell them apart, other bytes are appended: if pixels are missing, the
decoder decodes these bytes and the picture changes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

START, END = b"\xff\xd8", b"\xff\xd9"
# Arbitrary bytes without FF that decode to something visible.
_FILLING = bytes((37 * n + 11) % 251 for n in range(96))
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # in entropy-coded data, FF 00 is a byte and FF D0 to D7 a restart
_MOST_SEGMENTS = 10_000  # a picture has a few dozen
_COEFFICIENTS = 64
_BASELINE_TO_LOSSLESS = range(0xC0, 0xD0)
_NOT_A_FRAME = {0xC4, 0xC8, 0xCC}  # tables whose markers lie between those of frames
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_END_OF_IMAGE, _START_OF_SCAN = 0xD9, 0xDA


def completed(data: bytes, decode: Callable[[bytes], object]) -> bytes | None:
    """Return `data` with its end marker if only that is missing; None if it is no JPEG, complete, or truncated.

    `decode` returns the pixels of a JPEG in any comparable form; it is called twice.
    """
    if not data.startswith(START):
        return None
    if data.endswith(bytes(4)):  # padding of a disk, or an incomplete download
        data = data.rstrip(b"\0")
    data = data.rstrip(b"\xff")  # half of the end marker
    if not _has_all_scans(data):
        return None
    whole = data + END
    return whole if decode(whole) == decode(data + _FILLING + END) else None


def _has_all_scans(data: bytes) -> bool:
    """Whether the scans of a JPEG without end marker cover all bits of all components."""
    missing: dict[int, list[int | None]] = {}  # component -> for each coefficient the lowest bit that is still to come
    progressive = False
    at = len(START)
    for _ in range(_MOST_SEGMENTS):
        match = _MARKER.search(data, at)
        if match is None:
            return bool(missing) and all(bit == 0 for bits in missing.values() for bit in bits)
        marker = data[match.start() + 1]
        length = int.from_bytes(data[match.end() : match.end() + 2], "big")
        body = data[match.end() + 2 : match.end() + length]
        if marker == _END_OF_IMAGE or length < 2 or len(body) != length - 2:
            return False
        if marker in _BASELINE_TO_LOSSLESS and marker not in _NOT_A_FRAME:
            progressive = marker in _PROGRESSIVE
            missing = {number: [None] * _COEFFICIENTS for number in body[6::3]}
        elif marker == _START_OF_SCAN:
            _note_scan(body, missing, progressive=progressive)
        at = match.start() + 2 + length
    return False


def _note_scan(header: bytes, missing: dict[int, list[int | None]], *, progressive: bool) -> None:
    """Record a scan: some bits of some coefficients for a progressive JPEG, else all."""
    count = header[0] if header else 0
    if len(header) != 4 + 2 * count:
        return
    first, last, bits = header[-3], min(header[-2], _COEFFICIENTS - 1), header[-1] & 0xF
    if not progressive:
        first, last, bits = 0, _COEFFICIENTS - 1, 0
    for number in header[1 : 1 + 2 * count : 2]:
        if number in missing:
            missing[number][first : last + 1] = [bits] * (last + 1 - first)
