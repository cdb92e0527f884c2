"""Work of the studio's threads other than single icons."""

from __future__ import annotations

import io
import math
import secrets
import zipfile
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bot.inference.drawings import Sampler
    from gan.codes import IconCode
    from gan.search.attribute_classifier import IconClassifier
    from gan.search.attribute_search import Found, SeedSearch
    from gan.search.projection.encoder import Encoder
    from gan.search.projection.search import Match, Projector
    from gan.second_stages.second_stage import GeneratorOutput

_FEW = 9  # icons on a sheet with large cells
THUMBNAIL = 160  # pixels a side of a stored icon shown on sheets
_CELL, _SMALL_CELL = THUMBNAIL, 128
_GAP = 8
_MORPH_SIZES = (256, 192, 128, 64)  # pixels a side, tried in turn
_FRAME = 50  # milliseconds


def columns(count: int) -> int:
    """Return the number of columns for `count` icons: as square as possible, rather wide than high."""
    return math.ceil(math.sqrt(count))


def cell_of(count: int) -> int:
    """Return the cell size in pixels for `count` icons."""
    return _CELL if count <= _FEW else _SMALL_CELL


def lay_out(icons: Sequence[bytes], labels: Sequence[str] = (), first: NDArray[np.uint8] | None = None) -> bytes:
    """Lay out icons, PNGs of any size, with `labels` below (default: numbers from 1). Returns a PNG.

    `first` is a reference picture, (64, 64, 3), shown first in a single row.
    """
    import numpy as np  # noqa: PLC0415 - the bot's start does not wait for it
    from PIL import Image  # noqa: PLC0415

    from gan.rendering import contact_sheet, encode_plain_png, upscale  # noqa: PLC0415
    from gan.second_stages.second_stage import RAW, fitted  # noqa: PLC0415

    cell = cell_of(len(icons))
    pictures = [np.asarray(Image.open(io.BytesIO(icon)).convert("RGB")) for icon in icons]
    pictures = [upscale(p, cell) if len(p) == RAW else fitted(p, cell) for p in pictures]
    labels = labels or [str(n) for n in range(1, len(icons) + 1)]
    if first is None:
        return encode_plain_png(contact_sheet(pictures, columns(len(icons)), _GAP, labels, transparent=True))
    # a photo, so no edges to keep sharp
    soft = np.asarray(Image.fromarray(first).resize((cell, cell), Image.Resampling.BICUBIC))
    every = [soft, *pictures]
    return encode_plain_png(contact_sheet(every, len(icons) + 1, _GAP, ["", *labels], transparent=True))


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of `files` by name, uncompressed: pictures are compressed already."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def morph(sampler: Sampler, codes: Sequence[IconCode], limit: int) -> bytes | None:
    """Return a looped GIF through `codes` of at most `limit` bytes; None if that is impossible."""
    from gan.rendering import encode_gif  # noqa: PLC0415
    from gan.second_stages.second_stage import fitted  # noqa: PLC0415

    frames = sampler.render_morph(codes, _MORPH_SIZES[0])
    comment = "melicon: " + " ".join(str(code.bare) for code in codes)
    for size in _MORPH_SIZES:
        gif = encode_gif([fitted(frame, size) for frame in frames], milliseconds=_FRAME, comment=comment)
        if len(gif) <= limit:
            return gif
    return None


def search(
    sampler: Sampler, seeds: SeedSearch, classifier: IconClassifier, query: Mapping[str, Sequence[str]]
) -> tuple[Found, dict[str, str]]:
    """Return a matching icon, a new one each time, with its attributes."""
    skip = secrets.randbits(16)
    found = (
        classifier.find(sampler, seeds, query, skip=skip)
        if classifier.knows(sampler.card)
        else seeds.find(query, skip=skip)
    )
    return found, sampler.describe(found.code)


def describe(sampler: Sampler, code: IconCode, output: GeneratorOutput, classifier: IconClassifier) -> dict[str, str]:
    """Return the attributes by classifier, else those requested of the model; {} if there are none."""
    asked = sampler.describe(code)
    return classifier.tell(output.pixels) if asked and classifier.knows(sampler.card) else asked


def expected(sampler: Sampler, code: IconCode) -> Mapping[str, str]:
    """Return the attributes that an icon should show, without drawing it; {} if its model names none.

    The house artist's rules exclude some combinations of the requested attributes, such as a hat on two buns.
    """
    from gan import artist  # noqa: PLC0415 - reads the artist's parts

    style = artist.load_style(artist.HOUSE)
    asked, known = sampler.describe(code), artist.condition_shares(style)
    if asked.keys() != known.keys() or any(value not in known[name] for name, value in asked.items()):
        return asked
    return artist.shown_for(asked, style)


def seed_search(sampler: Sampler) -> SeedSearch:
    """Return a seed search with a random start, so that it finds new icons."""
    from gan.search.attribute_search import SeedSearch  # noqa: PLC0415

    return SeedSearch(sampler, secrets.randbits(32))


def new_classifier() -> IconClassifier:
    """Return an attribute classifier, not yet loaded."""
    from gan.search.attribute_classifier import IconClassifier  # noqa: PLC0415

    return IconClassifier()


def projector(sampler: Sampler, encoder: Encoder | None) -> Projector:
    """Return a projector with a random start."""
    from gan.search.projection.search import Projector  # noqa: PLC0415

    return Projector(sampler, encoder, secrets.randbits(32))


def resemble(projector: Projector, picture: NDArray[np.uint8], count: int, seconds: float) -> list[Match]:
    """Return `count` icons that resemble a picture, (64, 64, 3)."""
    return projector.find(picture, count, seconds=seconds)
