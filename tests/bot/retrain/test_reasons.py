"""Every reason for which a file is refused is told in the language of whoever asked."""

from __future__ import annotations

from bot.features.retrain.intake import Reader
from bot.i18n import Catalogues
from bot.ui.reasons import reason_in
from tests.bot.retrain.hostile import REFUSED

FRENCH = Catalogues.load().words("fr")


async def test_every_reason_of_the_hostile_files_is_told_in_french() -> None:
    untold = set()
    async with Reader() as reader:
        for make, _ in REFUSED.values():
            taken, whole = await reader.read("a.bin", make(), 600)
            reasons = [reason for _, reason in taken.refused] + ([whole] if whole else [])
            untold |= {reason for reason in reasons if reason_in(FRENCH, reason) == reason}
    assert not untold


def test_the_other_reasons_are_told_too_and_unknown_ones_stay_as_they_are() -> None:
    for reason in (
        "the same picture as a.png",
        "almost the same as {b}.png",
        "larger than 64 MiB",
        "could not be downloaded (NotFound)",
        "took longer than 30 seconds to read",
        "crashed the reading process",
        "does not fit into memory",
        "a link to a folder, which is not followed",
        "HEIC: not a picture that can be read here without pillow-heif; save it as PNG or JPEG",
        "unpacks to 99 MiB; a picture may have 64 MiB",
    ):
        assert reason_in(FRENCH, reason) != reason
    assert "{b}.png" in reason_in(FRENCH, "almost the same as {b}.png")
    assert reason_in(FRENCH, "something new") == "something new"
