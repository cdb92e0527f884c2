"""What is remembered of icons, so that the next search need not begin anew.

A bank grows for as long as it is given time, up to a bound, and keeps what it has for the next picture. The frozen
streams behind seeds see to it that what was noted once holds for ever.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gan.codes import MAX_SEED
from gan.search.projection.descriptors import clamp_colours, descriptors, distances, grounds, reach
from gan.search.projection.encoder import Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from gan.checkpoint.model_card import ModelCard
    from gan.codes import IconCode
    from gan.search.projection.encoder import Encoder


class Sketcher(Protocol):
    """What a search for likenesses needs of `gan.sampling.sampler.Sampler`."""

    @property
    def card(self) -> ModelCard:
        """The model's card."""

    def seed_points(self, seeds: Iterable[int]) -> NDArray[np.float64]:
        """Return the points of seeds, (N, z_dim)."""

    def points(self, normal: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the points of latents as `gan.latent.resolve` makes them, (N, z_dim)."""

    def resolved(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Return the codes' points, (N, z_dim)."""

    def sketch(self, resolved: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Draw points quickly: (N, 64, 64, 3)."""


class CandidateIndex:
    """Seeds from `first` on, each with a row of numbers; for one thread at a time.

    `clock` measures the seconds for which a bank grows.
    """

    block: int  # seeds that are noted in one go
    most: int

    def __init__(self, sampler: Sketcher, first: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.sampler = sampler
        self._first = first
        self._clock = clock
        self._blocks: list[NDArray[np.float16]] = []

    def __len__(self) -> int:
        return len(self._blocks) * self.block

    def grow(self, seconds: float) -> None:
        """Note further seeds, for so many `seconds` or until there are `most`; one block at least if there is none."""
        until = self._clock() + seconds
        while not self._blocks or (len(self) < self.most and self._clock() < until):
            start = len(self)
            self._blocks.append(self._note([self._seed(row) for row in range(start, start + self.block)]))

    def ask(self, picture: NDArray[np.uint8]) -> Query:
        """Return what to look for, once there is a block: as far as the model can reach it."""
        raise NotImplementedError

    def nearest(self, query: Query, count: int) -> list[int]:
        """Return the `count` seeds whose icons are most like the picture, the best first."""
        distance = np.concatenate([self._distance(query, block) for block in self._blocks])
        rows = np.argsort(distance)[:count]
        return [self._seed(int(row)) for row in rows]

    def _seed(self, row: int) -> int:
        return (self._first + row) % (MAX_SEED + 1)

    def _note(self, seeds: list[int]) -> NDArray[np.float16]:
        raise NotImplementedError

    def _distance(self, query: Query, block: NDArray[np.float16]) -> NDArray[np.floating[Any]]:
        raise NotImplementedError


class PredictedIndex(CandidateIndex):
    """Icons as an encoder foretells them: none is drawn, so a hundred thousand take seconds."""

    block = 1024
    most = 2**17  # 25 MB

    def __init__(
        self, sampler: Sketcher, encoder: Encoder, first: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(sampler, first, clock)
        self._encoder = encoder

    def ask(self, picture: NDArray[np.uint8]) -> Query:
        """Return what to look for."""
        return self._encoder.ask(picture)

    def _note(self, seeds: list[int]) -> NDArray[np.float16]:
        return self._encoder.place(self.sampler.seed_points(seeds)).astype(np.float16)

    def _distance(self, query: Query, block: NDArray[np.float16]) -> NDArray[np.floating[Any]]:
        return self._encoder.descriptor_distance(query, block)


class RenderedIndex(CandidateIndex):
    """Icons as they look once drawn: for models that no encoder knows."""

    block = 8
    most = 2_000

    def __init__(self, sampler: Sketcher, first: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(sampler, first, clock)
        self._grounds: list[NDArray[np.float32]] = []

    def ask(self, picture: NDArray[np.uint8]) -> Query:
        """Return what to look for: nothing but a look."""
        nothing = np.empty(0, np.float32)
        clamped = clamp_colours(picture, *reach(np.concatenate(self._grounds)))
        descriptor = np.clip(descriptors(clamped[None])[0], *reach(np.concatenate(self._blocks).astype(np.float32)))
        return Query(descriptor, nothing, nothing, 0.0)

    def _note(self, seeds: list[int]) -> NDArray[np.float16]:
        icons = self.sampler.sketch(self.sampler.seed_points(seeds))
        self._grounds.append(grounds(icons))
        return descriptors(icons).astype(np.float16)

    def _distance(self, query: Query, block: NDArray[np.float16]) -> NDArray[np.floating[Any]]:
        return distances(query.descriptor, block.astype(np.float32))
