"""Conditions are independent although the rules make attributes dependent."""

from __future__ import annotations

from collections import Counter, defaultdict
from math import inf, sqrt

import pytest

from gan import artist
from gan.artist.character import candidates, character

STYLE = artist.load_style(artist.HOUSE)
SHARES = artist.condition_shares(STYLE)
INDICES = range(3_000)

Choices = list[dict[str, str]]


@pytest.fixture(scope="module")
def requested() -> Choices:
    return [artist.sample_conditions(i, STYLE) for i in INDICES]


@pytest.fixture(scope="module")
def shown() -> Choices:
    return [character(i, STYLE) for i in INDICES]


def surprise(counts: Counter[object], expected: dict[object, float]) -> float:
    """Chi-square in standard deviations above its mean; what is expected less than 8 times is one class."""
    if counts.keys() - expected.keys():
        return inf
    rare = {key for key, share in expected.items() if share < 8}
    classes = [(counts[key], share) for key, share in expected.items() if key not in rare]
    classes.append((sum(counts[key] for key in rare), sum(expected[key] for key in rare)))
    chi = sum((count - share) ** 2 / share for count, share in classes if share)
    freedom = max(1, sum(1 for _, share in classes if share) - 1)
    return (chi - freedom) / sqrt(2 * freedom)


def test_shares_are_the_weights_alone_and_sum_to_1() -> None:
    assert SHARES["face"] == {"round": 0.4, "oval": 0.2, "pointed": 0.3, "square": 0.1}
    assert "shaved" not in SHARES["fringe"]  # weight 0: only a rule chooses it
    for shares in SHARES.values():
        assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("slot", sorted(SHARES.keys() - STYLE.palettes.keys()))
def test_conditions_follow_their_shares(requested: Choices, slot: str) -> None:
    counts: Counter[object] = Counter(condition[slot] for condition in requested)
    assert set(counts) <= set(SHARES[slot])
    assert surprise(counts, {value: share * len(requested) for value, share in SHARES[slot].items()}) < 4


TIED = [
    ("facewear", "mouth"),
    ("hair", "fringe"),
    ("hair", "ear"),
    ("ear", "earring"),
    ("hair", "headwear"),
    ("clothes", "neckwear"),
    ("clothes", "headwear"),
    ("mouth", "beard"),
]


@pytest.mark.parametrize(("one", "other"), TIED)
def test_conditions_are_independent_where_shown_values_are_not(
    requested: Choices, shown: Choices, one: str, other: str
) -> None:
    def pairs(choices: Choices) -> Counter[object]:
        return Counter((choice[one], choice[other]) for choice in choices)

    expected: dict[object, float] = {
        (a, b): p * q * len(requested) for a, p in SHARES[one].items() for b, q in SHARES[other].items()
    }
    assert surprise(pairs(requested), expected) < 4
    assert surprise(pairs(shown), expected) > 8, "these are not tied: the test would prove nothing"


def test_a_condition_is_realised_where_no_rule_applies(requested: Choices, shown: Choices) -> None:
    alone = 0
    for condition, choice in zip(requested, shown, strict=True):
        for slot, value in choice.items():
            free = {v: weight for v, weight in STYLE.weights[slot].items() if weight}
            if candidates(slot, choice, STYLE) == free:
                alone += 1
                assert condition[slot] == value
    assert alone > 0.5 * len(requested) * len(SHARES)


def test_an_allowed_condition_is_realised_unless_weights_change(requested: Choices, shown: Choices) -> None:
    for condition, choice in zip(requested, shown, strict=True):
        for slot, value in choice.items():
            allowed = candidates(slot, choice, STYLE)
            if all(allowed[v] == STYLE.weights[slot][v] for v in allowed):
                assert condition[slot] == value or condition[slot] not in allowed


def test_a_rare_condition_is_still_realised(requested: Choices, shown: Choices) -> None:
    elves = [choice["ear"] for condition, choice in zip(requested, shown, strict=True) if condition["ear"] == "elf"]
    assert elves.count("elf") > 0.8 * len(elves) > 100


def test_a_refused_condition_has_mostly_the_same_substitute(requested: Choices, shown: Choices) -> None:
    became: dict[object, Counter[str]] = defaultdict(Counter)
    for condition, choice in zip(requested, shown, strict=True):
        if condition["fringe"] != choice["fringe"]:
            became[condition["fringe"], choice["hair"]][choice["fringe"]] += 1
    often = [counts for counts in became.values() if counts.total() >= 4]
    most = sum(max(counts.values()) for counts in often)
    assert most > 0.6 * sum(counts.total() for counts in often) > 0


@pytest.mark.parametrize("slot", STYLE.palettes)
def test_conditions_of_colours_are_the_colours_shown(requested: Choices, shown: Choices, slot: str) -> None:
    assert [condition[slot] for condition in requested] == [choice[slot] for choice in shown]


def test_conditions_are_a_function_of_the_index() -> None:
    assert [artist.sample_conditions(i, STYLE) for i in (0, 7, 10**12)] == [
        artist.sample_conditions(i, STYLE) for i in (0, 7, 10**12)
    ]
    assert artist.sample_conditions(1, STYLE) != artist.sample_conditions(2, STYLE)


def test_an_index_that_is_no_icons_is_refused() -> None:
    with pytest.raises(ValueError, match="no icon -1"):
        artist.sample_conditions(-1, STYLE)
