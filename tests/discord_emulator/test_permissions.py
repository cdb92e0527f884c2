"""What the bot may do is decided by roles and overwrites, as on Discord."""

from __future__ import annotations

import pytest

from discord_emulator import Emulator, Permission, UsageError
from discord_emulator.model import channel_permissions
from tests.discord_emulator.raw import PNG, RawBot


@pytest.mark.parametrize(
    ("denied", "files", "code"),
    [
        (Permission.VIEW_CHANNEL, None, 50001),
        (Permission.SEND_MESSAGES, None, 50013),
        (Permission.ATTACH_FILES, {"files[0]": ("a.png", PNG)}, 50013),
    ],
)
async def test_a_bot_that_lacks_a_permission_is_refused(
    denied: Permission, files: dict[str, tuple[str, bytes]] | None, code: int, raw: RawBot, emulator: Emulator
) -> None:
    emulator.set_overwrite(emulator.channel, emulator.bot, deny=denied)
    assert (await raw.event("CHANNEL_UPDATE"))["id"] == str(emulator.channel)
    answer = await raw.post({"content": "x"}, files=files)
    assert (answer.status, answer.code) == (403, code)
    interaction, task = await raw.asked()
    await raw.callback(interaction, {"type": 4, "data": {"content": "x"}}, files={"files[0]": ("a.png", PNG)})
    assert (await task).message["attachments"], "an interaction's answer needs none of them"
    assert int(interaction["app_permissions"]) & Permission.ATTACH_FILES


async def test_read_only_means_the_bot_too(raw: RawBot, emulator: Emulator) -> None:
    quiet = emulator.channels["read-only"]
    assert (await raw.post({"content": "x"}, quiet)).code == 50013
    with pytest.raises(UsageError, match="permission"):
        await emulator.post_message(emulator.member, quiet, "x")
    assert await emulator.post_message(emulator.owner, quiet, "an announcement")


async def test_embeds_without_permission_vanish(raw: RawBot, emulator: Emulator) -> None:
    emulator.set_overwrite(emulator.channel, emulator.bot, deny=Permission.EMBED_LINKS)
    assert not (await raw.post({"content": "x", "embeds": [{"title": "t"}]})).json["embeds"]


async def test_without_history_there_is_none(raw: RawBot, emulator: Emulator) -> None:
    said = (await raw.post({"content": "x"})).json
    emulator.set_overwrite(emulator.channel, emulator.bot, deny=Permission.READ_MESSAGE_HISTORY)
    assert (await raw.api("GET", f"/channels/{emulator.channel}/messages")).json == []
    assert (await raw.api("GET", f"/channels/{emulator.channel}/messages/{said['id']}")).code == 50013
    answer = await raw.post({"content": "x", "message_reference": {"message_id": said["id"]}})
    assert answer.code == 160002


async def test_overwrites_count_in_discords_order(emulator: Emulator) -> None:
    guild = emulator.core.world.guilds[emulator.guild]
    channel = emulator.core.default_channel
    member = guild.members[emulator.moderator.id]
    (role,) = member.roles
    send = Permission.SEND_MESSAGES

    def may() -> bool:
        return bool(channel_permissions(guild, channel, member) & send)

    emulator.set_overwrite(channel.id, guild.id, deny=send)
    assert not may(), "@everyone takes"
    emulator.set_overwrite(channel.id, role, allow=send)
    assert may(), "a role gives back"
    emulator.set_overwrite(channel.id, emulator.moderator, deny=send)
    assert not may(), "the member's own overwrite has the last word"
    assert channel_permissions(guild, channel, guild.members[emulator.owner.id]) & send, "an owner may do everything"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/channels/1", 10003),
        ("/channels/x", 50035),
        ("/guilds/1", 10004),
        ("/users/1", 10013),
        ("/nowhere", 0),
    ],
)
async def test_what_is_not_there_is_unknown(path: str, code: int, stranger_bot: RawBot) -> None:
    answer = await stranger_bot.api("GET", path)
    assert answer.code == code
    assert answer.status == (400 if code == 50035 else 404)


async def test_the_server_can_be_read(stranger_bot: RawBot, emulator: Emulator) -> None:
    base = f"/guilds/{emulator.guild}"
    assert (await stranger_bot.api("GET", base + "?with_counts=true")).json["approximate_member_count"] == 5
    assert len((await stranger_bot.api("GET", base + "/channels")).json) == 3
    roles = (await stranger_bot.api("GET", base + "/roles")).json
    assert {role["name"] for role in roles} == {"@everyone", "Moderators", "Members", "Melicon"}
    assert (await stranger_bot.api("GET", f"{base}/roles/{roles[1]['id']}")).json == roles[1]
    member = (await stranger_bot.api("GET", f"{base}/members/{emulator.member.id}")).json
    assert member["user"]["global_name"] == "Taro"
    assert (await stranger_bot.api("GET", base + "/members/1")).code == 10007
    assert (await stranger_bot.api("GET", base + "/members?limit=10")).code == 50001, "needs the members intent"
    assert len((await stranger_bot.api("GET", base + "/members/search?query=ta&limit=5")).json) == 1
    emojis = f"/applications/{emulator.application_id}/emojis"
    assert (await stranger_bot.api("GET", emojis)).json == {"items": []}
    assert (await stranger_bot.api("GET", "/users/@me/guilds")).json[0]["id"] == str(emulator.guild)
    assert (await stranger_bot.api("GET", "/gateway")).json["url"] == emulator.gateway_url
