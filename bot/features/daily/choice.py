"""Selects a date's icon: the candidate that differs most from those of neighbouring dates.

A date's candidates are the icons of the phrases "melicon 2026-11-23", "melicon 2026-11-23 2" and so on. The distance of
two icons is the root mean square difference of their 16×16 colour thumbnails (0…255). The choice is deterministic given
the date, the model and the neighbouring icons.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from bot.inference import Drawing
from bot.inference.rendering import read_pixels
from gan.codes import IconCode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

WINDOW = 60  # days before and after whose icons must differ
CANDIDATES = 8  # batch size; more batches follow until one candidate is far enough
MOST_CANDIDATES = 64
# below 10, two icons show the same character with another mouth or eyes
DISTANCE = 20.0

Draw = Callable[[IconCode], Awaitable[Drawing]]


def candidate(day: date, number: int) -> IconCode:
    """Return a date's `number`-th candidate, from 1."""
    phrase = f"melicon {day.isoformat()}"
    return IconCode.parse(phrase if number == 1 else f"{phrase} {number}")


async def choose(draw: Draw, day: date, others: Sequence[bytes]) -> Drawing:
    """Return the icon of `day`: 64×64, at least `DISTANCE` from each of `others` (64×64 PNGs).

    draw: returns a 64×64 drawing of a code; its exceptions propagate. If no candidate is far enough, the farthest is
    returned; that happens with low-diversity models.
    """
    known = await asyncio.to_thread(_thumbnails, others)
    best: tuple[float, Drawing] | None = None
    for number in range(1, MOST_CANDIDATES + 1):
        # sequential, so that interactive requests are drawn in between
        drawing = await draw(candidate(day, number))
        distance = await asyncio.to_thread(_nearest, drawing.png, known)
        if best is None or distance > best[0]:
            best = distance, drawing
        if number % CANDIDATES == 0 and best[0] >= DISTANCE:
            break
    assert best is not None  # noqa: S101 - for the type checker: there is always a first candidate
    if best[0] < DISTANCE:
        log.warning("the icon of %s resembles one of the last %d days (%.1f of 255)", day, WINDOW, best[0])
    return best[1]


def _thumbnails(pngs: Sequence[bytes]) -> NDArray[np.float32]:
    """Convert 64×64 PNGs to thumbnails (N, 768), 0…255."""
    import numpy as np  # noqa: PLC0415

    from gan.dataset.lookalikes import thumbnails  # noqa: PLC0415

    pictures = np.stack([read_pixels(png) for png in pngs]) if pngs else np.zeros((0, 64, 64, 3), np.uint8)
    return thumbnails(pictures)


def _nearest(png: bytes, known: NDArray[np.float32]) -> float:
    """Return an icon's distance to the nearest of `known`, 0…255; infinite if there are none."""
    import numpy as np  # noqa: PLC0415

    if not len(known):
        return float("inf")
    squared = np.square(_thumbnails([png]) - known, dtype=np.float64).mean(axis=1)
    return float(np.sqrt(squared.min()))
