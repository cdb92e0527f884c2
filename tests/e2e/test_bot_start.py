"""How the bot starts, tells Discord its commands, and stays connected."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
from pydantic import SecretStr

from bot.client import MeliconBot
from discord_emulator import Emulator
from tests.e2e.conftest import StartBot
from tests.patience import ENOUGH


async def test_the_bot_starts_with_no_privileged_intent_and_knows_its_owner(
    emulator: Emulator, bot: MeliconBot
) -> None:
    assert bot.is_ready()
    assert bot.owner_id == int(emulator.owner.id)
    assert not any((bot.intents.members, bot.intents.presences, bot.intents.message_content))
    assert bot.intents.guilds
    assert len(bot.guilds) == 1


async def test_commands_are_told_only_when_they_have_changed(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot():
        assert len(emulator.sync_calls) == 1
    async with start_bot():
        assert len(emulator.sync_calls) == 1, "nothing has changed"
    async with start_bot(sync_commands="never"):
        assert len(emulator.sync_calls) == 1
    async with start_bot(sync_commands="always"):
        assert len(emulator.sync_calls) == 2


async def test_a_changed_command_is_told(
    emulator: Emulator, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start_bot():
        pass
    monkeypatch.setattr(
        "bot.features.icons.cog.Icons.melicon._locale_description", discord.app_commands.locale_str("New!")
    )
    monkeypatch.setattr("bot.features.icons.cog.Icons.melicon.description", "New!")
    async with start_bot():
        assert len(emulator.sync_calls) == 2


async def test_commands_are_described_in_three_languages_and_work_everywhere(
    emulator: Emulator, bot: MeliconBot
) -> None:
    told = emulator.sync_calls[0].commands
    menus = [command for command in told if command.get("type", 1) != 1]
    assert all(set(menu["name_localizations"]) == {"fr", "ja"} for menu in menus)
    for_all = [menu for menu in menus if menu["name"] == "Make an icon of this"]
    assert {menu["type"] for menu in for_all} == {2, 3}, "for users and for messages"
    assert all(set(menu["contexts"]) == {0, 1, 2} for menu in for_all)
    assert all(set(menu["integration_types"]) == {0, 1} for menu in for_all)
    commands = {command["name"]: command for command in told if command not in menus}
    assert {"melicon", "daily", "help"} <= set(commands)
    assert {"grid", "mix", "morph", "me", "name", "describe", "like-me"} <= set(commands)
    assert {"gallery", "top", "my-data", "forget-me"} <= set(commands)
    melicon = commands["melicon"]
    for command in commands.values():
        assert set(command["description_localizations"]) == {"fr", "ja"}, command["name"]
    seed, style = melicon["options"]
    assert (style["name"], style["autocomplete"]) == ("style", True)
    assert seed["name"] == "seed"
    assert seed["autocomplete"]
    assert not seed.get("required")
    here = {name: set(command["contexts"]) for name, command in commands.items()}
    assert {name for name, contexts in here.items() if contexts != {0, 1, 2}} == {
        "daily",
        "settings",
        "top",
        "retrain",
        "style",
    }
    assert here["daily"] == here["settings"] == here["top"] == {0}, "what is about a server is used in one"
    installs = {name: set(command["integration_types"]) for name, command in commands.items()}
    of_servers = {name for name, types in installs.items() if types != {0, 1}}
    assert of_servers == {"daily", "settings", "top", "retrain", "style"}


@pytest.mark.parametrize(
    ("how", "resumable"),
    [("close", True), ("abort", True), ("reconnect", True), ("invalid", True), ("close", False)],
)
async def test_the_bot_comes_back_after_the_gateway_drops(
    how: Any, resumable: bool, emulator: Emulator, bot: MeliconBot
) -> None:
    await emulator.slash(emulator.moderator, "melicon", {"seed": "1"})
    back = asyncio.ensure_future(bot.wait_for("shard_resumed" if resumable else "shard_ready", timeout=ENOUGH))
    await asyncio.sleep(0)
    emulator.drop_gateway(resumable=resumable, how=how)
    await back
    reply = await emulator.slash(emulator.moderator, "melicon", {"seed": "2"})
    assert reply.message["attachments"]
    assert len(emulator.sync_calls) == 1


async def test_the_librarys_addresses_are_put_back_when_the_bot_ends(start_bot: StartBot, emulator: Emulator) -> None:
    before = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
    async with start_bot():
        assert (emulator.api_url, yarl.URL(emulator.gateway_url)) == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)


async def test_a_wrong_token_is_refused_at_login(emulator: Emulator, start_bot: StartBot) -> None:
    bad = SecretStr("not.a.token")
    with pytest.raises(discord.LoginFailure):
        async with start_bot(discord_token=bad):
            pass


async def test_a_second_process_shares_the_work(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot(shard_ids=(1,), shard_count=2) as bot:
        assert bot.shard_ids == [1]
        assert emulator.sync_calls == [], "only the process with shard 0 tells the commands"
