"""The gateway: the WebSocket over which the bot hears what happens (https://discord.com/developers/docs/events/gateway)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections import deque
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from bot.emulator import broadcast
from bot.emulator.chunks import member_chunk
from bot.emulator.payloads import channel_json, guild_create_json, user_json
from bot.emulator.pulse import Pulse
from bot.emulator.snowflakes import shard_of

if TYPE_CHECKING:
    from bot.emulator.core import Core
    from bot.emulator.errors import Json
    from bot.emulator.model import Channel, Guild

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 0, 1, 2, 3, 4, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, ACK, SOUNDBOARD = 8, 9, 10, 11, 31

UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = 4001, 4002, 4003, 4004
ALREADY_AUTHENTICATED, INVALID_SEQUENCE, RATE_LIMITED, SESSION_TIMED_OUT = 4005, 4007, 4008, 4009
INVALID_SHARD, INVALID_VERSION, INVALID_INTENTS, DISALLOWED_INTENTS = 4010, 4012, 4013, 4014

PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content
_ALL_INTENTS = (1 << 26) - 1
_MAX_PAYLOAD = 4096
_EVENTS_PER_MINUTE = 120


class Session:
    """One shard's session. It outlives its connection for a while, so that it can be resumed."""

    def __init__(self, shard: tuple[int, int], intents: int, keep: int) -> None:
        self.id = secrets.token_hex(16)
        self.shard = shard
        self.intents = intents
        self.sequence = 0
        self.ready = False
        self.presence: Json | None = None
        self.events: deque[tuple[int, str]] = deque(maxlen=keep)
        self.connection: Connection | None = None
        self.expiry: asyncio.TimerHandle | None = None

    def dispatch(self, event: str, data: Json) -> None:
        """Send an event now, or keep it for the resume."""
        self.sequence += 1
        text = json.dumps({"op": DISPATCH, "t": event, "s": self.sequence, "d": data})
        self.events.append((self.sequence, text))
        if self.connection:
            self.connection.send_text(text)


class Connection:
    """One WebSocket of the bot."""

    def __init__(self, core: Core, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.core = core
        self.socket = socket
        self._transport = transport
        self.session: Session | None = None
        self._out: asyncio.Queue[str | tuple[int, str]] = asyncio.Queue(maxsize=10_000)
        self._received: deque[float] = deque(maxlen=_EVENTS_PER_MINUTE + 1)

    def send(self, op: int, data: Any = None) -> None:
        """Send a payload that is not an event."""
        self.send_text(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def send_text(self, text: str) -> None:
        """Queue a frame; a client that never reads is cut off."""
        try:
            self._out.put_nowait(text)
        except asyncio.QueueFull:
            self.close(4000, "Slow reader")

    def close(self, code: int, reason: str = "") -> None:
        """Close with one of Discord's codes, after what is queued."""
        with contextlib.suppress(asyncio.QueueFull):
            self._out.put_nowait((code, reason))

    def abort(self) -> None:
        """Vanish without a word, like a cable pulled out."""
        if self._transport:
            self._transport.abort()

    async def run(self) -> None:
        """Serve the connection until either side closes it."""
        writer = asyncio.create_task(self._write())
        interval = self.core.limits.heartbeat_seconds
        self.send(HELLO, {"heartbeat_interval": round(interval * 1000), "_trace": []})
        try:
            while True:
                message = await self.socket.receive(timeout=interval * 2)
                if message.type is not WSMsgType.TEXT:
                    break
                self._receive(message.data)
        except TimeoutError:
            await self.socket.close(code=SESSION_TIMED_OUT, message=b"Session timed out")
        finally:
            writer.cancel()
            self.core.gateway.disconnected(self)

    async def _write(self) -> None:
        while True:
            item = await self._out.get()
            with contextlib.suppress(ConnectionError, RuntimeError):
                if isinstance(item, tuple):
                    await self.socket.close(code=item[0], message=item[1].encode())
                    return
                await self.socket.send_str(item)

    def _receive(self, text: str) -> None:
        now = asyncio.get_running_loop().time()
        self._received.append(now)
        if len(self._received) > _EVENTS_PER_MINUTE and now - self._received[0] < 60:
            self.close(RATE_LIMITED, "Rate limited.")
            return
        try:
            payload = json.loads(text)
            op, data = payload["op"], payload.get("d")
        except (ValueError, TypeError, KeyError):
            self.close(DECODE_ERROR, "Error while decoding payload.")
            return
        if len(text.encode()) > _MAX_PAYLOAD:
            self.close(DECODE_ERROR, "Error while decoding payload.")
        elif op == HEARTBEAT:
            self.send(ACK)
        elif op in (IDENTIFY, RESUME):
            self._authenticate(op, data)
        elif self.session is None:
            self.close(NOT_AUTHENTICATED, "Not authenticated.")
        elif op == PRESENCE:
            self.session.presence = data
        elif op == REQUEST_MEMBERS:
            self._request_members(self.session, data)
        elif op not in (VOICE, SOUNDBOARD):
            self.close(UNKNOWN_OPCODE, "Unknown opcode.")

    def _authenticate(self, op: int, data: Any) -> None:
        if self.session is not None:
            self.close(ALREADY_AUTHENTICATED, "Already authenticated.")
        elif not isinstance(data, dict):
            self.close(DECODE_ERROR, "Error while decoding payload.")
        elif str(data.get("token", "")).removeprefix("Bot ") != self.core.world.token:
            self.close(AUTHENTICATION_FAILED, "Authentication failed.")
        elif op == RESUME:
            self.core.gateway.resume(self, data)
        else:
            self._identify(data)

    def _identify(self, data: Json) -> None:
        shard = data.get("shard") or [0, 1]
        intents = data.get("intents")
        whole = isinstance(shard, list) and len(shard) == 2 and all(isinstance(part, int) for part in shard)
        if not whole or not 0 <= shard[0] < shard[1]:
            self.close(INVALID_SHARD, "Invalid shard.")
        elif not isinstance(intents, int) or isinstance(intents, bool) or intents & ~_ALL_INTENTS or intents < 0:
            self.close(INVALID_INTENTS, "Invalid intent(s).")
        elif intents & PRIVILEGED & ~self.core.privileged_intents:
            self.close(DISALLOWED_INTENTS, "Disallowed intent(s).")
        elif not isinstance(data.get("properties"), dict):
            self.close(DECODE_ERROR, "Error while decoding payload.")
        else:
            session = Session((shard[0], shard[1]), intents, self.core.limits.gateway_events_kept)
            session.presence = data.get("presence")
            self.core.gateway.start(self, session)

    def _request_members(self, session: Session, data: Any) -> None:
        chunk = member_chunk(self.core.world, data, everyone=bool(session.intents & broadcast.GUILD_MEMBERS))
        if chunk:
            session.dispatch("GUILD_MEMBERS_CHUNK", chunk)


class Gateway:
    """All sessions, by id."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self._changed = Pulse()

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        """Serve ``GET /gw``."""
        socket = web.WebSocketResponse(max_msg_size=64 * 1024, timeout=1.0)
        await socket.prepare(request)
        if request.query.get("v", "10") not in ("9", "10") or request.query.get("encoding", "json") != "json":
            await socket.close(code=INVALID_VERSION, message=b"Invalid API version.")
            return socket
        connection = Connection(self.core, socket, request.transport)
        self.connections.add(connection)
        try:
            await connection.run()
        finally:
            self.connections.discard(connection)
        return socket

    def start(self, connection: Connection, session: Session) -> None:
        """Begin a session: READY, then GUILD_CREATE for every guild of the shard."""
        core = self.core
        # A shard that comes back with a new session does not want the old one any more.
        for old in [s for s in self.sessions.values() if s.shard == session.shard and s.connection is None]:
            self.forget(old)
        self.sessions[session.id] = session
        session.connection, connection.session = connection, session
        guilds = [g for g in core.world.guilds.values() if shard_of(g.id, session.shard[1]) == session.shard[0]]
        guilds = [guild for guild in guilds if core.world.bot.id in guild.members]
        ready = {
            "v": 10,
            "user": user_json(core.world.bot) | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": core.gateway_url,
            "shard": list(session.shard),
            "application": {"id": str(core.world.application_id), "flags": 0},
            "private_channels": [],
            "_trace": [],
        }
        session.dispatch("READY", ready)
        everyone = bool(session.intents & broadcast.GUILD_MEMBERS)
        for guild in guilds if session.intents & broadcast.GUILDS else []:
            session.dispatch("GUILD_CREATE", guild_create_json(guild, core.world.bot, all_members=everyone))
        session.ready = True
        self._change()

    def resume(self, connection: Connection, data: Json) -> None:
        """Go on with a session and send what it missed, or say that it is lost."""
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
        """Keep the session of a lost connection for a while."""
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection = None
        if connection.socket.close_code in (1000, 1001):  # the client said goodbye: the session is over
            self.forget(session)
        elif session.id in self.sessions:
            loop = asyncio.get_running_loop()
            session.expiry = loop.call_later(self.core.limits.resume_seconds, self.forget, session)
        self._change()

    def forget(self, session: Session) -> None:
        """End a session for good."""
        if session.expiry:
            session.expiry.cancel()
        self.sessions.pop(session.id, None)

    def drop(self, *, resumable: bool, how: str) -> int:
        """Break every connection as Discord does at times and return how many there were; see Emulator.drop_gateway."""
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
        """Tell the bot about a guild channel's new state."""
        if channel.guild:
            broadcast.emit(self.core, "CHANNEL_UPDATE", channel_json(channel), channel, broadcast.GUILDS)

    def guild_joined(self, guild: Guild) -> None:
        """Tell the bot about a guild it was added to."""
        for session in self.sessions_for(guild.id):
            if session.intents & broadcast.GUILDS:
                everyone = bool(session.intents & broadcast.GUILD_MEMBERS)
                session.dispatch("GUILD_CREATE", guild_create_json(guild, self.core.world.bot, all_members=everyone))

    def sessions_for(self, guild_id: int | None) -> list[Session]:
        """Return the sessions that hear of a guild; of private matters (None) shard 0 hears."""
        return [
            session
            for session in self.sessions.values()
            if session.ready and session.shard[0] == (shard_of(guild_id, session.shard[1]) if guild_id else 0)
        ]

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
        """Close every connection, as Discord does when a server goes down."""
        for connection in list(self.connections):
            await connection.socket.close(code=1001, message=b"Going away")

    def _change(self) -> None:
        self._changed.beat()
        broadcast.announce_bot(self.core, online=self.online)
