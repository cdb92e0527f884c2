"""What a data set may cost: every bound in one place, so that the bot can be stricter than the command line."""

from __future__ import annotations

from dataclasses import dataclass

from gan.errors import MeliconError


class DatasetError(MeliconError):
    """The source as a whole cannot be used: missing, hostile, or fewer usable pictures than a GAN can learn from."""


class Refusal(Exception):  # noqa: N818  it is an answer about one picture rather than a failure
    """One picture cannot be used; its str is the reason, and the rest of the source goes on."""


@dataclass(frozen=True)
class Limits:
    """Bounds on a source. Sizes are bytes, sides and areas are pixels of the picture as it lies in its file."""

    min_side: int = 32  # px; half of what the network draws: below that there is nothing to learn from
    max_pixels: int = 50_000_000  # a modern phone's 48 MP passes; read from the header, before decoding
    max_file: int = 64 << 20  # one picture, unpacked
    max_entries: int = 5_000  # of a zip, folders and ignored files included
    max_unpacked: int = 512 << 20  # a whole zip, as declared and again as read
    max_ratio: int = 200  # unpacked : packed of one entry; pictures are packed already and stay far below
    free_ratio_below: int = 1 << 20  # entries that unpack to less than this are harmless at any ratio
    min_pictures: int = 8
    few_pictures: int = 50  # below that a network tends to copy: the report warns
    max_artist: int = 200_000  # icons of the house artist held in memory at once (2.4 GB)
