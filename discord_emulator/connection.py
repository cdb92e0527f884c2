"""A WebSocket connection of the bot: opcodes, close codes and their order.

https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import WSMsgType, web

from discord_emulator.chunks import member_chunk
from discord_emulator.intents import GUILD_MEMBERS

if TYPE_CHECKING:
    from discord_emulator.context import Context
    from discord_emulator.errors import Json

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 1, 2, 3, 4, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, ACK, SOUNDBOARD = 8, 9, 10, 11, 31

UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED = 4001, 4002, 4003, 4004
ALREADY_AUTHENTICATED, INVALID_SEQUENCE, RATE_LIMITED, SESSION_TIMED_OUT = 4005, 4007, 4008, 4009
INVALID_SHARD, INVALID_VERSION, INVALID_INTENTS, DISALLOWED_INTENTS = 4010, 4012, 4013, 4014

PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content
_ALL_INTENTS = (1 << 26) - 1
_MAX_PAYLOAD = 4096
_EVENTS_PER_MINUTE = 120


DISPATCH = 0


class Session:
    """A shard's session; it outlives its connection for a while to allow resuming."""

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
        """Send an event, or buffer it for a resume."""
        self.sequence += 1
        text = json.dumps({"op": DISPATCH, "t": event, "s": self.sequence, "d": data})
        self.events.append((self.sequence, text))
        if self.connection:
            self.connection.send_text(text)


class SessionRegistry(Protocol):
    """The gateway's interface for connections."""

    def start(self, connection: Connection, session: Session) -> None:
        """Start a session."""

    def resume(self, connection: Connection, data: Json) -> None:
        """Resume a session."""

    def disconnected(self, connection: Connection) -> None:
        """Handle a lost connection."""


class Connection:
    """A WebSocket connection of the bot."""

    def __init__(
        self,
        context: Context,
        sessions: SessionRegistry,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
    ) -> None:
        self._context = context
        self._sessions = sessions
        self.socket = socket
        self._transport = transport
        self.session: Session | None = None
        self.dropped = False  # closed by the server: the client's answering close frame does not end the session
        self._out: asyncio.Queue[str | tuple[int, str]] = asyncio.Queue(maxsize=10_000)
        self._received: deque[float] = deque(maxlen=_EVENTS_PER_MINUTE + 1)

    def send(self, op: int, data: Any = None) -> None:
        """Send a payload other than an event."""
        self.send_text(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    def send_text(self, text: str) -> None:
        """Queue a frame; disconnect a client that does not read."""
        try:
            self._out.put_nowait(text)
        except asyncio.QueueFull:
            self.abort()  # a close frame would queue behind all unread data

    def close(self, code: int, reason: str = "") -> None:
        """Flush the queue, then close with one of Discord's codes."""
        with contextlib.suppress(asyncio.QueueFull):
            self._out.put_nowait((code, reason))

    def abort(self) -> None:
        """Drop the connection without a close frame, as on a network failure."""
        if self._transport:
            self._transport.abort()

    async def run(self) -> None:
        """Serve the connection until either side closes it."""
        writer = asyncio.create_task(self._write())
        interval = self._context.limits.heartbeat_seconds
        loop = asyncio.get_running_loop()
        self.send(HELLO, {"heartbeat_interval": round(interval * 1000), "_trace": []})
        try:
            known_by = loop.time() + self._context.limits.identify_seconds
            while True:
                patience = interval * 2  # one missed heartbeat is allowed
                if self.session is None:
                    patience = max(min(patience, known_by - loop.time()), 0.0)
                message = await self.socket.receive(timeout=patience)
                if message.type is not WSMsgType.TEXT:
                    break
                self._receive(message.data)
        except TimeoutError:
            await self.socket.close(code=SESSION_TIMED_OUT, message=b"Session timed out")
        finally:
            writer.cancel()
            self._sessions.disconnected(self)

    async def _write(self) -> None:
        while True:
            item = await self._out.get()
            with contextlib.suppress(ConnectionError, RuntimeError):
                if isinstance(item, tuple):
                    self.dropped = True
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
        elif str(data.get("token", "")).removeprefix("Bot ") != self._context.world.token:
            self.close(AUTHENTICATION_FAILED, "Authentication failed.")
        elif op == RESUME:
            self._sessions.resume(self, data)
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
        elif intents & PRIVILEGED & ~self._context.privileged_intents:
            self.close(DISALLOWED_INTENTS, "Disallowed intent(s).")
        elif not isinstance(data.get("properties"), dict):
            self.close(DECODE_ERROR, "Error while decoding payload.")
        else:
            session = Session((shard[0], shard[1]), intents, self._context.limits.gateway_events_kept)
            session.presence = data.get("presence")
            self._sessions.start(self, session)

    def _request_members(self, session: Session, data: Any) -> None:
        chunk = member_chunk(self._context.world, data, everyone=bool(session.intents & GUILD_MEMBERS))
        if chunk:
            session.dispatch("GUILD_MEMBERS_CHUNK", chunk)
