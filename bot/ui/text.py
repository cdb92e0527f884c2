"""Text formatting for messages."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from gan.codes import IconCode

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUOTED = 60  # longest quoted input
_SCAN_LIMIT = 20 * _QUOTED  # characters that are read; many may be invisible
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # categories: control, surrogate and similar
_ARROW = " → "
_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_~|<>[]()#@:"})  # mention and markdown syntax


def quoted(text: str) -> str:
    """Quote user input as inline code, which disables mentions, links and markdown.

    Invisible characters, which could reverse or hide text, are removed.
    """
    longer = len(text) > _SCAN_LIMIT
    text = visible(" ".join(text[:_SCAN_LIMIT].split()))
    text = text.replace("`", "ˋ")  # a backtick would end the code
    if longer or len(text) > _QUOTED:
        text = text[: _QUOTED - 1] + "…"
    return f"`{text or '?'}`"


def plain(text: str) -> str:
    """Escape a user's line: no mentions, links or markdown."""
    return text.translate(_SIGNS)


def visible(text: str, keep: str = "") -> str:
    """Return `text` without invisible characters, except those in `keep`."""
    return "".join(c for c in text if c in keep or unicodedata.category(c) not in _INVISIBLE)


def in_a_row(parts: Sequence[str], limit: int) -> str:
    """Join `parts` with arrows, in at most `limit` characters, omitting whole parts.

    An ellipsis replaces each omitted part; the shortest parts are used.
    """
    shown = list(parts)
    for part in sorted(parts, key=len, reverse=True):
        if len(_ARROW.join(shown)) <= limit:
            break
        shown[shown.index(part)] = "…"
    return _ARROW.join(shown)


def same_code(typed: str, code: IconCode) -> bool:
    """Whether the input equals `code`, so that showing both is redundant."""
    return unicodedata.normalize("NFKC", typed).strip().casefold() == str(code)


def shown_code(code: IconCode, style: str, default_style: str) -> str:
    """Return what to type to see the icon again: a bare code in the default style, else code/style."""
    return str(code.bare if style == default_style else replace(code.bare, style=style))
