"""Pictures out of a zip, entry by entry and in memory: nothing is ever written to disk."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from typing import TYPE_CHECKING

from gan.dataset.limits import DatasetError, Limits, Refusal
from gan.dataset.report import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")  # the first entry of a zip, or the end record of an empty one
END_RECORD, ZIP64_LOCATOR = b"PK\x05\x06", b"PK\x06\x07"
DIRECTORY_BYTES_PER_ENTRY = 1_024  # a fixed 46, a name and what some tools add
ENCRYPTED = 0x1
CHUNK = 1 << 18


def is_zip(path: Path) -> bool:
    """Whether the file begins like a zip (a picture with a zip glued behind it is a picture)."""
    with path.open("rb") as file:
        return file.read(4) in SIGNATURES


def zip_pictures(
    file: BinaryIO, name: str, ignored: Callable[[str], bool], limits: Limits
) -> Iterator[tuple[str, BinaryIO | Refusal]]:
    """Each entry of the zip `file`, which is called `name`: (name, its bytes as a file, or why it is refused).

    The whole archive is refused (DatasetError) when it is damaged, lists more than `limits.max_entries`, or
    unpacks to more than `limits.max_unpacked`, as declared (checked before anything is read) or as read.
    Refused one by one: links, absolute paths and `..`, encrypted entries, archives in the archive,
    suspicious ratios, methods other than stored and deflated (for the others Python's reader has no bound
    on what one read unpacks).
    """
    shown = printable(name)
    _check_directory(file, shown, limits)
    left = limits.max_unpacked
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > limits.max_entries:
                raise DatasetError(f"{shown} lists {len(entries):,} files; a zip may hold {limits.max_entries:,}")
            declared = sum(entry.file_size for entry in entries)
            if declared > limits.max_unpacked:
                raise DatasetError(f"{shown} would unpack to {_mib(declared)}; a zip may unpack to {_mib(left)}")
            for entry in sorted(entries, key=lambda entry: entry.filename):
                if entry.filename.endswith("/") or ignored(entry.filename.replace("\\", "/")):
                    continue
                try:
                    _check_entry(entry, limits)
                    data = _read(archive, entry, min(left, limits.max_file))
                except Refusal as refusal:
                    yield entry.filename, refusal
                    continue
                left -= len(data)
                if left < 0:
                    raise DatasetError(f"{shown} unpacks to more than {_mib(limits.max_unpacked)}, though it says less")
                yield entry.filename, io.BytesIO(data)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError, OSError) as error:
        raise DatasetError(f"{shown} is not a zip that can be read ({error}); pack the pictures again") from error


def _check_directory(file: BinaryIO, shown: str, limits: Limits) -> None:
    """Refuse a huge list of entries before Python's reader makes an object of each."""
    end = file.seek(0, io.SEEK_END)
    file.seek(max(0, end - 22 - 65_535 - 20))  # the end record, its longest comment, and the locator before it
    tail = file.read()
    at = tail.rfind(END_RECORD)
    if at < 0 or at + 22 > len(tail):
        raise DatasetError(f"{shown} is a zip cut off before its end; pack or download it again")
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    if (
        tail[max(0, at - 20) : at].startswith(ZIP64_LOCATOR)
        or directory > limits.max_entries * DIRECTORY_BYTES_PER_ENTRY
    ):
        raise DatasetError(f"{shown} lists too many files; a zip may hold {limits.max_entries:,}")


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    parts = entry.filename.replace("\\", "/").split("/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise Refusal("a link, not a file")
    if kind not in (0, stat.S_IFREG):
        raise Refusal("not a regular file")
    if parts[0] == "" or re.match(r"[A-Za-z]:", parts[0]) or ".." in parts:
        raise Refusal("its path leads out of the archive")
    if entry.flag_bits & ENCRYPTED:
        raise Refusal("encrypted; pack it again without a password")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refusal("packed by an uncommon method; pack it again as an ordinary zip")
    if entry.file_size == 0:
        raise Refusal("empty: zero bytes")
    if entry.file_size > limits.max_file:
        raise Refusal(f"unpacks to {_mib(entry.file_size)}; a picture may have {_mib(limits.max_file)}")
    if entry.file_size > limits.free_ratio_below and entry.file_size > limits.max_ratio * entry.compress_size:
        raise Refusal(f"packed more than {limits.max_ratio} times smaller, which no picture is")


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Return the entry's bytes, unpacked in small steps and at most one step over `most`."""
    data = bytearray()
    try:
        with archive.open(entry) as file:
            while len(data) <= most and (chunk := file.read(CHUNK)):
                data += chunk
                if len(data) == len(chunk) and data.startswith(SIGNATURES):
                    raise Refusal("an archive in the archive; unpack it first")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise Refusal("damaged in the archive") from error
    return bytes(data)


def _mib(count: int) -> str:
    return f"{count / (1 << 20):,.0f} MiB"
