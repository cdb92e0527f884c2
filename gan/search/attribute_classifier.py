r"""Attribute classifier: predict what an icon shows, for attribute search and for alt texts.

A generator does not realise every condition, so the search verifies its results with this classifier. It was trained on
balanced samples of the house artist; the classifier of the metrics, which evaluates this search, on ordinary icons:

    nice python -m gan.metrics.train_classifier --bfloat16 --balanced --icons 24000 --start 50000000 --seed 1 \
        --epochs 7 --out gan/search/attribute_classifier.safetensors

It applies only to models trained on the house style.
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
THRESHOLD = 0.5  # probability from which a value counts as shown
SURE = 0.8  # probability of every condition at which a search ends early
MOST = 96  # icons that a search draws and classifies
PROMISING = 0.5  # fulfilment probability of an untweaked seed from which it is a candidate
OTHERS = 300  # seeds to be tweaked where there are too few of those
_AT_A_TIME = 8
_first = itemgetter(0)


class Sketching(Protocol):
    """The part of `gan.sampling.sampler.Sampler` that the search needs."""

    @property
    def card(self) -> ModelCard:
        """The model's card."""

    def describe(self, code: IconCode) -> Mapping[str, str]:
        """Return the attribute values that a code selects."""

    def resolved(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Return the codes' resolved latents, (N, z_dim)."""

    def sketch(self, resolved: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Draw resolved latents quickly: (N, 64, 64, 3)."""


class IconClassifier:
    """Classifies icons; loads its weights on first use.

    `clock` measures the time limit of a search.
    """

    def __init__(self, weights: Path = WEIGHTS, clock: Callable[[], float] = time.monotonic) -> None:
        self._weights = weights
        self._clock = clock

    @cached_property
    def _classifier(self) -> AttributeClassifier:
        from gan.metrics.classifier import AttributeClassifier  # noqa: PLC0415 - slow, and rarely needed

        return AttributeClassifier.load(self._weights)

    def knows(self, card: ModelCard) -> bool:
        """Whether a model was trained on the house style and has only attributes known here."""
        if not card.attributes or artist_style(card.dataset.get("source")) != "house":
            return False
        known = self._classifier.attributes
        return all(set(a["values"]) <= set(known.get(str(a["name"]), ())) for a in card.attributes)

    def tell(self, icon: NDArray[np.uint8]) -> dict[str, str]:
        """Return the attribute values shown in an icon, uint8 (64, 64, 3), without uncertain ones."""
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
        """Return the icon that shows the conditions best.

        Seeds that select all requested values come first. Where the conditions are too rare for that, or the rules
        exclude them for all such seeds (a beard with short hair, a hood with a hoodie), other seeds are tweaked.
        `seconds` limits the total time; most searches take far less. A condition that the icon does not show is unmet.
        Raises ValueError as `SeedSearch.find_some`.
        """
        until = self._clock() + seconds
        candidates = self._candidates(sampler, search, conditions, seconds / 4, skip)
        best, found = -1.0, candidates[0]
        for start in range(0, len(candidates), _AT_A_TIME):
            some = candidates[start : start + _AT_A_TIME]
            seen = self._likely(sampler.sketch(sampler.resolved([one.code for one in some])), conditions)
            # first by the number of conditions shown, then by their probability
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
        """Return icons that select the requested values, in descending order of fulfilment probability."""
        found = search.find_some(conditions, MOST, seconds=seconds, skip=skip)
        if found[0].unmet:
            found = [self._with_attributes(sampler, one.code, conditions) for one in found]
        rated = self._rated(sampler, found, conditions)
        if rated[0][0] < PROMISING:
            others = (IconCode.from_seed((skip * OTHERS + n) % (MAX_SEED + 1)) for n in range(OTHERS))
            rated += self._rated(
                sampler, [self._with_attributes(sampler, code, conditions) for code in others], conditions
            )
            rated.sort(key=_first, reverse=True)
        return [one for _, one in rated[:MOST]]

    def _with_attributes(self, sampler: Sketching, code: IconCode, conditions: Mapping[str, Collection[str]]) -> Found:
        has = sampler.describe(code)
        unmet = tuple(name for name, values in conditions.items() if has[name] not in values)
        return Found(with_attributes(sampler.card, code, has, conditions), unmet)

    def _rated(
        self, sampler: Sketching, found: Sequence[Found], conditions: Mapping[str, Collection[str]]
    ) -> list[tuple[float, Found]]:
        """Return each with its fulfilment probability under the artist's rules, in descending order."""
        style = artist.load_style(artist.HOUSE)
        rated = [(artist.fulfilment_probability(sampler.describe(one.code), conditions, style), one) for one in found]
        return sorted(rated, key=_first, reverse=True)

    def _likely(self, icons: NDArray[np.uint8], conditions: Mapping[str, Collection[str]]) -> NDArray[np.float64]:
        """Return the probability that each icon shows each condition, (N, conditions)."""
        told = self._classifier.probabilities(icons)
        requested = {
            name: [value in values for value in self._classifier.attributes[name]]
            for name, values in conditions.items()
        }
        return np.stack([told[name][:, columns].sum(axis=1) for name, columns in requested.items()], axis=1)
