"""The gateway (https://discord.com/developers/docs/events/gateway)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from discord_emulator import intents
from discord_emulator.condition import Condition
from discord_emulator.connection import (
    INVALID_SEQUENCE,
    INVALID_SESSION,
    INVALID_VERSION,
    RECONNECT,
    Connection,
    Session,
)
from discord_emulator.payloads import channel_json, guild_create_json, guild_json, user_json
from discord_emulator.snowflakes import shard_of

if TYPE_CHECKING:
    from discord_emulator.context import Context
    from discord_emulator.errors import Json
    from discord_emulator.model import Channel, Guild


class Gateway:
    """All sessions, by id."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self._changed = Condition()

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve ``GET /gw``."""
        socket = web.WebSocketResponse(max_msg_size=64 * 1024, timeout=1.0)
        await socket.prepare(request)
        if request.query.get("v", "10") not in ("9", "10") or request.query.get("encoding", "json") != "json":
            await socket.close(code=INVALID_VERSION, message=b"Invalid API version.")
            return socket
        connection = Connection(self._context, self, socket, request.transport)
        self.connections.add(connection)
        try:
            await connection.run()
        finally:
            self.connections.discard(connection)
        return socket

    def start(self, connection: Connection, session: Session) -> None:
        """Start a session: READY, then GUILD_CREATE for every guild of the shard."""
        context = self._context
        # A new session replaces the shard's old one.
        for old in [s for s in self.sessions.values() if s.shard == session.shard and s.connection is None]:
            self.forget(old)
        self.sessions[session.id] = session
        session.connection, connection.session = connection, session
        guilds = [g for g in context.world.guilds.values() if shard_of(g.id, session.shard[1]) == session.shard[0]]
        guilds = [guild for guild in guilds if context.world.bot.id in guild.members]
        ready = {
            "v": 10,
            "user": user_json(context.world.bot) | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": context.gateway_url,
            "shard": list(session.shard),
            "application": {"id": str(context.world.application_id), "flags": 0},
            "private_channels": [],
            "_trace": [],
        }
        session.dispatch("READY", ready)
        everyone = bool(session.intents & intents.GUILD_MEMBERS)
        for guild in guilds if session.intents & intents.GUILDS else []:
            session.dispatch("GUILD_CREATE", guild_create_json(guild, context.world.bot, all_members=everyone))
        session.ready = True
        self._change()

    def resume(self, connection: Connection, data: Json) -> None:
        """Resume a session and replay missed events, or reject it as invalid."""
        session = self.sessions.get(str(data.get("session_id")))
        seen = data.get("seq")
        if session is None or not isinstance(seen, int):
            connection.send(INVALID_SESSION, False)
            return
        if seen > session.sequence:
            connection.close(INVALID_SEQUENCE, "Invalid seq.")
            return
        missed = [text for sequence, text in session.events if sequence > seen]
        if len(missed) < session.sequence - seen:
            self.forget(session)
            connection.send(INVALID_SESSION, False)
            return
        if session.connection:
            session.connection.session = None
            session.connection.close(4000, "Resumed elsewhere")
        if session.expiry:
            session.expiry.cancel()
        session.connection, connection.session = connection, session
        for text in missed:
            connection.send_text(text)
        session.dispatch("RESUMED", {"_trace": []})
        self._change()

    def disconnected(self, connection: Connection) -> None:
        """Keep a disconnected session for a while."""
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection = None
        if not connection.dropped and connection.socket.close_code in (1000, 1001):
            # the client closed cleanly: end the session
            self.forget(session)
        elif session.id in self.sessions:
            loop = asyncio.get_running_loop()
            session.expiry = loop.call_later(self._context.limits.resume_seconds, self.forget, session)
        self._change()

    def forget(self, session: Session) -> None:
        """Delete a session."""
        if session.expiry:
            session.expiry.cancel()
        self.sessions.pop(session.id, None)

    def drop(self, *, resumable: bool, how: str) -> int:
        """Break all connections and return their number; see Emulator.drop_gateway."""
        live = [session for session in self.sessions.values() if session.connection]
        for session in live:
            connection = session.connection
            if not resumable:
                self.forget(session)
            if connection is None:
                continue
            if how == "reconnect":
                connection.send(RECONNECT)
            elif how == "invalid":
                connection.send(INVALID_SESSION, resumable)
            elif how == "abort":
                connection.abort()
            else:
                connection.close(4000, "Unknown error")
        return len(live)

    def channel_changed(self, channel: Channel) -> None:
        """Send CHANNEL_UPDATE for a guild channel."""
        if channel.guild:
            self.emit("CHANNEL_UPDATE", channel_json(channel), channel, intents.GUILDS)

    def guild_changed(self, guild: Guild) -> None:
        """Send GUILD_UPDATE."""
        for session in self.sessions_for(guild.id):
            if session.intents & intents.GUILDS:
                session.dispatch("GUILD_UPDATE", guild_json(guild))

    def guild_joined(self, guild: Guild) -> None:
        """Send GUILD_CREATE for a guild the bot has joined."""
        for session in self.sessions_for(guild.id):
            if session.intents & intents.GUILDS:
                everyone = bool(session.intents & intents.GUILD_MEMBERS)
                payload = guild_create_json(guild, self._context.world.bot, all_members=everyone)
                del payload["unavailable"]  # its absence distinguishes a new guild from a recovered one
                session.dispatch("GUILD_CREATE", payload)

    def sessions_for(self, guild_id: int | None) -> list[Session]:
        """Return the sessions that receive a guild's events; for direct messages (None), shard 0."""
        return [
            session
            for session in self.sessions.values()
            if session.ready and session.shard[0] == (shard_of(guild_id, session.shard[1]) if guild_id else 0)
        ]

    def listeners(self, channel: Channel) -> list[Session]:
        """Return the sessions that receive a channel's events: none if the bot is not in the server."""
        if channel.guild and not channel.guild.has_bot:
            return []
        return self.sessions_for(channel.guild.id if channel.guild else None)

    def emit(self, event: str, payload: Json, channel: Channel, intent: int) -> None:
        """Send an event about a channel to the sessions with its intent."""
        for session in self.listeners(channel):
            if session.intents & intent:
                session.dispatch(event, payload)

    @property
    def online(self) -> bool:
        """Whether any shard is connected and ready."""
        return any(session.ready and session.connection for session in self.sessions.values())

    async def wait(self, shards: int, timeout: float) -> None:  # noqa: ASYNC109 - the caller's own limit
        """Wait until `shards` sessions are connected and ready; raise TimeoutError after `timeout` seconds."""

        def ready() -> bool:
            return sum(bool(session.ready and session.connection) for session in self.sessions.values()) >= shards

        await self._changed.until(ready, timeout)

    async def close(self) -> None:
        """Close all connections, as Discord does when a server shuts down."""
        for connection in list(self.connections):
            await connection.socket.close(code=1001, message=b"Going away")

    def _change(self) -> None:
        self._changed.notify()
        self._context.pages.send("BOT", {"online": self.online}, lambda _: True)
