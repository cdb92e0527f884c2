"""Parses a mention: an icon code, a description, a lookalike, help, or a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.features.describe.service import read_description
from bot.i18n import LANGUAGES, Catalogues, Words
from bot.i18n.query import Query
from bot.inference import Studio
from gan.codes import IconCode


@dataclass(frozen=True, slots=True)
class Icon:
    """The icon of a code or word."""

    code: IconCode


@dataclass(frozen=True, slots=True)
class Description:
    """An attribute search."""

    query: Query
    unread: Sequence[str]


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Icons similar to the author's avatar."""


@dataclass(frozen=True, slots=True)
class Help:
    """The help text."""


Request: TypeAlias = Icon | Description | Lookalike | Help


def read_request(text: str, studio: Studio, catalogues: Catalogues, words: Words) -> Request:
    """Parse a text; takes milliseconds, so call it in a thread. Raises gan.codes.CodeError."""
    if not text:
        return Icon(IconCode.random())
    asked = text.strip(" .!?！？。").casefold()
    spoken = [catalogues.words(language) for language in LANGUAGES]
    if asked in {each("fediverse.ask.help").casefold() for each in spoken}:
        return Help()
    if asked in {each("fediverse.ask.like_me").casefold() for each in spoken}:
        return Lookalike()
    code = IconCode.parse(text)
    if code == IconCode.from_phrase(text):  # neither a number nor a code: words
        query, unread = read_description(studio, catalogues, words, text)
        if query:
            return Description(query, unread)
    return Icon(code)
