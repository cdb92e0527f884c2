"""The buttons under an icon, over the wire: for anybody, after a restart, twice at once, by the wrong person."""

from __future__ import annotations

import asyncio
import copy
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bot.client import MeliconBot
from bot.store import MOST_FAVOURITES
from discord_emulator import Emulator
from gan import artist
from gan.codes import IconCode
from gan.rendering import read_code
from tests.e2e.conftest import StartBot
from tests.e2e.test_bot_icons import buttons, shown_code

# the longest code there can be, and so the longest custom_ids
LONG = "4294967295" + "~9999" * 8 + "x4294967294" + "~9999" * 8 + "@99" + "~9999" * 7


async def drawn(emulator: Emulator, seed: str = "123", user: Any = None) -> Any:
    return (await emulator.slash(user or emulator.member, "melicon", {"seed": seed})).message


def button(message: Any, what: str) -> str:
    (found,) = [b["custom_id"] for b in buttons(message) if b["custom_id"].startswith(f"mel:v1:{what}")]
    return found


async def press(emulator: Emulator, user: Any, message: Any, what: str, value: str | None = None) -> Any:
    return await emulator.press(user, message, button(message, what), [value] if value else None)


def menu_values(message: Any) -> list[str]:
    (menu,) = [item for item in buttons(message) if "options" in item]
    return [option["value"] for option in menu["options"]]


async def test_variations_are_a_sheet_to_pick_from(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot():
        message = await drawn(emulator)
    async with start_bot() as bot:
        sheet = await press(emulator, emulator.stranger, message, "variations")
        assert not sheet.ephemeral
        assert "Variations 1 à 9 de `123`" in sheet.message["content"]
        assert "9 icônes" in sheet.message["attachments"][0]["description"]
        model = bot.studio.pin(IconCode.parse("123")).model
        assert menu_values(sheet.message) == [f"123~{n}/tiny#{model}" for n in range(1, 10)]
        picture = Image.open(io.BytesIO(await emulator.attachment_bytes(sheet.message)))
        assert picture.width == 3 * 168 + 8
        more = await press(emulator, emulator.member, sheet.message, "variations:10")
        assert menu_values(more.message)[0].startswith("123~10/")
    async with start_bot():
        picked = await press(emulator, emulator.member, sheet.message, "pick", menu_values(sheet.message)[3])
        assert shown_code(picked.message) == "123~4"
        assert len(buttons(picked.message)) == 7, "it has buttons of its own"


async def test_the_longest_code_fits_and_is_known_after_a_restart(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot():
        message = await drawn(emulator, LONG)
        assert all(len(b["custom_id"]) <= 100 for b in buttons(message))
    async with start_bot():
        sheet = await press(emulator, emulator.member, message, "variations")
        picked = await press(emulator, emulator.member, sheet.message, "pick", menu_values(sheet.message)[8])
        assert shown_code(picked.message) == f"{LONG}~9"
        full = await press(emulator, emulator.moderator, picked.message, "variations")
        assert full.ephemeral
        assert "8 variations" in full.message["content"]
        nested = await press(emulator, emulator.moderator, picked.message, "mix")
        assert nested.ephemeral
        assert "mix cannot be mixed" in nested.message["content"]


async def test_mixing_asks_for_the_other_icon_in_a_form(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot():
        message = await drawn(emulator)
        await drawn(emulator, "456", emulator.member)
        await drawn(emulator, "789", emulator.moderator)
        opened = await press(emulator, emulator.member, message, "mix")
        assert "title" in opened.modal
        assert "'789'" in str(opened.modal), "an icon of this channel is offered too"
        chosen = await emulator.modal_submit(emulator.member, opened, {"recent": "456", "amount": "25 %"})
        assert shown_code(chosen.message) == "123x456@25"
        opened = await press(emulator, emulator.stranger, message, "mix")
    async with start_bot():
        typed = await emulator.modal_submit(emulator.stranger, opened, {"other": "naru", "recent": "456"})
        assert shown_code(typed.message) == f"123x{IconCode.parse('naru')}", "a form lives through a restart"


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({}, "Which icon"),
        ({"other": "1x2"}, "mix cannot be mixed"),
        ({"other": "4294967296"}, "4294967295"),
        ({"other": "1/lorelei"}, "lorelei"),
        ({"other": "456", "amount": "101"}, "0 to 100"),
        ({"other": "456", "amount": "-5"}, "0 to 100"),
        ({"other": "456", "amount": "½"}, "0 to 100"),
    ],
)
async def test_a_form_filled_in_badly_is_answered(
    answers: dict[str, str], says: str, emulator: Emulator, bot: MeliconBot
) -> None:
    message = await drawn(emulator, user=emulator.moderator)
    opened = await press(emulator, emulator.moderator, message, "mix")
    reply = await emulator.modal_submit(emulator.moderator, opened, answers)
    assert says in reply.message["content"]
    assert not reply.message["attachments"]


async def test_keeping_is_private_and_undone_by_pressing_again(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot():
        message = await drawn(emulator, user=emulator.moderator)
        first = await press(emulator, emulator.moderator, message, "keep")
        assert first.ephemeral
        assert "`123` is now in your favourites" in first.message["content"]
    async with start_bot():
        other = await press(emulator, emulator.stranger, message, "keep")
        assert "dans vos favoris" in other.message["content"], "each has their own"
        again = await press(emulator, emulator.moderator, message, "keep")
        assert "was removed" in again.message["content"]
        three = await asyncio.gather(*(press(emulator, emulator.moderator, message, "keep") for _ in range(3)))
        assert len({reply.message["id"] for reply in three}) == 3, "every press is answered"


async def test_a_full_gallery_is_said_to_be_full(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.favourites.MOST_FAVOURITES", 3)
    for n in range(3):
        await bot.store.favourites.toggle(
            user_id=int(emulator.moderator.id), guild_id=1, code=str(n), style="s", model="m", picture=b""
        )
    reply = await press(emulator, emulator.moderator, await drawn(emulator, user=emulator.moderator), "keep")
    assert str(MOST_FAVOURITES) in reply.message["content"]


async def test_an_icon_comes_in_every_size_for_whoever_asks(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot():
        message = await drawn(emulator, "123~4")
        asked = await press(emulator, emulator.stranger, message, "sizes")
        assert asked.ephemeral
        assert menu_values(asked.message) == [
            "64", "256", "512", "1024", "round", "sticker", "emoji", "server_icon", "webp",
        ]  # fmt: skip
    async with start_bot():
        for value in menu_values(asked.message):
            reply = await press(emulator, emulator.stranger, asked.message, "size", value)
            assert reply.ephemeral
            assert reply.message["attachments"][0]["description"]
            data = await emulator.attachment_bytes(reply.message)
            picture = Image.open(io.BytesIO(data))
            if value == "webp":
                assert (picture.format, picture.size) == ("WEBP", (512, 512))
                continue
            assert (read_code(data) or "").startswith("123~4/tiny#")
            if value in {"sticker", "emoji"}:
                side, limit = {"sticker": (320, 512 * 1024), "emoji": (128, 256 * 1024)}[value]
                assert picture.size == (side, side)
                assert len(data) <= limit
                assert "Paramètres du serveur" in reply.message["content"]
            elif value == "server_icon":
                assert picture.size == (512, 512)
                assert "Profil du serveur" in reply.message["content"]
            elif value == "round":
                alpha = np.asarray(picture)[..., 3]
                assert (picture.size, alpha[0, 0], alpha[256, 256]) == ((512, 512), 0, 255)
            else:
                assert (picture.size, picture.mode) == ((int(value), int(value)), "RGB")


async def test_an_icon_of_the_artists_attributes_comes_as_vectors(
    emulator: Emulator, described_bot: MeliconBot
) -> None:
    message = await drawn(emulator, "123")
    asked = await press(emulator, emulator.stranger, message, "sizes")
    assert menu_values(asked.message)[-1] == "svg"
    reply = await press(emulator, emulator.stranger, asked.message, "size", "svg")
    assert reply.message["attachments"][0]["filename"] == "melicon-123.svg"
    document = (await emulator.attachment_bytes(reply.message)).decode()
    code = IconCode.parse("123")
    assert document == artist.svg_conditions(described_bot.studio.sampler_for(code).describe(code))


async def test_vectors_asked_of_a_style_that_has_none_are_refused(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a menu that was opened before another style came into use."""
    monkeypatch.setattr("bot.features.icons.downloads._may_have_attributes", lambda *_: True)
    asked = await press(emulator, emulator.stranger, await drawn(emulator, "123"), "sizes")
    reply = await press(emulator, emulator.stranger, asked.message, "size", "svg")
    assert "pas de version vectorielle" in reply.message["content"]


async def test_only_the_asker_and_moderators_delete(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot():
        mine, other, third = [await drawn(emulator) for _ in range(3)]
    async with start_bot() as bot:

        def there() -> set[str]:
            return {m["id"] for m in emulator.messages()}

        refused = await press(emulator, emulator.stranger, mine, "delete")
        assert refused.ephemeral
        assert "Seule la personne" in refused.message["content"]
        assert mine["id"] in there()
        await asyncio.gather(*(press(emulator, emulator.member, mine, "delete") for _ in range(3)))
        await press(emulator, emulator.moderator, other, "delete")
        assert there() & {mine["id"], other["id"], third["id"]} == {third["id"]}
        await bot.greet(int(emulator.channel))
        greeting = await emulator.wait_message(matches=lambda m: "Welcome!" in m["content"])
        assert (await press(emulator, emulator.member, greeting, "delete")).ephemeral
        await press(emulator, emulator.moderator, greeting, "delete")
        assert greeting["id"] not in there()


async def test_a_button_whose_model_was_replaced_says_so(emulator: Emulator, bot: MeliconBot) -> None:
    message = await drawn(emulator, user=emulator.moderator)
    other = copy.copy(bot.studio.in_use)
    other.card = replace(other.card, hash="ffffffff" + other.card.hash[8:])  # type: ignore[misc]
    bot.studio.use(other)
    for what in ("variations", "mix", "keep"):
        reply = await press(emulator, emulator.moderator, message, what)
        assert "no longer exists" in reply.message["content"]


async def test_many_may_press_one_button_at_once(emulator: Emulator, bot: MeliconBot) -> None:
    message = await drawn(emulator)
    people = [emulator.member, emulator.stranger, emulator.moderator, emulator.owner]
    pressed = [press(emulator, user, message, what) for user in people for what in ("another", "variations", "keep")]
    replies = await asyncio.gather(*pressed)
    assert len({reply.message["id"] for reply in replies}) == len(replies)
    assert all(reply.message["attachments"] or reply.ephemeral for reply in replies)
