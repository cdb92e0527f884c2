"""Wishes: what the rules saw before they had their say.

The artist's rules tie attributes together: a mask hides the mouth, a mohawk shaves the fringe. A generator that is to
choose every attribute by itself needs choices that are independent of one another, and a picture for each combination
of them. A wish is such a choice: it comes true where the rules allow it, and where they do not, the picture shows what
the rules put in its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gan.artist.character import candidates, character

if TYPE_CHECKING:
    from gan.artist.hand import Hand


def wish_shares(hand: Hand) -> dict[str, dict[str, float]]:
    """Slot -> value -> how often it is wished for: its weight alone, whatever else was chosen."""
    return {
        slot: {value: weight / sum(weights.values()) for value, weight in weights.items() if weight}
        for slot, weights in hand.weights.items()
    }


def wishes(index: int, hand: Hand) -> dict[str, str]:
    """Slot -> value wished for by icon ``index``, drawn given the character that it is (Bayes' rule).

    A character whose slot holds v was wished to hold v with the share of all wishes that its rules allow; else it was
    wished something that they do not allow, and v took its place. Over all indices wishes are independent of one
    another and as frequent as ``wish_shares`` says.
    """
    chosen = character(index, hand)
    dice = np.random.RandomState(index % 2**32)
    wished = {}
    for slot, shares in wish_shares(hand).items():
        allowed = candidates(slot, chosen, hand)
        refused = {value: share for value, share in shares.items() if value not in allowed}
        throw = dice.random_sample()
        wished[slot] = chosen[slot]
        if throw < sum(refused.values()) or chosen[slot] not in shares:
            wished[slot] = _pick(dice.random_sample(), refused)
    return wished


def _pick(throw: float, shares: dict[str, float]) -> str:
    at = throw * sum(shares.values())
    for value, share in shares.items():
        at -= share
        if at < 0:
            return value
    return value
