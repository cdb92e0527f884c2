"""Load a training set: read, check and deduplicate pictures."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gan.dataset.limits import DatasetError, Limits, Refusal
from gan.dataset.lookalikes import find_lookalikes
from gan.dataset.picture import read_picture
from gan.dataset.reasons import Reason
from gan.dataset.report import Report, fingerprint, printable
from gan.dataset.sources import draw_artist, is_artist, pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Progress = Callable[[int], None]


def load_images(
    source: Path | str | Sequence[Path],
    *,
    size: int = 64,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> tuple[NDArray[np.uint8], Report]:
    """Return the pictures of `source` as uint8 (N, size, size, 3), 0…255 RGB, and a Report.

    `source`: a folder (searched recursively, sorted by name), a zip, a list of files, or `artist:N` /
    `artist:N@START` for N icons of the house artist (from index START), or `artist:STYLE:N` for another drawing style.
    Pictures may have any mode and shape; unusable ones are listed in the report and skipped. Exact duplicates are
    refused; near-duplicates (re-saved or rescaled copies) are kept and reported, because different characters may
    differ by as little. `progress` is called with the number of pictures read so far.

    Raises DatasetError with a one-line message: nothing found, a malicious archive, fewer than 8 usable pictures.
    """
    limits = limits or Limits()
    if is_artist(source):
        shown = str(source)
        found = _draw(shown, size, limits)
    else:
        place = Path(source) if isinstance(source, str | Path) else list(source)
        shown = printable(str(place)) if isinstance(place, Path) else f"{len(place)} files"
        found = _read(place, size, limits)

    images: dict[str, NDArray[np.uint8]] = {}  # by the hash of the pixels, for exact duplicates
    names: dict[str, str] = {}
    refused: list[tuple[str, str]] = []
    positions: list[int] = []
    for done, (raw_name, image) in enumerate(found, start=1):
        name = printable(raw_name)
        if isinstance(image, Refusal):
            refused.append((name, image.reason))
        elif (digest := hashlib.sha256(image.tobytes()).hexdigest()) in images:
            refused.append((name, Reason("same", other=names[digest])))
        else:
            images[digest], names[digest] = image, name
            positions.append(done - 1)
        if progress is not None:
            progress(done)

    accepted = list(names.values())
    if len(accepted) < limits.min_pictures:
        raise DatasetError(_too_few(shown, len(accepted), refused, limits))
    pixels = np.stack(list(images.values()))
    # The artist's icons differ by construction; comparing many thousands would only take time.
    alike = [] if is_artist(source) else find_lookalikes(pixels)
    report = Report(
        source=shown,
        accepted=accepted,
        refused=refused,
        fingerprint=fingerprint(images),
        lookalikes=[(accepted[later], accepted[earlier]) for later, earlier in alike],
        warnings=_warnings(len(accepted), limits),
        positions=positions,
    )
    return pixels, report


def _read(place: Path | Sequence[Path], size: int, limits: Limits) -> Iterator[tuple[str, NDArray[np.uint8] | Refusal]]:
    for name, file in pictures(place, limits):
        if isinstance(file, Refusal):
            yield name, file
            continue
        try:
            image: NDArray[np.uint8] | Refusal = read_picture(file, size, limits)
        except Refusal as refusal:
            image = refusal
        yield name, image


def _draw(source: str, size: int, limits: Limits) -> Iterator[tuple[str, NDArray[np.uint8] | Refusal]]:
    indices, pixels = draw_artist(source, size, limits)
    for index, image in zip(indices, pixels, strict=True):
        yield f"icon {index}", image


def _too_few(shown: str, count: int, refused: list[tuple[str, str]], limits: Limits) -> str:
    text = f"{shown}: {count} usable picture{'s' * (count != 1)}, at least {limits.min_pictures} are needed"
    if refused:
        name, reason = refused[0]
        text += f"; {len(refused)} refused (first {name}: {reason})"
    return text


def _warnings(count: int, limits: Limits) -> list[str]:
    if count >= limits.few_pictures:
        return []
    return [
        f"{count} pictures are few; below {limits.few_pictures} a network tends to copy them, about 100 is a good start"
    ]
