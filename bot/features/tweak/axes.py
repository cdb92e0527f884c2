"""Text for edit axes: names, positions and changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.i18n import Words
    from gan.latent.edits import EditAxis, Setting

# the attributes people most often change; others follow in the card's order
_FIRST = (
    "hair",
    "hair_colour",
    "eyes",
    "eye_colour",
    "mouth",
    "skin",
    "headwear",
    "facewear",
    "clothes",
    "clothes_colour",
    "background",
)
_LONGEST = 40  # characters of a name; foreign cards may hold anything


def called(axis: EditAxis, words: Words) -> str:
    """Return an axis's name: an attribute by name, a direction by number."""
    if axis.values:
        return _short(words.attributes.attribute(axis.name))
    return words("tweak.direction", number=axis.name[1:])


def standing(axis: EditAxis, at: int, words: Words) -> str:
    """Return an axis's position: an attribute's value, or a direction's number of steps."""
    if axis.values:
        return _short(words.attributes.value(axis.name, axis.values[at]))
    return f"{at:+d}".replace("-", "−") if at else "0"


def changes(settings: Sequence[Setting], words: Words) -> str:
    """Return the changes by an icon's tweaks, such as "hair colour: pink → teal"; "" if none."""
    return words.attributes.separator.join(
        words(
            "tweak.change",
            what=called(setting.axis, words),
            before=standing(setting.axis, setting.was, words),
            after=standing(setting.axis, setting.at, words),
        )
        for setting in settings
        if setting.at != setting.was
    )


def in_order(settings: Sequence[Setting]) -> list[int]:
    """Return the indices of the settings, most often changed first."""

    def rank(number: int) -> tuple[int, int]:
        name = settings[number].axis.name
        return (_FIRST.index(name) if name in _FIRST else len(_FIRST), number)

    return sorted(range(len(settings)), key=rank)


def offered(settings: Sequence[Setting], number: int, most: int) -> list[int]:
    """Return the indices for a menu of at most `most` options, including the chosen `number`.

    If attributes have names, directions are omitted to keep the menu short; codes can still use them.
    """
    named = any(setting.axis.values for setting in settings)
    order = [n for n in in_order(settings) if n == number or not named or settings[n].axis.values]
    return order[:most] if number in order[:most] else [*order[: most - 1], number]


def chosen_first(settings: Sequence[Setting]) -> int:
    """Return the initial axis: one already tweaked, else the most often changed."""
    order = in_order(settings)
    return next((number for number in order if settings[number].at != settings[number].was), order[0])


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
