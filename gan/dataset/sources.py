"""Sources of pictures: a folder, a zip, a list of those and of files, or the house artist."""

from __future__ import annotations

import io
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from gan.dataset.archives import SIGNATURES, is_zip, zip_pictures
from gan.dataset.limits import DatasetError, Limits, Refusal
from gan.dataset.reasons import Reason
from gan.dataset.report import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    import numpy as np
    from numpy.typing import NDArray

# Files that systems, storage devices and the artist leave beside pictures. Names that begin with a dot (.thumbnails,
# .DS_Store, .@__thumb) are ignored anyway.
BYSTANDERS = {
    "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information",  # Windows
    "__macosx", "icon\r", "network trash folder", "temporary items",  # macOS
    "@eadir", "@tmp", "#recycle", "#snapshot", "@recycle", "@recently-snapshot",  # Synology and QNAP, with thumbnails
    "lost+found", "picasa.ini", "zbthumbnail.info",
    "labels.jsonl",
}  # fmt: skip
FRESH_START = 20_000_000  # of held-out icons; the attribute classifier is trained on icons from 10 million
WORTH_WORKERS = 1_000  # icons; for fewer, starting processes takes longer than drawing
ARTIST = re.compile(
    r"artist:(?:(?P<balanced>practice):)?(?:(?P<style>[a-z][a-z0-9_-]{0,31}):)?(?P<count>\d{1,9})(?:@(?P<start>\d{1,12}))?"
)


def is_artist(source: object) -> bool:
    """Whether `source` names the house artist rather than a place on disk."""
    return isinstance(source, str) and source.startswith("artist:")


def artist_style(source: object) -> str | None:
    """Return the artist's drawing style that `source` names, house for artist:128; None for anything else."""
    match = ARTIST.fullmatch(source) if isinstance(source, str) else None
    return None if match is None else match["style"] or "house"


def is_balanced(source: object) -> bool:
    """Whether `source` names balanced samples; see gan/artist/balanced_samples.py."""
    match = ARTIST.fullmatch(source) if isinstance(source, str) else None
    return match is not None and match["balanced"] is not None


def draw_artist(source: str, size: int, limits: Limits) -> tuple[range, NDArray[np.uint8]]:
    """Draw the icons of `artist:N`, `artist:N@START` or `artist:STYLE:N@START`: (indices, uint8 (N, size, size, 3)).

    `artist:practice:…` draws balanced samples. Raises DatasetError for malformed text, an unknown style or too many
    icons.
    """
    from gan import artist  # noqa: PLC0415  loading its parts takes time

    match = ARTIST.fullmatch(source)
    if match is None:
        raise DatasetError(
            f"{printable(source)} is not understood; write artist:128, or artist:128@5000 to start at icon 5000"
        )
    count, start = int(match["count"]), int(match["start"] or 0)
    if count > limits.max_artist:
        raise DatasetError(f"{source} asks for {count:,} icons; at most {limits.max_artist:,} fit")
    workers = None if count >= WORTH_WORKERS else 1
    try:
        style, balanced = match["style"] or artist.HOUSE, match["balanced"] is not None
        pixels = artist.icons(start, count, size, style=style, workers=workers, balanced=balanced)
    except ValueError as error:
        raise DatasetError(f"{source}: {error}") from error
    return range(start, start + count), pixels


def unseen(source: object, count: int) -> str | None:
    """Return a source of `count` held-out icons of the style that `artist:N` names; None for anything on disk.

    These are ordinary icons, also for balanced samples. They start at index 20,000,000, or at 40,000,000 where `source`
    itself reaches into those.
    """
    match = ARTIST.fullmatch(source) if isinstance(source, str) else None
    if match is None:
        return None
    style = f"{match['style']}:" if match["style"] else ""
    first, last = int(match["start"] or 0), int(match["start"] or 0) + int(match["count"])
    start = FRESH_START if last <= FRESH_START or first >= FRESH_START + count else 2 * FRESH_START
    return f"artist:{style}{count}@{start}"


def ignored(name: str) -> bool:
    """Whether a relative path is certainly no picture: dotfiles, Thumbs.db, __MACOSX/, @eaDir/."""
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    return any(part.startswith(".") or part.casefold() in BYSTANDERS for part in parts)


def pictures(source: Path | Sequence[Path], limits: Limits) -> Iterator[tuple[str, BinaryIO | Refusal]]:
    """Yield (name, open file or refusal) for every picture of `source`, in an order that depends on names alone.

    A folder is searched recursively, sorted by path; links to folders and unreadable folders are refused. A list keeps
    its order. Raises DatasetError when `source` does not exist or a zip is refused as a whole.
    """
    if isinstance(source, Path):
        if source.is_dir():
            yield from _folder(source, limits)
            return
        if not source.exists():
            raise DatasetError(f"there is no {printable(str(source))}; give a folder, a zip or artist:128")
        source = [source]
    for path in source:
        yield from _listed(path, limits)


def handed_in(name: str, data: bytes, limits: Limits) -> Iterator[tuple[str, BinaryIO | Refusal]]:
    """Yield the same for a file in memory: the file itself, or each picture in it if it is a zip.

    Raises DatasetError when a zip is refused as a whole; entries yielded before must then be discarded.
    """
    if data.startswith(SIGNATURES):
        yield from zip_pictures(io.BytesIO(data), name, ignored, limits)
    elif not data:
        yield name, Refusal(Reason("empty"))
    elif len(data) > limits.max_file:
        yield name, Refusal(Reason("heavy", most=limits.max_file >> 20))
    else:
        yield name, io.BytesIO(data)


def _listed(path: Path, limits: Limits) -> Iterator[tuple[str, BinaryIO | Refusal]]:
    try:
        if path.is_dir():
            yield from _folder(path, limits)
        elif path.is_file() and is_zip(path):
            with path.open("rb") as file:
                yield from zip_pictures(file, path.name, ignored, limits)
        else:
            yield from _file(path, path.name, limits)
    except OSError as error:
        yield path.name, Refusal(_why(error))


def _folder(folder: Path, limits: Limits) -> Iterator[tuple[str, BinaryIO | Refusal]]:
    found: list[tuple[str, Path, Refusal | None]] = []

    def add(path: Path, refusal: Refusal | None = None) -> None:
        found.append((path.relative_to(folder).as_posix(), path, refusal))

    def unreadable(error: OSError) -> None:
        add(Path(error.filename), Refusal(_why(error)))

    for parent, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not ignored(name)]
        for name in folders:
            if Path(parent, name).is_symlink():  # os.walk lists but does not follow them
                add(Path(parent, name), Refusal(Reason("folder")))
        for name in files:
            if not ignored(name):
                add(Path(parent, name))
    for name, path, refusal in sorted(found, key=lambda entry: entry[0]):
        if refusal is None:
            yield from _file(path, name, limits)
        else:
            yield name, refusal


def _file(path: Path, name: str, limits: Limits) -> Iterator[tuple[str, BinaryIO | Refusal]]:
    """Yield one file, closed when the caller asks for the next."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would block
            yield name, Refusal(Reason("special"))
        elif status.st_size > limits.max_file:
            yield name, Refusal(Reason("heavy", most=limits.max_file >> 20))
        elif status.st_size == 0:
            yield name, Refusal(Reason("empty"))
        else:
            with path.open("rb") as file:
                yield name, file
    except OSError as error:
        yield name, Refusal(_why(error))


def _why(error: OSError) -> Reason:
    return Reason("unreadable", detail=error.strerror or type(error).__name__)
