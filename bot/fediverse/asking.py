"""What a mention asks for: a code, a description, a likeness, help, or the icon of a word."""

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
    """The icon of a code, or of a word."""

    code: IconCode


@dataclass(frozen=True, slots=True)
class Description:
    """An icon that looks as described."""

    wishes: Query
    unread: Sequence[str]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Icons that look like the asker's avatar."""


@dataclass(frozen=True, slots=True)
class Help:
    """What one may ask for."""


Request: TypeAlias = Icon | Description | Likeness | Help


def read_request(text: str, studio: Studio, catalogues: Catalogues, words: Words) -> Request:
    """Return what a text asks for; it takes some milliseconds. Raises gan.codes.CodeError."""
    if not text:
        return Icon(IconCode.random())
    asked = text.strip(" .!?！？。").casefold()
    spoken = [catalogues.words(language) for language in LANGUAGES]
    if asked in {each("fediverse.ask.help").casefold() for each in spoken}:
        return Help()
    if asked in {each("fediverse.ask.like_me").casefold() for each in spoken}:
        return Likeness()
    code = IconCode.parse(text)
    if code == IconCode.from_phrase(text):  # neither a number nor a code: words
        wishes, unread = read_description(studio, catalogues, words, text)
        if wishes:
            return Description(wishes, unread)
    return Icon(code)
