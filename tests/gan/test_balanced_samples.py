"""Balanced samples: conditions mean the same as in ordinary icons, but no value is rare and all colours combine."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from gan import artist
from gan.artist.balanced_samples import balanced_sample, fulfilment_probability
from gan.artist.character import candidates
from gan.artist.conditions import realised
from gan.dataset import load_images
from gan.dataset.sources import artist_style, is_balanced, unseen
from gan.training.training_set import TrainingSet

STYLE = artist.load_style(artist.HOUSE)
BALANCED = [balanced_sample(index, STYLE) for index in range(3_000)]
DRAWN = [(artist.labels(index), artist.sample_conditions(index, STYLE)) for index in range(6_000)]


def test_an_index_is_the_same_icon_for_ever() -> None:
    shown, requested = balanced_sample(7, STYLE)
    assert (shown, requested) == balanced_sample(7, STYLE)
    assert list(shown) == list(requested) == list(artist.ATTRIBUTES)
    assert shown["hair"] == "long_wavy"


def test_rare_values_are_frequent_in_balanced_samples() -> None:
    for slot, value in (("beard", "moustache"), ("facewear", "monocle"), ("pattern", "checks"), ("eyes", "spiral")):
        balanced = sum(shown[slot] == value for shown, _ in BALANCED) / len(BALANCED)
        drawn = sum(shown[slot] == value for shown, _ in DRAWN) / len(DRAWN)
        assert balanced > 1.5 * drawn, slot


def test_every_pair_of_colours_occurs() -> None:
    pairs = Counter((shown["hair_colour"], shown["clothes_colour"]) for shown, _ in BALANCED)
    drawn = Counter((shown["hair_colour"], shown["clothes_colour"]) for shown, _ in DRAWN)
    every = {(h, c) for h in artist.ATTRIBUTES["hair_colour"] for c in artist.ATTRIBUTES["clothes_colour"]}
    assert len(every - set(drawn)) > 20, "the artist keeps some apart"
    assert len(every - set(pairs)) < 5


def test_colours_are_always_as_requested() -> None:
    for shown, requested in BALANCED:
        assert all(shown[slot] == requested[slot] for slot in STYLE.palettes)


def test_only_what_the_rules_allow_is_shown() -> None:
    for shown, _ in BALANCED[:500]:
        for slot in set(artist.ATTRIBUTES) - set(STYLE.palettes):
            assert shown[slot] in candidates(slot, shown, STYLE), slot


def test_a_condition_has_one_substitute_in_one_context() -> None:
    """A generator receives conditions only, so it would learn the average of random substitutes."""
    shows: dict[tuple[str, ...], set[str]] = {}
    for shown, requested in BALANCED:
        for slot, condition in requested.items():
            shows.setdefault((slot, condition, *(shown[other] for other in STYLE.depends[slot])), set()).add(
                shown[slot]
            )
    assert all(len(values) == 1 for values in shows.values())
    refused = [key for key, values in shows.items() if key[1] not in values]
    assert len(refused) > 100, "and rules do refuse"


def test_what_the_rules_allow_is_never_refused() -> None:
    """Also where they only let it be rarer, as a frog's hat."""
    style = artist.load_style("plush")
    hats = Counter(
        (shown["hat"], requested["hat"])
        for shown, requested in (balanced_sample(index, style) for index in range(600))
        if candidates("hat", shown, style).get(requested["hat"])
    )
    assert sum(hats.values()) > 300
    assert all(shown == requested for shown, requested in hats)


@pytest.mark.parametrize("name", ["inkling", "plush"])
def test_other_styles_have_balanced_samples_and_keep_their_rules(name: str) -> None:
    style = artist.load_style(name)
    for index in range(100):
        shown, _ = balanced_sample(index, style)
        for slot, value in shown.items():
            if slot not in style.palettes or any(rule.only or rule.never for rule in style.rules[slot]):
                assert value in candidates(slot, shown, style), slot


@pytest.mark.parametrize("slot", ["beard", "headwear", "neckwear", "cheeks", "fringe", "ear"])
def test_with_the_artists_frequencies_the_shown_values_match(slot: str) -> None:
    """Conditions mean the same in both: their realisations add up to the distribution that the rules allow."""
    wanted = artist.condition_shares(STYLE)[slot]
    for shown, _ in BALANCED[:200]:
        weights = candidates(slot, shown, STYLE)
        total = dict.fromkeys(weights, 0.0)
        for condition, share in wanted.items():
            given = realised(slot, condition, shown, STYLE)
            assert sum(given.values()) == pytest.approx(1)
            for value, part in given.items():
                total[value] += share * part
        assert total == pytest.approx({value: weight / sum(weights.values()) for value, weight in weights.items()})


def test_pictures_and_labels_come_from_the_same_icon() -> None:
    data, report = TrainingSet.load("artist:practice:12@5")
    assert report.source == "artist:practice:12@5"
    assert np.array_equal(data.images[3], artist.draw(8, balanced=True))
    assert not np.array_equal(data.images[3], artist.draw(8))
    shown, requested = balanced_sample(8, STYLE)
    assert data.labels is not None
    assert data.conditions is not None
    names = [attribute["name"] for attribute in data.attributes]
    hair = names.index("hair")
    assert artist.ATTRIBUTES["hair"][data.labels[3, hair]] == shown["hair"]
    assert data.attributes[hair]["values"][data.conditions[3, hair]] == requested["hair"]


def test_balanced_samples_are_measured_against_ordinary_icons() -> None:
    assert is_balanced("artist:practice:12")
    assert not is_balanced("artist:12")
    assert not is_balanced(["practice"])
    assert artist_style("artist:practice:12") == "house"
    assert artist_style("artist:practice:inkling:12") == "inkling"
    assert unseen("artist:practice:12", 100) == "artist:100@20000000"
    pictures, _ = load_images("artist:practice:inkling:9")
    assert not np.array_equal(pictures[0], artist.draw(0, balanced=True))


def test_an_index_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="no icon"):
        balanced_sample(-1, STYLE)


def test_fulfilment_is_predicted() -> None:
    """Among balanced samples that request a beard, the predicted ones show it."""
    wanted = {"beard": ["full", "stubble"]}
    requesting = [(shown, requested) for shown, requested in BALANCED if requested["beard"] in wanted["beard"]]
    predicted = np.array([fulfilment_probability(requested, wanted, STYLE) for _, requested in requesting])
    seen = np.array([shown["beard"] in wanted["beard"] for shown, _ in requesting])
    assert 0.2 < seen.mean() < 0.8
    assert np.array_equal(predicted == 1, seen)
    assert np.array_equal(predicted == 0, ~seen)


def test_what_the_rules_exclude_has_probability_zero() -> None:
    plain = {slot: max(weights, key=lambda value: weights[value]) for slot, weights in STYLE.weights.items()}
    assert fulfilment_probability({**plain, "hair": "hijab", "beard": "full"}, {"beard": ["full"]}, STYLE) == 0
    assert (
        fulfilment_probability(
            {**plain, "hair": "short", "mouth": "smile", "beard": "full"}, {"beard": ["full"]}, STYLE
        )
        == 1
    )
    assert fulfilment_probability(plain, {}, STYLE) == 1


def test_a_single_condition_may_be_fulfilled() -> None:
    assert fulfilment_probability({"hair": "short", "beard": "full"}, {"beard": ["full"]}, STYLE) == 1
