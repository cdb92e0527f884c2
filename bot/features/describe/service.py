"""What `/describe` does, without Discord: read a description, and say how well the icon that was found fits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.i18n import DEFAULT
from bot.i18n.query import Query, read_text
from bot.ui.text import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.i18n import Catalogues, Words
    from bot.i18n.attributes import AttributeWords
    from bot.inference import Studio
    from bot.inference.drawings import Fit

EXAMPLES = 5  # values that are named at most


def reading_languages(catalogues: Catalogues, words: Words) -> list[AttributeWords]:
    """Return the languages in which a description is read: that of whoever asks, and English."""
    return [words.attributes, catalogues.words(DEFAULT).attributes]


def read_description(studio: Studio, catalogues: Catalogues, words: Words, text: str) -> tuple[Query, list[str]]:
    """Return what a text asks for in an icon of the style in use, and the parts that were not understood."""
    return read_text(text, reading_languages(catalogues, words), studio.attributes)


def fit_lines(words: Words, fit: Fit, unread: Sequence[str]) -> list[str]:
    """Return the lines about an icon that was found: what it lacks, what was not understood, and what fits."""
    lines = []
    if fit.unmet:
        lines.append(words("describe.unmet", wishes=listed(words.attributes, fit.unmet)))
    if unread:
        lines.append(words("describe.unread", parts=", ".join(quoted(part) for part in unread)))
    lines.append(listed(words.attributes, fit.met) or words("describe.nearest"))
    return lines


def listed(words: AttributeWords, wishes: Query) -> str:
    """Return wishes as "hair colour: pink, eyes: winking"; several values of one with a stroke between them."""
    return words.separator.join(
        f"{words.attribute(name)}: {' / '.join(words.value(name, value) for value in values[:EXAMPLES])}"
        for name, values in wishes.items()
    )
