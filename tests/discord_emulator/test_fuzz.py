"""Requests that no honest client sends: every route answers them with a 4xx, and the server goes on."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
import yarl

from discord_emulator import Emulator
from tests.discord_emulator.raw import PNG, RawBot, button, row, select

# what stands in a path, percent-encoded where it must be
PARTS = (
    "0", "-1", "1" * 5000, "²", "٣", "%00", "%ff", "%2e%2e", "..%2f..%2fetc", "a" * 3000, "18446744073709551616",
    "%0d%0aX:y", "@me", "%F0%9F%8E%B2", "%ED%A0%80",
)  # fmt: skip
# what stands in JSON where something else was expected
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**64, 10**4200, 1e308, 0.5, "", "x", "1" * 5000, "²", "\0", "\ud800", "/" * 300, "a" * 7000,
    [], [[]], [None], [{}], ["\ud800"], {}, {"": None}, {"type": "\ud800"}, [1] * 30, {"id": "1" * 5000},
)  # fmt: skip


def routes(emulator: Emulator) -> Iterator[tuple[str, str]]:
    """Every method and path that the server knows."""
    for route in emulator._runner.app.router.routes():
        method = "PATCH" if route.method == "*" else route.method
        yield method, route.resource.canonical


@pytest.fixture
def unlimited(emulator: Emulator) -> Emulator:
    """Without rate limits: thousands of requests come."""
    emulator.limits.rates.clear()
    return emulator


async def test_no_path_makes_the_server_fail(unlimited: Emulator, raw: RawBot, http: aiohttp.ClientSession) -> None:
    bot, guild, channel, member = unlimited.application_id, unlimited.guild, unlimited.channel, unlimited.member.id
    known = {
        "channel_id": channel, "channel": channel, "guild_id": guild, "guild": guild, "role_id": guild,
        "application_id": bot, "webhook_id": bot, "user_id": member, "user": member, "token": "x",
        "emoji": "%F0%9F%8E%B2", "hash": "x", "extension": "png",
        "message_id": (await raw.post({"content": "x"})).json["id"], "filename": "x", "id": 1, "index": 0,
        "path": "js/app.js", "rest": "x", "command_id": 1, "interaction_id": 1,
    }  # fmt: skip
    headers = {"Authorization": f"Bot {unlimited.token}", "Cookie": unlimited.cookie}
    failed = []
    parts = itertools.cycle(PARTS)
    for method, pattern in sorted({*routes(unlimited)}):
        if method == "HEAD" or pattern.endswith("/ws") or pattern.startswith("/gw"):
            continue
        names = [name.split(":")[0] for name in pattern.replace("}", "{").split("{")[1::2]]
        for name in names:
            for part in itertools.islice(parts, 4):
                values = {key: part if key == name else str(value) for key, value in known.items()}
                path = pattern.replace(":.+", "").replace(":.*", "").format(**values)
                async with http.request(
                    method, yarl.URL(unlimited.url + path, encoded=True), headers=headers
                ) as answer:
                    if answer.status >= 500:
                        failed.append(f"{method} {path[:80]}: {answer.status}")
    assert failed == []


@pytest.mark.parametrize("name", ["limit", "before", "after", "around", "query", "wait", "with_response"])
async def test_no_query_makes_the_server_fail(name: str, unlimited: Emulator, raw: RawBot) -> None:
    for path in (f"/channels/{unlimited.channel}/messages", f"/guilds/{unlimited.guild}/members/search"):
        for part in PARTS:
            answer = await raw.api("GET", f"{path}?{name}={part}")
            assert answer.status < 500, (path, name, part[:40])


def mutations(tree: Any, values: Iterator[Any] | None = None, each: int = 2) -> Iterator[Any]:
    """The tree with each of its branches left out, and replaced by the next few of the values, round and round."""
    values = values or itertools.cycle(VALUES)
    yield from itertools.islice(values, each)
    if isinstance(tree, dict):
        for key in tree:
            yield {other: tree[other] for other in tree if other != key}
            for changed in mutations(tree[key], values, each):
                yield tree | {key: changed}
    elif isinstance(tree, list):
        for index, branch in enumerate(tree):
            for changed in mutations(branch, values, each):
                yield [*tree[:index], changed, *tree[index + 1 :]]


FIELD = {"name": "n", "value": "v", "inline": True}
EMBED = {
    "title": "t", "url": "http://x/", "color": 1, "image": {"url": "http://x/"}, "author": {"name": "n"},
    "fields": [FIELD], "footer": {"text": "t"}, "timestamp": "2026-01-01T00:00:00Z",
}  # fmt: skip
MESSAGE = {
    "content": "<@1> <@&1>",
    "embeds": [EMBED],
    "components": [row(button(emoji={"name": "x"})), row(select(min_values=0, max_values=1, placeholder="p"))],
    "allowed_mentions": {"parse": ["users"], "users": [], "roles": [], "replied_user": False},
    "message_reference": {"message_id": "1", "fail_if_not_exists": False},
    "attachments": [{"id": 0, "filename": "a.png", "description": "d"}],
    "flags": 0, "nonce": "n", "enforce_nonce": True, "tts": False,
}  # fmt: skip
WORD = {"name": "o", "description": "d", "type": 3, "required": True, "choices": [{"name": "n", "value": "v"}]}
NUMBER = {"name": "i", "description": "d", "type": 4, "min_value": 1, "max_value": 2, "autocomplete": True}
COMMAND = {
    "name": "ask", "description": "d", "type": 1, "contexts": [0], "integration_types": [0], "nsfw": False,
    "default_member_permissions": "8", "name_localizations": {"fr": "x"}, "options": [WORD, NUMBER],
}  # fmt: skip
TEXT = {"type": 4, "custom_id": "f", "label": "l", "style": 1, "min_length": 1, "max_length": 9, "value": "v"}
MODAL = {"type": 9, "data": {"title": "t", "custom_id": "m", "components": [row(TEXT | {"required": True})]}}
REPLY = {"type": 4, "data": {"content": "x", "flags": 64, "components": [row(button())]}}
CHOICES = {"type": 8, "data": {"choices": [{"name": "n", "value": "v"}]}}


async def failures(raw: RawBot, method: str, path: str, bodies: Iterator[Any]) -> list[str]:
    """Send each body, and return those at which the server failed."""
    answers = [(await raw.api(method, path, body), body) for body in bodies]
    return [f"{method} {path[:60]} {json.dumps(body)[:200]}" for answer, body in answers if answer.status >= 500]


async def test_no_message_of_the_bot_makes_the_server_fail(unlimited: Emulator, raw: RawBot) -> None:
    posted = (await raw.post({"content": "x"})).json
    path = f"/channels/{unlimited.channel}/messages"
    assert await failures(raw, "POST", path, mutations(MESSAGE)) == []
    assert await failures(raw, "PATCH", f"{path}/{posted['id']}", mutations(MESSAGE)) == []
    assert await failures(raw, "POST", f"{path}/bulk-delete", mutations({"messages": ["1", "2"]})) == []


async def test_no_command_of_the_bot_makes_the_server_fail(unlimited: Emulator, raw: RawBot) -> None:
    unlimited.limits.command_creates_per_day = 10**9
    path = f"/applications/{unlimited.application_id}/commands"
    assert await failures(raw, "POST", path, mutations(COMMAND)) == []
    assert await failures(raw, "PUT", path, mutations([COMMAND])) == []
    me = {"recipient_id": str(unlimited.member.id)}
    assert await failures(raw, "POST", "/users/@me/channels", mutations(me)) == []
    assert await failures(raw, "PATCH", "/users/@me", mutations({"username": "Melicon"})) == []


async def test_no_answer_of_the_bot_makes_the_server_fail(unlimited: Emulator, raw: RawBot) -> None:
    unlimited.limits.ack_seconds = 3600
    heard, asked = await raw.asked()
    interaction = unlimited.core.interactions.get(int(heard["id"]))
    assert interaction

    def fresh(whole: Any) -> Iterator[Any]:
        for body in mutations(whole):
            interaction.callback = None
            yield body

    path = f"/interactions/{heard['id']}/{heard['token']}/callback"
    for whole in (REPLY, MODAL, CHOICES):
        assert await failures(raw, "POST", path, fresh(whole)) == []
    interaction.callback = 5
    assert await failures(raw, "POST", raw.webhook(heard), mutations(REPLY["data"])) == []
    asked.cancel()


@pytest.mark.parametrize("field", ["files[0]", "files[999]", "file", "files[٣]", "\0", "", "payload_json"])
@pytest.mark.parametrize("name", ["", "a" * 5000, "..", "\0", "é.png", ".png", "a\\b", '"; x="', "%00", "\ufffe"])
async def test_no_upload_makes_the_server_fail(
    field: str, name: str, unlimited: Emulator, http: aiohttp.ClientSession
) -> None:
    part = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    body = b'--b\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{"content": "x"}\r\n'
    headers = {"Authorization": f"Bot {unlimited.token}", "Content-Type": "multipart/form-data; boundary=b"}
    url = f"{unlimited.api_url}/channels/{unlimited.channel}/messages"
    for data in (body + part.encode() + PNG + b"\r\n--b--\r\n", part.encode(), b"--b", b"--b\r\n\r\n--b--"):
        async with http.post(url, data=data, headers=headers) as answer:
            assert answer.status < 500


async def test_no_body_of_a_page_makes_the_server_fail(
    unlimited: Emulator, raw: RawBot, http: aiohttp.ClientSession
) -> None:
    user, channel = str(unlimited.owner.id), str(unlimited.channel)
    await raw.sync(COMMAND | {"default_member_permissions": None}, {"name": "look", "type": 3})
    ids = {command["name"]: command["id"] for command in unlimited.core.commands.all(None)}
    posted = (await raw.post({"content": "x", "components": MESSAGE["components"]})).json
    asked = asyncio.create_task(unlimited.context_menu(unlimited.owner, "look", posted))
    heard = await raw.event("INTERACTION_CREATE")
    common = {"user": user, "channel_id": channel, "nonce": "n"}
    options = [{"name": "o", "type": 3, "value": "v"}, {"name": "i", "type": 4, "value": 1}]
    bodies = {
        "messages": {"content": "x"},
        "command": {"command_id": ids["ask"], "options": options, "target_id": posted["id"]},
        "component": {"message_id": posted["id"], "custom_id": "s", "component_type": 3, "values": ["a"]},
        "modal": {"interaction_id": heard["id"], "custom_id": "m", "components": MODAL["data"]["components"]},
    }
    headers = {"Cookie": unlimited.cookie, "Content-Type": "application/json"}
    failed = []
    for path, body in bodies.items():
        for changed in mutations(common | body, each=4):
            interaction = unlimited.core.interactions.get(int(heard["id"]))
            if interaction:
                interaction.modal = MODAL["data"]
            data = json.dumps(changed)
            async with http.post(f"{unlimited.url}/chat/{path}", data=data, headers=headers) as answer:
                if answer.status >= 500:
                    failed.append(f"{path} {data[:200]}: {answer.status}")
    asked.cancel()
    assert failed == []


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "x"])
@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=b", "multipart/form-data", "\u00e9"]
)
async def test_no_encoding_makes_the_server_fail(
    encoding: str, kind: str, unlimited: Emulator, http: aiohttp.ClientSession
) -> None:
    headers = {"Authorization": f"Bot {unlimited.token}", "Content-Type": kind, "Content-Encoding": encoding}
    url = f"{unlimited.api_url}/channels/{unlimited.channel}/messages"
    async with http.post(url, data=b"no such thing", headers=headers, skip_auto_headers=["Content-Encoding"]) as answer:
        assert answer.status < 500


@pytest.mark.parametrize("op", [1, 2, 3, 4, 6, 8, 31, 99, None, "x", [], 10**4200])
async def test_no_frame_makes_the_gateway_fail(
    op: Any, unlimited: Emulator, raw: RawBot, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    identify = {"token": unlimited.token, "intents": 1, "properties": {}, "shard": [0, 1]}
    resume = {"token": unlimited.token, "session_id": raw.session_id, "seq": 1}
    members = {"guild_id": str(unlimited.guild), "user_ids": ["1"], "query": "", "limit": 1, "nonce": "n"}
    tree = {2: identify, 6: resume, 8: members}.get(op, {}) if isinstance(op, int) else {}
    for data in mutations(tree, each=3):
        async with http.ws_connect(unlimited.gateway_url) as socket:
            await socket.receive()
            if op not in (2, 6):
                await socket.send_json({"op": 2, "d": identify})
            await socket.send_json({"op": op, "d": data})
            await socket.send_json({"op": 1, "d": None})
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
