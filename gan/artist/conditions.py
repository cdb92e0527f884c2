"""Wishes: what the rules saw before they had their say.

The artist's rules tie attributes together: a mask hides the mouth, a mohawk shaves the fringe. A generator that is to
choose every attribute by itself needs choices that are independent of one another, and a picture for each combination
of them. A wish is such a choice: it comes true where the rules allow it, and where they do not, the picture shows what
the rules put in its place.

Colours are taken as they are shown. The rules keep apart colours that do not stand out from one another, and where they
refuse one, it could become many others, of which a generator would learn the average: mud. Shown only what is there, it
paints whatever colour is chosen, also beside one that the artist would not have put there.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from gan.artist.character import candidates, character

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gan.artist.drawing_style import DrawingStyle

ROUNDING = 1e-12  # of shares that are taken from one another


def condition_shares(style: DrawingStyle) -> dict[str, dict[str, float]]:
    """Slot -> value -> how often it is wished for: its weight alone, whatever else was chosen."""
    return {slot: _shares(weights) for slot, weights in style.weights.items()}


def sample_conditions(index: int, style: DrawingStyle) -> dict[str, str]:
    """Slot -> value wished for by icon ``index``, drawn given the character that it is (Bayes' rule).

    Over all indices wishes for parts are independent of one another and as frequent as ``condition_shares`` says, and
    as many as can be came true; colours are those that are shown. Raises ValueError for an index that is no icon's.
    """
    chosen = character(index, style)
    rng = np.random.RandomState(index % 2**32)
    requested = {}
    for slot, value in chosen.items():
        if slot in style.palettes and style.weights[slot][value]:
            requested[slot] = value
            continue
        context = tuple([(other, chosen[other]) for other in style.depends[slot]])
        unmet = _unmet(slot, context, style)[value]
        sample = rng.random_sample()
        requested[slot] = pick(rng.random_sample(), unmet) if sample < sum(unmet.values()) else value
    return requested


def realised(slot: str, condition: str, chosen: Mapping[str, str], style: DrawingStyle) -> dict[str, float]:
    """Value -> share of what is shown where ``wish`` was wished for in ``slot``, given what was chosen before.

    The same coupling as in ``wishes``, seen from the other side. It sums to 1.
    """
    context = tuple([(other, chosen[other]) for other in style.depends[slot]])
    shown = _shares(candidates(slot, chosen, style))
    unmet = _unmet(slot, context, style)
    shares = {value: share * unmet[value].get(condition, 0.0) for value, share in shown.items()}
    shares[condition] = shares.get(condition, 0.0) + shown.get(condition, 0.0) * (
        1 - sum(unmet.get(condition, {}).values())
    )
    return _shares(shares)


@lru_cache(maxsize=65536)
def _unmet(slot: str, context: tuple[tuple[str, str], ...], style: DrawingStyle) -> dict[str, dict[str, float]]:
    """For each value that may be shown: how probably each other was wished for instead.

    This is a maximal coupling of what is wished for (shares p) and what the rules make of it (shares q): a value was
    wished for and is shown in min(p, q) of all cases. What remains of p and of q is joined in the order in which the
    hand lists the values, so that a wish refused becomes nearly always the same other value, and mostly a neighbour:
    where it could become any, a generator could only learn their average.
    """
    wanted = _shares(style.weights[slot])
    shown = _shares(candidates(slot, dict(context), style))
    refused = [(value, share - shown.get(value, 0.0)) for value, share in wanted.items()]
    joined: dict[str, dict[str, float]] = {value: {} for value in shown}
    queue = [(value, excess) for value, excess in refused if excess > 0]
    for value, share in shown.items():
        lacking = share - wanted.get(value, 0.0)
        while lacking > ROUNDING and queue:
            condition, excess = queue.pop(0)
            taken = min(lacking, excess)
            joined[value][condition] = taken / share
            lacking -= taken
            if excess - taken > ROUNDING:
                queue.insert(0, (condition, excess - taken))
    return joined


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {value: weight / total for value, weight in weights.items() if weight}


def pick(sample: float, weights: Mapping[str, float]) -> str:
    """Return the value at ``throw`` (0 … 1) of the weights' sum."""
    at = sample * sum(weights.values())
    likely = [value for value, weight in weights.items() if weight]
    for value in likely:
        at -= weights[value]
        if at < 0:
            break
    return value
