"""The gateway connection, as far as it has to be hardier than the library's: events that are malformed do no harm.

The library ends the process when the parser of an event raises. Here only the events that the bot uses are parsed; what
is missing in them is filled in where it can be (`bot.connection.payloads`), and what remains malformed is logged and
left out.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import shard
from discord.gateway import DiscordWebSocket, ReconnectWebSocket, WebSocketClosure

from bot.connection.payloads import complete_handshake, complete_interaction

if TYPE_CHECKING:
    from discord.state import ConnectionState

log = logging.getLogger(__name__)

# servers, roles and channels tell what the bot may do where; the rest is of no use to it
USED = {
    "READY", "RESUMED", "INTERACTION_CREATE", "USER_UPDATE",
    "GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE", "GUILD_MEMBER_UPDATE",
    "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE",
    "CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE",
    "THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_LIST_SYNC",
}  # fmt: skip

_HANDSHAKE = ("READY", "RESUMED", "HELLO")
_SHORT = 512  # characters; the frames without an event, which are looked at before the library does, are shorter
_HELLO = 10
# what the connection itself raises, and the library deals with
_CONNECTION = (
    ReconnectWebSocket, WebSocketClosure, discord.ConnectionClosed, aiohttp.ClientError, OSError
)  # fmt: skip


class MalformedHandshake(ConnectionError):  # noqa: N818 - says what is the matter
    """Without this frame there is no session: the library connects again, after a while."""


class TolerantWebSocket(DiscordWebSocket):
    """One shard's connection. It survives every frame that can be survived, and connects again after the others."""

    async def received_message(self, msg: Any, /) -> None:
        """Handle a frame. Raises what the library's own raises for the connection's sake, and `MalformedHandshake`."""
        try:
            text = self._decompressor.decompress(msg) if isinstance(msg, bytes) else msg
        except zlib.error as error:
            # the stream is of no use from here on
            await self.close(4000)
            raise MalformedHandshake(f"shard {self.shard_id}: the gateway's compression is broken") from error
        if text is None:  # the rest of the frame is still to come
            return
        try:
            await super().received_message(self._completed(text))
        except _CONNECTION:
            raise
        except Exception as error:
            event = _event(text)
            if event in _HANDSHAKE:
                await self.close(4000)
                raise MalformedHandshake(f"shard {self.shard_id}: {event} is malformed: {error!r}") from error
            log.exception("shard %s: a malformed %s of the gateway's is left out", self.shard_id, event)

    def _completed(self, text: str) -> str:
        """Return a frame of the handshake with what is missing; every other as it is."""
        if len(text) >= _SHORT and '"READY"' not in text:
            return text
        frame = json.loads(text)
        count = self.shard_count or 1
        if complete_handshake(frame, [self.shard_id or 0, count], str(self.gateway)):
            return json.dumps(frame)
        return text


def harden(state: ConnectionState[Any]) -> None:
    """Let the connections of `state` parse only what is used, and survive what is malformed."""
    shard.DiscordWebSocket = TolerantWebSocket  # type: ignore[misc]  # the library looks it up there
    parsers: dict[str, Callable[[Any], None]] = state.parsers
    for event in set(parsers) - USED:
        del parsers[event]
    parse = parsers["INTERACTION_CREATE"]

    def parse_interaction(data: Any) -> None:
        if complete_interaction(data, state):
            parse(data)
        else:
            log.warning("an interaction that nobody has asked for is left out: %s", data.get("id"))

    parsers["INTERACTION_CREATE"] = parse_interaction


def _event(text: str) -> str:
    """Return what a frame is called, for the log."""
    try:
        frame = json.loads(text)
        return "HELLO" if frame.get("op") == _HELLO else str(frame.get("t") or f"frame with op {frame.get('op')}")
    except (ValueError, AttributeError):
        return "frame that is no JSON object"
