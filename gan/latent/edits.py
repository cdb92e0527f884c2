"""Tweaks: one thing about an icon is changed step by step, and everything else stays as it was.

    123+hair_colour:2    the icon 123 with the hair colour two further in the artist's list
    123+d1:-3            three steps back along the first direction that a model has found by itself

What can be tweaked is written in the model card: the attributes whose values its latents choose, by their names, and
the directions ``d1`` to ``d6``, which the weights themselves tell (see `gan.latent.directions`): in the numbers that
choose nothing, or, where what is chosen has no names, in all of them. A step of an attribute goes from the value that
the icon would have to the next one of the list, and round at its end: its numbers in the latent are set so that they
choose that value. A step along a direction moves the latent once its choices are made. Either way the icon can be
drawn, described and morphed like any other; and a tweak of 0 steps touches nothing, which makes the way back exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from gan.checkpoint.model_card import ModelCard

DIRECTIONS = 6
FARTHEST = 8  # steps along a direction, either way: beyond, pictures fall to pieces


class UnknownTweak(CodeError):  # noqa: N818  # a name that says what it is
    """A code that tweaks what the model does not have, or farther than it goes; `name` is what."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message, "tweak")
        self.name = name


@dataclass(frozen=True, slots=True)
class EditAxis:
    """Something that a model's icons can be tweaked by."""

    name: str
    values: tuple[str, ...] = ()  # of an attribute, in the artist's order; none for a direction

    def wrapped(self, steps: int) -> int:
        """Return the fewest steps that come to the same: an attribute's values go round, a direction has two ends.

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
    """Where an icon's knob stands: at the number of a value, or at so many steps along a direction."""

    axis: EditAxis
    at: int
    was: int  # without the icon's tweaks

    def beside(self, by: int) -> int | None:
        """Return where it would stand `by` steps on; None beyond the end."""
        if self.axis.values:
            return (self.at + by) % len(self.axis.values)
        return self.at + by if abs(self.at + by) <= FARTHEST else None


def edit_axes(card: ModelCard) -> dict[str, EditAxis]:
    """Return what icons of a model can be tweaked by, by name: its attributes in their order, then its directions.

    Attributes with a single value, or with a name that icon codes cannot carry, are left out.
    """
    # an architecture that chooses without names in the card has directions only
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
    """Raise `UnknownTweak` for a tweak of `code` that icons of the model do not have."""
    if code.all_tweaks:
        known = edit_axes(card)
        for tweak in code.all_tweaks:
            _known(known, tweak.name, card).wrapped(tweak.steps)


def tweaked(card: ModelCard, code: IconCode, name: str, by: int) -> IconCode:
    """Return `code` with `name` moved `by` steps on, by the fewest steps that come to it.

    Once round an attribute's values is the icon itself again. Raises `UnknownTweak`, and `CodeError` for too many.
    """
    steps = code.steps_of(name)
    return code.tweak(name, _known(edit_axes(card), name, card).wrapped(steps + by) - steps)


def with_attributes(
    card: ModelCard, code: IconCode, has: Mapping[str, str], conditions: Mapping[str, Collection[str]]
) -> IconCode:
    """Return `code` tweaked until it chooses, for each attribute in `wishes`, one of the values wished for.

    `has` is what it chooses now. Of several values it is the one with the fewest steps; attributes and values that
    cannot be tweaked, and those beyond an icon's number of tweaks, stay as they are.
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
