"""The names of favourites: validation and file names."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable

from bot.errors import Refusal
from bot.ui.text import visible

MOST_CHARACTERS = 60
# characters of the input that are read; part may be invisible, and NFKC expands one character to up to 18
_SCAN_LIMIT = 10 * MOST_CHARACTERS
_JOINERS = "\u200c\u200d"  # zero-width joiners, used by emoji, Persian and Indic scripts
_MOST_MARKS = 3  # combining marks per character; more overlap the lines above
_STEM_BYTES = 100  # of a file name; file systems allow at least 143
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]", re.IGNORECASE)  # reserved device names on Windows


def read_name(typed: str) -> str | None:
    """Return the typed name, NFKC and trimmed, 1 … MOST_CHARACTERS long; None if empty.

    Raises `Refusal` if it is too long, has control characters or nothing visible.
    """
    text = unicodedata.normalize("NFKC", typed[:_SCAN_LIMIT])[:_SCAN_LIMIT].strip()
    if not text:
        return None
    if any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text):
        raise Refusal("gallery.name.control")
    name = " ".join(_few_marks(visible(text, keep=_JOINERS)).split()).strip(_JOINERS)
    if not any(unicodedata.category(c)[0] in "LNPS" for c in name):
        raise Refusal("gallery.name.control")
    if len(name) > MOST_CHARACTERS:
        raise Refusal("gallery.name.long", most=MOST_CHARACTERS)
    return name


def file_stems(icons: Iterable[tuple[str | None, str]]) -> list[str]:
    """Return a file name without extension for each icon, given as (name, stem of its code).

    The names are safe on any file system and unique, ignoring case.
    """
    taken: set[str] = set()
    stems = []
    for name, code in icons:
        wanted = (_stem(name) if name else "") or code
        numbered = (wanted if n == 1 else f"{wanted}-{n}" for n in itertools.count(1))
        stem = next(stem for stem in numbered if _folded(stem) not in taken)
        taken.add(_folded(stem))
        stems.append(stem)
    return stems


def _folded(stem: str) -> str:
    return unicodedata.normalize("NFKC", stem.casefold())


def _stem(name: str) -> str:
    """Return a name's letters, digits and hyphens of any script, at most _STEM_BYTES long; may be empty."""
    safe = "".join(c if unicodedata.category(c)[0] in "LNM" else "-" for c in name)
    stem = re.sub(r"-+", "-", safe).encode()[:_STEM_BYTES].decode(errors="ignore").strip("-")
    return f"{stem}-icon" if _RESERVED.fullmatch(stem) else stem


def _few_marks(text: str) -> str:
    result, marks = [], 0
    for c in text:
        marks = marks + 1 if unicodedata.category(c)[0] == "M" else 0
        if marks <= _MOST_MARKS:
            result.append(c)
    return "".join(result)
