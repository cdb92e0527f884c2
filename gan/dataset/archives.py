"""Read pictures from a zip, entry by entry and in memory: nothing is written to disk."""

from __future__ import annotations

import io
import re
import stat
from typing import TYPE_CHECKING

from gan.dataset.limits import ArchiveError, Limits, Refusal
from gan.dataset.reasons import Reason
from gan.dataset.report import printable
from gan.dataset.zip_directory import DEFLATED, STORED, Entry, ZipError, find_end, read_directory, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

# Signatures of the first entry of a zip, of the end record of an empty one, and of multi-volume archives, which some
# tools leave in a single one.
SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00")
DIRECTORY_BYTES_PER_ENTRY = 1_024  # a fixed 46, a name and extra fields of some tools
ENCRYPTED = 0x1


def is_zip(path: Path) -> bool:
    """Whether the file begins like a zip (a picture with a zip appended is a picture)."""
    with path.open("rb") as file:
        return file.read(4) in SIGNATURES


def zip_pictures(
    file: BinaryIO, name: str, ignored: Callable[[str], bool], limits: Limits
) -> Iterator[tuple[str, BinaryIO | Refusal]]:
    """Yield each entry of the zip `file`, displayed as `name`: (name, its bytes as a file, or the refusal).

    The whole archive is refused (ArchiveError) when it is damaged, lists more than `limits.max_entries`, or unpacks to
    more than `limits.max_unpacked`, as declared (checked before reading) or as read. Single entries are refused for
    links, absolute paths and `..`, encryption, nested archives, suspicious compression ratios, and methods other than
    stored and deflated.
    """
    shown = printable(name)
    entries = _listed(file, shown, limits)
    left = limits.max_unpacked
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.name.endswith("/") or ignored(_slashed(entry.name)):
            continue
        try:
            _check_entry(entry, limits)
            data = _read(file, entry)
        except Refusal as refusal:
            yield entry.name, refusal
            continue
        left -= len(data)
        if left < 0:
            raise ArchiveError(shown, Reason("hidden", most=_mib(limits.max_unpacked)))
        yield entry.name, io.BytesIO(data)


def _listed(file: BinaryIO, shown: str, limits: Limits) -> list[Entry]:
    """Return the zip's directory. Overlong lists and sizes are refused before the entries are parsed."""

    def crowd(count: str) -> ArchiveError:
        return ArchiveError(shown, Reason("crowd", count=count, most=f"{limits.max_entries:,}"))

    try:
        end = find_end(file)
    except ZipError as error:
        raise ArchiveError(shown, Reason("zip", detail=error)) from error
    if end.size > limits.max_entries * DIRECTORY_BYTES_PER_ENTRY:
        raise crowd("too many")
    if end.entries > limits.max_entries:
        raise crowd(f"{end.entries:,}")
    try:
        entries = read_directory(file, end)
    except ZipError as error:
        raise ArchiveError(shown, Reason("zip", detail=error)) from error
    if len(entries) > limits.max_entries:
        raise crowd(f"{len(entries):,}")
    declared = sum(entry.size for entry in entries)
    if declared > limits.max_unpacked:
        raise ArchiveError(shown, Reason("flood", size=_mib(declared), most=_mib(limits.max_unpacked)))
    return entries


def _slashed(name: str) -> str:
    """Return a name with slashes instead of backslashes, which some Windows tools use.

    A backslash after a non-ASCII letter is kept: in Shift-JIS, it may be the second byte of a character.
    """
    return re.sub(r"(?<![^\x00-\x7f])\\", "/", name)


def _check_entry(entry: Entry, limits: Limits) -> None:
    parts = _slashed(entry.name).split("/")
    kind = stat.S_IFMT(entry.mode)
    if kind == stat.S_IFLNK:
        raise Refusal(Reason("link"))
    if kind not in (0, stat.S_IFREG):
        raise Refusal(Reason("special"))
    # "C:\\pictures" has a drive letter, while "A: portrait.png" is a valid name on macOS and Linux
    if parts[0] == "" or (len(parts) > 1 and re.fullmatch(r"[A-Za-z]:", parts[0])) or ".." in parts:
        raise Refusal(Reason("path"))
    if entry.flags & ENCRYPTED:
        raise Refusal(Reason("encrypted"))
    if entry.method not in (STORED, DEFLATED):
        raise Refusal(Reason("method"))
    if entry.size == 0:
        raise Refusal(Reason("empty"))
    if entry.size > limits.max_file:
        raise Refusal(Reason("unpacked", size=_mib(entry.size), most=_mib(limits.max_file)))
    if entry.size > limits.free_ratio_below and entry.size > limits.max_ratio * entry.packed:
        raise Refusal(Reason("bomb", ratio=limits.max_ratio))


def _read(file: BinaryIO, entry: Entry) -> bytes:
    data = bytearray()
    try:
        for piece in unpack(file, entry):
            if not data and piece.startswith(SIGNATURES):
                raise Refusal(Reason("nested"))
            data += piece
    except (ZipError, OSError) as error:
        raise Refusal(Reason("torn")) from error
    return bytes(data)


def _mib(count: int) -> str:
    return f"{count / (1 << 20):,.0f}"
