"""`/describe` over the wire, with a model whose latents choose attributes and with one that knows none."""

from __future__ import annotations

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator
from gan.codes import IconCode
from tests.e2e.test_bot_icons import buttons


def drawn_code(content: str) -> IconCode:
    return IconCode.parse(content.rpartition("→ `")[2].partition("`")[0])


async def test_an_icon_is_found_by_options_and_by_words_in_three_languages(
    emulator: Emulator, described_bot: MeliconBot
) -> None:
    asked = [
        (emulator.moderator, {"hair": "pink", "eyes": "closed"}),
        (emulator.stranger, {"text": "cheveux roses, oreilles de chat, yeux fermés"}),
        (emulator.member, {"text": "ピンクの髪", "eyes": "ウインク"}),
    ]
    for user, options in asked:
        reply = await emulator.slash(user, "describe", options)
        code = drawn_code(reply.message["content"])
        has = (await described_bot.studio.draw(code)).attributes
        assert code.second is None
        assert not code.first.steps
        assert has["hair_colour"] == "pink"
        assert has["eyes"] in {"happy", "calm", "squeezed", "wink"}
        assert len(buttons(reply.message)) == 7
    assert "髪の色: ピンク" in reply.message["content"]


async def test_what_could_not_be_found_or_read_is_said(
    emulator: Emulator, described_bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gan.search.attribute_search.MOST", 0)  # one block of seeds, and no more
    rare = {"hair": "twin tails", "mouth": "smile", "skin": "fair", "clothes": "hoodie", "background": "lagoon"}
    reply = await emulator.slash(emulator.moderator, "describe", {"text": "seven wings, `@everyone`", **rare})
    content = reply.message["content"]
    assert "No icon has all of that. Missing: " in content
    assert "recognise `seven wings`" in content
    has = (await described_bot.studio.draw(drawn_code(content))).attributes
    missing = content.partition("Missing: ")[2].partition("\n")[0]
    assert ("hair: twin tails" in missing) == (has["hair"] != "twin_tails")
    assert ("clothes: hoodie" in missing) == (has["clothes"] != "hoodie")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "What should it look like"),
        ({"text": "`" * 200}, "didn’t recognise"),
        ({"text": "@everyone \u202e!"}, "`@everyone !`"),
        ({"hair": "jelly"}, "For example: `short hair`"),
        ({"hair": "9" * 6000}, "can’t draw"),
    ],
)
async def test_what_is_no_wish_is_said_in_private(
    options: dict[str, str], says: str, emulator: Emulator, described_bot: MeliconBot
) -> None:
    reply = await emulator.slash(emulator.moderator, "describe", options)
    assert reply.ephemeral
    assert says in reply.message["content"]


async def test_values_are_suggested_in_the_users_language(emulator: Emulator, described_bot: MeliconBot) -> None:
    choices = await emulator.autocomplete(emulator.stranger, "describe", focused="eyes", value="FERM")
    assert {choice["value"] for choice in choices} == {"fermés, rieurs", "fermés, paisibles"}
    everything = await emulator.autocomplete(emulator.moderator, "describe", focused="headwear", value="")
    assert len(everything) == 25
    assert "none" not in {choice["value"] for choice in everything}


async def test_a_model_without_attributes_says_that_it_cannot(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await emulator.slash(emulator.moderator, "describe", {"text": "pink hair"})
    assert reply.ephemeral
    assert "`tiny`" in reply.message["content"]
    assert await emulator.autocomplete(emulator.moderator, "describe", focused="hair", value="") == []
