"""The gateway keeps Discord's order and its close codes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from discord.ext import commands

from discord_emulator import Emulator
from discord_emulator.snowflakes import shard_of
from tests.discord_emulator.raw import RawBot
from tests.patience import ENOUGH

MEMBERS = 1 << 1
CONTENT = 1 << 15


async def test_hello_comes_first_and_heartbeats_are_acknowledged(stranger_bot: RawBot) -> None:
    hello = await stranger_bot.connect()
    assert hello["op"] == 10
    assert hello["d"]["heartbeat_interval"] > 1000
    await stranger_bot.send(1, None)
    assert (await stranger_bot.receive())["op"] == 11


async def test_ready_tells_all_that_a_resume_needs(stranger_bot: RawBot, emulator: Emulator) -> None:
    ready = await stranger_bot.identify()
    assert ready["resume_gateway_url"] == emulator.gateway_url
    assert ready["session_id"]
    assert ready["user"]["bot"]
    assert ready["guilds"] == [{"id": str(emulator.guild), "unavailable": True}]
    guild = await stranger_bot.event("GUILD_CREATE")
    assert [member["user"]["username"] for member in guild["members"]] == ["Melicon"], "no members intent, no members"
    assert guild["member_count"] == 5
    await emulator.wait_ready()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"token": None}, 4004),
        ({"shard": [2, 2]}, 4010),
        ({"shard": "one"}, 4010),
        ({"intents": -1}, 4013),
        ({"intents": 1 << 40}, 4013),
        ({"intents": None}, 4013),
        ({"intents": 1 | MEMBERS}, 4014),
        ({"intents": 1 | CONTENT}, 4014),
        ({"properties": None}, 4002),
    ],
)
async def test_a_bad_identify_is_closed_with_its_code(
    changes: dict[str, Any], code: int, stranger_bot: RawBot, emulator: Emulator
) -> None:
    await stranger_bot.connect()
    data = {"token": emulator.token, "intents": 1, "properties": {}}
    await stranger_bot.send(2, data | changes)
    assert await stranger_bot.receive() == {"closed": code}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ("{", 4002),
        ("[]", 4002),
        ('{"d": 1}', 4002),
        ('{"op": 3, "d": {}}', 4003),
        ('{"op": 1, "d": "' + "x" * 5000 + '"}', 4002),
    ],
)
async def test_a_bad_payload_is_closed_with_its_code(payload: str, code: int, stranger_bot: RawBot) -> None:
    await stranger_bot.connect()
    await stranger_bot.socket.send_str(payload)
    assert await stranger_bot.receive() == {"closed": code}


async def test_a_second_identify_and_an_unknown_opcode_are_refused(raw: RawBot, emulator: Emulator) -> None:
    await raw.send(3, {"status": "online", "activities": [], "since": None, "afk": False})
    await raw.send(99, {})
    assert await raw.receive() == {"closed": 4001}
    await raw.identify()
    await raw.event("GUILD_CREATE")
    await raw.send(2, {"token": emulator.token, "intents": 1, "properties": {}})
    assert await raw.receive() == {"closed": 4005}


async def test_a_wrong_version_is_refused(stranger_bot: RawBot) -> None:
    assert await stranger_bot.connect("v=6&encoding=json") == {"closed": 4012}


async def test_too_many_payloads_a_minute_are_refused(raw: RawBot) -> None:
    for _ in range(121):
        await raw.send(1, None)
    while "closed" not in (payload := await raw.receive()):
        pass
    assert payload == {"closed": 4008}


async def test_a_silent_client_is_timed_out(stranger_bot: RawBot, emulator: Emulator) -> None:
    emulator.limits.heartbeat_seconds = 0.05
    await stranger_bot.connect()
    assert await stranger_bot.receive() == {"closed": 4009}


async def test_a_resume_replays_what_was_missed(raw: RawBot, emulator: Emulator) -> None:
    seq = raw.seq
    emulator.drop_gateway()
    assert await raw.receive() == {"closed": 4000}
    await emulator.post_message(emulator.member, content="missed 1")
    said = await emulator.post_message(emulator.member, content="missed 2")
    await raw.connect()
    await raw.send(6, {"token": emulator.token, "session_id": raw.session_id, "seq": seq})
    events = [await raw.receive() for _ in range(3)]
    assert [event["t"] for event in events] == ["MESSAGE_CREATE", "MESSAGE_CREATE", "RESUMED"]
    assert [event["s"] for event in events] == [seq + 1, seq + 2, seq + 3]
    assert events[1]["d"]["id"] == said["id"]


async def test_an_interaction_survives_a_short_break(raw: RawBot, emulator: Emulator) -> None:
    await raw.sync({"name": "ask", "description": "Ask"})
    seq = raw.seq
    emulator.drop_gateway(how="abort")
    await raw.receive()
    task = asyncio.create_task(emulator.slash(emulator.member, "ask"))
    await raw.connect()
    await raw.send(6, {"token": emulator.token, "session_id": raw.session_id, "seq": seq})
    interaction = await raw.event("INTERACTION_CREATE")
    await raw.callback(interaction, {"type": 4, "data": {"content": "back"}})
    reply = await task
    assert reply.message is not None
    assert reply.message["content"] == "back"


@pytest.mark.parametrize("session", ["unknown", None])
async def test_a_lost_session_cannot_be_resumed(session: str | None, raw: RawBot, emulator: Emulator) -> None:
    emulator.drop_gateway(resumable=False)
    await raw.receive()
    await raw.connect()
    await raw.send(6, {"token": emulator.token, "session_id": session or raw.session_id, "seq": raw.seq})
    payload = await raw.receive()
    assert (payload["op"], payload["d"]) == (9, False)


async def test_a_resume_from_the_future_is_refused(raw: RawBot, emulator: Emulator) -> None:
    emulator.drop_gateway()
    await raw.receive()
    await raw.connect()
    await raw.send(6, {"token": emulator.token, "session_id": raw.session_id, "seq": raw.seq + 5})
    assert await raw.receive() == {"closed": 4007}


async def test_a_session_ends_with_a_goodbye(raw: RawBot, emulator: Emulator) -> None:
    await raw.socket.close(code=1000)
    async with asyncio.timeout(ENOUGH):
        while emulator.core.gateway.sessions:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("how", "payload"), [("reconnect", (7, None)), ("invalid", (9, True))])
async def test_discord_may_ask_for_a_new_connection(
    how: Any, payload: tuple[int, Any], raw: RawBot, emulator: Emulator
) -> None:
    assert emulator.drop_gateway(how=how) == 1
    received = await raw.receive()
    assert (received["op"], received["d"]) == payload


@pytest.mark.parametrize("how", ["close", "abort", "reconnect", "invalid"])
@pytest.mark.parametrize("resumable", [True, False])
async def test_discord_py_comes_back_by_itself(
    how: Any, resumable: bool, emulator: Emulator, small_bot: commands.Bot
) -> None:
    back = asyncio.ensure_future(small_bot.wait_for("resumed" if resumable else "ready", timeout=ENOUGH))
    await asyncio.sleep(0)
    emulator.drop_gateway(resumable=resumable, how=how)
    await back
    reply = await emulator.slash(emulator.member, "echo", {"text": "still here"})
    assert reply.message is not None


async def test_members_are_sent_on_request(raw: RawBot, emulator: Emulator) -> None:
    base = {"guild_id": str(emulator.guild), "limit": 0}
    await raw.send(8, base | {"query": ""})  # the whole list needs the intent: silence
    await raw.send(8, base | {"query": "ta", "limit": 5, "nonce": "n"})
    chunk = await raw.event("GUILD_MEMBERS_CHUNK")
    assert [member["user"]["username"] for member in chunk["members"]] == ["taro"]
    assert chunk["nonce"] == "n"
    await raw.send(8, base | {"user_ids": [str(emulator.owner.id), "1"]})
    chunk = await raw.event("GUILD_MEMBERS_CHUNK")
    assert [member["user"]["username"] for member in chunk["members"]] == ["mel"]
    assert chunk["not_found"] == ["1"]


async def test_events_go_to_the_guilds_shard(emulator: Emulator, stranger_bot: RawBot) -> None:
    mine = shard_of(emulator.guild, 2)
    other = RawBot(emulator, stranger_bot.session)
    ready = await other.identify(shard=[1 - mine, 2])
    assert ready["guilds"] == []
    assert ready["shard"] == [1 - mine, 2]
    await stranger_bot.identify(shard=[mine, 2])
    await stranger_bot.event("GUILD_CREATE")
    await emulator.wait_ready(shards=2)
    said = await emulator.post_message(emulator.member, content="x")
    assert (await stranger_bot.event("MESSAGE_CREATE"))["id"] == said["id"]
    others = [s for s in emulator.core.gateway.sessions.values() if s.shard[0] != mine]
    assert [session.sequence for session in others] == [1]


async def test_without_an_intent_its_events_stay_away(stranger_bot: RawBot, emulator: Emulator) -> None:
    await stranger_bot.identify(intents=1)
    await stranger_bot.event("GUILD_CREATE")
    await emulator.post_message(emulator.member, content="unheard")
    (session,) = emulator.core.gateway.sessions.values()
    assert session.sequence == 2


async def test_the_portal_can_allow_privileged_intents(stranger_bot: RawBot, emulator: Emulator) -> None:
    emulator.core.privileged_intents = MEMBERS | CONTENT
    await stranger_bot.identify(intents=1 | MEMBERS | CONTENT | 1 << 9)
    guild = await stranger_bot.event("GUILD_CREATE")
    assert len(guild["members"]) == 5
    await emulator.post_message(emulator.member, content="heard")
    assert (await stranger_bot.event("MESSAGE_CREATE"))["content"] == "heard"
