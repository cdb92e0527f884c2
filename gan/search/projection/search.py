"""The search for the icons that look most like a picture: only those that have a code, so that they can be had again.

First come the seeds that a bank knows to be likely. The best of them are drawn and compared; then the search goes on
from these, along variations and mixes, which an encoder sorts without drawing, and keeps what is better. Where there is
no encoder, variations are drawn at random.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gan.codes import MAX_CHAIN, MAX_VARIATION, IconCode
from gan.latent.resolve import code_to_latent
from gan.search.projection.descriptors import descriptors, distances
from gan.search.projection.index import CandidateIndex, PredictedIndex, RenderedIndex, Sketcher
from gan.search.projection.steps import mixes, variations

if TYPE_CHECKING:
    from gan.latent.resolve import Latent
    from gan.search.projection.encoder import Encoder

SEEDS = 64  # of the bank that are drawn at most
PARENTS = 8  # of these that are mixed with one another
PERCENTS = range(10, 100, 10)
VARIATIONS = 400  # of an icon that are looked at in a round
DRAWN = 8  # of these that are drawn
ROUNDS = 4
_GROWING, _DRAWING, _MIXING = 0.3, 0.65, 0.75  # of the time: when the bank, its seeds and mixes must have ended
_AT_A_TIME = 4


@dataclass(frozen=True)
class Match:
    """An icon that was found."""

    code: IconCode  # a seed, a variation or a mix
    descriptor_distance: (
        float  # how far it is from the picture, in colour differences: 10 is close, 40 is another picture
    )


@dataclass(frozen=True)
class _Candidate:
    """What is known of an icon on the way."""

    match: Match
    latent: Latent

    @property
    def seeds(self) -> set[int]:
        code = self.match.code
        return {code.first.seed} | ({code.second.seed} if code.second else set())


class Projector:
    """Finds likenesses for one model, and remembers what it saw; for one thread at a time."""

    def __init__(
        self,
        sampler: Sketcher,
        encoder: Encoder | None = None,
        first: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`first`: the seed with which the bank begins; `clock`: measures the seconds that a search may take."""
        self.encoder = encoder
        self.index: CandidateIndex = (
            PredictedIndex(sampler, encoder, first, clock) if encoder else RenderedIndex(sampler, first, clock)
        )
        self._sampler = sampler
        self._clock = clock

    def find(self, picture: NDArray[np.uint8], count: int = 3, *, seconds: float = 3.0) -> list[Match]:
        """Return `count` icons that look like a picture, uint8 RGB (64, 64, 3), the most alike first.

        No two of them descend from the same seed. It takes some `seconds`, and what comes of less time is less alike.
        """
        return _Search(self._sampler, self.encoder, self.index, picture, _Time(self._clock, seconds)).run(count)


class _Time:
    """The seconds of one search."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock, self._begun, self._seconds = clock, clock(), seconds

    def left(self, share: float) -> float:
        """Return how many seconds are left of a share of the time."""
        return self._begun + share * self._seconds - self._clock()


class _Search:
    """One search."""

    def __init__(
        self,
        sampler: Sketcher,
        encoder: Encoder | None,
        index: CandidateIndex,
        picture: NDArray[np.uint8],
        time_: _Time,
    ) -> None:
        self._sampler, self._encoder, self._index = sampler, encoder, index
        self._left = time_.left
        self._z_dim = sampler.card.z_dim
        self._random = np.random.default_rng()
        self._index.grow(self._left(_GROWING if encoder else _DRAWING))
        self._query = index.ask(picture)

    def run(self, count: int) -> list[Match]:
        """Search, for as long as there is time."""
        seeds = [IconCode.from_seed(seed) for seed in self._index.nearest(self._query, SEEDS)]
        found = self._judge(seeds if self._encoder else seeds[:DRAWN], _DRAWING, at_least=count)
        if self._encoder:
            found = _sorted(found + self._mixed(found))
        lines = _unrelated(found, count)
        for _ in range(ROUNDS):
            for n, candidate in enumerate(lines):
                better = [candidate, *self._varied(candidate)]
                lines[n] = min(better, key=lambda one: one.match.descriptor_distance)
        return [candidate.match for candidate in _sorted(lines)]

    def _mixed(self, found: Sequence[_Candidate]) -> list[_Candidate]:
        """Return the best mixes of the best."""
        if self._left(_MIXING) <= 0:
            return []
        codes: list[IconCode] = []
        latents: list[NDArray[np.float64]] = []
        for n, a in enumerate(found[:PARENTS]):
            for b in found[n + 1 : PARENTS]:
                codes += [IconCode.mix(a.match.code, b.match.code, percent) for percent in PERCENTS]
                latents.append(mixes(a.latent, b.latent, PERCENTS))
        return self._best(codes, np.concatenate(latents), _MIXING) if codes else []

    def _varied(self, candidate: _Candidate) -> list[_Candidate]:
        """Return the best variations of an icon."""
        code = candidate.match.code
        if self._left(1.0) <= 0 or len(code.steps or code.first.steps) >= MAX_CHAIN:
            return []
        count = VARIATIONS if self._encoder else _AT_A_TIME
        numbers = [int(n) for n in self._random.choice(MAX_VARIATION, count, replace=False) + 1]
        return self._best([code.vary(n) for n in numbers], variations(code, candidate.latent, numbers), 1.0)

    def _best(self, codes: Sequence[IconCode], latents: NDArray[np.float64], share: float) -> list[_Candidate]:
        """Draw the likeliest of some icons."""
        if self._encoder:
            placed = self._encoder.place(self._sampler.points(latents))
            order = np.argsort(self._encoder.descriptor_distance(self._query, placed))
            codes = [codes[int(n)] for n in order[:DRAWN]]
        return self._judge(codes, share)

    def _judge(self, codes: Sequence[IconCode], share: float, at_least: int = 0) -> list[_Candidate]:
        """Draw icons while there is time, and `at_least` so many; return how unlike each is, the best first."""
        candidate: list[_Candidate] = []
        for start in range(0, len(codes), _AT_A_TIME):
            if len(candidate) >= at_least and self._left(share) <= 0:
                break
            some = codes[start : start + _AT_A_TIME]
            points = self._sampler.resolved(some)
            icons = self._sampler.sketch(points)
            distance = distances(self._query.descriptor, descriptors(icons))
            if self._encoder:
                distance = distance + self._encoder.feature_distance(self._query, icons)
            for code, value in zip(some, distance, strict=True):
                candidate.append(_Candidate(Match(code, float(value)), code_to_latent(code, self._z_dim)))
        return _sorted(candidate)


def _sorted(candidate: Sequence[_Candidate]) -> list[_Candidate]:
    return sorted(candidate, key=lambda one: one.match.descriptor_distance)


def _unrelated(candidate: Sequence[_Candidate], count: int) -> list[_Candidate]:
    """Return the first `count` that share no seed."""
    chosen: list[_Candidate] = []
    for one in candidate:
        if len(chosen) < count and not any(one.seeds & other.seeds for other in chosen):
            chosen.append(one)
    return chosen
