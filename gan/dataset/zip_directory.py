"""A zip reader that tolerates what common archive tools write.

Python's `zipfile` refuses archives that other tools unpack: names that differ between the directory and the entry's
header, and invalid UTF-8 names. Here only the directory counts (APPNOTE.TXT 6.3, section 4.3). Stored and deflated
entries are unpacked; sizes and checksums must match the directory.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

STORED, DEFLATED = 0, 8
_HEADER, _ENTRY, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_LOCATOR64, _END64 = b"PK\x06\x07", b"PK\x06\x06"
_LONGEST_COMMENT = 65_535
_ZIP64_EXTRA, _UNICODE_NAME_EXTRA = 0x0001, 0x7075
_UTF8 = 1 << 11
_SATURATED = 0xFFFF_FFFF  # the value is in the zip64 extra field
_STEP = 1 << 18  # bytes read, and at most unpacked, at once


class ZipError(Exception):
    """The archive or an entry violates the format; str describes how."""


@dataclass(frozen=True)
class End:
    """The location of the directory, from the record at the end of a zip."""

    entries: int  # as declared
    size: int  # bytes of the directory
    start: int  # its offset in the file
    shift: int  # to be added to all offsets: the length of data prepended to the archive


@dataclass(frozen=True)
class Entry:
    """A directory entry."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int  # bytes
    size: int  # bytes, unpacked
    mode: int  # as in stat, for archives made on Unix; else 0
    start: int  # offset of its header
    end: int  # offset of the next entry or the directory


def find_end(file: BinaryIO) -> End:
    """Return the location of the directory. Raises ZipError where there is no end record: the file is truncated."""
    length = file.seek(0, io.SEEK_END)
    tail_start = max(0, length - _LONGEST_COMMENT - 22 - 20)  # comment, end record, zip64 locator
    file.seek(tail_start)
    tail = file.read()
    at = len(tail)
    while (at := tail.rfind(_END, 0, at)) >= 0:
        if at + 22 <= len(tail) and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") <= len(tail):
            break
    else:
        raise ZipError("cut off before its end")
    entries, size, start = struct.unpack("<HII", tail[at + 10 : at + 20])
    position = tail_start + at
    if tail[max(0, at - 20) : at].startswith(_LOCATOR64):
        found = _find_end64(file, position - 20, int.from_bytes(tail[at - 12 : at - 4], "little"))
        if found is not None:
            entries, size, start, position = found
    return _placed(file, entries, size, start, position)


def _find_end64(file: BinaryIO, locator: int, declared: int) -> tuple[int, int, int, int] | None:
    """Return entries, size and start of the directory, and the offset of the record itself, from a zip64 record."""
    for place in (declared, locator - 56):  # the latter where data was prepended to the archive
        if 0 <= place <= locator - 56:
            file.seek(place)
            record = file.read(56)
            if record.startswith(_END64) and len(record) == 56:
                entries, size, start = struct.unpack("<QQQ", record[32:56])
                return entries, size, start, place
    return None


def _placed(file: BinaryIO, entries: int, size: int, start: int, position: int) -> End:
    """Return the end record with the actual offset of the directory: as declared, or right before the record."""
    for place in (start, position - size):
        if 0 <= place <= position:
            file.seek(place)
            if file.read(4) == _ENTRY or not size:
                return End(entries, size, place, place - start)
    raise ZipError("its directory is not where it says")


def read_directory(file: BinaryIO, end: End) -> list[Entry]:
    """Return the entries of the directory, in order. Raises ZipError where it is damaged."""
    file.seek(end.start)
    data = file.read(end.size)
    if len(data) < end.size:
        raise ZipError("its directory is cut off")
    found = []
    at = 0
    while at < len(data):
        head = data[at : at + 46]
        if len(head) < 46 or not head.startswith(_ENTRY):
            raise ZipError("its directory is damaged")
        flags, method, _, crc, packed, size, name_length, extra_length, comment_length = struct.unpack(
            "<HHIIIIHHH", head[8:34]
        )
        mode = int.from_bytes(head[40:42], "little")
        start = int.from_bytes(head[42:46], "little")
        name = data[at + 46 : at + 46 + name_length]
        extra = data[at + 46 + name_length : at + 46 + name_length + extra_length]
        size, packed, start = _wide(extra, size, packed, start)
        found.append(Entry(_name(name, flags, extra), flags, method, crc, packed, size, mode, start + end.shift, 0))
        at += 46 + name_length + extra_length + comment_length
    return _bounded(found, end)


def _bounded(entries: list[Entry], end: End) -> list[Entry]:
    """Set the end of each entry. Overlapping entries, as in zip bombs, cannot both fit."""
    order = sorted(range(len(entries)), key=lambda i: entries[i].start)
    ends = {i: entries[following].start for i, following in pairwise(order)}
    return [replace(entry, end=ends.get(i, end.start)) for i, entry in enumerate(entries)]


def _extras(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack("<HH", extra[at : at + 4])
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _wide(extra: bytes, *numbers: int) -> Iterator[int]:
    """Yield size, packed size and offset of an entry, from the zip64 field where the directory's are saturated."""
    field = next((value for kind, value in _extras(extra) if kind == _ZIP64_EXTRA), b"")
    for number in numbers:
        if number == _SATURATED and len(field) >= 8:
            yield int.from_bytes(field[:8], "little")
            field = field[8:]
        else:
            yield number


def _name(raw: bytes, flags: int, extra: bytes) -> str:
    """Return an entry's name, for display and sorting only: a wrong guess of its encoding is harmless."""
    raw = raw.split(b"\0")[0]
    for kind, value in _extras(extra):
        if kind == _UNICODE_NAME_EXTRA and value[:1] == b"\x01" and value[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return value[5:].decode("utf-8", "replace").split("\0")[0]
    # Tools on Japanese Windows flag Shift-JIS names as UTF-8; macOS does not flag names in UTF-8.
    for encoding in ("utf-8", "cp932") if flags & _UTF8 else ("utf-8",):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def unpack(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """Yield the bytes of a stored or deflated entry in chunks of at most 256 KiB.

    Raises ZipError as soon as the entry contradicts the directory: no header, overlapping bytes, another size or
    checksum. Never yields more than `entry.size` bytes.
    """
    file.seek(entry.start)
    header = file.read(30)
    if len(header) < 30 or not header.startswith(_HEADER):
        raise ZipError("no entry where the directory says")
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    start = entry.start + 30 + name_length + extra_length
    if start + entry.packed > entry.end:
        raise ZipError("it shares bytes with another entry")
    file.seek(start)
    given = crc = 0
    for piece in _stored(file, entry.packed) if entry.method == STORED else _inflated(file, entry.packed):
        given += len(piece)
        if given > entry.size:
            raise ZipError("it is longer than it says")
        crc = zlib.crc32(piece, crc)
        yield piece
    if given != entry.size or crc != entry.crc:
        raise ZipError("its size or checksum is another than it says")


def _stored(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (piece := file.read(min(left, _STEP))):
        left -= len(piece)
        yield piece


def _inflated(file: BinaryIO, left: int) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for packed in _stored(file, left):
            rest = packed
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _STEP)
                rest = unpacker.unconsumed_tail
        while not unpacker.eof and (piece := unpacker.decompress(unpacker.unconsumed_tail, _STEP)):
            yield piece
    except zlib.error as error:
        raise ZipError(str(error)) from error
