"""Avatars: the initial of a user's name, unless the program draws them; the bot has the logo."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from html import escape
from pathlib import Path

import resvg_py

SIZE = 128  # pixels a side
_LOGO = Path(__file__).parent / "page" / "favicon.svg"
_DISC = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128">
<rect width="128" height="128" fill="hsl({hue} 45% 50%)"/>
<text x="64" y="86" font-size="64" font-family="sans-serif" text-anchor="middle" fill="white">{letter}</text></svg>"""


@lru_cache(maxsize=64)
def person_png(name: str) -> bytes:
    """Return a user's avatar, determined by the name: PNG, 128×128."""
    hue = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % 360
    return bytes(resvg_py.svg_to_bytes(svg_string=_DISC.format(hue=hue, letter=escape(name[:1].upper())), width=SIZE))


@lru_cache(maxsize=1)
def bot_png() -> bytes:
    """Return the bot's avatar, the page's logo: PNG, 128×128."""
    return bytes(resvg_py.svg_to_bytes(svg_string=_LOGO.read_text(), width=SIZE, height=SIZE, skip_system_fonts=True))
