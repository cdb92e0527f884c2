"""Conditions: the attribute values requested of the generator, before the artist's rules apply.

The rules make attributes dependent: a mask hides the mouth, a mohawk shaves the fringe. A generator needs
independent conditions and a picture for each combination. A condition is realised where the rules allow it; elsewhere
the picture shows a substitute.

The conditions of colours are the colours shown. The contrast rules would replace a colour by any of many others, and a
generator would learn their average. Trained on the colours shown, it paints any requested colour, also in combinations
that the artist never draws.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from gan.artist.character import candidates, character

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gan.artist.drawing_style import DrawingStyle

ROUNDING = 1e-12  # tolerance for differences of shares


def condition_shares(style: DrawingStyle) -> dict[str, dict[str, float]]:
    """Slot -> value -> probability of being requested, which depends on its weight alone."""
    return {slot: _shares(weights) for slot, weights in style.weights.items()}


def sample_conditions(index: int, style: DrawingStyle) -> dict[str, str]:
    """Slot -> value requested for icon ``index``, sampled from the posterior given its character (Bayes' rule).

    Over all indices the conditions of parts are independent, follow ``condition_shares``, and are realised as often as
    possible; those of colours are the colours shown. Raises ValueError for an index out of range.
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
    """Value -> probability of being shown where ``condition`` is requested in ``slot``, given earlier choices.

    The conditional of the coupling in ``sample_conditions`` in the other direction. It sums to 1.
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
    """For each value that may be shown: the probabilities of other values having been requested.

    This is a maximal coupling of the requested distribution p and the shown distribution q: a value is both requested
    and shown with probability min(p, q). The rest of p and q is matched in the order in which the style lists the
    values, so that a refused condition nearly always has the same substitute, mostly a neighbour. A generator would
    learn only the average of random substitutes.
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
    """Return the value at ``sample`` (0 … 1) of the cumulative weights."""
    at = sample * sum(weights.values())
    likely = [value for value, weight in weights.items() if weight]
    for value in likely:
        at -= weights[value]
        if at < 0:
            break
    return value
