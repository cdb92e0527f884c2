"""Parses attribute queries in plain words, by a vocabulary in every language.

    read_text("pink hair, cat ears", words, known) -> {"headwear": ["cat_ears"], "hair_colour": ["pink"]}, []

A query maps attributes to acceptable values. The longest phrases are matched first, each word once. Unambiguous phrases
match anywhere: twin tails, crown. Others need their noun: "round" may be the eyes or the face, "pink" anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from bot.i18n.attributes import AttributeWords

Query: TypeAlias = dict[str, list[str]]
Known: TypeAlias = Mapping[str, Sequence[str]]  # the attributes of a model and their values

COLOURS = {"hair": "hair_colour", "eyes": "eye_colour", "clothes": "clothes_colour"}
_PLAIN = ("hair", "facewear", "headwear", "mouth", "clothes", "neckwear", "beard", "cheeks")
LONGEST = 200  # characters that are read; Discord has the same limit
_PARTS = re.compile(r"[,;.、。，；/\n]|\b(?:and|with|et|avec)\b|と")
_MARK = "\x01"  # placeholder for recognised words
_LATIN = re.compile(r"[a-z0-9]")


def read_text(text: str, words: Sequence[AttributeWords], known: Known) -> tuple[Query, list[str]]:
    """Return the query in `text`, and the parts not recognised; `words` in order of preference.

    Text beyond `LONGEST` characters is ignored.
    """
    vocabulary = _vocabulary(words, known)
    query: Query = {}
    found_in: dict[str, str] = {}  # mark -> attribute
    # NFKC expands one character to up to 18
    text = _normal(text[:LONGEST])[:LONGEST]
    # unambiguous phrases first, in the whole text, as "shirt and tie" must not be split
    for phrase, name, values in vocabulary.plain:
        if name not in query and (place := _find(phrase, text)):
            mark = f"{_MARK}{len(found_in)}{_MARK}"
            found_in[mark] = name
            query[name] = list(values)
            text = f"{text[: place.start]}{mark}{text[place.stop :]}"
    unread = []
    before: list[str] = []
    for part in _PARTS.split(text):
        here = [name for mark, name in found_in.items() if mark in part]
        rest = re.sub(f"{_MARK}[0-9]+{_MARK}", " ", part)
        if not (here or rest.strip()):
            continue
        named = _read_part(rest, here, vocabulary, query)
        # "long hair and green": a part without a noun belongs to the one before
        named = named or _read_part(rest, before, vocabulary, query)
        if named or here:
            before = [*named, *here]
        elif rest.strip():
            unread.append(rest.strip())
    return query, unread


def _read_part(text: str, here: list[str], vocabulary: Vocabulary, query: Query) -> list[str]:
    """Add what `text` says about its nouns and the attributes found `here` to `query`.

    Returns the attributes that were added.
    """
    named = []
    for noun, name in vocabulary.nouns:
        if place := _find(noun, text):
            named.append(name)
            text = f"{text[: place.start]} {text[place.stop :]}"
    read: list[str] = []
    for name in dict.fromkeys([*named, *here]):
        for about in (name, COLOURS.get(name)):
            if about is None or about in query or about not in vocabulary.phrases:
                continue
            options = vocabulary.phrases[about]
            match = next(((place, values) for phrase, values in options if (place := _find(phrase, text))), None)
            if match:
                place, values = match
                query[about] = list(values)
                text = f"{text[: place.start]} {text[place.stop :]}"
                read.append(name)
    return read


def read_option(name: str, typed: str, words: Sequence[AttributeWords], known: Known) -> Query | None:
    """Return the query of `typed` in the option `name`: a value, a group of values, or its colour; None: unknown."""
    if len(typed) > LONGEST:
        return None
    vocabulary = _vocabulary(words, known)
    typed = _normal(typed)
    for about in (name, COLOURS.get(name)):
        if about is not None and (values := vocabulary.exact.get(about, {}).get(typed)):
            return {about: list(values)}
    return None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The normalised phrases for a model's attributes in some languages, longest first."""

    plain: list[tuple[str, str, list[str]]]  # unambiguous phrases: phrase, attribute, values
    nouns: list[tuple[str, str]]  # noun, attribute
    phrases: Mapping[str, list[tuple[str, list[str]]]]  # by attribute: phrase, values
    exact: Mapping[str, Mapping[str, list[str]]]  # by attribute and phrase: values

    @classmethod
    def of(cls, words: Sequence[AttributeWords], known: Known) -> Vocabulary:
        """Build the vocabulary; takes some milliseconds."""
        said = {name: list(phrases(name, words, known)) for name in known}
        plain = [
            (phrase, name, values)
            for name in (*_PLAIN, "eyes")
            for phrase, values in said.get(name, ())
            if len(phrase) > 1 and (name != "eyes" or values == ["wink"])
        ]
        nouns = [(_normal(noun), name) for own in words for name, nouns in own.nouns.items() for noun in nouns]
        exact: dict[str, dict[str, list[str]]] = {}
        for name, options in said.items():
            for phrase, values in options:
                exact.setdefault(name, {}).setdefault(phrase, values)
        return cls(
            sorted(plain, key=lambda entry: -len(entry[0])),
            sorted(nouns, key=lambda entry: -len(entry[0])),
            {name: sorted(options, key=lambda entry: -len(entry[0])) for name, options in said.items()},
            exact,
        )


def _vocabulary(words: Sequence[AttributeWords], known: Known) -> Vocabulary:
    return _remembered(tuple(words), tuple((name, tuple(values)) for name, values in known.items()))


@lru_cache(maxsize=16)
def _remembered(words: tuple[AttributeWords, ...], known: tuple[tuple[str, tuple[str, ...]], ...]) -> Vocabulary:
    return Vocabulary.of(words, dict(known))


def phrases(name: str, words: Sequence[AttributeWords], known: Known) -> Iterable[tuple[str, list[str]]]:
    """Yield the normalised phrases for values of `name`, with those values."""
    here = known.get(name, ())
    for own in words:
        for group, values in own.groups.get(name, {}).items():
            if among := [value for value in values if value in here]:
                yield _normal(group), among
        for value in here:
            if value in {"none", "hidden"}:
                continue
            said = _normal(own.value(name, value))
            yield said, [value]
            for noun in own.nouns.get(name, ()):  # "long hair" is "long" beside its noun
                if (short := _without(said, _normal(noun))) and short != said:
                    yield short, [value]
    for value in here:
        yield _normal(value.replace("_", " ")), [value]


def _without(text: str, noun: str) -> str:
    place = _find(noun, text)
    return re.sub("の$", "", f"{text[: place.start]} {text[place.stop :]}".strip()) if place else ""


def _find(phrase: str, text: str) -> slice | None:
    """Find a phrase at word boundaries; Japanese has none."""
    if phrase not in text:  # the common case
        return None
    spaced = bool(phrase) and bool(_LATIN.match(phrase) and _LATIN.match(phrase[-1]))
    start = text.find(phrase) if phrase else -1
    while start >= 0:
        end = start + len(phrase)
        if not spaced or not (text[max(start - 1, 0) : start].isalnum() or text[end : end + 1].isalnum()):
            return slice(start, end)
        start = text.find(phrase, start + 1)
    return None


def _normal(text: str) -> str:
    """Normalise `text`: one case, no accents on Latin letters, plain apostrophes, single spaces."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("œ", "oe").replace(_MARK, " ")
    if not text.isascii():
        text = "".join(
            unicodedata.normalize("NFD", c)[0] if _LATIN.match(unicodedata.normalize("NFD", c)[0]) else c for c in text
        )
    return " ".join(text.replace("_", " ").split())
