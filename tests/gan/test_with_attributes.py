"""Conditions that no seed meets: the nearest icons are tweaked."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gan import artist
from gan.checkpoint.weights import ModelCard
from gan.codes import IconCode
from gan.codes.iconcode import MAX_TWEAKS
from gan.latent.edits import with_attributes
from gan.sampling.sampler import Sampler
from gan.search.attribute_classifier import IconClassifier
from gan.search.attribute_search import Found
from tests.clocks import still
from tests.gan.models import SMALL, build

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

SIZES = [3, 2, 9, 4, 4, 4, 4, 4, 4, 4]
ATTRIBUTES = [{"name": f"a{i}", "values": [f"v{n}" for n in range(size)]} for i, size in enumerate(SIZES)]


@cache
def sampler() -> Sampler:
    architecture = SMALL | {"z_dim": 16 + sum(SIZES), "attributes": SIZES}
    return Sampler(build(architecture), ModelCard(style="test", architecture=architecture, attributes=ATTRIBUTES))


conditions = st.dictionaries(
    st.integers(0, len(SIZES) - 1), st.sets(st.integers(0, 8), min_size=1, max_size=3), max_size=8
)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), conditions)
def test_what_can_be_chosen_is_chosen_and_the_rest_stays(seed: int, requested: dict[int, set[int]]) -> None:
    code = IconCode.from_seed(seed)
    before = sampler().describe(code)
    asked = {f"a{i}": [f"v{n}" for n in values if n < SIZES[i]] for i, values in requested.items()}
    after = sampler().describe(with_attributes(sampler().card, code, before, asked))
    for name, value in after.items():
        if asked.get(name):
            assert value in asked[name]
        else:
            assert value == before[name]


def test_of_several_values_the_nearest_is_taken() -> None:
    code = IconCode.from_seed(5)
    has = sampler().describe(code)
    at = int(has["a2"][1:])
    near, far = f"v{(at + 1) % 9}", f"v{(at + 4) % 9}"
    assert with_attributes(sampler().card, code, has, {"a2": [far, near]}) == code.tweak("a2", 1)


def test_an_icon_has_only_so_many_tweaks_and_what_no_model_has_is_left_out() -> None:
    code = IconCode.from_seed(1)
    has = sampler().describe(code)
    others = {a["name"]: [v for v in a["values"] if v != has[a["name"]]] for a in ATTRIBUTES}
    made = with_attributes(sampler().card, code, has, {**others, "wings": ["two"]})
    assert len(made.tweaks) == MAX_TWEAKS


class Artist:
    """Draws what codes choose as the house artist would: seed 0 tweaked is another of his icons."""

    card: Any = SimpleNamespace(
        attributes=[{"name": n, "values": list(v)} for n, v in artist.ATTRIBUTES.items()],
        architecture={"attributes": [len(v) for v in artist.ATTRIBUTES.values()]},
        z_dim=400,
        dataset={"source": "artist:1"},
        style="mel",
    )

    def describe(self, code: IconCode) -> dict[str, str]:
        """Return the labels of the icon, tweaked."""
        labels = dict(artist.labels(code.first.seed))
        for tweak in code.tweaks:
            values = artist.ATTRIBUTES[tweak.name]
            labels[tweak.name] = values[(values.index(labels[tweak.name]) + tweak.steps) % len(values)]
        return labels

    def resolved(self, codes: Sequence[IconCode]) -> np.ndarray:
        """Return the number of an icon of the artist's that has the same beard and hair."""
        return np.array([[_like(self.describe(code), ("beard", "background"))] for code in codes], np.float64)

    def sketch(self, resolved: np.ndarray) -> np.ndarray:
        """Draw them."""
        return np.concatenate([artist.icons(int(index), 1) for (index,) in resolved])


def _like(labels: Mapping[str, str], names: Collection[str]) -> int:
    return next(i for i in range(100_000) if all(artist.labels(i)[name] == labels[name] for name in names))


class Search:
    """Finds only a seed that lacks the beard."""

    def find_some(self, conditions: Mapping[str, Collection[str]], most: int, **_: Any) -> list[Found]:  # noqa: ARG002
        """Return it."""
        index = next(i for i in range(1000) if artist.labels(i)["beard"] == "none")
        return [Found(IconCode.from_seed(index), ("beard",))]


def test_a_beard_that_no_seed_has_is_put_on_and_seen() -> None:
    search: Any = Search()
    found = IconClassifier(clock=still).find(Artist(), search, {"beard": ["full"]})
    assert found.unmet == ()
    assert [tweak.name for tweak in found.code.tweaks] == ["beard"]


def test_icons_for_which_the_rules_exclude_the_value_are_not_checked_first() -> None:
    """The artist draws a hood only with a hoodie: icons that choose it with a shirt are unlikely to show it."""
    seen: list[IconCode] = []

    class Watched(Artist):
        def resolved(self, codes: Sequence[IconCode]) -> np.ndarray:
            seen.extend(codes)
            return np.zeros((len(codes), 1))

    search: Any = Search()
    IconClassifier(clock=still).find(Watched(), search, {"headwear": ["hood"]})
    style = artist.load_style(artist.HOUSE)
    assert len(seen) > 8
    chances = [
        artist.fulfilment_probability(Artist().describe(code), {"headwear": ["hood"]}, style) for code in seen[:8]
    ]
    assert min(chances) > 0.5
