"""The open chat pages: a WebSocket for each tab, with the view of one user."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

if TYPE_CHECKING:
    from collections.abc import Callable

    from discord_emulator.model import User

_QUEUED = 1000


class Tab:
    """A page."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.queue: asyncio.Queue[str] = asyncio.Queue(maxsize=_QUEUED)
        self.socket = web.WebSocketResponse(heartbeat=30.0, max_msg_size=1024, timeout=1.0)
        self._transport: asyncio.Transport | None = None

    def put(self, text: str) -> None:
        """Queue an event. A page that does not read is disconnected, and reloads everything on reconnect."""
        try:
            self.queue.put_nowait(text)
        except asyncio.QueueFull:
            if self._transport:
                self._transport.abort()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Send events until the page disconnects; incoming data is ignored."""
        await self.socket.prepare(request)
        self._transport = request.transport
        writer = asyncio.create_task(self._write())
        try:
            async for message in self.socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            writer.cancel()
        return self.socket

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionError, RuntimeError):
            while True:
                await self.socket.send_str(await self.queue.get())


class PageHub:
    """All tabs."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.tabs: set[Tab] = set()

    async def serve(self, request: web.Request, user: User) -> web.WebSocketResponse:
        """Serve a new tab, within the limit."""
        if len(self.tabs) >= self.most:
            raise web.HTTPServiceUnavailable(text="Too many open pages.")
        tab = Tab(user)
        self.tabs.add(tab)
        try:
            return await tab.serve(request)
        finally:
            self.tabs.discard(tab)

    def send(self, event: str, data: Any, to: Callable[[User], bool]) -> None:
        """Send an event to the tabs of users for whom `to` is true."""
        text = json.dumps({"t": event, "d": data})
        for tab in self.tabs:
            if to(tab.user):
                tab.put(text)

    def send_each(self, event: str, data_for: Callable[[User], Any]) -> None:
        """Send an event whose content depends on the user."""
        for tab in self.tabs:
            tab.put(json.dumps({"t": event, "d": data_for(tab.user)}))

    async def close(self) -> None:
        """Close every tab's socket."""
        for tab in list(self.tabs):
            await tab.socket.close(code=1001, message=b"Going away")
