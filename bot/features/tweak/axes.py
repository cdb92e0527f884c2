"""What can be tweaked about an icon, in words: what it is called, where it stands, and what has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.i18n import Words
    from gan.latent.edits import EditAxis, Setting

# what people would change first; the others follow in the artist's order
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
_LONGEST = 40  # characters of a name; a learnt style's card may hold any


def called(axis: EditAxis, words: Words) -> str:
    """Return what a knob is called: an attribute by its name, a direction by its number."""
    if axis.values:
        return _short(words.attributes.attribute(axis.name))
    return words("tweak.direction", number=axis.name[1:])


def standing(axis: EditAxis, at: int, words: Words) -> str:
    """Return where a knob stands: an attribute at a value, a direction at a number of steps."""
    if axis.values:
        return _short(words.attributes.value(axis.name, axis.values[at]))
    return f"{at:+d}".replace("-", "−") if at else "0"


def changes(settings: Sequence[Setting], words: Words) -> str:
    """Return what an icon's tweaks have changed, such as "hair colour: pink → teal"; "" where that is nothing."""
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
    """Return the numbers of the settings, those first that people would change first."""

    def rank(number: int) -> tuple[int, int]:
        name = settings[number].axis.name
        return (_FIRST.index(name) if name in _FIRST else len(_FIRST), number)

    return sorted(range(len(settings)), key=rank)


def offered(settings: Sequence[Setting], number: int, most: int) -> list[int]:
    """Return the numbers of the settings that a menu of at most `most` options shows, the chosen `number` among them.

    Where attributes have names, directions are left out: they crowd the menu, and codes can name them all the same.
    """
    named = any(setting.axis.values for setting in settings)
    order = [n for n in in_order(settings) if n == number or not named or settings[n].axis.values]
    return order[:most] if number in order[:most] else [*order[: most - 1], number]


def chosen_first(settings: Sequence[Setting]) -> int:
    """Return the number of the knob to begin with: one that is turned already, else what people would change first."""
    order = in_order(settings)
    return next((number for number in order if settings[number].at != settings[number].was), order[0])


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
