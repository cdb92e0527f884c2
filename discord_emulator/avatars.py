"""Avatars: people get an icon by the house artist, always the same for the same name, and the bot gets the logo."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import resvg_py

from gan import artist
from gan.rendering import encode_plain_png

SIZE = 128  # pixels a side
_LOGO = Path(__file__).parent / "page" / "favicon.svg"


@lru_cache(maxsize=64)
def person_png(name: str) -> bytes:
    """Return the avatar of a person: PNG, 128×128."""
    index = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    return encode_plain_png(artist.draw(index, SIZE))


@lru_cache(maxsize=1)
def bot_png() -> bytes:
    """Return the bot's avatar, the logo of the page: PNG, 128×128."""
    return bytes(resvg_py.svg_to_bytes(svg_string=_LOGO.read_text(), width=SIZE, height=SIZE, skip_system_fonts=True))
