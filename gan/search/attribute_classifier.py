r"""What an icon shows, as told by a small classifier: for searching by eye, and for those who cannot see it.

A model is asked for blue hair; whether it draws blue hair is another matter. The classifier here was trained on
practice icons of the house artist, in which nothing is rare; the classifier of the metrics, which judges what this one
finds, on his usual icons:

    nice python -m gan.metrics.train_classifier --bfloat16 --practice --icons 24000 --start 50000000 --seed 1 \
        --epochs 7 --out gan/attribute_classifier.safetensors

It knows nothing but the house artist's hand, so it is asked about models alone that learned from it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from gan import artist
from gan.codes import MAX_SEED, IconCode
from gan.dataset.sources import artist_style
from gan.latent.edits import with_attributes
from gan.search.attribute_search import Found

if TYPE_CHECKING:
    from gan.checkpoint.model_card import ModelCard
    from gan.metrics.classifier import AttributeClassifier
    from gan.search.attribute_search import SeedSearch

WEIGHTS = Path(__file__).with_name("attribute_classifier.safetensors")
THRESHOLD = 0.5  # how likely a value must be to count as seen
SURE = 0.8  # how likely every wish must be for a search to end at once
MOST = 96  # icons that a search draws and looks at
PROMISING = 0.5  # how likely the artist must be to draw what is wished for with one of the seeds that choose it
OTHERS = 300  # seeds that are tweaked where he is less likely to
_AT_A_TIME = 8
_first = itemgetter(0)


class Sketching(Protocol):
    """What looking at icons needs of `gan.sampling.sampler.Sampler`."""

    @property
    def card(self) -> ModelCard:
        """The model's card: what it learned from, and its attributes."""

    def describe(self, code: IconCode) -> Mapping[str, str]:
        """Return what a code chooses."""

    def resolved(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Return the codes' points, (N, z_dim)."""

    def sketch(self, resolved: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Draw points quickly: (N, 64, 64, 3)."""


class IconClassifier:
    """Looks at icons; its weights are read at the first look.

    `clock` measures the seconds that a search may take; a test gives one of its own.
    """

    def __init__(self, weights: Path = WEIGHTS, clock: Callable[[], float] = time.monotonic) -> None:
        self._weights = weights
        self._clock = clock

    @cached_property
    def _classifier(self) -> AttributeClassifier:
        from gan.metrics.classifier import AttributeClassifier  # noqa: PLC0415 - most uses of gan never look

        return AttributeClassifier.load(self._weights)

    def knows(self, card: ModelCard) -> bool:
        """Whether a model draws in the house artist's hand and chooses only what can be told apart here."""
        if not card.attributes or artist_style(card.dataset.get("source")) != "house":
            return False
        known = self._classifier.attributes
        return all(set(a["values"]) <= set(known.get(str(a["name"]), ())) for a in card.attributes)

    def tell(self, icon: NDArray[np.uint8]) -> dict[str, str]:
        """Return what is seen in an icon, uint8 (64, 64, 3): attributes with their values, without what is unclear."""
        told = self._classifier.probabilities(icon[None])
        return {
            name: self._classifier.attributes[name][int(row.argmax())]
            for name, (row,) in told.items()
            if row.max() >= THRESHOLD
        }

    def find(
        self,
        sampler: Sketching,
        search: SeedSearch,
        conditions: Mapping[str, Collection[str]],
        *,
        seconds: float = 4.0,
        skip: int = 0,
    ) -> Found:
        """Return the icon in which the wishes are seen best among those that were asked to be so.

        Seeds that choose everything that is wished for come first. Where wishes are too rare for that, or go together
        with what no such seed has (a beard with short hair, a hood with a hoodie), others are tweaked into choosing
        them. Some `seconds` for all of it, mostly far less. What is not seen is unmet, whatever was asked. Raises
        ValueError as `SeedSearch.find_some`.
        """
        until = self._clock() + seconds
        candidates = self._candidates(sampler, search, conditions, seconds / 4, skip)
        best, found = -1.0, candidates[0]
        for start in range(0, len(candidates), _AT_A_TIME):
            some = candidates[start : start + _AT_A_TIME]
            seen = self._likely(sampler.sketch(sampler.resolved([one.code for one in some])), conditions)
            # first how many wishes are seen, then how well
            scores = (seen >= THRESHOLD).sum(axis=1) + seen.prod(axis=1)
            first = int(scores.argmax())
            if scores[first] > best:
                best = float(scores[first])
                unmet = tuple(name for name, p in zip(conditions, seen[first], strict=True) if p < THRESHOLD)
                found = Found(some[first].code, unmet)
            if (seen[first] >= SURE).all() or self._clock() > until:
                break
        return found

    def _candidates(
        self,
        sampler: Sketching,
        search: SeedSearch,
        conditions: Mapping[str, Collection[str]],
        seconds: float,
        skip: int,
    ) -> list[Found]:
        """Return icons that choose what is wished for, those first that the artist would most likely draw so."""
        found = search.find_some(conditions, MOST, seconds=seconds, skip=skip)
        if found[0].unmet:
            found = [self._made_so(sampler, one.code, conditions) for one in found]
        rated = self._rated(sampler, found, conditions)
        if rated[0][0] < PROMISING:
            others = (IconCode.from_seed((skip * OTHERS + n) % (MAX_SEED + 1)) for n in range(OTHERS))
            rated += self._rated(sampler, [self._made_so(sampler, code, conditions) for code in others], conditions)
            rated.sort(key=_first, reverse=True)
        return [one for _, one in rated[:MOST]]

    def _made_so(self, sampler: Sketching, code: IconCode, conditions: Mapping[str, Collection[str]]) -> Found:
        has = sampler.describe(code)
        unmet = tuple(name for name, values in conditions.items() if has[name] not in values)
        return Found(with_attributes(sampler.card, code, has, conditions), unmet)

    def _rated(
        self, sampler: Sketching, found: Sequence[Found], conditions: Mapping[str, Collection[str]]
    ) -> list[tuple[float, Found]]:
        """Return how likely the artist's rules let each show what is wished for, the likeliest first."""
        style = artist.load_style(artist.HOUSE)
        rated = [(artist.fulfilment_probability(sampler.describe(one.code), conditions, style), one) for one in found]
        return sorted(rated, key=_first, reverse=True)

    def _likely(self, icons: NDArray[np.uint8], conditions: Mapping[str, Collection[str]]) -> NDArray[np.float64]:
        """Return how likely each wish is fulfilled in each icon, (N, wishes)."""
        told = self._classifier.probabilities(icons)
        requested = {
            name: [value in values for value in self._classifier.attributes[name]]
            for name, values in conditions.items()
        }
        return np.stack([told[name][:, columns].sum(axis=1) for name, columns in requested.items()], axis=1)
