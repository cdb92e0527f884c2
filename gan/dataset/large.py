"""Load a source's pictures at high resolution, for the photomontage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gan.dataset.limits import Limits, Refusal
from gan.dataset.picture import read_picture, square_side
from gan.dataset.sources import pictures

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

MOST = 512  # pixels a side
WORTH = 128  # pixels a side from which a picture is preferred
ENOUGH = 32  # preferred pictures, below which smaller ones are used, too


def load_large(
    source: Path | str | Sequence[Path], positions: Sequence[int], count: int, limits: Limits | None = None
) -> list[NDArray[np.uint8]]:
    """Return up to `count` pictures of `source`, square uint8 RGB of 16 to MOST pixels a side each.

    `positions` are those of the accepted pictures in the source, as in `gan.dataset.Report`. If there are more, the
    selection is evenly spaced.
    """
    limits = limits or Limits()
    place = Path(source) if isinstance(source, str | Path) else list(source)
    wanted = set(positions)
    sides = {}
    for position, (_, file) in enumerate(pictures(place, limits)):
        if position in wanted and not isinstance(file, Refusal):
            sides[position] = square_side(file)
    large = [position for position, side in sides.items() if side >= WORTH]
    chosen = large if len(large) >= ENOUGH else list(sides)
    if len(chosen) > count:
        chosen = [chosen[i * len(chosen) // count] for i in range(count)]
    taken = set(chosen)
    found = []
    for position, (_, file) in enumerate(pictures(place, limits)):
        if position in taken and not isinstance(file, Refusal):
            found.append(read_picture(file, min(MOST, max(limits.min_side, sides[position])), limits))
    return found
