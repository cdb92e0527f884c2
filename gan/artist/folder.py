"""Draw many icons: an array for training, or a folder of PNG files with labels."""

from __future__ import annotations

import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from gan.artist.character import LARGEST
from gan.artist.drawing_style import load_style
from gan.artist.painting import HOUSE, draw, labels
from gan.atomic import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

CHUNK = 64  # icons per task of a worker process


def icons(
    start: int, count: int, size: int = 64, *, style: str = HOUSE, workers: int | None = 1, balanced: bool = False
) -> NDArray[np.uint8]:
    """Icons ``start`` … ``start + count - 1`` as uint8 RGB (count, size, size, 3).

    ``workers`` processes share the work (None: one for each core); the pixels do not depend on it. ``balanced`` draws
    the samples of gan/artist/balanced_samples.py.
    """
    canvas = np.empty((count, size, size, 3), np.uint8)
    for row, picture in enumerate(_stream(start, count, size, style, workers, balanced=balanced)):
        canvas[row] = picture
    return canvas


def write_icons(
    out: Path, count: int, start: int = 0, size: int = 64, *, style: str = HOUSE, workers: int | None = 1
) -> list[Path]:
    """Write 000000.png … (named by index, at least six digits) and labels.jsonl into ``out``, created if needed.

    A line of labels.jsonl is ``{"file", "index", "hand", "labels"}``. Returns the PNG paths in order.
    """
    load_style(style)
    pictures = _stream(start, count, size, style, workers)
    out.mkdir(parents=True, exist_ok=True)  # after the arguments are checked
    paths, lines = [], []
    for index, picture in enumerate(pictures, start):
        path = out / f"{index:06d}.png"
        Image.fromarray(picture).save(path)
        row = {"file": path.name, "index": index, "hand": style, "labels": labels(index, style)}
        lines.append(json.dumps(row) + "\n")
        paths.append(path)
    write_atomically(out / "labels.jsonl", "".join(lines).encode())
    return paths


def _stream(
    start: int, count: int, size: int, style: str, workers: int | None, *, balanced: bool = False
) -> Iterator[NDArray[np.uint8]]:
    """Check the arguments and yield the icons; raises ValueError."""
    if count < 0:
        raise ValueError(f"count {count} is negative: ask for 0 icons or more")
    if start < 0 or start + count - 1 > LARGEST:
        raise ValueError(f"icons {start} to {start + count - 1} are out of range: choose from 0 to {LARGEST}")
    return _painted(start, count, size, style, workers, balanced=balanced)


def _painted(
    start: int, count: int, size: int, style: str, workers: int | None, *, balanced: bool
) -> Iterator[NDArray[np.uint8]]:
    paint = partial(draw, size=size, style=style, balanced=balanced)
    numbers = range(start, start + count)
    workers = min(workers or os.cpu_count() or 1, -(-count // CHUNK))
    if workers <= 1:
        yield from map(paint, numbers)
        return
    # spawn: forking a process with running threads (torch, an event loop) may deadlock
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(paint, numbers, chunksize=CHUNK)
