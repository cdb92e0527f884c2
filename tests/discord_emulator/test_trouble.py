"""Rate limits, wrong tokens and failures on order."""

from __future__ import annotations

import time

import discord
import pytest
from discord.ext import commands

from discord_emulator import Emulator, ManualClock, Rate
from tests.discord_emulator.raw import RawBot
from tests.discord_emulator.smallbot import build


async def test_past_the_limit_comes_429_with_every_header(
    stranger_bot: RawBot, emulator: Emulator, clock: ManualClock
) -> None:
    for left in (4, 3, 2, 1, 0):
        answer = await stranger_bot.post({"content": "x"})
        assert answer.headers["X-RateLimit-Limit"] == "5"
        assert answer.headers["X-RateLimit-Remaining"] == str(left)
    answer = await stranger_bot.post({"content": "x"})
    assert answer.status == 429
    assert answer.headers["Via"]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-RateLimit-Scope"] == "user"
    assert 0 < answer.json["retry_after"] <= 5
    assert answer.json["global"] is False
    elsewhere = await stranger_bot.post({"content": "x"}, emulator.channels["fanart"])
    assert elsewhere.status == 200, "each channel has its own bucket"
    clock.advance(5)
    assert (await stranger_bot.post({"content": "x"})).status == 200


async def test_the_global_limit_stops_everything_but_interactions(raw: RawBot, emulator: Emulator) -> None:
    interaction, task = await raw.asked()
    emulator.limits.rates["global"] = Rate(2, 5.0)
    answers = [await raw.api("GET", "/users/@me") for _ in range(4)]
    assert answers[-1].status == 429
    assert answers[-1].json["global"] is True
    assert answers[-1].headers["X-RateLimit-Global"] == "true"
    assert (await raw.callback(interaction, {"type": 4, "data": {"content": "x"}})).status == 204
    await task


async def test_discord_py_waits_out_a_rate_limit(
    emulator: Emulator, small_bot: commands.Bot, clock: ManualClock
) -> None:
    clock.running = True
    emulator.limits.rates["message.create"] = Rate(2, 0.3)
    channel = small_bot.get_partial_messageable(emulator.channel)
    start = time.monotonic()
    for n in range(5):
        await channel.send(str(n))
    assert time.monotonic() - start > 0.5
    assert [message["content"] for message in emulator.messages()[-5:]] == list("01234")


@pytest.mark.parametrize("token", ["wrong", "", "é"])
async def test_a_wrong_token_is_unauthorized(token: str, stranger_bot: RawBot) -> None:
    answer = await stranger_bot.api("GET", "/users/@me", token=token)
    assert (answer.status, answer.json) == (401, {"message": "401: Unauthorized", "code": 0})


async def test_discord_py_reports_a_wrong_token(emulator: Emulator, small_bot: commands.Bot) -> None:
    async with build() as other:
        with pytest.raises(discord.LoginFailure):
            await other.login("another")


async def test_a_request_fails_as_often_as_ordered(stranger_bot: RawBot, emulator: Emulator) -> None:
    emulator.fail_next("POST", r"/channels/\d+/messages$", 403, times=2, body={"code": 50013, "message": "No"})
    assert [(await stranger_bot.post({"content": "x"})).code for _ in range(2)] == [50013, 50013]
    assert (await stranger_bot.post({"content": "x"})).status == 200
    assert (await stranger_bot.api("GET", "/users/@me")).status == 200
    refused = [request for request in emulator.requests if request.status == 403]
    assert [(request.method, request.code) for request in refused] == [("POST", 50013)] * 2


async def test_an_answer_can_be_lost_after_the_work_is_done(stranger_bot: RawBot, emulator: Emulator) -> None:
    emulator.fail_next("POST", "/messages", 503, after=True)
    body = {"content": "x", "nonce": "1", "enforce_nonce": True}
    assert (await stranger_bot.post(body)).status == 503
    assert (await stranger_bot.post(body)).status == 200
    assert [message["content"] for message in emulator.messages()].count("x") == 1


async def test_an_ordered_429_can_be_waited_out(emulator: Emulator, small_bot: commands.Bot) -> None:
    emulator.fail_next("POST", "/messages", 429, retry_after=0.1)
    await small_bot.get_partial_messageable(emulator.channel).send("patience")
    assert emulator.messages()[-1]["content"] == "patience"


async def test_latency_holds_answers_back(stranger_bot: RawBot, emulator: Emulator) -> None:
    emulator.latency = 0.1
    start = time.monotonic()
    await stranger_bot.api("GET", "/users/@me")
    assert time.monotonic() - start >= 0.1


async def test_requests_are_logged_with_what_they_carried(stranger_bot: RawBot, emulator: Emulator) -> None:
    await stranger_bot.post({"content": "x"}, files={"files[0]": ("a.txt", b"a")})
    last = emulator.requests[-1]
    assert (last.method, last.path, last.status) == ("POST", f"/channels/{emulator.channel}/messages", 200)
    assert (last.body, last.files) == ({"content": "x"}, ["a.txt"])
