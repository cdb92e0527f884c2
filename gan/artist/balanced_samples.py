"""Balanced samples: labelled training icons in which rare values are frequent and all colours combine.

A generator samples its attributes independently and should realise each of them. Among the artist's own icons a beard
is rare, a monocle rarer, and a red scarf never occurs with red hair, so a generator would hardly learn them. Balanced
samples start from the conditions instead: their frequencies are flattened, and colours are independent. Rules apply to
conditions as in ``gan.artist.conditions``, so a condition means the same in both.
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
    """Values shown by and requested for balanced sample ``index`` (0 … 2^63-1): two mappings from slot to value.

    A value of weight w is requested in proportion to √w. Raises ValueError for an index out of range.
    """
    requested = balanced_conditions(index, style)
    return shown_for(requested, style), requested


def balanced_conditions(index: int, style: DrawingStyle) -> dict[str, str]:
    """Slot -> value requested for balanced sample ``index``. Raises ValueError for an index out of range."""
    check_index(index)
    requested: dict[str, str] = {}
    for slot, weights in style.weights.items():
        digest = hashlib.sha256(f"{style.name}/practice/{slot}/{index}".encode()).digest()
        sample = int.from_bytes(digest[:8], "big") / 2**64
        requested[slot] = pick(sample, {value: math.sqrt(weight) for value, weight in weights.items()})
    return requested


def what_is_shown(slot: str, condition: str, chosen: Mapping[str, str], style: DrawingStyle) -> str:
    """The value that a balanced sample shows in ``slot`` where ``condition`` is requested, given earlier choices.

    It is the condition itself or, where the rules exclude it, the artist's most frequent substitute. The substitute is
    deterministic, because the generator sees conditions only and would learn the average of random substitutes.
    """
    # colours are unrestricted where the rules concern contrast only
    if slot in style.palettes and not any(rule.only or rule.never for rule in style.rules[slot]):
        return condition
    shares = realised(slot, condition, chosen, style)
    return condition if condition in shares else max(shares, key=lambda value: shares[value])


def shown_for(requested: Mapping[str, str], style: DrawingStyle) -> dict[str, str]:
    """Slot -> value of the balanced sample for ``requested``, which names a value for every slot."""
    shown: dict[str, str] = {}
    for slot in style.weights:
        shown[slot] = what_is_shown(slot, requested[slot], shown, style)
    return shown


def fulfilment_probability(
    requested: Mapping[str, str], wanted: Mapping[str, Collection[str]], style: DrawingStyle
) -> float:
    """The probability (0 … 1) that the rules let each slot in ``wanted`` show one of its values, given ``requested``.

    Slots that nothing is requested for are assumed to show their most likely value.
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
