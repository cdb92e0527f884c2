"""`/like-me` and "Make an icon of this" over the wire: pictures, avatars, hostile files, restarts, and two at once."""

from __future__ import annotations

import asyncio
import io
import logging
import re
import threading
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
from PIL import Image

from bot.client import MeliconBot
from bot.inference.encoders import Encoders
from discord_emulator import Emulator
from gan.codes import IconCode
from gan.search.projection.search import Projector
from tests.bot.retrain.hostile import REFUSED, png_of_zeros, zipped
from tests.e2e.conftest import StartBot, write_weights
from tests.e2e.test_bot_buttons import menu_values, press
from tests.e2e.test_bot_icons import buttons, shown_code
from tests.gan.odd_pictures import plain
from tests.patience import ENOUGH

MENU = "Make an icon of this"
pytestmark = pytest.mark.usefixtures("quick_projection")


@pytest.fixture(scope="session")
def picture() -> bytes:
    """A picture that is no icon."""
    return plain(1)


async def offered(emulator: Emulator, message: dict[str, Any]) -> list[str]:
    """Check a sheet with the picture and three icons, and return the three codes."""
    (sheet,) = message["attachments"]
    assert Image.open(io.BytesIO(await emulator.attachment_bytes(message))).size == (4 * 168 + 8, 8 + 160 + 25 + 8)
    assert "3" in sheet["description"]
    values = menu_values(message)
    assert len(set(values)) == 3
    return values


async def test_three_icons_are_offered_for_a_picture_and_can_be_picked_after_a_restart(
    emulator: Emulator, start_bot: StartBot, picture: bytes
) -> None:
    async with start_bot():
        reply = await emulator.slash(emulator.moderator, "like-me", {"image": ("me.png", picture)})
        assert "This picture as an icon" in reply.message["content"]
        values = await offered(emulator, reply.message)
    async with start_bot():
        picked = await press(emulator, emulator.stranger, reply.message, "pick", values[1])
        assert shown_code(picked.message) == values[1].split("/")[0]
        assert len(buttons(picked.message)) > 3, "those of any icon"
        refused = await press(emulator, emulator.stranger, reply.message, "delete")
        assert refused.ephemeral, "who asked for it, and moderators, may delete it"
        assert reply.message["id"] in {m["id"] for m in emulator.messages()}


async def test_without_a_picture_it_is_the_callers_avatar_or_a_friends(emulator: Emulator, bot: MeliconBot) -> None:
    mine = await emulator.slash(emulator.moderator, "like-me", {})
    assert f"<@{emulator.moderator.id}> as an icon" in mine.message["content"]
    await offered(emulator, mine.message)
    theirs = await emulator.slash(emulator.stranger, "like-me", {"user": emulator.member})
    assert f"<@{emulator.member.id}> en icône" in theirs.message["content"]
    assert "À gauche" in theirs.message["attachments"][0]["description"]
    assert not theirs.message["mentions"], "nobody is disturbed by it"


async def test_the_avatar_is_what_stands_before_the_icons(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await emulator.slash(emulator.moderator, "like-me", {})
    sheet = Image.open(io.BytesIO(await emulator.attachment_bytes(reply.message))).convert("RGB")
    user = emulator.moderator
    async with aiohttp.ClientSession() as session, session.get(f"{emulator.cdn_url}/avatars/{user.id}/0.png") as answer:
        avatar = Image.open(io.BytesIO(await answer.read())).convert("RGB").resize((160, 160))
    shown = np.asarray(sheet.crop((8, 8, 168, 168)), np.float64)
    assert np.abs(shown - np.asarray(avatar)).mean() < 12


async def test_the_menu_of_a_forwarded_message(emulator: Emulator, bot: MeliconBot, picture: bytes) -> None:
    files = [("notes.txt", b"not this"), ("this.png", picture)]
    original = await emulator.post_message(emulator.member, emulator.channels["fanart"], files=files)
    forwarded = await emulator.forward(emulator.member, original)
    reply = await emulator.context_menu(emulator.moderator, MENU, forwarded)
    assert "This picture as an icon" in reply.message["content"]
    await offered(emulator, reply.message)
    original = await emulator.post_message(emulator.member, content="words alone")
    forwarded = await emulator.forward(emulator.member, original)
    reply = await emulator.context_menu(emulator.moderator, MENU, forwarded)
    assert reply.ephemeral


async def test_the_menu_of_users_and_that_of_messages(emulator: Emulator, bot: MeliconBot, picture: bytes) -> None:
    reply = await emulator.context_menu(emulator.member, MENU, emulator.stranger)
    assert f"<@{emulator.stranger.id}>をアイコンに" in reply.message["content"]
    await offered(emulator, reply.message)
    files = [("notes.txt", b"not this"), ("this.png", picture)]
    message = await emulator.post_message(emulator.member, content="look", files=files)
    reply = await emulator.context_menu(emulator.stranger, MENU, message)
    assert "Cette image en icône" in reply.message["content"]
    await offered(emulator, reply.message)
    for empty in ([], [("notes.txt", b"nothing")]):
        message = await emulator.post_message(emulator.member, content="words", files=empty)
        reply = await emulator.context_menu(emulator.moderator, MENU, message)
        assert reply.ephemeral
        assert "no picture attached" in reply.message["content"]


async def test_in_a_direct_message_it_works_as_well(emulator: Emulator, bot: MeliconBot, picture: bytes) -> None:
    private = emulator.direct_channel(emulator.stranger)
    reply = await emulator.slash(emulator.stranger, "like-me", {"image": ("me.png", picture)}, channel=private)
    await offered(emulator, reply.message)


@pytest.mark.parametrize(
    "name", ["zero.png", "words.txt", "bomb.png", "flood.gif", "flood.tif", "cut.png", "film.mp4", "program.png"]
)
async def test_what_is_no_picture_gets_one_clear_line(name: str, emulator: Emulator, bot: MeliconBot) -> None:
    data = b"" if name == "zero.png" else REFUSED[name][0]()
    reply = await emulator.slash(emulator.moderator, "like-me", {"image": (name, data)})
    text = reply.message["content"]
    assert text.startswith(f"I can’t use `{name}`: ")
    assert "\n" not in text
    assert not reply.message["attachments"]


async def test_a_zip_is_no_picture_and_a_huge_one_that_can_be_read_is(emulator: Emulator, bot: MeliconBot) -> None:
    packed = zipped({"a.png": plain(1)})
    reply = await emulator.slash(emulator.stranger, "like-me", {"image": ("a.png", packed)})
    assert "Je ne peux pas utiliser `a.png` : " in reply.message["content"]
    reply = await emulator.slash(
        emulator.stranger, "like-me", {"image": ("huge.png", png_of_zeros(4_000, 4_000, last_rows=b"\xff"))}
    )
    await offered(emulator, reply.message)
    reply = await emulator.slash(emulator.stranger, "like-me", {"image": ("huge.png", png_of_zeros(4_000, 4_001))})
    assert "4000×4001 : plus de 16 mégapixels" in reply.message["content"]


async def test_what_is_too_large_is_not_even_fetched(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch, picture: bytes
) -> None:
    monkeypatch.setattr("bot.features.lookalike.pictures.MOST", 100)
    reply = await emulator.slash(emulator.moderator, "like-me", {"image": ("big.png", picture)})
    assert reply.ephemeral
    assert "larger than" in reply.message["content"]


@pytest.mark.parametrize("url", ["", "nonsense", "http://127.0.0.1:1/gone.png"])
async def test_what_cannot_be_downloaded_gets_one_clear_line(
    url: str, emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch, picture: bytes
) -> None:
    from discord_emulator.attachments import Attachment  # noqa: PLC0415

    told = Attachment.json
    monkeypatch.setattr(Attachment, "json", lambda self: told(self) | {"url": url})
    reply = await emulator.slash(emulator.moderator, "like-me", {"image": ("gone.png", picture)})
    assert "`gone.png`: could not be downloaded" in reply.message["content"]


async def test_an_avatar_that_cannot_be_fetched_gets_one_clear_line(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.asset.Asset.BASE", f"{emulator.cdn_url}/nowhere")
    reply = await emulator.slash(emulator.moderator, "like-me", {})
    assert "could not be downloaded (NotFound)" in reply.message["content"]


async def test_it_counts_as_one_order_and_the_loop_stays_free_while_two_search(
    emulator: Emulator, start_bot: StartBot, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, drawn_meanwhile = Projector.find, threading.Event()

    def find_later(*args: Any, **options: Any) -> Any:
        assert drawn_meanwhile.wait(ENOUGH)
        return find(*args, **options)

    monkeypatch.setattr(Projector, "find", find_later)
    async with start_bot(cooldown_burst=2, cooldown_seconds=60.0):
        options = {"image": ("me.png", picture)}
        both = [
            asyncio.ensure_future(emulator.slash(user, "like-me", options))
            for user in (emulator.moderator, emulator.member)
        ]
        drawn = await emulator.slash(emulator.stranger, "melicon", {"seed": "123"})
        assert drawn.message["attachments"]
        assert not any(search.done() for search in both)
        drawn_meanwhile.set()
        for reply in await asyncio.gather(*both):
            await offered(emulator, reply.message)
        await emulator.slash(emulator.moderator, "like-me", options)
        refused = await emulator.slash(emulator.moderator, "like-me", options)
        assert refused.ephemeral
        assert "Not so fast" in refused.message["content"]


async def test_a_style_that_no_encoder_knows_gets_one(  # noqa: PLR0917 - fixtures
    emulator: Emulator, start_bot: StartBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, picture: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.undo()
    monkeypatch.setattr("bot.inference.search.RESEMBLING", 0.3)
    monkeypatch.setattr(Encoders, "__init__", _taught_briefly(Encoders.__init__))
    monkeypatch.setattr(Encoders, "_command", _at_usual_priority(Encoders._command))
    weights = write_weights(tmp_path / "own.safetensors", style="own", seed=3)
    ask = {"image": ("me.png", picture)}
    with caplog.at_level(logging.INFO):
        async with start_bot(weights=weights) as bot:
            await offered(emulator, (await emulator.slash(emulator.moderator, "like-me", ask)).message)
            training = bot.service(Encoders)._training
            assert training is not None
            await asyncio.wait_for(asyncio.shield(training), ENOUGH)
            assert "trained an encoder for" in caplog.text
            reply = await emulator.slash(emulator.moderator, "like-me", ask)
            await offered(emulator, reply.message)
            assert bot.studio._search._projector is not None
            assert bot.studio._search._projector[1] is not None, "it is used"
    async with start_bot(weights=weights) as bot:
        assert await bot.service(Encoders).get(bot.studio.in_use.card, weights) is not None, "it is kept"
    assert len(list((bot.settings.data_dir / "likeness").iterdir())) == 2


def _at_usual_priority(command: Any) -> Any:
    """A process that gives way to all others comes to nothing where these are many."""

    def eager(self: Encoders, *args: Any) -> list[str]:
        return [part for part in command(self, *args) if part != "--nice"]

    return eager


def _taught_briefly(init: Any) -> Any:
    def short(self: Encoders, folder: Path) -> None:
        init(self, folder, icons=64, steps=2)

    return short


async def test_where_no_encoder_can_be_made_it_is_tried_once_and_searches_go_on(
    bot: MeliconBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(Encoders, "_command", _at_usual_priority(Encoders._command))
    encoders = Encoders(tmp_path / "likeness")
    card = bot.studio.in_use.card
    for _ in range(2):
        assert await encoders.get(card, tmp_path / "missing.safetensors") is None
        assert encoders._training is not None
        await encoders._training
    assert caplog.text.count("training an encoder for tiny ended with 2") == 1
    await encoders.close()


async def test_what_was_picked_is_in_the_style_it_was_found_in(
    emulator: Emulator, bot: MeliconBot, picture: bytes
) -> None:
    reply = await emulator.slash(emulator.moderator, "like-me", {"image": ("me.png", picture)})
    card = bot.studio.in_use.card
    for value in menu_values(reply.message):
        assert re.fullmatch(rf"[0-9x~@]+/{card.style}#{card.short_hash}", value)
        assert IconCode.parse(value).style == card.style
