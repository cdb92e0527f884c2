"""`/describe` without Discord: parse a description, and report how well an icon matches it."""

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

EXAMPLES = 5  # values listed at most


def reading_languages(catalogues: Catalogues, words: Words) -> list[AttributeWords]:
    """Return the vocabularies of the user's language and English."""
    return [words.attributes, catalogues.words(DEFAULT).attributes]


def read_description(studio: Studio, catalogues: Catalogues, words: Words, text: str) -> tuple[Query, list[str]]:
    """Parse a text for the style in use; return the query and the parts not recognised."""
    return read_text(text, reading_languages(catalogues, words), studio.attributes)


def fit_lines(words: Words, fit: Fit, unread: Sequence[str]) -> list[str]:
    """Describe a match: unmatched attributes, unrecognised parts, matched attributes."""
    lines = []
    if fit.unmet:
        lines.append(words("describe.unmet", requested=listed(words.attributes, fit.unmet)))
    if unread:
        lines.append(words("describe.unread", parts=", ".join(quoted(part) for part in unread)))
    lines.append(listed(words.attributes, fit.met) or words("describe.nearest"))
    return lines


def listed(words: AttributeWords, query: Query) -> str:
    """Format a query as "hair colour: pink, eyes: winking", alternatives separated by slashes."""
    return words.separator.join(
        f"{words.attribute(name)}: {' / '.join(words.value(name, value) for value in values[:EXAMPLES])}"
        for name, values in query.items()
    )
