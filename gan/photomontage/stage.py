"""From a generator's picture to an icon made of a style's own pictures."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gan.photomontage.compose import Composer, Recipe
from gan.photomontage.sources import SourcePictures

Pixels = NDArray[np.uint8]


class Montage(NamedTuple):
    """An icon, and where it comes from."""

    pixels: Pixels  # (side, side, 3)
    sources: NDArray[np.int64]  # (64, 64): the number of the picture that each place is taken from
    share: float  # of the icon's detail that the largest single source supplies


class Photomontage:
    """The second stage of one model. Keeps no state between calls: any number of threads may share one."""

    def __init__(self, sources: SourcePictures, recipe: Recipe | None = None) -> None:
        self._sources = sources
        self._composer = Composer(sources.small(), recipe or Recipe())

    @property
    def side(self) -> int:
        """How many pixels a side `compose` returns."""
        return self._sources.side

    def compose(self, guide: Pixels) -> Montage:
        """Return the icon that looks like `guide`, uint8 (64, 64, 3)."""
        sources, share = self._composer.label(guide)
        factor = self.side // len(sources)
        where = sources.repeat(factor, axis=0).repeat(factor, axis=1)
        pixels = np.empty((self.side, self.side, 3), np.uint8)
        for number in np.unique(sources):
            here = where == number
            pixels[here] = self._sources[int(number)][here]
        return Montage(pixels, sources, share)
