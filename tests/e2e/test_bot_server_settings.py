"""`/settings` over the wire: set, shown, used by every command, and after a restart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bot.client import MeliconBot
from bot.store import Chosen
from bot.ui.server import DISCORDS
from discord_emulator import Emulator, Reply, UsageError
from discord_emulator.invoke import use_command
from gan.codes import IconCode
from gan.rendering import read_code
from tests.e2e.conftest import StartBot, write_weights
from tests.e2e.retrain.test_styles import packed, style
from tests.e2e.test_bot_buttons import button, menu_values, press
from tests.e2e.test_bot_icons import buttons
from tests.patience import ENOUGH


@pytest.fixture
async def fan(emulator: Emulator, bot: MeliconBot, tmp_path: Path) -> Path:
    """A second style, which has attributes; the bot's default is called tiny."""
    path = write_weights(tmp_path / "fan.safetensors", style="fan", seed=5, attributes={"hair": ["long", "short"]})
    await style(emulator, "import", file=packed(path))
    return path


async def choose(emulator: Emulator, **options: Any) -> str:
    reply = await emulator.slash(emulator.moderator, "settings", options)
    assert reply.ephemeral
    return str(reply.message["content"])


async def use(emulator: Emulator, command: str, user: Any = None, channel: int | None = None, **options: Any) -> Reply:
    return await emulator.slash(user or emulator.moderator, command, options, channel=channel)


async def code_in(emulator: Emulator, reply: Reply) -> str:
    """Return the code in an icon's file, without the model."""
    assert reply.message["attachments"], reply.message["content"]
    return (read_code(await emulator.attachment_bytes(reply.message)) or "").partition("#")[0]


async def test_settings_are_shown_and_changed_one_by_one(emulator: Emulator, bot: MeliconBot, fan: Path) -> None:
    shown = await choose(emulator)
    assert "the bot’s default, `tiny`" in shown
    assert "everyone in the channel sees them" in shown
    assert "the member who asks" in shown
    changed = await choose(emulator, style="fan")
    assert changed.startswith("Saved.")
    assert "`fan`" in changed
    assert "only the member" in await choose(emulator, answers="private")
    assert "everyone sees: français" in await choose(emulator, language="fr")
    assert "in Discord, English" in await choose(emulator, language=DISCORDS)
    assert await bot.store.server_settings.read(int(emulator.guild)) == Chosen("fan", True, DISCORDS)
    shown = await choose(emulator)
    assert not shown.startswith("Saved.")
    assert "`fan`" in shown
    assert "only the member" in shown
    assert "default, `tiny`" in await choose(emulator, style="*", answers="public", language="members")
    assert await bot.store.server_settings.read(int(emulator.guild)) == Chosen()


async def test_styles_and_the_default_are_suggested(emulator: Emulator, bot: MeliconBot, fan: Path) -> None:
    async def suggested(typed: str) -> list[tuple[str, str]]:
        found = await emulator.autocomplete(emulator.moderator, "settings", "style", typed)
        return [(choice["name"], choice["value"]) for choice in found]

    default = ("The bot’s default style", "*")
    assert await suggested("") == [default, ("fan", "fan"), ("tiny", "tiny")]
    assert await suggested("fa") == [default, ("fan", "fan")]
    assert await suggested("fan") == [("fan", "fan")]
    await choose(emulator, style="fan")
    assert "default, `tiny`" in await choose(emulator, style=" the bot’s default style")


@pytest.mark.parametrize("typed", ["nowhere", "fan/..", "", "9" * 500])
async def test_an_unknown_style_is_refused_and_nothing_else_is_changed(
    typed: str, emulator: Emulator, bot: MeliconBot
) -> None:
    said = await choose(emulator, style=typed, answers="private")
    assert "There is no such style. Available: `tiny`." in said
    assert await bot.store.server_settings.read(int(emulator.guild)) == Chosen()


async def test_the_servers_style_draws_what_names_none_and_codes_show_it(
    emulator: Emulator, bot: MeliconBot, fan: Path
) -> None:
    before = await use(emulator, "melicon", seed="5")
    await choose(emulator, style="fan")
    reply = await use(emulator, "melicon", seed="5")
    assert reply.message["content"] == "`5/fan` · fan"
    assert await code_in(emulator, reply) == "5/fan"
    for command, options in (
        ("melicon", {}),
        ("me", {}),
        ("name", {"text": "naru"}),
        ("mix", {"a": "1", "b": "2"}),
        ("tweak", {"code": "5+d1:1"}),
    ):
        assert (await code_in(emulator, await use(emulator, command, **options))).endswith("/fan"), command
    for command, options in (("grid", {}), ("morph", {"a": "1", "b": "2"})):
        assert "/fan" in str((await use(emulator, command, **options)).message), command
    # what names a style wins, and is shown with it
    for options in ({"seed": "5/tiny"}, {"seed": "5", "style": "tiny"}, {"seed": f"5/{pinned(bot, '5/tiny')}"}):
        reply = await use(emulator, "melicon", **options)
        assert reply.message["content"].endswith("`5/tiny` · tiny"), options
        assert await emulator.attachment_bytes(reply.message) == await emulator.attachment_bytes(before.message)


def pinned(bot: MeliconBot, code: str) -> str:
    """Return the style and model that draw a code, as they are written after it."""
    return str(bot.studio.pin(IconCode.parse(code))).partition("/")[2]


async def test_a_shown_code_gives_the_same_icon_here_and_elsewhere(
    emulator: Emulator, bot: MeliconBot, fan: Path
) -> None:
    await use(emulator, "melicon", seed="7")
    await choose(emulator, style="fan")
    await use(emulator, "melicon", seed="8")
    await bot._done.wait()  # an icon is noted after it has been sent
    offered = await emulator.autocomplete(emulator.moderator, "melicon", "seed", "")
    assert [choice["value"] for choice in offered] == ["8/fan", "7/tiny"]
    other = next(iter(emulator.add_guild("Elsewhere").channels))
    private = emulator.direct_channel(emulator.moderator)
    for code in ("8/fan", "7/tiny"):
        drawn = [await use(emulator, "melicon", seed=code, channel=channel) for channel in (None, other, private)]
        assert len({await emulator.attachment_bytes(reply.message) for reply in drawn}) == 1
    for channel in (other, private):
        reply = await use(emulator, "melicon", seed="8", channel=channel)
        assert reply.message["content"] == "`8` · tiny"
        offered = await emulator.autocomplete(emulator.moderator, "melicon", "seed", "7", channel=channel)
        assert [choice["value"] for choice in offered] == ["7"]


async def test_buttons_follow_the_server_unless_a_style_was_named(
    emulator: Emulator, bot: MeliconBot, fan: Path
) -> None:
    message = (await use(emulator, "melicon", seed="5")).message
    await choose(emulator, style="fan")
    another = await press(emulator, emulator.member, message, "another")
    assert (await code_in(emulator, another)).endswith("/fan")
    assert button(another.message, "another") == "mel:v1:another", "and goes on doing so"
    sheet = await press(emulator, emulator.moderator, message, "variations")
    assert "of `5/tiny`" in sheet.message["content"], "an icon keeps its style"
    picked = await press(emulator, emulator.moderator, sheet.message, "pick", menu_values(sheet.message)[0])
    assert picked.message["content"].startswith("`5~1/tiny` · tiny")
    assert button(picked.message, "another") == "mel:v1:another:tiny"
    grid = (await use(emulator, "grid")).message
    picked = await press(emulator, emulator.moderator, grid, "pick", menu_values(grid)[0])
    assert (await code_in(emulator, picked)).endswith("/fan")
    assert button(picked.message, "another") == "mel:v1:another"


async def test_settings_hold_after_a_restart_and_for_servers_with_the_bot_alone(
    emulator: Emulator, start_bot: StartBot, tmp_path: Path
) -> None:
    path = write_weights(tmp_path / "fan.safetensors", style="fan", seed=5)
    async with start_bot():
        await style(emulator, "import", file=packed(path))
        await choose(emulator, style="fan", answers="private", language="ja")
    elsewhere = emulator.add_guild("Elsewhere", with_bot=False)
    async with start_bot() as bot:
        reply = await use(emulator, "melicon", seed="5")
        assert reply.ephemeral
        assert await code_in(emulator, reply) == "5/fan"
        await bot.store.server_settings.change(int(elsewhere.id), style="fan", private=True, language="ja")
        place = next(iter(elsewhere.channels))
        for channel in (place, emulator.direct_channel(emulator.moderator)):
            reply = await use(emulator, "melicon", seed="5", channel=channel)
            assert reply.message["content"] == "`5` · tiny"
            assert not reply.ephemeral
            with pytest.raises(UsageError):
                await use(emulator, "settings", channel=channel)


async def test_only_those_who_manage_the_server_may(emulator: Emulator, bot: MeliconBot) -> None:
    for user in (emulator.member, emulator.stranger):
        with pytest.raises(UsageError):
            await use(emulator, "settings", user, answers="private")
    # a server may show the command to everybody; it is theirs to see, but not to use
    channel = emulator.core.world.channel(emulator.channel)
    command = emulator.core.commands.find(emulator.moderator, channel, "settings")
    typed: list[dict[str, Any]] = [{"name": "answers", "type": 3, "value": "private"}]
    interaction = use_command(emulator.core, emulator.stranger, channel, command, options=typed, files={})
    await interaction.wait(lambda: interaction.settled, ENOUGH)
    reply = Reply(emulator.core, interaction)
    assert reply.ephemeral
    assert "gérer" in reply.message["content"], "in the stranger's language"
    assert await bot.store.server_settings.read(int(emulator.guild)) == Chosen()


async def test_a_style_that_is_deleted_or_renamed_later(emulator: Emulator, bot: MeliconBot, fan: Path) -> None:
    await choose(emulator, style="fan")
    await style(emulator, "rename", style="fan", name="lorelei")
    assert (await use(emulator, "melicon", seed="5")).message["content"] == "`5/lorelei` · lorelei"
    assert "`lorelei`" in await choose(emulator)
    await style(emulator, "delete", style="lorelei")
    reply = await use(emulator, "melicon", seed="5")
    assert reply.message["content"] == "`5` · tiny"
    shown = await choose(emulator)
    assert "`fan` no longer exists" in shown
    assert "`tiny`, is used" in shown
    assert "default, `tiny`" in await choose(emulator, style="*")


async def test_private_answers_and_the_buttons_of_public_icons(emulator: Emulator, bot: MeliconBot) -> None:
    public = await use(emulator, "melicon", seed="5")
    assert not public.ephemeral
    await choose(emulator, answers="private", language="fr")
    for command, options in (
        ("melicon", {}),
        ("me", {}),
        ("name", {"text": "naru"}),
        ("mix", {"a": "1", "b": "2"}),
        ("tweak", {"code": "5"}),
        ("grid", {}),
        ("morph", {"a": "1", "b": "2"}),
    ):
        assert (await use(emulator, command, **options)).ephemeral, command
    answer = await use(emulator, "melicon", emulator.member, seed="naru")
    assert "もう一度" in (await use(emulator, "melicon", emulator.member)).message["content"], "the member's language"
    for message in (public.message, answer.message):
        for what in ("another", "variations", "tweak"):
            reply = await press(emulator, emulator.member, message, what)
            assert reply.ephemeral, what
            assert reply.message["attachments"], what
    sheet = await press(emulator, emulator.member, answer.message, "variations")
    picked = await press(emulator, emulator.member, sheet.message, "pick", menu_values(sheet.message)[0])
    assert picked.ephemeral
    deleted = await press(emulator, emulator.moderator, public.message, "delete")
    assert any(event.kind == "delete" for event in deleted.events)
    await choose(emulator, answers="public")
    assert not (await use(emulator, "melicon")).ephemeral


async def test_public_answers_are_in_the_servers_language_and_private_ones_in_the_members(
    emulator: Emulator, bot: MeliconBot
) -> None:
    assert "もう一度" in (await use(emulator, "melicon", emulator.member)).message["content"]
    await choose(emulator, language="fr")
    reply = await use(emulator, "melicon", emulator.member)
    assert "Pour la revoir" in reply.message["content"]
    assert "9 nouvelles icônes" in (await use(emulator, "grid", emulator.member)).message["content"]
    kept = await press(emulator, emulator.member, reply.message, "keep")
    assert kept.ephemeral
    assert "お気に入り" in kept.message["content"]
    tweak = await use(emulator, "tweak", emulator.member, code="5")
    assert "Une autre" in str(tweak.message["components"])
    (forth,) = [b["custom_id"] for b in buttons(tweak.message) if re.match("mel:v1:turn:.*[+]:", b["custom_id"])]
    turned = await emulator.press(emulator.member, tweak.message, forth)
    assert "Une autre" in str(turned.message["components"]), "everyone still sees it"
    refused = await use(emulator, "melicon", emulator.member, seed="5/nowhere")
    assert refused.ephemeral
    assert "スタイル" in refused.message["content"]
    emulator.core.world.guilds[emulator.guild].locale = "ja"
    await choose(emulator, language=DISCORDS)
    assert "もう一度" in (await use(emulator, "melicon", emulator.owner)).message["content"]


async def test_a_command_costs_no_query_for_settings_within_a_minute(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, asked = bot.store.server_settings, []
    read = table.read

    async def counted(guild_id: int) -> Chosen:
        asked.append(guild_id)
        return await read(guild_id)

    monkeypatch.setattr(table, "read", counted)
    monkeypatch.setattr(table, "_clock", lambda: 0.0)
    for _ in range(3):
        await use(emulator, "melicon", emulator.member)
        await use(emulator, "melicon", channel=emulator.direct_channel(emulator.moderator))
    assert asked == [int(emulator.guild)]


async def test_searches_are_in_the_bots_default_style_and_say_so(
    emulator: Emulator, described_bot: MeliconBot, quick_projection: None, tmp_path: Path
) -> None:
    default = described_bot.studio.style
    await style(emulator, "import", file=packed(write_weights(tmp_path / "fan.safetensors", style="fan")))
    await choose(emulator, style="fan", language="ja")
    found = await use(emulator, "describe", text="pink hair")
    assert (await code_in(emulator, found)).endswith(f"/{default}")
    assert f"/{default}` · {default}" in found.message["content"]
    assert "髪" in found.message["content"], "everyone sees it"
    assert button(found.message, "another") == f"mel:v1:another:{default}"
    alike = await use(emulator, "like-me")
    picked = await press(emulator, emulator.member, alike.message, "pick", menu_values(alike.message)[0])
    assert f"/{default}` · {default}" in picked.message["content"]
