"""Parse what a user typed: an icon code, a word or a phrase.

The grammar, after NFKC, trimming and casefolding, and without variation selectors:

    code = body tweak* [ "/" style [ "#" hash8 ] ]
    body = term | term tweak* "x" term [ tweak* "@" percent ("~" n)* ]
    term = seed ("~" n)*
    tweak = "+" name ":" [ "-" ] n

A tweak moves an icon along one edit axis (see `gan.latent.edits`). Trailing tweaks apply to the result; within a mix,
those of either icon follow it, and those of the second one require a share after them. Each name occurs once, in
alphabetical order; a tweak of 0 steps is dropped. Which names exist depends on the model.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TypedDict

from gan.codes.errors import CodeError
from gan.codes.parts import MODEL, STYLE, Term, Tweak

MAX_TEXT = 500  # characters of input; every code is shorter

_STEPS = r"((?:~[0-9]+)*)"
_TWEAKS = r"((?:\+[a-z][a-z0-9_]*:[+-]?[0-9]+)*)"
_OF_A_MIX = rf"(?:{_TWEAKS}x([0-9]+){_STEPS}(?:{_TWEAKS}@([0-9]+){_STEPS})?)?"
_BODY = re.compile(rf"([0-9]+){_STEPS}{_OF_A_MIX}{_TWEAKS}")
# intended as a code, so not to be read as a phrase; "1+1", "12+x: yes" and "1+a:2 is nice" are phrases
_TWEAKING = r"(?:\s*\+\s*[a-z][a-z0-9_]*\s*:\s*[+\-−]?[0-9]+)++(?!\s+(?![x×~@]\s*[0-9]))"
_ATTEMPT = re.compile(rf"[0-9]+\s*(?:[x×~@/#]|$|{_TWEAKING})")
_STYLED_WORD = re.compile(rf"([^/]*[^/\s])/({STYLE.pattern})(?:#({MODEL.pattern}))?")
# variation selectors differ between keyboards: ❤️ is ❤ and U+FE0F, 1️⃣ is 1, U+FE0F and U+20E3
_VARIATION_SELECTORS = re.compile("[\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_EXAMPLES = "Examples: 123, naru, 123~4, 123x456@25, 123+mouth:1, 123/mel."


class Fields(TypedDict, total=False):
    """The fields of a `gan.codes.IconCode`, which validates them."""

    first: Term
    second: Term | None
    percent: int
    steps: tuple[int, ...]
    style: str | None
    model: str | None
    tweaks: tuple[Tweak, ...]


def read(text: str) -> Fields:
    """Parse a code, a word or a phrase; raises `CodeError` with a message for the user."""
    text = _clean(text)
    if not _ATTEMPT.match(text):
        word, style, model = text, None, None
        if styled := _STYLED_WORD.fullmatch(text):
            word, style, model = styled.groups()
        return {"first": Term(_hash(word)), "style": style, "model": model}
    # phones write "123×456" for a mix and "−1" for a negative number
    body, slash, tail = text.replace("×", "x").replace("−", "-").partition("/")
    parts = _BODY.fullmatch(body)
    if parts is None:
        raise CodeError(f"“{_shorten(text)}” is not an icon code. {_EXAMPLES}", "form")
    seed, steps, tweaks1, seed2, steps2, tweaks2, percent, mix_steps, tweaks = parts.groups(default="")
    style, sharp, model = tail.partition("#")
    return {
        "first": Term(int(seed), _read_steps(steps), _read_tweaks(tweaks1)),
        "second": Term(int(seed2), _read_steps(steps2), _read_tweaks(tweaks2)) if seed2 else None,
        "percent": int(percent) if percent else 50,
        "steps": _read_steps(mix_steps),
        "style": style if slash else None,
        "model": model if sharp else None,
        "tweaks": _read_tweaks(tweaks),
    }


def read_phrase(text: str) -> Term:
    """Return the term of a word or phrase, even one that looks like a code, such as 42; raises `CodeError`."""
    return Term(_hash(_clean(text)))


def _clean(text: str) -> str:
    """Normalise the input; refuse empty and overlong text and invisible characters."""
    if len(text) > MAX_TEXT:
        raise CodeError(f"An icon code or phrase has at most {MAX_TEXT} characters.", "long")
    text = unicodedata.normalize("NFKC", _VARIATION_SELECTORS.sub("", text)).strip().casefold()
    if not text:
        raise CodeError(f"An icon code or a word is needed. {_EXAMPLES}", "empty")
    # surrogates (Cs) cannot be encoded in UTF-8
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in text):
        raise CodeError("An icon code or phrase is one line without control characters.", "control")
    return " ".join(text.split())


def _hash(word: str) -> int:
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")


def _read_steps(text: str) -> tuple[int, ...]:
    return tuple(int(n) for n in text.split("~")[1:])


def _read_tweaks(text: str) -> tuple[Tweak, ...]:
    pairs = re.findall(r"\+([a-z0-9_]+):([+-]?[0-9]+)", text)
    return tuple(Tweak(name, int(steps)) for name, steps in pairs if int(steps))


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"
