"""Candidate index: cached descriptors of seeds for the projection.

An index grows while a search has time, up to a bound, and is kept for the next picture. Seeds have frozen latents, so
entries stay valid.
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
    """The part of `gan.sampling.sampler.Sampler` that the projection needs."""

    @property
    def card(self) -> ModelCard:
        """The model's card."""

    def seed_points(self, seeds: Iterable[int]) -> NDArray[np.float64]:
        """Return the resolved latents of seeds, (N, z_dim)."""

    def points(self, normal: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the resolved latents for latents of `gan.latent.resolve`, (N, z_dim)."""

    def resolved(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Return the codes' resolved latents, (N, z_dim)."""

    def sketch(self, resolved: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Draw resolved latents quickly: (N, 64, 64, 3)."""


class CandidateIndex:
    """Seeds from `first` on, with one row of numbers each. Not thread-safe.

    `clock` measures the time for growing.
    """

    block: int  # seeds per batch
    most: int

    def __init__(self, sampler: Sketcher, first: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self.sampler = sampler
        self._first = first
        self._clock = clock
        self._blocks: list[NDArray[np.float16]] = []

    def __len__(self) -> int:
        return len(self._blocks) * self.block

    def grow(self, seconds: float) -> None:
        """Add seeds for `seconds` or until there are `most`; at least one block in total."""
        until = self._clock() + seconds
        while not self._blocks or (len(self) < self.most and self._clock() < until):
            start = len(self)
            self._blocks.append(self._note([self._seed(row) for row in range(start, start + self.block)]))

    def ask(self, picture: NDArray[np.uint8]) -> Query:
        """Encode a picture, clamped to the model's range. Needs at least one block."""
        raise NotImplementedError

    def nearest(self, query: Query, count: int) -> list[int]:
        """Return the `count` seeds with the smallest distance from the picture, in ascending order."""
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
    """Index of encoder predictions: nothing is drawn, so 100,000 seeds take seconds."""

    block = 1024
    most = 2**17  # 25 MB

    def __init__(
        self, sampler: Sketcher, encoder: Encoder, first: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(sampler, first, clock)
        self._encoder = encoder

    def ask(self, picture: NDArray[np.uint8]) -> Query:
        """Encode a picture."""
        return self._encoder.ask(picture)

    def _note(self, seeds: list[int]) -> NDArray[np.float16]:
        return self._encoder.place(self.sampler.seed_points(seeds)).astype(np.float16)

    def _distance(self, query: Query, block: NDArray[np.float16]) -> NDArray[np.floating[Any]]:
        return self._encoder.descriptor_distance(query, block)


class RenderedIndex(CandidateIndex):
    """Index of drawn icons, for models without an encoder."""

    block = 8
    most = 2_000

    def __init__(self, sampler: Sketcher, first: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(sampler, first, clock)
        self._grounds: list[NDArray[np.float32]] = []

    def ask(self, picture: NDArray[np.uint8]) -> Query:
        """Return a query with a descriptor alone."""
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
