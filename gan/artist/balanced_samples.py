"""Practice: icons that the artist would not draw, for a generator that is to draw whatever is wished for.

A generator's choices are independent of one another, and each is to come true. Among the artist's own icons a beard is
rare, a monocle rarer, and never does a red scarf lie beside red hair; what is hardly ever shown is hardly learned.
So practice starts from the wishes: common and rare ones closer together, colours without regard to one another. What
else the rules make of a wish is what ``gan.artist.conditions`` says, so that a wish means the same in both.
"""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

from gan.artist.character import candidates, check_index
from gan.artist.conditions import pick, realised

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gan.artist.drawing_style import DrawingStyle


def balanced_sample(index: int, style: DrawingStyle) -> tuple[dict[str, str], dict[str, str]]:
    """Slot -> value of practice icon ``index`` (0 … 2^63-1): what it shows, and what was wished for.

    A value of weight w is wished for as often as √w says. Raises ValueError for an index out of range.
    """
    requested = balanced_conditions(index, style)
    return shown_for(requested, style), requested


def balanced_conditions(index: int, style: DrawingStyle) -> dict[str, str]:
    """Slot -> value wished for by practice icon ``index``. Raises ValueError for an index out of range."""
    check_index(index)
    requested: dict[str, str] = {}
    for slot, weights in style.weights.items():
        digest = hashlib.sha256(f"{style.name}/practice/{slot}/{index}".encode()).digest()
        sample = int.from_bytes(digest[:8], "big") / 2**64
        requested[slot] = pick(sample, {value: math.sqrt(weight) for value, weight in weights.items()})
    return requested


def what_is_shown(slot: str, condition: str, chosen: Mapping[str, str], style: DrawingStyle) -> str:
    """What practice shows where ``wish`` was wished for in ``slot``, given what was chosen before.

    That is the wish, or where the rules refuse it what the artist most often shows for it. Thrown by its shares
    instead, a hood refused would be now a cap and now a bow, and a generator, which is told of wishes alone, would
    learn their average: a cloud over the hair.
    """
    # colours are free where contrast is all that the rules are about
    if slot in style.palettes and not any(rule.only or rule.never for rule in style.rules[slot]):
        return condition
    shares = realised(slot, condition, chosen, style)
    return condition if condition in shares else max(shares, key=lambda value: shares[value])


def shown_for(requested: Mapping[str, str], style: DrawingStyle) -> dict[str, str]:
    """Slot -> value of the practice icon for which ``wished`` (every slot of the hand) was wished for."""
    shown: dict[str, str] = {}
    for slot in style.weights:
        shown[slot] = what_is_shown(slot, requested[slot], shown, style)
    return shown


def fulfilment_probability(
    requested: Mapping[str, str], wanted: Mapping[str, Collection[str]], style: DrawingStyle
) -> float:
    """How likely the rules let each slot in ``hoped`` show one of its values, where all of ``wished`` is wished for.

    0 … 1. What else is shown is taken for the likeliest, also where nothing is wished for, or what only rules bring.
    """
    chosen: dict[str, str] = {}
    likely = 1.0
    for slot in style.weights:
        shares: Mapping[str, float] = candidates(slot, chosen, style)
        if slot in requested and style.weights[slot].get(requested[slot]):
            shares = {what_is_shown(slot, requested[slot], chosen, style): 1.0}
        if slot in wanted:
            shares = {value: share for value, share in shares.items() if value in wanted[slot]}
            likely *= sum(shares.values())
        if not likely:
            return 0.0
        chosen[slot] = max(shares, key=lambda value: shares[value])
    return likely
