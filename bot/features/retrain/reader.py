"""The subprocess that decodes attachments, confined (`bot.system.confinement`) and without secrets.

    python -m bot.features.retrain.reader MEMORY_BYTES MOST_PIXELS

Standard input: for each file, a JSON line (`name`, `size`) and its bytes. Standard output: a JSON line with the missing
confinement layers (`missing`); then for each file, a line for each picture and one with `end`: null, or why the whole
file is refused. A picture has a `name` and either a `reason`, or `pixels` (base64 of 64×64 RGB) and `large` of `side`
(base64 for `gan.dataset.packed`). A line with `compare` is followed by that many 64×64 RGB pictures; the answer is a
line for each duplicate (`twin` and `of`, indices, and `same`), then one with `end`. A compromised decoder can only send
pixels and text. The process has a low priority.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import pkgutil
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

import gan.dataset
from bot.system.confinement import confine
from bot.system.subprocesses import say_missing
from gan.dataset import Limits, printable, reasons
from gan.dataset.large import MOST
from gan.dataset.limits import ArchiveError, Refusal
from gan.dataset.lookalikes import find_lookalikes
from gan.dataset.packed import PackedPicture
from gan.dataset.picture import read_picture, square_side
from gan.dataset.reasons import Reason
from gan.dataset.sources import handed_in
from gan.process_priority import lower_priority

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from numpy.typing import NDArray

_NICENESS = 5  # not higher: a user is waiting, and the bot's timeout is running


def look_at(name: str, data: bytes, limits: Limits) -> Iterator[dict[str, Any]]:
    """Yield a file's records."""
    try:
        for found, file in handed_in(name, data, limits):
            record: dict[str, Any] = {"name": printable(found)}
            try:
                if isinstance(file, Refusal):
                    raise file
                record |= _pictures(file, limits)
            except Refusal as refusal:
                record["reason"] = reasons.to_json(refusal.reason)
            yield record
    except ArchiveError as error:
        yield {"end": reasons.to_json(error.reason)}
    except MemoryError:
        yield {"end": reasons.to_json(Reason("memory"))}
    else:
        yield {"end": None}


def _pictures(file: BinaryIO, limits: Limits) -> dict[str, Any]:
    """Return a picture at 64×64, and at its own size up to MOST pixels a side."""
    small = read_picture(file, 64, limits)
    file.seek(0)
    side = min(MOST, square_side(file))
    large = PackedPicture.pack(read_picture(file, side, limits) if side > limits.min_side else small, level=6)
    return {
        "pixels": base64.b64encode(small.tobytes()).decode(),
        "side": large.side,
        "large": base64.b64encode(large.data).decode(),
    }


def load_everything() -> None:
    """Import all modules that decoding may need: the confined process cannot read our own."""
    from PIL import Image  # noqa: PLC0415

    Image.init()  # every decoder, before memory is limited
    for module in pkgutil.walk_packages(gan.dataset.__path__, "gan.dataset."):
        importlib.import_module(module.name)


def compare(images: NDArray[np.uint8]) -> Iterator[dict[str, Any]]:
    """Yield the duplicates among pictures (N, 64, 64, 3): identical ones, then similar ones."""
    first: dict[str, int] = {}
    for index, image in enumerate(images):
        twin = first.setdefault(hashlib.sha256(image.tobytes()).hexdigest(), index)
        if twin != index:
            yield {"twin": index, "of": twin, "same": True}
    rest = list(first.values())
    for later, earlier in find_lookalikes(images[rest]):
        yield {"twin": rest[later], "of": rest[earlier], "same": False}
    yield {"end": None}


def main() -> None:
    """Answer until standard input ends."""
    lower_priority(_NICENESS)
    load_everything()
    say_missing(confine(int(sys.argv[1])))
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
