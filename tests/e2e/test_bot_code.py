"""`/code` and "Which icon is this?" over the wire: PNGs with a code, foreign codes, and pictures without one."""

from __future__ import annotations

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator
from gan.rendering import encode_png
from tests.e2e.test_bot_buttons import menu_values, press
from tests.e2e.test_bot_icons import buttons, shown_code
from tests.gan.odd_pictures import drawing, plain

MENU = "Which icon is this?"
pytestmark = pytest.mark.usefixtures("quick_projection")


async def test_a_renamed_copy_of_an_icon_gives_its_code_to_the_asker_alone(emulator: Emulator, bot: MeliconBot) -> None:
    drawn = await emulator.slash(emulator.member, "melicon", {"seed": "naru"})
    png = await emulator.attachment_bytes(drawn.message)
    reply = await emulator.slash(emulator.moderator, "code", {"image": ("holiday.png", png)})
    assert reply.ephemeral
    assert shown_code(reply.message) == shown_code(drawn.message)
    assert await emulator.attachment_bytes(reply.message) == png, "the same picture is drawn again"
    assert len(buttons(reply.message)) > 3, "those of any icon"


async def test_the_menu_reads_the_code_of_a_forwarded_icon(emulator: Emulator, bot: MeliconBot) -> None:
    drawn = await emulator.slash(emulator.moderator, "melicon", {"seed": "123~4"})
    file = ("a.png", await emulator.attachment_bytes(drawn.message))
    posted = await emulator.post_message(emulator.member, files=[("notes.txt", b"no picture"), file])
    forwarded = await emulator.forward(emulator.member, posted)
    reply = await emulator.context_menu(emulator.moderator, MENU, forwarded)
    assert reply.ephemeral
    assert shown_code(reply.message) == shown_code(drawn.message)
    words = await emulator.post_message(emulator.member, content="words alone")
    reply = await emulator.context_menu(emulator.moderator, MENU, words)
    assert "no picture attached" in reply.message["content"]


@pytest.mark.parametrize("code", ["7/foreign", "7/tiny#0123abcd"])
async def test_a_code_of_another_bot_is_named(code: str, emulator: Emulator, bot: MeliconBot) -> None:
    png = encode_png(drawing(1), code=code, style="foreign", model="0123abcd")
    reply = await emulator.slash(emulator.moderator, "code", {"image": ("a.png", png)})
    assert reply.ephemeral
    assert f"This is the icon `{code}`, but I can’t draw it" in reply.message["content"]
    assert not reply.message["attachments"]


async def test_a_picture_without_a_code_gives_similar_icons_to_pick_from(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await emulator.slash(emulator.moderator, "code", {"image": ("a.png", plain(1))})
    assert reply.ephemeral
    assert "no icon code" in reply.message["content"]
    options = menu_values(reply.message)
    assert len(set(options)) == 3
    picked = await press(emulator, emulator.moderator, reply.message, "pick", options[0])
    assert shown_code(picked.message) == options[0].split("/")[0]


@pytest.mark.parametrize("text", ["not a code ###", "9" * 500, "@everyone"])
async def test_a_forged_code_is_never_repeated(text: str, emulator: Emulator, bot: MeliconBot) -> None:
    png = encode_png(drawing(2), code=text, style="tiny", model="0123abcd")
    reply = await emulator.slash(emulator.member, "code", {"image": ("a.png", png)})
    assert text not in reply.message["content"]


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04"])
async def test_a_file_that_is_no_picture_gets_one_clear_line(data: bytes, emulator: Emulator, bot: MeliconBot) -> None:
    reply = await emulator.slash(emulator.moderator, "code", {"image": ("a.png", data)})
    text = reply.message["content"]
    assert text.startswith("I can’t use `a.png`: ")
    assert "\n" not in text
