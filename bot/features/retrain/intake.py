"""Validates files from the chat: returns 64×64 pictures, and a reason for each refused file.

    taken = await take_in(files)        # names and bytes, one after the other

Files are decoded and compared in a confined subprocess (`bot.features.retrain.reader`). A file that crashes it or times
out is refused, and a new process continues. Nothing is written to disk.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bot.system.subprocesses import hear_missing, kill_child, start_confined
from gan.dataset import Limits, printable, reasons
from gan.dataset.large import MOST
from gan.dataset.packed import PackedPicture
from gan.dataset.reasons import Reason

log = logging.getLogger(__name__)

PIXELS = Limits().max_pixels
MEMORY = 1536 * 2**20  # bytes; decoding 50 megapixels with alpha takes about 800 MiB
PICTURE_SECONDS = 30.0  # for a file; 50 megapixels take about two
ZIP_SECONDS = 300.0  # 5,000 one-megapixel pictures take about a minute on an idle CPU
COMPARING_SECONDS = 120.0  # 5,000 pictures take about one
MOST_PICTURES = 5_000
LARGE_BYTES = 128 * 2**20  # of large pictures in memory
_LINE = 2 * 2**20  # bytes; a record of noise is one megabyte


@dataclass
class Taken:
    """The accepted distinct pictures, and the refused ones with reasons."""

    pictures: list[NDArray[np.uint8]] = field(default_factory=list)  # (64, 64, 3) RGB each
    names: list[str] = field(default_factory=list)
    large: list[PackedPicture | None] = field(default_factory=list)  # the same at full size; see `thin_out`
    refused: list[tuple[str, str]] = field(default_factory=list)  # (name, reason)

    @property
    def images(self) -> NDArray[np.uint8]:
        """The pictures as an array (N, 64, 64, 3)."""
        return np.stack(self.pictures) if self.pictures else np.empty((0, 64, 64, 3), np.uint8)

    def largest(self) -> Iterator[NDArray[np.uint8]]:
        """Return each picture at the largest stored size."""
        for picture, large in zip(self.pictures, self.large, strict=True):
            yield picture if large is None else large.unpack()

    def thin_out(self) -> None:
        """Drop large pictures, evenly spaced, until the rest fit into `LARGE_BYTES`."""
        keep_every = 1
        while sum(len(picture.data) for picture in self.large if picture is not None) > LARGE_BYTES:
            keep_every *= 2
            self.large = [picture if i % keep_every == 0 else None for i, picture in enumerate(self.large)]


class Reader:
    """The decoding subprocess; started on demand and restarted after a crash."""

    def __init__(self, *, memory: int = MEMORY, pixels: int = PIXELS) -> None:
        """`memory`: its limit in bytes; `pixels`: the largest picture to decode."""
        self._bounds = (str(memory), str(pixels))
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Kill the process."""
        process, self._process = self._process, None
        if process is not None:
            await kill_child(process)

    async def read(self, name: str, data: bytes, seconds: float) -> tuple[Taken, str | None]:
        """Return the pictures in a file, and the reason if the file or the rest of it is refused."""
        taken = Taken()
        try:
            async with asyncio.timeout(seconds):
                return taken, await self._read(name, data, taken)
        except TimeoutError:
            reason = Reason("slow", seconds=f"{seconds:g}")
        except (EOFError, OSError, ValueError, KeyError) as error:
            log.warning("the reader crashed on %s: %r", printable(name), error)
            reason = Reason("crash")
        await self.stop()
        return taken, reason

    async def twins(self, images: NDArray[np.uint8], seconds: float) -> dict[int, tuple[int, bool]]:
        """Return the duplicates among `images` (N, 64, 64, 3): index -> (earlier index, whether identical).

        Empty on failure: an undetected duplicate does little harm.
        """
        found: dict[int, tuple[int, bool]] = {}
        try:
            async with asyncio.timeout(seconds):
                async for record in self._ask({"compare": len(images)}, images.tobytes()):
                    if "twin" in record:
                        # ValueError for an invalid index
                        twin = range(len(images)).index(record["twin"])
                        other = range(twin).index(record["of"])
                        found[twin] = (other, bool(record["same"]))
        except (EOFError, OSError, ValueError, KeyError) as error:  # a timeout is an OSError
            log.warning("could not compare %d pictures: %r", len(images), error)
            await self.stop()
            return {}
        return found

    async def _ask(self, header: dict[str, Any], data: bytes) -> AsyncIterator[dict[str, Any]]:
        """Yield the answer's records; the last one has `end`. Raises EOFError if the process dies."""
        process = self._process = self._process or await self._start()
        assert process.stdin is not None  # noqa: S101 - for the type checker: they are pipes
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(json.dumps(header).encode() + b"\n")
        process.stdin.write(data)
        await process.stdin.drain()
        while line := await process.stdout.readline():
            record = json.loads(line)
            yield record
            if "end" in record:
                return
        raise EOFError(f"ended with {process.returncode}")

    async def _read(self, name: str, data: bytes, taken: Taken) -> str | None:
        async for record in self._ask({"name": name, "size": len(data)}, data):
            if "end" in record:
                return None if record["end"] is None else reasons.from_json(record["end"], printable)
            found = printable(str(record["name"]))
            if "reason" in record:
                taken.refused.append((found, reasons.from_json(record["reason"], printable)))
            else:
                taken.names.append(found)
                taken.pictures.append(_pixels(record["pixels"]))
                taken.large.append(_large(record["side"], record["large"]))
                taken.thin_out()
        return None

    async def _start(self) -> asyncio.subprocess.Process:
        process = await start_confined("bot.features.retrain.reader", *self._bounds, longest_line=_LINE)
        await hear_missing(process)
        return process


async def take_in(files: AsyncIterator[tuple[str, bytes | str]], *, reader: Reader | None = None) -> Taken:
    """Read `files`, (name, bytes) or (name, reason of failure), and return the distinct pictures.

    Of duplicates and near-duplicates (see gan.dataset.lookalikes), the first is used.
    """
    all_of_it = Taken()
    async with reader or Reader() as reading:
        async for name, data in files:
            shown = printable(name)
            if isinstance(data, str):
                all_of_it.refused.append((shown, data))
                continue
            zipped = data[:2] == b"PK"
            taken, reason = await reading.read(name, data, ZIP_SECONDS if zipped else PICTURE_SECONDS)
            all_of_it.refused += taken.refused
            if reason is not None:
                all_of_it.refused.append((shown, reason))
                continue
            room = MOST_PICTURES - len(all_of_it.names)
            all_of_it.names += taken.names[:room]
            all_of_it.large += taken.large[:room]
            all_of_it.thin_out()
            all_of_it.pictures += taken.pictures[:room]
            if len(taken.names) > room:
                all_of_it.refused.append((shown, Reason("many", most=f"{MOST_PICTURES:,}")))
        if len(all_of_it.names) < 2:
            return all_of_it
        return _without(all_of_it, await reading.twins(all_of_it.images, COMPARING_SECONDS))


def _without(taken: Taken, twins: dict[int, tuple[int, bool]]) -> Taken:
    """Return the pictures without duplicates of earlier ones."""
    distinct = Taken(refused=taken.refused)
    for index, (other, same) in twins.items():
        reason = Reason("same" if same else "alike", other=taken.names[other])
        distinct.refused.append((taken.names[index], reason))
    for index, (name, picture, large) in enumerate(zip(taken.names, taken.pictures, taken.large, strict=True)):
        if index not in twins:
            distinct.names.append(name)
            distinct.pictures.append(picture)
            distinct.large.append(large)
    return distinct


def _large(side: int, text: str) -> PackedPicture:
    """Validate a large picture from the reader; raises ValueError."""
    if type(side) is not int or not Limits().min_side <= side <= MOST:
        raise ValueError(f"a picture of {side!r} pixels a side")
    picture = PackedPicture(side, base64.b64decode(text, validate=True))
    picture.unpack()
    return picture


def _pixels(text: str) -> NDArray[np.uint8]:
    """Decode pixels from the reader; raises ValueError."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    return np.frombuffer(raw, np.uint8).reshape(64, 64, 3)


FEW = Limits().few_pictures
FEWEST = Limits().min_pictures
