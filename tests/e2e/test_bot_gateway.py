"""What a gateway may send that is malformed, or that other Discord-compatible servers leave out: the bot goes on."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import discord
import pytest

from bot.client import MeliconBot
from bot.connection.gateway import USED
from discord_emulator import Emulator, InteractionFailed, invoke
from discord_emulator.connection import Connection, Session
from discord_emulator.interactions import COMMAND, COMPONENT, MODAL_SUBMIT
from discord_emulator.invocation import launch
from discord_emulator.reply import Reply
from tests.e2e.conftest import StartBot
from tests.patience import ENOUGH

Json = dict[str, Any]


def session_of(emulator: Emulator) -> Session:
    (session,) = [session for session in emulator.core.gateway.sessions.values() if session.connection]
    return session


def send_text(emulator: Emulator, text: str) -> None:
    connection = session_of(emulator).connection
    assert connection is not None
    connection.send_text(text)


async def works(emulator: Emulator, seed: str = "1") -> bool:
    reply = await emulator.slash(emulator.moderator, "melicon", {"seed": seed})
    return bool(reply.message["attachments"])


@pytest.fixture
def leave_out(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[Json], object]], None]:
    """Change every event of a name before it is sent."""
    changes: list[tuple[str, Callable[[Json], object]]] = []
    dispatch = Session.dispatch

    def changed(self: Session, event: str, data: Json) -> None:
        data = json.loads(json.dumps(data))
        for name, change in changes:
            if name == event:
                change(data)
        dispatch(self, event, data)

    monkeypatch.setattr(Session, "dispatch", changed)
    return lambda event, change: changes.append((event, change))


async def test_no_event_can_end_the_bot_whatever_is_in_it(
    emulator: Emulator, bot: MeliconBot, caplog: pytest.LogCaptureFixture
) -> None:
    known = [name[6:].upper() for name in dir(bot._connection) if name.startswith("parse_")]
    assert len(known) > 60
    data: list[Any] = [None, {}, [], "text", 7, {"id": "x", "guild_id": str(emulator.guild), "user": None}]
    for event in sorted({*known, "SOMETHING_NEW"} - {"READY"}):
        for given in data:
            session_of(emulator).dispatch(event, given)
        assert await works(emulator), event
    assert bot.get_guild(emulator.guild) is not None
    assert "dropped a malformed gateway INTERACTION_CREATE" in caplog.text
    assert "TYPING_START" not in caplog.text, "what the bot did not ask for is not even looked at"


async def test_only_what_is_used_is_parsed(bot: MeliconBot) -> None:
    assert set(bot._connection.parsers) == USED


@pytest.mark.parametrize("frame", ["[]", "7", "no json", "", '{"op": 99}', '{"t": "READY"', "null", '{"op": 0}'])
async def test_frames_that_are_none_are_left_out(frame: str, emulator: Emulator, bot: MeliconBot) -> None:
    send_text(emulator, frame)
    assert await works(emulator)


async def test_a_ready_without_shard_address_and_servers_is_enough(
    emulator: Emulator, start_bot: StartBot, leave_out: Callable[..., None]
) -> None:
    for key in ("shard", "resume_gateway_url", "guilds", "session_id", "application"):
        leave_out("READY", lambda data, key=key: data.pop(key))
    async with start_bot() as bot:
        assert bot.shard_count == 1
        assert await works(emulator)


async def test_a_malformed_handshake_is_tried_again(
    emulator: Emulator, start_bot: StartBot, leave_out: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.shard.ExponentialBackoff, "delay", lambda _: 0.01)
    left = [1, 2]
    leave_out("READY", lambda data: data.pop("user") if left and left.pop() else None)
    async with start_bot():
        assert await works(emulator)
    assert not left, "twice it was no use"


async def test_a_hello_without_an_interval_gets_discords(
    emulator: Emulator, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = Connection.send
    monkeypatch.setattr(Connection, "send", lambda self, op, data=None: send(self, op, None if op == 10 else data))
    async with start_bot():
        assert await works(emulator)


async def test_after_a_resume_without_data_the_bot_goes_on(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = Session.dispatch
    monkeypatch.setattr(
        Session, "dispatch", lambda self, event, data: dispatch(self, event, None if event == "RESUMED" else data)
    )
    back = bot.wait_for("shard_resumed", timeout=ENOUGH)
    emulator.drop_gateway(how="abort")
    assert await back == 0
    assert await works(emulator)


@pytest.mark.parametrize("kind", [COMMAND, COMPONENT, MODAL_SUBMIT])
@pytest.mark.parametrize("data", ["none", "null", "empty"])
async def test_an_interaction_without_data_is_answered(
    data: str, kind: int, emulator: Emulator, bot: MeliconBot, leave_out: Callable[..., None]
) -> None:
    def change(payload: Json) -> None:
        payload["data"] = {"none": None, "null": None, "empty": {}}[data]
        if data == "none":
            del payload["data"]

    posted = (await emulator.slash(emulator.moderator, "melicon", {"seed": "1"})).message
    source = emulator.core.history.find(int(posted["id"]))
    assert source is not None
    leave_out("INTERACTION_CREATE", change)
    if kind == COMPONENT:
        button = source.payload["components"][0]["components"][0]["custom_id"]
        interaction = invoke.use_component(emulator.core, emulator.moderator, source, button)
    else:
        whole = {"id": "1", "name": "melicon", "type": 1, "custom_id": "mel:v1:mixform:1", "components": []}
        place = emulator.core.world.channel(emulator.channel)
        interaction = launch(emulator.core, kind, emulator.moderator, place, whole, source=source)
    await interaction.wait(lambda: interaction.settled, ENOUGH)
    reply = Reply(emulator.core, interaction)
    assert reply.ephemeral
    assert reply.message["content"]


async def test_options_of_no_shape_are_answered(
    emulator: Emulator, bot: MeliconBot, leave_out: Callable[..., None]
) -> None:
    leave_out("INTERACTION_CREATE", lambda data: data["data"].update(options=[7]))
    reply = await emulator.slash(emulator.moderator, "melicon", {"seed": "1"})
    assert reply.ephemeral
    assert "melicon.log" in reply.message["content"] or "`" in reply.message["content"]


async def test_an_interaction_that_nobody_asked_for_is_left_out(
    emulator: Emulator, bot: MeliconBot, leave_out: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    emulator.limits.ack_seconds = 0.01  # the deadline looks at the time that this process computes, and it waits
    leave_out("INTERACTION_CREATE", lambda data: data["member"].pop("user"))
    with pytest.raises(InteractionFailed):
        await emulator.slash(emulator.moderator, "help")
    assert "an interaction without a user" in caplog.text
    assert "Task exception" not in caplog.text


async def test_without_permissions_they_are_worked_out_from_the_server(
    emulator: Emulator, bot: MeliconBot, leave_out: Callable[..., None]
) -> None:
    def change(data: Json) -> None:
        data["member"].pop("permissions")
        data.pop("attachment_size_limit")
        data.pop("version")

    leave_out("INTERACTION_CREATE", change)
    assert await works(emulator)
    options = {"channel": emulator.channel, "time": "9:00", "timezone": "UTC"}
    reply = await emulator.slash(emulator.moderator, "daily set", options)
    assert "9:00" in reply.message["content"], "who manages the server may"
    # a message of somebody else's: the member may not, the moderator may
    for user, gone in ((emulator.member, False), (emulator.moderator, True)):
        posted = (await emulator.slash(emulator.owner, "melicon", {"seed": "3"})).message
        button = next(
            item["custom_id"]
            for row in posted["components"]
            for item in row["components"]
            if item.get("custom_id", "").startswith("mel:v1:delete")
        )
        await emulator.press(user, posted, button)
        assert (emulator.core.history.find(int(posted["id"])) is None) == gone


@pytest.mark.parametrize("known", ["server", "channel"])
async def test_where_the_server_is_not_known_nobody_may_more_than_they_should(
    known: str, emulator: Emulator, bot: MeliconBot, leave_out: Callable[..., None]
) -> None:
    guild = bot.get_guild(emulator.guild)
    assert guild is not None
    if known == "server":
        bot._connection._guilds.clear()
    else:
        guild._channels.clear()
    leave_out("INTERACTION_CREATE", lambda data: data["member"].pop("permissions"))
    options = {"channel": emulator.channel, "time": "9:00", "timezone": "UTC"}
    reply = await emulator.slash(emulator.moderator, "daily set", options)
    assert reply.ephemeral
    assert await bot.store.subscriptions.get(emulator.guild) is None


async def test_a_broken_compression_brings_a_new_connection(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.shard.ExponentialBackoff, "delay", lambda _: 0.01)
    back = bot.wait_for("shard_ready", timeout=ENOUGH)
    connection = session_of(emulator).connection
    assert connection is not None
    await connection.socket.send_bytes(b"no zlib stream\x00\x00\xff\xff")
    await back
    logging.getLogger(__name__).debug("connected anew")
    assert await works(emulator)
