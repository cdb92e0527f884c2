"""The result of loading a source: accepted and refused pictures, near-duplicates, and a fingerprint of the pixels."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_NAME = 120


def printable(name: str) -> str:
    r"""Return `name` for display in a terminal or a chat: one line, no control, bidi or undecodable characters.

    Such characters are escaped (`\x1b`, `\u202e`); names over 120 characters are shortened in the middle. Markup (Rich,
    Discord) is not escaped here.
    """
    shown = "".join(
        c.encode("unicode_escape").decode("ascii")
        if unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp")
        else c
        for c in name
    )
    if len(shown) > LONGEST_NAME:
        half = LONGEST_NAME // 2
        shown = f"{shown[: half - 1]}…{shown[-half:]}"
    return shown


def fingerprint(digests: Iterable[str]) -> str:
    """An order-independent sha256 (hex) of a set of pictures: the hash of their sorted hashes."""
    return hashlib.sha256("\n".join(sorted(digests)).encode("ascii")).hexdigest()


@dataclass(frozen=True)
class Report:
    """The result of `load_images`. All names are printable; `accepted` is in the order of the returned array."""

    source: str
    accepted: list[str]
    refused: list[tuple[str, str]]  # (name, reason)
    fingerprint: str  # sha256 over the accepted pixels, independent of their order and names
    lookalikes: list[tuple[str, str]] = field(default_factory=list)  # (name, earlier name): kept, but noted
    warnings: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)  # of the accepted pictures in the source

    def summary(self, most: int = 20) -> list[str]:
        """Readable lines: counts, warnings, then at most `most` refusals and `most` near-duplicates."""
        count = len(self.accepted)
        lines = [f"{self.source}: {count:,} picture{'s' * (count != 1)} accepted, {len(self.refused):,} refused"]
        lines += [f"warning: {text}" for text in self.warnings]
        lines += _listed([f"refused {name}: {reason}" for name, reason in self.refused], most)
        lines += _listed([f"kept {name}, though almost the same as {other}" for name, other in self.lookalikes], most)
        return lines

    def as_dict(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "source": self.source,
            "count": len(self.accepted),
            "fingerprint": self.fingerprint,
            "accepted": self.accepted,
            "refused": [{"name": name, "reason": reason} for name, reason in self.refused],
            "lookalikes": [{"name": name, "like": other} for name, other in self.lookalikes],
            "warnings": self.warnings,
        }

    def to_json(self) -> str:
        """`as_dict` as text."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2)


def _listed(lines: list[str], most: int) -> list[str]:
    if len(lines) <= most:
        return lines
    return [*lines[:most], f"… and {len(lines) - most:,} more of these"]
