"""Localised messages: a flat JSON catalogue for each language, with English as the fallback.

    words = Catalogues.load().words(discord.Locale.french)
    words("cooldown", seconds=3)

A phrase that depends on a number has one form for each of its language's plural categories (CLDR), chosen by the
value `count`. The catalogues also hold the command descriptions: a `locale_str` carries its key as ``key=``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Formatter
from typing import TypeAlias, cast

from babel import Locale

from bot.i18n.attributes import AttributeWords

DEFAULT = "en"
LANGUAGE_NAMES = {DEFAULT: "English", "fr": "français", "ja": "日本語"}  # endonyms
LANGUAGES = tuple(LANGUAGE_NAMES)

Phrase: TypeAlias = str | Mapping[str, str]  # or its plural forms, such as one and other


@dataclass(frozen=True, slots=True)
class Words:
    """A language's catalogue. Calling it formats a message; missing keys fall back to English."""

    language: str
    phrases: Mapping[str, Phrase]
    fallback: Mapping[str, Phrase]
    attributes: AttributeWords

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the formatted message of `key`; raises KeyError for an unknown key."""
        own = self.phrases.get(key)
        phrase = own or self.fallback[key]
        if not isinstance(phrase, str):
            rule = Locale.parse(self.language if own else DEFAULT).plural_form
            phrase = phrase.get(rule(cast("int", values["count"]))) or phrase["other"]
        return phrase.format_map(values)

    def __contains__(self, key: str) -> bool:
        return key in self.fallback


@dataclass(frozen=True, slots=True)
class Catalogues:
    """All catalogues, loaded once."""

    phrases: Mapping[str, Mapping[str, Phrase]]
    attributes: Mapping[str, AttributeWords]

    @classmethod
    def load(cls) -> Catalogues:
        """Read the JSON files of this package."""
        folder = files(__package__)
        return cls(
            {lang: json.loads((folder / f"{lang}.json").read_text("utf-8")) for lang in LANGUAGES},
            {lang: AttributeWords.load(lang) for lang in LANGUAGES},
        )

    def words(self, locale: object) -> Words:
        """Return the catalogue for a Discord locale: `fr` for fr, `en` for unsupported ones."""
        language = str(locale or DEFAULT).partition("-")[0]
        attributes = self.attributes.get(language) or self.attributes[DEFAULT]
        return Words(language, self.phrases.get(language, {}), self.phrases[DEFAULT], attributes)


def language_name(locale: object) -> str:
    """Return the endonym of the language used for a Discord locale: français for fr."""
    return LANGUAGE_NAMES.get(str(locale).partition("-")[0], LANGUAGE_NAMES[DEFAULT])


def placeholders(phrase: Phrase) -> set[str]:
    """Return a message's placeholder names, of all its forms together."""
    forms = [phrase] if isinstance(phrase, str) else phrase.values()
    return {name for form in forms for _, name, _, _ in Formatter().parse(form) if name}
