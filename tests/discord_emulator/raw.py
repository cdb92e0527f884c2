"""A bot without a library: it sends exactly what a test wants to send, right or wrong."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp

from discord_emulator import Emulator
from tests.patience import ENOUGH

Json = dict[str, Any]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c6360606000000004000162f4cf260000000049454e44ae426082"
)


class Answer:
    """What the API answered."""

    def __init__(self, response: aiohttp.ClientResponse, data: bytes) -> None:
        self.status = response.status
        self.headers = response.headers
        self.data = data

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.data)

    @property
    def code(self) -> int:
        """Discord's error code."""
        return int(self.json["code"])

    def error(self, *path: str | int) -> str:
        """The code of the first error at a path of the form."""
        branch = self.json["errors"]
        for step in path:
            branch = branch[str(step)]
        return str(branch["_errors"][0]["code"])


class RawBot:
    """One connection to the gateway and any number of requests."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.session = session
        self.socket: aiohttp.ClientWebSocketResponse
        self.seq = 0
        self.session_id = ""

    async def connect(self, query: str = "v=10&encoding=json") -> Json:
        """Open the gateway and return HELLO."""
        self.socket = await self.session.ws_connect(f"{self.emulator.gateway_url}?{query}")
        return await self.receive()

    async def identify(self, **changes: Any) -> Json:
        """Connect, identify and return READY."""
        await self.connect()
        data = {"token": self.emulator.token, "intents": 1 | 1 << 9 | 1 << 12, "properties": {"os": "test"}}
        await self.send(2, data | changes)
        return await self.event("READY")

    async def send(self, op: int, data: Any) -> None:
        """Send a gateway payload."""
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def receive(self) -> Json:
        """Return the next payload; for a closed socket, its code as ``{"closed": code}``."""
        message = await self.socket.receive(timeout=ENOUGH)
        if message.type is not aiohttp.WSMsgType.TEXT:
            return {"closed": self.socket.close_code}
        payload: Json = json.loads(message.data)
        self.seq = payload.get("s") or self.seq
        return payload

    async def event(self, name: str) -> Json:
        """Skip to the next event of a name and return its data."""
        while True:
            payload = await self.receive()
            assert "closed" not in payload, f"closed with {payload} while waiting for {name}"
            if payload.get("t") == name:
                data: Json = payload["d"]
                self.session_id = data.get("session_id", self.session_id) if name == "READY" else self.session_id
                return data

    async def api(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        files: dict[str, tuple[str, bytes]] | None = None,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send a request; `files` by field name make it multipart."""
        sent = {"Authorization": f"Bot {self.emulator.token if token is None else token}"} | (headers or {})
        data: Any = None
        if files is not None:
            data = aiohttp.FormData(quote_fields=False)
            data.add_field("payload_json", json.dumps(body))
            for field, (name, content) in files.items():
                data.add_field(field, content, filename=name)
        elif body is not None:
            data = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        url = self.emulator.api_url + path
        async with self.session.request(method, url, data=data, headers=sent) as response:
            return Answer(response, await response.read())

    async def post(self, body: Any, channel: int | None = None, **options: Any) -> Answer:
        """Create a message in a channel."""
        place = channel or self.emulator.channel
        return await self.api("POST", f"/channels/{place}/messages", body, **options)

    async def sync(self, *commands: Json) -> Answer:
        """Make `commands` the global ones."""
        return await self.api("PUT", f"/applications/{self.emulator.application_id}/commands", list(commands))

    async def callback(self, interaction: Json, body: Any, query: str = "", **options: Any) -> Answer:
        """Answer an interaction."""
        path = f"/interactions/{interaction['id']}/{interaction['token']}/callback{query}"
        return await self.api("POST", path, body, **options)

    def webhook(self, interaction: Json, which: str = "") -> str:
        """The path of an interaction's webhook."""
        suffix = f"/messages/{which}" if which else ""
        return f"/webhooks/{self.emulator.application_id}/{interaction['token']}{suffix}"

    async def follow_up(self, interaction: Json, body: Any, **options: Any) -> Answer:
        """Send a followup."""
        return await self.api("POST", self.webhook(interaction), body, **options)

    async def asked(self, **options: Any) -> tuple[Json, asyncio.Task[Any]]:
        """Have the member run /ask; return the interaction as the bot hears it, and the waiting Reply."""
        if not any(command["name"] == "ask" for command in self.emulator.core.commands.all(None)):
            await self.sync({"name": "ask", "description": "Ask", "options": []})
        task = asyncio.create_task(self.emulator.slash(self.emulator.member, "ask", **options))
        return await self.event("INTERACTION_CREATE"), task

    async def pressed(self, message: Json, custom_id: str = "b", **options: Any) -> tuple[Json, asyncio.Task[Any]]:
        """Have the member press a button."""
        member = self.emulator.member
        task = asyncio.create_task(self.emulator.press(member, message, custom_id, **options))
        return await self.event("INTERACTION_CREATE"), task


def row(*components: Json) -> Json:
    """A row of components."""
    return {"type": 1, "components": list(components)}


def button(custom_id: str = "b", **changes: Any) -> Json:
    """A button."""
    return {"type": 2, "style": 1, "label": "Press", "custom_id": custom_id} | changes


def select(custom_id: str = "s", **changes: Any) -> Json:
    """A menu with two options."""
    options = [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]
    return {"type": 3, "custom_id": custom_id, "options": options} | changes
