"""What the bot may do in a channel or a thread, whether the gateway has told of it or not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import discord
import pytest

from bot.client import PERMISSIONS
from bot.ui.permissions import channel_permissions, missing_permissions

GUILD, CHANNEL, THREAD, BOT = 1, 10, 77, 5
_CHANNEL = {
    "id": str(CHANNEL), "guild_id": str(GUILD), "type": 0, "name": "c", "position": 0, "nsfw": False, "parent_id": None
}  # fmt: skip
_THREAD = {
    "id": str(THREAD),
    "guild_id": str(GUILD),
    "parent_id": str(CHANNEL),
    "owner_id": "9",
    "type": 11,
    "name": "t",
    "message_count": 0,
    "member_count": 1,
    "rate_limit_per_user": 0,
    "thread_metadata": {
        "archived": False,
        "auto_archive_duration": 60,
        "archive_timestamp": "2026-01-01T00:00:00+00:00",
        "locked": False,
    },
}  # fmt: skip
_MEMBER = {
    "user": {"id": str(BOT), "username": "b", "discriminator": "0", "avatar": None},
    "roles": [],
    "joined_at": "2026-01-01T00:00:00+00:00",
    "deaf": False,
    "mute": False,
    "flags": 0,
}
_READING = discord.Permissions(view_channel=True, attach_files=True, read_message_history=True)


class World:
    """A server whose everybody may do `held`; only `known` channels came over the gateway."""

    def __init__(self, held: discord.Permissions, known: tuple[int, ...]) -> None:
        there: dict[int, dict[str, Any]] = {CHANNEL: _CHANNEL, THREAD: _THREAD}
        self.held = held
        self.state = MagicMock(self_id=BOT, member_cache_flags=discord.MemberCacheFlags.none(), shard_count=1)
        self.state.user.id = BOT
        self.state.store_user = lambda data, **_: discord.User(state=self.state, data=data)
        self.state.http.get_channel = AsyncMock(
            side_effect=lambda channel_id: there[channel_id] | {"permission_overwrites": []}
        )
        self.state.http.get_member = AsyncMock(return_value=_MEMBER)
        cached = self.guild(
            channels=[_CHANNEL | {"permission_overwrites": []}] if CHANNEL in known else [],
            threads=[_THREAD] if THREAD in known else [],
            members=[_MEMBER],
        )
        self.bot: Any = SimpleNamespace(
            get_guild=lambda _: cached if known else None,
            fetch_guild=AsyncMock(side_effect=lambda *_, **__: self.guild()),
            user=SimpleNamespace(id=BOT),
        )

    def guild(self, **more: Any) -> discord.Guild:
        """Make the server anew."""
        everyone = {
            "id": str(GUILD), "name": "@everyone", "permissions": str(self.held.value), "position": 0, "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False, "managed": False, "mentionable": False, "flags": 0,
        }  # fmt: skip
        told: Any = {
            "id": str(GUILD), "name": "g", "roles": [everyone], "owner_id": "9", "member_count": 2, "emojis": [],
            "features": [], **more,
        }  # fmt: skip
        return discord.Guild(data=told, state=self.state)


@pytest.mark.parametrize("known", [(CHANNEL, THREAD), (CHANNEL,), ()])
@pytest.mark.parametrize(
    ("place", "may", "missing"),
    [
        (CHANNEL, {"send_messages": True}, []),
        (CHANNEL, {"send_messages_in_threads": True}, ["send_messages", "attach_files"]),
        (THREAD, {"send_messages_in_threads": True}, []),
        (THREAD, {"send_messages": True}, ["send_messages", "attach_files"]),
    ],
)
async def test_threads_take_their_channels_permissions_and_one_of_their_own(
    place: int, may: dict[str, bool], missing: list[str], known: tuple[int, ...]
) -> None:
    held = discord.Permissions(_READING.value)
    held.update(**may)
    told = await channel_permissions(World(held, known).bot, GUILD, place)
    assert missing_permissions(told) == missing
    assert set(missing) < set(PERMISSIONS)
