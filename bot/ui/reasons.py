"""Translates the reasons for refusing a picture: gan has them in English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.i18n import Words

# messages of gan.dataset and bot.features.retrain.intake -> catalogue keys; groups fill placeholders
_KNOWN = [
    (re.compile(pattern), key)
    for pattern, key in (
        (r"not a picture that can be read.*", "picture.none"),
        (r"(?P<kind>.+): not a picture that can be read; .*", "picture.kind"),
        (r"HEIC: not a picture that can be read here .*", "picture.heic"),
        (r"a (?P<kind>.+) archive, not a picture; .*", "picture.archive"),
        (r"blank once it is cropped to a square: .*", "picture.blank"),
        (r"a link to a folder, .*", "picture.folder"),
        (r"empty: zero bytes", "picture.empty"),
        (r"cut off or damaged \((?P<detail>\w+)\)", "picture.damaged"),
        (r"does not fit into memory", "picture.memory"),
        (r"(?P<size>\d+×\d+) is larger than (?P<most>[\d.]+) megapixels", "picture.large"),
        (r"larger than (?P<most>[\d.]+) megapixels", "picture.huge"),
        (r"(?P<size>\d+×\d+) is smaller than (?P<least>\d+) pixels", "picture.small"),
        (r"the same picture as (?P<other>.+)", "picture.same"),
        (r"almost the same as (?P<other>.+)", "picture.alike"),
        (r"larger than (?P<most>\d+) MiB", "picture.heavy"),
        (r"could not be downloaded \((?P<detail>\w+)\)", "picture.lost"),
        (r"took longer than (?P<seconds>[\d.]+) seconds to read", "picture.slow"),
        (r"crashed the reading process", "picture.crash"),
        (r"a link, not a file|not a regular file", "picture.link"),
        (r"its path leads out of the archive", "picture.path"),
        (r"encrypted; .*", "picture.encrypted"),
        (r"an archive in the archive; .*", "picture.nested"),
        (r"packed more than \d+ times smaller, which no picture is", "picture.bomb"),
        (r"packed by an uncommon method; .*", "picture.method"),
        (r"damaged in the archive", "picture.torn"),
        (r"lists .*files; a zip may hold (?P<most>[\d,]+)", "picture.crowd"),
        (r"(?:would unpack to .*|unpacks to more .*); a zip may unpack to (?P<most>[\d,]+) MiB", "picture.flood"),
        (r"unpacks to (?P<size>[\d,]+) MiB; a picture may have (?P<most>[\d,]+) MiB", "picture.heavy"),
        (r"is a zip cut off before its end; .*|is not a zip that can be read .*", "picture.zip"),
    )
]


def reason_in(words: Words, reason: str) -> str:
    """Return a reason in the language of `words`; an unknown one is unchanged."""
    for pattern, key in _KNOWN:
        if match := pattern.fullmatch(reason):
            return words(key, **match.groupdict())
    return reason
