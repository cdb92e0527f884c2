"""Edit axes and tweaks: change one property of an icon step by step and keep everything else.

    123+hair_colour:2    icon 123 with the hair colour two further in the artist's list
    123+d1:-3            three steps back along the first direction of the model

The model card determines the edit axes: the attributes that its latents select, by name, and the directions ``d1`` to
``d6``, found from the weights (see `gan.latent.directions`): in the free dimensions or, where attributes have no names,
in all of them. A step of an attribute goes from the icon's value to the next one of the list, cyclically, by changing
the latent. A step along a direction moves the resolved latent. Tweaked icons can be drawn, described and morphed like
any other, and a tweak of 0 steps changes nothing, so tweaks can be undone exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gan.checkpoint.model_card import ModelCard

DIRECTIONS = 6
FARTHEST = 8  # steps along a direction, either way: icons degrade beyond


class UnknownTweak(CodeError):  # noqa: N818  # a name that says what it is
    """A tweak that the model does not support or that goes too far; `name` is its axis."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message, "tweak")
        self.name = name


@dataclass(frozen=True, slots=True)
class EditAxis:
    """An axis along which a model's icons can be tweaked."""

    name: str
    values: tuple[str, ...] = ()  # of an attribute, in the artist's order; empty for a direction

    def wrapped(self, steps: int) -> int:
        """Return the fewest equivalent steps: attributes are cyclic, directions have two ends.

        Raises `UnknownTweak` beyond the ends.
        """
        if self.values:
            back = (len(self.values) - 1) // 2
            return (steps + back) % len(self.values) - back
        if abs(steps) > FARTHEST:
            raise UnknownTweak(self.name, f"+{self.name} goes from -{FARTHEST} to {FARTHEST} steps.")
        return steps


@dataclass(frozen=True, slots=True)
class Setting:
    """The position of an icon on an edit axis: the index of a value, or steps along a direction."""

    axis: EditAxis
    at: int
    was: int  # without the icon's tweaks

    def beside(self, by: int) -> int | None:
        """Return the position `by` steps on; None beyond the end."""
        if self.axis.values:
            return (self.at + by) % len(self.axis.values)
        return self.at + by if abs(self.at + by) <= FARTHEST else None


def edit_axes(card: ModelCard) -> dict[str, EditAxis]:
    """Return a model's edit axes by name: its attributes in their order, then its directions.

    Attributes with a single value, or with a name that icon codes cannot express, are left out.
    """
    # a model card without attribute names has directions only
    sizes = card.architecture.get("attributes", ())
    found: dict[str, EditAxis] = {}
    for attribute, size in zip(card.attributes, sizes, strict=False):
        axis = EditAxis(str(attribute["name"]), tuple(map(str, attribute["values"])))
        if len(axis.values) == size > 1 and _speakable(axis.name):
            found.setdefault(axis.name, axis)
    ways = card.z_dim - (sum(sizes) if card.attributes else len(sizes))
    for number in range(1, min(DIRECTIONS, ways) + 1):
        found.setdefault(f"d{number}", EditAxis(f"d{number}"))
    return found


def check_tweaks(card: ModelCard, code: IconCode) -> None:
    """Raise `UnknownTweak` for a tweak of `code` that the model does not support."""
    if code.all_tweaks:
        known = edit_axes(card)
        for tweak in code.all_tweaks:
            _known(known, tweak.name, card).wrapped(tweak.steps)


def tweaked(card: ModelCard, code: IconCode, name: str, by: int) -> IconCode:
    """Return `code` moved `by` steps along the axis `name`, by the fewest equivalent steps.

    A full cycle of an attribute returns to the icon. Raises `UnknownTweak`, and `CodeError` for too many tweaks.
    """
    steps = code.steps_of(name)
    return code.tweak(name, _known(edit_axes(card), name, card).wrapped(steps + by) - steps)


def with_attributes(
    card: ModelCard, code: IconCode, has: Mapping[str, str], conditions: Mapping[str, Collection[str]]
) -> IconCode:
    """Return `code` tweaked so that each attribute in `conditions` has one of the values requested.

    `has` maps attributes to their present values. Of several values it takes the one with the fewest steps. Attributes
    and values that cannot be tweaked, and those beyond the limit on tweaks, stay as they are.
    """
    known = edit_axes(card)
    for name, requested in conditions.items():
        axis = known.get(name)
        there = [] if axis is None else [n for n, value in enumerate(axis.values) if value in requested]
        if axis is None or not there or has[name] in requested:
            continue
        now = axis.values.index(has[name])
        by = min((axis.wrapped(n - now) for n in there), key=abs)
        try:
            code = tweaked(card, code, name, by)
        except CodeError:  # too many
            break
    return code


def _known(known: Mapping[str, EditAxis], name: str, card: ModelCard) -> EditAxis:
    if name not in known:
        some = ", ".join(known) or "nothing"
        raise UnknownTweak(name, f"Icons of {card.style} cannot be tweaked in {name}; they can be in: {some}.")
    return known[name]


def _speakable(name: str) -> bool:
    try:
        IconCode.from_seed(0).tweak(name, 1)
    except CodeError:
        return False
    return True
