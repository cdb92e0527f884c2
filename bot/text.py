"""Small pieces of text that end up in messages."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from gan.codes import IconCode

_QUOTED = 60  # characters of what a person typed that are repeated


def quoted(text: str) -> str:
    """Return what a person typed, so that it can be repeated: as code, where no mention, link or markdown works.

    Invisible characters, which could turn a line's direction or hide something, are left out.
    """
    text = " ".join(text.split())
    text = "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    text = text.replace("`", "ˋ")  # a backtick would end the code
    if len(text) > _QUOTED:
        text = text[: _QUOTED - 1] + "…"
    return f"`{text or '?'}`"


def same_code(typed: str, code: IconCode) -> bool:
    """Whether a person typed `code` as it is printed, so that nothing is gained by showing both."""
    return unicodedata.normalize("NFKC", typed).strip().casefold() == str(code)


def shown_code(code: IconCode, style: str, default_style: str) -> str:
    """Return what a person must type to see the icon again: a bare code in the default style, else code/style."""
    return str(code.bare if style == default_style else replace(code.bare, style=style))
