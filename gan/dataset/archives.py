"""Read pictures from a zip, entry by entry and in memory: nothing is written to disk."""

from __future__ import annotations

import io
import re
import stat
from typing import TYPE_CHECKING

from gan.dataset.limits import DatasetError, Limits, Refusal
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

    The whole archive is refused (DatasetError) when it is damaged, lists more than `limits.max_entries`, or unpacks to
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
            raise DatasetError(f"{shown} unpacks to more than {_mib(limits.max_unpacked)}, though it says less")
        yield entry.name, io.BytesIO(data)


def _listed(file: BinaryIO, shown: str, limits: Limits) -> list[Entry]:
    """Return the zip's directory. Overlong lists and sizes are refused before the entries are parsed."""
    most = f"a zip may hold {limits.max_entries:,}"
    try:
        end = find_end(file)
    except ZipError as error:
        raise DatasetError(f"{shown} is a zip {error}; pack or download it again") from error
    if end.size > limits.max_entries * DIRECTORY_BYTES_PER_ENTRY:
        raise DatasetError(f"{shown} lists too many files; {most}")
    if end.entries > limits.max_entries:
        raise DatasetError(f"{shown} lists {end.entries:,} files; {most}")
    try:
        entries = read_directory(file, end)
    except ZipError as error:
        raise DatasetError(f"{shown} is not a zip that can be read ({error}); pack the pictures again") from error
    if len(entries) > limits.max_entries:
        raise DatasetError(f"{shown} lists {len(entries):,} files; {most}")
    declared = sum(entry.size for entry in entries)
    if declared > limits.max_unpacked:
        raise DatasetError(f"{shown} would unpack to {_mib(declared)}; a zip may unpack to {_mib(limits.max_unpacked)}")
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
        raise Refusal("a link, not a file")
    if kind not in (0, stat.S_IFREG):
        raise Refusal("not a regular file")
    # "C:\\pictures" has a drive letter, while "A: portrait.png" is a valid name on macOS and Linux
    if parts[0] == "" or (len(parts) > 1 and re.fullmatch(r"[A-Za-z]:", parts[0])) or ".." in parts:
        raise Refusal("its path leads out of the archive")
    if entry.flags & ENCRYPTED:
        raise Refusal("encrypted; pack it again without a password")
    if entry.method not in (STORED, DEFLATED):
        raise Refusal("packed by an uncommon method; pack it again as an ordinary zip")
    if entry.size == 0:
        raise Refusal("empty: zero bytes")
    if entry.size > limits.max_file:
        raise Refusal(f"unpacks to {_mib(entry.size)}; a picture may have {_mib(limits.max_file)}")
    if entry.size > limits.free_ratio_below and entry.size > limits.max_ratio * entry.packed:
        raise Refusal(f"packed more than {limits.max_ratio} times smaller, which no picture is")


def _read(file: BinaryIO, entry: Entry) -> bytes:
    data = bytearray()
    try:
        for piece in unpack(file, entry):
            if not data and piece.startswith(SIGNATURES):
                raise Refusal("an archive in the archive; unpack it first")
            data += piece
    except (ZipError, OSError) as error:
        raise Refusal("damaged in the archive") from error
    return bytes(data)


def _mib(count: int) -> str:
    return f"{count / (1 << 20):,.0f} MiB"
