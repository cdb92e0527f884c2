"""Small pieces of text that end up in messages."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from gan.codes import IconCode

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUOTED = 60  # characters of what a person typed that are repeated
_LOOKED_AT = 20 * _QUOTED  # many may be invisible
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # categories: controls, halves of characters, and their like
_ARROW = " → "
_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_~|<>[]()#@:"})  # what mentions and markdown begin with


def quoted(text: str) -> str:
    """Return what a person typed, so that it can be repeated: as code, where no mention, link or markdown works.

    Invisible characters, which could turn a line's direction or hide something, are left out.
    """
    longer = len(text) > _LOOKED_AT
    text = visible(" ".join(text[:_LOOKED_AT].split()))
    text = text.replace("`", "ˋ")  # a backtick would end the code
    if longer or len(text) > _QUOTED:
        text = text[: _QUOTED - 1] + "…"
    return f"`{text or '?'}`"


def plain(text: str) -> str:
    """Return a line of a person's as Discord shows it to the letter: no mention, link or markdown works in it."""
    return text.translate(_SIGNS)


def visible(text: str, keep: str = "") -> str:
    """Return `text` without invisible characters, but for those of `keep`."""
    return "".join(c for c in text if c in keep or unicodedata.category(c) not in _INVISIBLE)


def in_a_row(parts: Sequence[str], limit: int) -> str:
    """Return `parts` with arrows between them, in at most `limit` characters: what does not fit is left out whole.

    A mark stands for each part that was left out; the shortest stay.
    """
    shown = list(parts)
    for part in sorted(parts, key=len, reverse=True):
        if len(_ARROW.join(shown)) <= limit:
            break
        shown[shown.index(part)] = "…"
    return _ARROW.join(shown)


def same_code(typed: str, code: IconCode) -> bool:
    """Whether a person typed `code` as it is printed, so that nothing is gained by showing both."""
    return unicodedata.normalize("NFKC", typed).strip().casefold() == str(code)


def shown_code(code: IconCode, style: str, default_style: str) -> str:
    """Return what a person must type to see the icon again: a bare code in the default style, else code/style."""
    return str(code.bare if style == default_style else replace(code.bare, style=style))
