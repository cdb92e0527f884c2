"""Every reason for which a file is refused is told in the language of whoever asked."""

from __future__ import annotations

import json

import pytest

from bot.features.retrain.intake import Reader
from bot.i18n import Catalogues, placeholders
from bot.ui.reasons import reason_in
from gan.dataset.reasons import TEXTS, Reason, from_json, to_json
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


def test_every_code_has_a_message_and_other_texts_stay_as_they_are() -> None:
    for code, text in TEXTS.items():
        names = placeholders(text)
        reason = Reason(code, **{name: f"<{name}>" for name in names})
        assert reason_in(FRENCH, reason) != reason
        again = from_json(json.loads(json.dumps(to_json(reason))), str)
        assert (again, getattr(again, "code", None)) == (reason, code)
    assert "{b}.png" in reason_in(FRENCH, Reason("alike", other="{b}.png"))
    assert reason_in(FRENCH, "something new") == "something new"


@pytest.mark.parametrize("data", ["text", 5, None, {}, {"code": "x"}, {"code": "same"}, {"code": [], "values": {}}, []])
def test_what_another_process_sends_is_at_worst_a_text(data: object) -> None:
    assert from_json(data, str.upper) == str(data).upper()


def test_parameters_from_another_process_are_cleaned_and_cut() -> None:
    reason = from_json({"code": "kind", "values": {"kind": "a" * 1000}}, str.upper)
    assert reason.startswith("A" * 200 + ":")
