"""Whatever a person does, they are answered: politely, specifically, and without harm to others."""

from __future__ import annotations

import asyncio
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from discord import ui

from bot.client import MeliconBot
from bot.features.icons.another import Another
from bot.ui.persistent_items import Buttons
from discord_emulator import Emulator
from gan.codes import IconCode
from tests.e2e.conftest import StartBot
from tests.patience import ENOUGH

BAD_CODES = {
    "4294967296": "4294967295",
    "123~0": "9999",
    "123~" * 3: "`123~4`",
    "1" + "~1" * 9: "8 variations",
    "1x2@101": "0 to 100",
    "1x2x3": "`123x456@25`",
    "123/UPPER CASE": "style",
    "123/tiny#xyz": "8 hex",
    "a\nb\x00c": "control",
    "   ": "Enter a number",
    "9" * 6_000: "500",  # Discord lets nobody type more
    "word " * 1_200: "500",
    "1x@everyone": "`1x@everyone`",
    "1~**<@1>**": "`1~**<@1>**`",
}

ODD_WORDS = [
    "@everyone",
    "<@1> <@&2> <#3>",
    "**bold** __x__ ||y||",
    "`code`",
    "``` block",
    "https://example.org",
    "\u202edrow",
    "\U0001f469\u200d\U0001f467",
    "\ufdfa" * 5,
    "Ω≈ç√∫",
    "-",
]


async def test_a_bad_code_is_refused_with_the_reason_and_an_example(emulator: Emulator, bot: MeliconBot) -> None:
    for typed, says in BAD_CODES.items():
        reply = await emulator.slash(emulator.moderator, "melicon", {"seed": typed})
        content = reply.message["content"]
        assert reply.ephemeral, content
        assert says in content
        assert re.search(r"`(123|naru)", content), "an example helps"
        assert not any(reply.message.get(key) for key in ("attachments", "mentions", "mention_everyone"))


async def test_a_word_with_markdown_or_mentions_is_drawn_and_repeated_harmlessly(
    emulator: Emulator, bot: MeliconBot
) -> None:
    for typed in ODD_WORDS:
        message = (await emulator.slash(emulator.moderator, "melicon", {"seed": typed})).message
        assert message["attachments"], typed
        assert not any(message.get(key) for key in ("mentions", "mention_everyone"))
        # everything that was typed is inside one pair of backticks
        assert re.fullmatch(r"`[^`\n]+` → `\d+` · tiny", message["content"])


async def test_a_refusal_is_in_the_users_language(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await emulator.slash(emulator.stranger, "melicon", {"seed": "1x2@101"})
    assert reply.ephemeral
    assert "de 0 à 100" in reply.message["content"]


async def test_an_unknown_style_and_a_model_of_old_are_explained(emulator: Emulator, bot: MeliconBot) -> None:
    unknown = await emulator.slash(emulator.moderator, "melicon", {"seed": "123/lorelei"})
    assert "`lorelei`" in unknown.message["content"]
    assert "`tiny`" in unknown.message["content"]
    old = await emulator.slash(emulator.moderator, "melicon", {"seed": "123/tiny#00000000"})
    assert "`00000000`" in old.message["content"]
    assert "`123`" in old.message["content"]


async def test_a_rate_limited_user_is_told_when_to_retry_and_others_are_not_limited(
    emulator: Emulator, start_bot: StartBot
) -> None:
    async with start_bot(cooldown_burst=2, cooldown_seconds=30.0):
        for _ in range(2):
            assert (await emulator.slash(emulator.moderator, "melicon", {})).message["attachments"]
        refused = await emulator.slash(emulator.moderator, "melicon", {})
        assert refused.ephemeral
        assert re.search(r"\b(29|30) s", refused.message["content"])
        other = await emulator.slash(emulator.stranger, "melicon", {"seed": "1"})
        assert other.message["attachments"]
        pressed = await emulator.press(emulator.moderator, other.message, "mel:v1:another")
        assert pressed.ephemeral
        assert re.search(r"\b(29|30) s", pressed.message["content"])


async def test_a_draw_that_fails_is_answered_and_logged_with_its_code(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sampler = bot.studio._default
    generate = sampler.generate

    def failing(codes: list[IconCode]) -> Any:
        if any(code.first.seed == 666 for code in codes):
            raise ArithmeticError("a NaN")
        return generate(codes)

    monkeypatch.setattr(sampler, "generate", failing)
    reply = await emulator.slash(emulator.moderator, "melicon", {"seed": "666"})
    content = reply.message["content"]
    assert "`666`" in content
    assert not reply.message.get("attachments")
    assert "NaN" not in content
    error_id = re.search(r"`([0-9a-f]{8})`", content)
    assert error_id
    logged = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert any("666/tiny#" in r.getMessage() and r.exc_info for r in logged)
    assert any(error_id[1] in r.getMessage() for r in logged)
    assert (await emulator.slash(emulator.moderator, "melicon", {"seed": "667"})).message["attachments"]


async def test_a_fault_in_a_command_is_answered_with_an_id_that_is_in_the_log(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("bot.features.help.cog.Help._commands", broken)
    reply = await emulator.slash(emulator.moderator, "help", {})
    assert reply.ephemeral
    error_id = re.search(r"`([0-9a-f]{8})`", reply.message["content"])
    assert error_id
    assert "a bug" not in reply.message["content"]
    (record,) = [r for r in caplog.records if error_id[1] in r.getMessage()]
    assert record.exc_info
    assert "ZeroDivisionError" in str(record.exc_info)


async def test_a_command_that_is_no_longer_there_is_answered(emulator: Emulator, bot: MeliconBot) -> None:
    bot.tree.remove_command("help")
    reply = await emulator.slash(emulator.moderator, "help", {})
    assert reply.ephemeral
    assert "command no longer exists" in reply.message["content"]


async def test_a_broken_suggestion_is_an_empty_list(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise OSError("the database is gone")

    monkeypatch.setattr(bot.store.drawn_icons, "recent_codes", broken)
    assert await emulator.autocomplete(emulator.moderator, "melicon", focused="seed", value="") == []


async def test_an_icon_that_cannot_be_noted_is_posted_all_the_same(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(**_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(bot.store.drawn_icons, "add", broken)
    reply = await emulator.slash(emulator.moderator, "melicon", {"seed": "123"})
    assert reply.message["attachments"]
    async with asyncio.timeout(ENOUGH):
        while "could not record" not in caplog.text:  # noqa: ASYNC110 - it comes after the answer
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "custom_id", ["mel:v0:another", "mel:v1:another:NOT A STYLE", "mel:v9:mix:1:2", "someone-else"]
)
async def test_a_press_of_a_retired_or_unknown_button_is_answered(
    custom_id: str, emulator: Emulator, bot: MeliconBot
) -> None:
    view = ui.View(timeout=None)
    view.add_item(ui.Button(label="old", custom_id=custom_id))
    view.stop()  # as after a restart: the library knows nothing of it
    channel = bot.get_partial_messageable(int(emulator.channel))
    sent = await channel.send("an old message", view=view)
    (message,) = [m for m in emulator.messages(emulator.channel) if int(m["id"]) == sent.id]
    reply = await emulator.press(emulator.moderator, message, custom_id)
    assert reply.ephemeral
    assert "/melicon" in reply.message["content"]


async def test_a_button_that_breaks_is_answered(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(Another, "press", broken)
    message = (await emulator.slash(emulator.moderator, "melicon", {"seed": "1"})).message
    reply = await emulator.press(emulator.moderator, message, "mel:v1:another")
    error_id = re.search(r"`([0-9a-f]{8})`", reply.message["content"])
    assert error_id
    assert error_id[1] in caplog.text


async def test_while_the_bot_leaves_it_finishes_what_it_does_and_refuses_the_rest(
    emulator: Emulator, bot: MeliconBot
) -> None:
    with bot.work():
        closing = asyncio.create_task(bot.close())
        await asyncio.sleep(0)
        reply = await emulator.slash(emulator.moderator, "melicon", {"seed": "1"})
        assert reply.ephemeral
        assert "restarting" in reply.message["content"]
        assert not closing.done()
    await closing


async def test_nothing_done_to_one_message_takes_the_buttons_of_others_away(
    emulator: Emulator, bot: MeliconBot
) -> None:
    """In discord.py 2.7.1, changing, stopping or timing out a sent view can de-register a dynamic item's class."""
    channel = bot.get_partial_messageable(int(emulator.channel))
    other = (await emulator.slash(emulator.moderator, "melicon", {"seed": "1"})).message

    view = Buttons(Another())
    sent = await channel.send("one", view=view)
    with pytest.raises(TypeError, match="new view"):
        view.clear_items()
    with pytest.raises(TypeError, match="new view"):
        view.remove_item(view.children[0])
    with pytest.raises(TypeError, match="restart"):
        view.add_item(ui.Button(label="plain", custom_id="plain"))
    await sent.edit(content="changed", view=view)
    view.stop()
    await sent.edit(content="without", view=None)
    await sent.edit(content="with another view", view=Buttons(Another()))
    await sent.delete()
    assert view.timeout is None

    assert (await emulator.press(emulator.moderator, other, "mel:v1:another")).message["attachments"]


async def test_the_library_still_has_the_fault_that_our_views_guard_against(
    emulator: Emulator, bot: MeliconBot
) -> None:
    """If this fails, discord.py has been mended and `Buttons` may be relaxed. A press is answered even so."""
    other = (await emulator.slash(emulator.moderator, "melicon", {"seed": "1"})).message
    view = ui.View(timeout=None)
    view.add_item(Another())
    view.add_item(ui.Button(label="plain", custom_id="plain"))
    sent = await bot.get_partial_messageable(int(emulator.channel)).send("one", view=view)
    view.remove_item(view.children[0])
    await sent.edit(view=view)
    reply = await emulator.press(emulator.moderator, other, "mel:v1:another")
    assert reply.ephemeral
    assert not reply.message.get("attachments")


async def test_what_is_refused_counts_too_so_that_nobody_can_keep_the_bot_busy_with_nonsense(
    emulator: Emulator, start_bot: StartBot, described_weights: Path
) -> None:
    async with start_bot(weights=described_weights, cooldown_burst=3, cooldown_seconds=600.0):
        for user, name, options in (
            (emulator.moderator, "describe", {"text": "blah, " * 30}),
            (emulator.owner, "melicon", {"seed": "123~0"}),
        ):
            answers = [(await emulator.slash(user, name, options)).message["content"] for _ in range(6)]
            assert ["Not so fast" in answer for answer in answers] == [False] * 3 + [True] * 3


async def test_suggestions_are_counted_apart(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot(cooldown_burst=1, cooldown_seconds=600.0) as bot, asyncio.timeout(ENOUGH):
        assert (await emulator.slash(emulator.moderator, "melicon", {"seed": "1"})).message["attachments"]
        while not await bot.store.drawn_icons.recent_codes(emulator.moderator.id):  # noqa: ASYNC110 - noted after the answer
            await asyncio.sleep(0.01)
        offered = [await emulator.autocomplete(emulator.moderator, "melicon", "seed", "") for _ in range(6)]
        assert [len(choices) for choices in offered] == [1, 1, 1, 1, 0, 0]
