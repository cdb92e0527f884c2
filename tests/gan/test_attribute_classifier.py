"""The attribute classifier predicts what an icon shows, and a search reports unmet conditions honestly."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gan import artist
from gan.checkpoint.weights import ModelCard
from gan.codes import IconCode
from gan.search.attribute_classifier import IconClassifier
from gan.search.attribute_search import Found
from tests.clocks import Ticking, still

FIRST = 70_000_000  # used to train neither this classifier nor that of the metrics
ATTRIBUTES = [{"name": name, "values": list(values)} for name, values in artist.ATTRIBUTES.items()]


@pytest.fixture(scope="module")
def classifier() -> IconClassifier:
    return IconClassifier(clock=still)


class Artist:
    """Draws the house artist's icons by their index, whatever was asked for."""

    card: Any = SimpleNamespace(dataset={"source": "artist:1"}, attributes=ATTRIBUTES)

    def __init__(self, **asked: str) -> None:
        self.asked = asked

    def describe(self, code: IconCode) -> Mapping[str, str]:
        """Return what was asked for."""
        return {**artist.labels(code.first.seed), **self.asked}

    def resolved(self, codes: Sequence[IconCode]) -> np.ndarray:
        """Return the indices."""
        return np.array([[code.first.seed] for code in codes], np.float64)

    def sketch(self, resolved: np.ndarray) -> np.ndarray:
        """Draw them."""
        return np.concatenate([artist.icons(int(index), 1) for (index,) in resolved])


class Search:
    """Finds icons that select all values; the classifier checks whether they show them."""

    def __init__(self, *indices: int) -> None:
        self.indices = indices

    def find_some(self, conditions: Mapping[str, Collection[str]], most: int, **_: Any) -> list[Found]:  # noqa: ARG002
        """Return them all."""
        return [Found(IconCode.from_seed(index), ()) for index in self.indices[:most]]


def test_the_classifier_predicts_what_the_artist_drew(classifier: IconClassifier) -> None:
    right = told = 0
    for index in range(FIRST, FIRST + 40):
        drawn = artist.labels(index)
        seen = classifier.tell(artist.icons(index, 1)[0])
        told += sum(name in seen for name in ("hair", "hair_colour", "eyes", "mouth", "headwear", "background"))
        right += sum(
            seen.get(name) == drawn[name] for name in ("hair", "hair_colour", "eyes", "mouth", "headwear", "background")
        )
    assert told > 0.9 * 240
    assert right > 0.9 * told


def test_the_icon_that_shows_the_conditions_is_found(classifier: IconClassifier) -> None:
    wanted = FIRST + 11
    labels = artist.labels(wanted)
    conditions = {name: [labels[name]] for name in ("hair", "skin", "background")}
    search: Any = Search(*range(FIRST, FIRST + 20))
    found = classifier.find(Artist(), search, conditions)
    has = artist.labels(found.code.first.seed)
    assert found.unmet == ()
    assert {name: [has[name]] for name in conditions} == conditions


def test_a_search_ends_with_its_time() -> None:
    descriptors: list[int] = []

    class Watched(Artist):
        def sketch(self, resolved: np.ndarray) -> np.ndarray:
            descriptors.append(len(resolved))
            return np.zeros((len(resolved), 64, 64, 3), np.uint8)

    search: Any = Search(*range(FIRST, FIRST + 96))
    IconClassifier(clock=Ticking(1.0)).find(Watched(skin="fair"), search, {"skin": ["fair"]}, seconds=3.5)
    assert descriptors == [8, 8, 8, 8]
    descriptors.clear()
    IconClassifier(clock=still).find(Watched(skin="fair"), search, {"skin": ["fair"]}, seconds=3.5)
    assert sum(descriptors) == 96, "with time enough it looks at all of them"


def test_conditions_not_shown_are_unmet(classifier: IconClassifier) -> None:
    labels = artist.labels(FIRST)
    other = next(value for value in artist.ATTRIBUTES["background"] if value != labels["background"])
    search: Any = Search(FIRST)
    found = classifier.find(Artist(background=other), search, {"skin": [labels["skin"]], "background": [other]})
    assert found.unmet == ("background",)


def test_the_classifier_applies_to_the_house_style_only(classifier: IconClassifier) -> None:
    architecture = {"name": "fast", "z_dim": 8}

    def card(source: str, attributes: list[dict[str, Any]]) -> ModelCard:
        return ModelCard(style="s", architecture=architecture, attributes=attributes, dataset={"source": source})

    assert classifier.knows(card("artist:24000", ATTRIBUTES))
    assert not classifier.knows(card("photos/", ATTRIBUTES))
    assert not classifier.knows(card("artist:inkling:128", ATTRIBUTES))
    assert not classifier.knows(card("artist:24000", []))
    assert not classifier.knows(card("artist:24000", [{"name": "hair", "values": ["tentacles"]}]))
