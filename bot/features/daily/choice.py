"""Which icon a date gets: of several that follow from the date, the one least like those of the other days.

The candidates of a date are the icons of the phrases "melicon 2026-11-23", "melicon 2026-11-23 2" and so on. How
different two icons look is measured on the pixels: the root mean square distance of their 16×16 colour thumbnails, of
255. Everything follows from the date, the model and the icons it is compared with: nothing is left to chance.
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

WINDOW = 60  # days before and after that an icon must differ from
CANDIDATES = 8  # drawn at once; as many again while none of them is far enough
MOST_CANDIDATES = 64
# below 10 lie icons of one character with another mouth or other eyes
DISTANCE = 20.0

Draw = Callable[[IconCode], Awaitable[Drawing]]


def candidate(day: date, number: int) -> IconCode:
    """Return the `number`-th candidate of a date, from 1 on."""
    phrase = f"melicon {day.isoformat()}"
    return IconCode.parse(phrase if number == 1 else f"{phrase} {number}")


async def choose(draw: Draw, day: date, others: Sequence[bytes]) -> Drawing:
    """Return the icon of `day`: 64×64, at least `DISTANCE` from each of `others` (PNGs of 64×64 pixels).

    draw: returns a 64×64 drawing of a code; what it raises is passed on. Where no candidate is far enough, which a
    model that draws little variety makes so, it is the farthest.
    """
    known = await asyncio.to_thread(_thumbnails, others)
    best: tuple[float, Drawing] | None = None
    for number in range(1, MOST_CANDIDATES + 1):
        # one after the other: icons that people wait for go in between
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
    """PNGs of 64×64 pixels to (N, 768), in 0…255."""
    import numpy as np  # noqa: PLC0415

    from gan.dataset.lookalikes import thumbnails  # noqa: PLC0415

    pictures = np.stack([read_pixels(png) for png in pngs]) if pngs else np.zeros((0, 64, 64, 3), np.uint8)
    return thumbnails(pictures)


def _nearest(png: bytes, known: NDArray[np.float32]) -> float:
    """Return the distance of an icon from the nearest of `known`, 0…255; infinite where there are none."""
    import numpy as np  # noqa: PLC0415

    if not len(known):
        return float("inf")
    squared = np.square(_thumbnails([png]) - known, dtype=np.float64).mean(axis=1)
    return float(np.sqrt(squared.min()))
