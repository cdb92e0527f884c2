"""Practice: icons that the artist would not draw, for a generator that is to draw whatever is wished for.

A generator's choices are independent of one another, and each is to come true. Among the artist's own icons a beard is
rare, a monocle rarer, and never does a red scarf lie beside red hair; what is hardly ever shown is hardly learned.
So practice starts from the wishes: common and rare ones closer together, colours without regard to one another. What
else the rules make of a wish is what ``gan.artist.wishes`` says, so that a wish means the same in both.
"""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

from gan.artist.character import check_index
from gan.artist.wishes import granted, pick

if TYPE_CHECKING:
    from gan.artist.hand import Hand


def practice_icon(index: int, hand: Hand) -> tuple[dict[str, str], dict[str, str]]:
    """Slot -> value of practice icon ``index`` (0 … 2^63-1): what it shows, and what was wished for.

    A value of weight w is wished for as often as √w says. Raises ValueError for an index out of range.
    """
    check_index(index)
    shown: dict[str, str] = {}
    wished: dict[str, str] = {}
    for slot, weights in hand.weights.items():
        digest = hashlib.sha256(f"{hand.name}/practice/{slot}/{index}".encode()).digest()
        first, second = (int.from_bytes(digest[i : i + 8], "big") / 2**64 for i in (0, 8))
        wished[slot] = pick(first, {value: math.sqrt(weight) for value, weight in weights.items()})
        # colours are free where contrast is all that the rules are about
        free = slot in hand.palettes and not any(rule.only or rule.never for rule in hand.rules[slot])
        shown[slot] = wished[slot] if free else pick(second, granted(slot, wished[slot], shown, hand))
    return shown, wished
