"""Alternative text for screen readers: the icon's attributes in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.i18n import Words
    from bot.i18n.attributes import AttributeWords
    from bot.inference import Drawing

# in natural reading order
_ORDER = (
    "hair",
    "ear",
    "headwear",
    "eyes",
    "facewear",
    "cheeks",
    "mouth",
    "beard",
    "neckwear",
    "clothes",
    "background",
)
_LONGEST = 1024  # characters; Discord's limit


def alt_text(drawing: Drawing, words: Words) -> str:
    """Return a drawing's alternative text in the language of `words`."""
    description = in_words(drawing.attributes, words.attributes)
    if not description:
        return words("icon.alt", code=drawing.code, style=drawing.style)
    return words("icon.alt.described", told=description, code=drawing.code, style=drawing.style)[:_LONGEST]


def in_words(attributes: Mapping[str, str], words: AttributeWords) -> str:
    """Return a description of `attributes`, such as "pink bob, round green eyes"; "" if there is none."""
    description = (words.phrase(name, attributes) for name in _ORDER)
    return words.separator.join(phrase for phrase in description if phrase)
