"""A gateway connection that survives malformed events.

In discord.py, an exception in an event parser ends the process. Here, only the events in use are parsed, missing fields
are filled in where possible (`bot.connection.payloads`), and malformed events are logged and dropped.
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

# guild, role and channel events keep permissions current; all others are unused
USED = {
    "READY", "RESUMED", "INTERACTION_CREATE", "USER_UPDATE",
    "GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE", "GUILD_MEMBER_UPDATE",
    "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE",
    "CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE",
    "THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_LIST_SYNC",
}  # fmt: skip

_HANDSHAKE = ("READY", "RESUMED", "HELLO")
_SHORT = 512  # characters; smaller than any event frame the library must not see first
_HELLO = 10
# exceptions that the library's connection handling expects
_CONNECTION = (
    ReconnectWebSocket, WebSocketClosure, discord.ConnectionClosed, aiohttp.ClientError, OSError
)  # fmt: skip


class MalformedHandshake(ConnectionError):  # noqa: N818 - says what is the matter
    """A broken handshake frame; the library reconnects with a delay."""


class TolerantWebSocket(DiscordWebSocket):
    """One shard's connection; skips malformed frames and reconnects when that is impossible."""

    async def received_message(self, msg: Any, /) -> None:
        """Handle a frame. Raises the library's connection errors and `MalformedHandshake`."""
        try:
            text = self._decompressor.decompress(msg) if isinstance(msg, bytes) else msg
        except zlib.error as error:
            # the decompressor's state is lost
            await self.close(4000)
            raise MalformedHandshake(f"shard {self.shard_id}: cannot decompress the gateway's data") from error
        if text is None:  # partial frame: the rest follows
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
            log.exception("shard %s: dropped a malformed gateway %s", self.shard_id, event)

    def _completed(self, text: str) -> str:
        """Return a handshake frame with missing fields added; any other frame unchanged."""
        if len(text) >= _SHORT and '"READY"' not in text:
            return text
        frame = json.loads(text)
        count = self.shard_count or 1
        if complete_handshake(frame, [self.shard_id or 0, count], str(self.gateway)):
            return json.dumps(frame)
        return text


def _to_json(obj: Any) -> str:
    return json.dumps(obj, separators=(",", ":"))


def harden(state: ConnectionState[Any]) -> None:
    """Restrict `state` to the events in use and make its parsers tolerate malformed ones."""
    shard.DiscordWebSocket = TolerantWebSocket  # type: ignore[misc]  # the library looks it up there
    # The library uses orjson where that is installed, which refuses half a surrogate pair: the event would be lost.
    discord.utils._from_json = json.loads  # type: ignore[assignment]  # noqa: SLF001
    discord.utils._to_json = _to_json  # noqa: SLF001
    parsers: dict[str, Callable[[Any], None]] = state.parsers
    for event in set(parsers) - USED:
        del parsers[event]
    parse = parsers["INTERACTION_CREATE"]

    def parse_interaction(data: Any) -> None:
        if complete_interaction(data, state):
            parse(data)
        else:
            log.warning("dropped an interaction without a user: %s", data.get("id"))

    parsers["INTERACTION_CREATE"] = parse_interaction


def _event(text: str) -> str:
    """Return a frame's name for the log."""
    try:
        frame = json.loads(text)
        return "HELLO" if frame.get("op") == _HELLO else str(frame.get("t") or f"frame with op {frame.get('op')}")
    except (ValueError, AttributeError):
        return "frame that is not a JSON object"
