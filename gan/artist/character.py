"""Map an index to a character: a pure function, identical on every machine and for ever.

Every slot uses its own 64 bits of SHA-256, so the choices are independent before rules apply.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from gan.artist.colour import distance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gan.artist.drawing_style import DrawingStyle

LARGEST = 2**63 - 1


def character(index: int, style: DrawingStyle) -> dict[str, str]:
    """Slot -> value for ``index`` (0 … 2^63-1). Raises ValueError outside that range."""
    check_index(index)
    chosen: dict[str, str] = {}
    for slot in style.weights:
        digest = hashlib.sha256(f"{style.name}/{slot}/{index}".encode()).digest()
        chosen[slot] = _pick(int.from_bytes(digest[:8], "big"), candidates(slot, chosen, style))
    return chosen


def check_index(index: int) -> None:
    """Raise ValueError for an index out of range."""
    if not 0 <= index <= LARGEST:
        raise ValueError(f"no icon {index}: the artist's icons are numbered 0 to {LARGEST}")


def candidates(slot: str, chosen: Mapping[str, str], style: DrawingStyle) -> dict[str, int]:
    """Value -> weight of the values that the rules allow in ``slot``."""
    return _candidates(slot, tuple([chosen[other] for other in style.depends[slot]]), style)


@lru_cache(maxsize=65536)
def _candidates(slot: str, context: tuple[str, ...], style: DrawingStyle) -> dict[str, int]:
    chosen = dict(zip(style.depends[slot], context, strict=True))
    weights = style.weights[slot]
    left = {value: weight for value, weight in weights.items() if weight}
    for rule in style.rules[slot]:
        if not rule.holds(chosen):
            continue
        if rule.only:
            left = {value: rule.only.count(value) * max(1, weights[value]) for value in rule.only}
        others = [style.colour_of(other, chosen[other]) for other in rule.apart_from]
        left = {
            value: weight
            for value, weight in left.items()
            if value not in rule.never
            and all(distance(style.colour_of(slot, value), other) >= rule.distance for other in others)
        }
    if not left:
        raise ValueError(f"style {style.name}: the rules leave nothing for {slot} after {chosen}")
    return left


def _pick(number: int, weights: Mapping[str, int]) -> str:
    """The value at ``number`` modulo the sum of the weights: integers only, so nothing is rounded."""
    at = number % sum(weights.values())
    for value, weight in weights.items():
        at -= weight
        if at < 0:
            return value
    raise AssertionError("unreachable: at is less than the sum of the weights")
