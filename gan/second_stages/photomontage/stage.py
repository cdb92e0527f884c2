"""The photomontage as a second stage."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import astuple, fields
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gan.rendering.animation import dissolve
from gan.second_stages.photomontage.recipe import Recipe
from gan.second_stages.photomontage.sources import SourcePictures
from gan.second_stages.second_stage import GeneratorOutput

if TYPE_CHECKING:
    from gan.second_stages.photomontage.compose import Composer

Pixels = NDArray[np.uint8]


class Montage(NamedTuple):
    """An icon and its labelling."""

    pixels: Pixels  # (side, side, 3)
    sources: NDArray[np.int64]  # (64, 64): the index of the picture used in each cell
    share: float  # of the icon's detail, supplied by its main source


class Photomontage:
    """Second stage of one model: `gan.second_stages.second_stage.SecondStage`. Thread-safe."""

    part = "photomontage"
    gradual = False  # the source of a piece may change abruptly
    distinct = False

    def __init__(self, sources: SourcePictures, recipe: Recipe | None = None) -> None:
        self._sources = sources
        self._recipe = recipe or Recipe()
        self._lock = threading.Lock()
        self._composer: Composer | None = None

    def __deepcopy__(self, _memo: object) -> Photomontage:
        """Return itself: it is immutable, so copies of a network may share it."""
        return self

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor], conditions: int = 0) -> Photomontage:  # noqa: ARG003 - of any
        """Read what `tensors` returned, for a model with any `conditions`. Raises ValueError for anything else."""
        recipe = tensors.get("recipe")
        if recipe is None or recipe.dtype != torch.int32 or recipe.shape != (len(fields(Recipe)),):
            raise ValueError("the recipe by which a style's pictures are composed is not one of this version")
        return cls(SourcePictures.from_tensors(tensors), Recipe(*recipe.tolist()))

    def tensors(self) -> dict[str, Tensor]:
        """Return pictures and recipe for the weights file."""
        return {"recipe": torch.tensor(astuple(self._recipe), dtype=torch.int32), **self._sources.tensors()}

    def enlarge(self, output: GeneratorOutput) -> Pixels:
        """Return the icon for the generator's picture: uint8 (256, 256, 3) or (512, 512, 3)."""
        return self.compose(output.pixels).pixels

    def transition(self, one: GeneratorOutput, other: GeneratorOutput, steps: int) -> list[Pixels]:
        """Return a cross-dissolve: ``steps`` pictures from ``one`` to the last before ``other``."""
        return dissolve(self.enlarge(one), self.enlarge(other), steps)

    def compose(self, raw: Pixels) -> Montage:
        """Return the icon for the guide `raw`, uint8 (64, 64, 3), and the labelling."""
        sources, share = self._ready().label(raw)
        factor = self._sources.side // len(sources)
        where = sources.repeat(factor, axis=0).repeat(factor, axis=1)
        pixels = np.empty((*where.shape, 3), np.uint8)
        for number in np.unique(sources):
            here = where == number
            pixels[here] = self._sources[int(number)][here]
        return Montage(pixels, sources, share)

    def _ready(self) -> Composer:
        """Return the composer, which takes a second to build: created with the first icon."""
        with self._lock:
            if self._composer is None:
                from gan.second_stages.photomontage.compose import Composer  # noqa: PLC0415 - imports the compiler

                self._composer = Composer(self._sources.small(), self._recipe)
            return self._composer
