"""The process that decodes what people attach: bounded in memory and time, unable to write files, without secrets.

    python -m bot.retrain.reader MEMORY_BYTES MOST_PIXELS

Standard input: for each file a line of JSON (`name`, `size`) and its bytes. Standard output: a line of JSON for each
picture found in it (`name` and either `reason` or `pixels`, base64 of 64×64 RGB), then a line with `end`: null, or why
the file is refused as a whole. A line with `compare` is followed by so many pictures of 64×64 RGB; the answer is a line
for each that equals or resembles an earlier one (`twin` and `of`, their indices, and `same`), then one with `end`. What
is wrong with a decoder stays in here: the bot reads 64×64 pixels and texts.
It gives way to everything else on the machine.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from gan.dataset import DatasetError, Limits, printable
from gan.dataset.limits import Refusal
from gan.dataset.lookalikes import find_lookalikes
from gan.dataset.picture import read_picture
from gan.dataset.sources import handed_in
from gan.manners import give_way

try:
    import resource
except ImportError:  # Windows has no such limits; the time limit, which the bot keeps, holds there too
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

_NICENESS = 5  # not more: somebody waits for it, and the bot's clock is running
_CPU_SECONDS = 1_800  # of one process, over all files; the bot's own clock is much stricter with each


def look_at(name: str, data: bytes, limits: Limits) -> Iterator[dict[str, Any]]:
    """Yield the records of one file."""
    try:
        for found, file in handed_in(name, data, limits):
            record: dict[str, Any] = {"name": printable(found)}
            try:
                if isinstance(file, Refusal):
                    raise file
                record["pixels"] = base64.b64encode(read_picture(file, 64, limits).tobytes()).decode()
            except Refusal as refusal:
                record["reason"] = str(refusal)
            yield record
    except DatasetError as error:
        yield {"end": str(error).removeprefix(f"{printable(name)} ")}
    except MemoryError:
        yield {"end": "does not fit into memory"}
    else:
        yield {"end": None}


def compare(images: NDArray[np.uint8]) -> Iterator[dict[str, Any]]:
    """Yield the records of pictures (N, 64, 64, 3): of equal ones, then of those among the rest that look alike."""
    first: dict[str, int] = {}
    for index, image in enumerate(images):
        twin = first.setdefault(hashlib.sha256(image.tobytes()).hexdigest(), index)
        if twin != index:
            yield {"twin": index, "of": twin, "same": True}
    rest = list(first.values())
    for later, earlier in find_lookalikes(images[rest]):
        yield {"twin": rest[later], "of": rest[earlier], "same": False}
    yield {"end": None}


def confine(memory: int) -> None:
    """Take from this process what a decoder does not need: memory beyond `memory` bytes, files, core dumps."""
    if resource is None:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # not a byte reaches the disk
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Answer until standard input ends."""
    from PIL import Image  # noqa: PLC0415

    give_way(_NICENESS)
    Image.init()  # every decoder is loaded before memory gets scarce
    confine(int(sys.argv[1]))
    limits = Limits(max_pixels=int(sys.argv[2]))
    while line := sys.stdin.buffer.readline():
        header = json.loads(line)
        if "compare" in header:
            pixels = np.frombuffer(sys.stdin.buffer.read(header["compare"] * 64 * 64 * 3), np.uint8)
            records = compare(pixels.reshape(-1, 64, 64, 3))
        else:
            records = look_at(header["name"], sys.stdin.buffer.read(header["size"]), limits)
        for record in records:
            sys.stdout.write(json.dumps(record) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
