"""Practice icons: wishes mean what they mean in the artist's own, but nothing is rare and no colours are kept apart."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from gan import artist
from gan.artist.balanced_samples import fulfilment_probability, practice_icon
from gan.artist.character import candidates
from gan.artist.conditions import realised
from gan.dataset import load_images
from gan.dataset.sources import artist_hand, is_practice, unseen
from gan.training.training_set import TrainingSet

HAND = artist.load_hand(artist.HOUSE)
PRACTISED = [practice_icon(index, HAND) for index in range(3_000)]
DRAWN = [(artist.labels(index), artist.wishes(index, HAND)) for index in range(6_000)]


def test_an_index_is_the_same_icon_for_ever() -> None:
    shown, wished = practice_icon(7, HAND)
    assert (shown, wished) == practice_icon(7, HAND)
    assert list(shown) == list(wished) == list(artist.ATTRIBUTES)
    assert shown["hair"] == "long_wavy"


def test_what_is_rare_in_the_artists_icons_is_practised() -> None:
    for slot, value in (("beard", "moustache"), ("facewear", "monocle"), ("pattern", "checks"), ("eyes", "spiral")):
        practised = sum(shown[slot] == value for shown, _ in PRACTISED) / len(PRACTISED)
        drawn = sum(shown[slot] == value for shown, _ in DRAWN) / len(DRAWN)
        assert practised > 1.5 * drawn, slot


def test_every_pair_of_colours_is_practised() -> None:
    pairs = Counter((shown["hair_colour"], shown["clothes_colour"]) for shown, _ in PRACTISED)
    drawn = Counter((shown["hair_colour"], shown["clothes_colour"]) for shown, _ in DRAWN)
    every = {(h, c) for h in artist.ATTRIBUTES["hair_colour"] for c in artist.ATTRIBUTES["clothes_colour"]}
    assert len(every - set(drawn)) > 20, "the artist keeps some apart"
    assert len(every - set(pairs)) < 5


def test_colours_are_always_what_was_wished_for() -> None:
    for shown, wished in PRACTISED:
        assert all(shown[slot] == wished[slot] for slot in HAND.palettes)


def test_only_what_the_rules_allow_is_shown() -> None:
    for shown, _ in PRACTISED[:500]:
        for slot in set(artist.ATTRIBUTES) - set(HAND.palettes):
            assert shown[slot] in candidates(slot, shown, HAND), slot


def test_a_wish_becomes_the_same_in_the_same_circumstances() -> None:
    """A generator is told of wishes alone: what chance makes of them besides, it can only learn the average of."""
    shows: dict[tuple[str, ...], set[str]] = {}
    for shown, wished in PRACTISED:
        for slot, wish in wished.items():
            shows.setdefault((slot, wish, *(shown[other] for other in HAND.depends[slot])), set()).add(shown[slot])
    assert all(len(values) == 1 for values in shows.values())
    refused = [key for key, values in shows.items() if key[1] not in values]
    assert len(refused) > 100, "and rules do refuse"


def test_what_the_rules_allow_is_never_refused() -> None:
    """Also where they only let it be rarer, as a frog's hat."""
    hand = artist.load_hand("plush")
    hats = Counter(
        (shown["hat"], wished["hat"])
        for shown, wished in (practice_icon(index, hand) for index in range(600))
        if candidates("hat", shown, hand).get(wished["hat"])
    )
    assert sum(hats.values()) > 300
    assert all(shown == wished for shown, wished in hats)


@pytest.mark.parametrize("name", ["inkling", "plush"])
def test_other_hands_practise_too_and_keep_their_rules(name: str) -> None:
    hand = artist.load_hand(name)
    for index in range(100):
        shown, _ = practice_icon(index, hand)
        for slot, value in shown.items():
            if slot not in hand.palettes or any(rule.only or rule.never for rule in hand.rules[slot]):
                assert value in candidates(slot, shown, hand), slot


@pytest.mark.parametrize("slot", ["beard", "headwear", "neckwear", "cheeks", "fringe", "ear"])
def test_wishes_as_frequent_as_the_artists_show_what_the_artist_shows(slot: str) -> None:
    """Wishes mean the same in both: granted one by one, they add up to what the rules leave, in all circumstances."""
    wanted = artist.condition_shares(HAND)[slot]
    for shown, _ in PRACTISED[:200]:
        weights = candidates(slot, shown, HAND)
        total = dict.fromkeys(weights, 0.0)
        for wish, share in wanted.items():
            given = realised(slot, wish, shown, HAND)
            assert sum(given.values()) == pytest.approx(1)
            for value, part in given.items():
                total[value] += share * part
        assert total == pytest.approx({value: weight / sum(weights.values()) for value, weight in weights.items()})


def test_pictures_and_labels_come_from_the_same_icon() -> None:
    data, report = TrainingSet.load("artist:practice:12@5")
    assert report.source == "artist:practice:12@5"
    assert np.array_equal(data.images[3], artist.draw(8, practice=True))
    assert not np.array_equal(data.images[3], artist.draw(8))
    shown, wished = practice_icon(8, HAND)
    assert data.labels is not None
    assert data.wishes is not None
    names = [attribute["name"] for attribute in data.attributes]
    hair = names.index("hair")
    assert artist.ATTRIBUTES["hair"][data.labels[3, hair]] == shown["hair"]
    assert data.attributes[hair]["values"][data.wishes[3, hair]] == wished["hair"]


def test_practice_belongs_to_its_hand_and_is_measured_against_the_artists_own() -> None:
    assert is_practice("artist:practice:12")
    assert not is_practice("artist:12")
    assert not is_practice(["practice"])
    assert artist_hand("artist:practice:12") == "house"
    assert artist_hand("artist:practice:inkling:12") == "inkling"
    assert unseen("artist:practice:12", 100) == "artist:100@20000000"
    pictures, _ = load_images("artist:practice:inkling:9")
    assert not np.array_equal(pictures[0], artist.draw(0, practice=True))


def test_an_index_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="no icon"):
        practice_icon(-1, HAND)


def test_it_is_known_beforehand_what_comes_true() -> None:
    """Among practice icons that wish for a beard, it is shown in those of which that was said."""
    wanted = {"beard": ["full", "stubble"]}
    wishing = [(shown, wished) for shown, wished in PRACTISED if wished["beard"] in wanted["beard"]]
    said = np.array([fulfilment_probability(wished, wanted, HAND) for _, wished in wishing])
    seen = np.array([shown["beard"] in wanted["beard"] for shown, _ in wishing])
    assert 0.2 < seen.mean() < 0.8
    assert np.array_equal(said == 1, seen)
    assert np.array_equal(said == 0, ~seen)


def test_what_the_rules_rule_out_never_comes_true() -> None:
    plain = {slot: max(weights, key=lambda value: weights[value]) for slot, weights in HAND.weights.items()}
    assert fulfilment_probability({**plain, "hair": "hijab", "beard": "full"}, {"beard": ["full"]}, HAND) == 0
    assert (
        fulfilment_probability({**plain, "hair": "short", "mouth": "smile", "beard": "full"}, {"beard": ["full"]}, HAND)
        == 1
    )
    assert fulfilment_probability(plain, {}, HAND) == 1


def test_a_wish_of_which_nothing_else_is_known_may_come_true() -> None:
    assert fulfilment_probability({"hair": "short", "beard": "full"}, {"beard": ["full"]}, HAND) == 1
