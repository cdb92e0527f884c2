"""Localised messages: a flat JSON catalogue for each language, with English as the fallback.

    words = Catalogues.load().words(discord.Locale.french)
    words("cooldown", seconds=3)

The catalogues also hold the command descriptions: a `locale_str` carries its key as ``key=``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Formatter

from bot.i18n.attributes import AttributeWords

DEFAULT = "en"
LANGUAGE_NAMES = {DEFAULT: "English", "fr": "français", "ja": "日本語"}  # endonyms
LANGUAGES = tuple(LANGUAGE_NAMES)


@dataclass(frozen=True, slots=True)
class Words:
    """A language's catalogue. Calling it formats a message; missing keys fall back to English."""

    language: str
    phrases: Mapping[str, str]
    fallback: Mapping[str, str]
    attributes: AttributeWords

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the formatted message of `key`; raises KeyError for an unknown key."""
        phrase = self.phrases.get(key) or self.fallback[key]
        return phrase.format_map(values)

    def __contains__(self, key: str) -> bool:
        return key in self.fallback


@dataclass(frozen=True, slots=True)
class Catalogues:
    """All catalogues, loaded once."""

    phrases: Mapping[str, Mapping[str, str]]
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


def placeholders(phrase: str) -> set[str]:
    """Return a message's placeholder names."""
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}
