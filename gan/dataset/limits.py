"""Limits on data sets, so that the bot can be stricter than the command line."""

from __future__ import annotations

from dataclasses import dataclass

from gan.dataset.reasons import Reason
from gan.errors import MeliconError


class DatasetError(MeliconError):
    """The source as a whole is unusable: missing, malicious, or with too few usable pictures."""


class ArchiveError(DatasetError):
    """An archive is refused as a whole."""

    def __init__(self, name: str, reason: Reason) -> None:
        super().__init__(f"{name} {reason}")
        self.reason = reason


class Refusal(Exception):  # noqa: N818  a result for one picture rather than a failure
    """One picture cannot be used; `reason` says why, and the rest of the source goes on."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Limits:
    """Limits on a source. Sizes are bytes; sides and areas are pixels of the original picture."""

    min_side: int = 32  # px; half of the network's resolution
    max_pixels: int = 50_000_000  # allows 48 MP phones; read from the header, before decoding
    max_file: int = 64 << 20  # one picture, unpacked
    max_entries: int = 5_000  # of a zip, including folders and ignored files
    max_unpacked: int = 512 << 20  # a whole zip, as declared and as read
    max_ratio: int = 200  # compression ratio of an entry; pictures hardly compress further
    free_ratio_below: int = 1 << 20  # entries that unpack to less than this may have any ratio
    min_pictures: int = 8
    few_pictures: int = 50  # the report warns below that: networks tend to copy few pictures
    max_artist: int = 200_000  # icons of the house artist held in memory at once (2.4 GB)
