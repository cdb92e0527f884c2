"""Projection search: find the icons with a code that are most similar to a picture.

The search draws the most promising seeds of the index and compares them. It then refines the best by variations and
mixes, which the encoder ranks without drawing. Without an encoder, variations are random.
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

SEEDS = 64  # seeds of the index that are drawn at most
PARENTS = 8  # the best of them, which are mixed with one another
PERCENTS = range(10, 100, 10)
VARIATIONS = 400  # variations of an icon that are ranked in a round
DRAWN = 8  # the best of them, which are drawn
ROUNDS = 4
_GROWING, _DRAWING, _MIXING = 0.3, 0.65, 0.75  # time limits for growing the index, drawing seeds, mixing, as shares
_AT_A_TIME = 4


@dataclass(frozen=True)
class Match:
    """A result of the search."""

    code: IconCode  # a seed, a variation or a mix
    descriptor_distance: (
        float  # how far it is from the picture, in colour differences: 10 is close, 40 is another picture
    )


@dataclass(frozen=True)
class _Candidate:
    """A candidate of the search."""

    match: Match
    latent: Latent

    @property
    def seeds(self) -> set[int]:
        code = self.match.code
        return {code.first.seed} | ({code.second.seed} if code.second else set())


class Projector:
    """Projects pictures onto the icons of one model and caches its index. Not thread-safe."""

    def __init__(
        self,
        sampler: Sketcher,
        encoder: Encoder | None = None,
        first: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`first`: the first seed of the index; `clock`: measures the time limit of a search."""
        self.encoder = encoder
        self.index: CandidateIndex = (
            PredictedIndex(sampler, encoder, first, clock) if encoder else RenderedIndex(sampler, first, clock)
        )
        self._sampler = sampler
        self._clock = clock

    def find(self, picture: NDArray[np.uint8], count: int = 3, *, seconds: float = 3.0) -> list[Match]:
        """Return the `count` icons most similar to a picture, uint8 RGB (64, 64, 3), best first.

        No two of them share a seed. It takes about `seconds`; more time gives better results.
        """
        return _Search(self._sampler, self.encoder, self.index, picture, _Time(self._clock, seconds)).run(count)


class _Time:
    """The time limit of one search."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        self._clock, self._begun, self._seconds = clock, clock(), seconds

    def left(self, share: float) -> float:
        """Return the seconds that are left of this share of the time."""
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
        """Search until the time is over."""
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
        """Return the best mixes of the best candidates."""
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
        """Return the best variations of a candidate."""
        code = candidate.match.code
        if self._left(1.0) <= 0 or len(code.steps or code.first.steps) >= MAX_CHAIN:
            return []
        count = VARIATIONS if self._encoder else _AT_A_TIME
        numbers = [int(n) for n in self._random.choice(MAX_VARIATION, count, replace=False) + 1]
        return self._best([code.vary(n) for n in numbers], variations(code, candidate.latent, numbers), 1.0)

    def _best(self, codes: Sequence[IconCode], latents: NDArray[np.float64], share: float) -> list[_Candidate]:
        """Draw and rate the codes that the encoder ranks best."""
        if self._encoder:
            placed = self._encoder.place(self._sampler.points(latents))
            order = np.argsort(self._encoder.descriptor_distance(self._query, placed))
            codes = [codes[int(n)] for n in order[:DRAWN]]
        return self._judge(codes, share)

    def _judge(self, codes: Sequence[IconCode], share: float, at_least: int = 0) -> list[_Candidate]:
        """Draw and rate icons within the time limit, but `at_least` so many; return candidates, best first."""
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
    """Return the first `count` candidates that share no seed."""
    chosen: list[_Candidate] = []
    for one in candidate:
        if len(chosen) < count and not any(one.seeds & other.seeds for other in chosen):
            chosen.append(one)
    return chosen
