"""The life of an interaction, refused as strictly as by Discord."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from discord_emulator import Emulator, InteractionFailed, ManualClock, UsageError
from tests.discord_emulator.raw import PNG, RawBot, button, row

REPLY = {"type": 4, "data": {"content": "hi"}}


async def test_an_answer_after_three_seconds_finds_no_interaction(raw: RawBot, clock: ManualClock) -> None:
    interaction, task = await raw.asked()
    clock.advance(3.1)
    answer = await raw.callback(interaction, REPLY)
    assert (answer.status, answer.code) == (404, 10062)
    task.cancel()


async def test_the_three_seconds_are_those_of_the_deadline_clock(http: aiohttp.ClientSession) -> None:
    """A test's bot that waits for a busy machine is not late; one that takes 3 s of that clock is."""
    now, spent = ManualClock(), 0.0
    emulator = await Emulator.start(clock=now, deadline_clock=lambda: spent)
    raw = RawBot(emulator, http)
    await raw.identify()
    await raw.event("GUILD_CREATE")
    interaction, task = await raw.asked()
    now.advance(600)
    assert (await raw.callback(interaction, REPLY)).status == 204
    assert (await task).message["content"] == "hi"
    interaction, task = await raw.asked()
    spent = 3.1
    with pytest.raises(InteractionFailed, match="did not respond"):
        await task
    await emulator.close()


async def test_a_second_callback_is_refused(raw: RawBot) -> None:
    interaction, task = await raw.asked()
    first = await raw.callback(interaction, REPLY, "?with_response=1")
    assert first.status == 200
    assert first.headers["Content-Type"] == "application/json"
    assert first.json["interaction"]["response_message_id"] == first.json["resource"]["message"]["id"]
    second = await raw.callback(interaction, REPLY)
    assert (second.status, second.code) == (400, 40060)
    assert (await task).message["content"] == "hi"


async def test_a_callback_without_with_response_is_answered_with_nothing(raw: RawBot) -> None:
    interaction, task = await raw.asked()
    answer = await raw.callback(interaction, REPLY)
    assert (answer.status, answer.data) == (204, b"")
    await task


async def test_a_wrong_token_finds_no_interaction(raw: RawBot) -> None:
    interaction, task = await raw.asked()
    wrong = interaction | {"token": interaction["token"] + "x"}
    answer = await raw.callback(wrong, REPLY)
    assert (answer.status, answer.code) == (404, 10062)
    answer = await raw.follow_up(wrong, {"content": "x"})
    assert (answer.status, answer.code) == (401, 50027)
    task.cancel()


async def test_a_followup_before_the_callback_finds_no_webhook(raw: RawBot) -> None:
    interaction, task = await raw.asked()
    answer = await raw.follow_up(interaction, {"content": "early"})
    assert (answer.status, answer.code) == (404, 10015)
    task.cancel()


async def test_a_token_is_worth_nothing_after_fifteen_minutes(raw: RawBot, clock: ManualClock) -> None:
    interaction, task = await raw.asked()
    await raw.callback(interaction, {"type": 5})
    clock.advance(890)
    assert (await raw.follow_up(interaction, {"content": "in time"})).status == 200
    await task
    clock.advance(11)
    for method, path, body in (
        ("POST", raw.webhook(interaction), {"content": "late"}),
        ("PATCH", raw.webhook(interaction, "@original"), {"content": "late"}),
        ("GET", raw.webhook(interaction, "@original"), None),
        ("DELETE", raw.webhook(interaction, "@original"), None),
    ):
        answer = await raw.api(method, path, body)
        assert (answer.status, answer.code) == (401, 50027), method


async def test_a_token_of_another_application_finds_no_webhook(raw: RawBot) -> None:
    interaction, task = await raw.asked()
    await raw.callback(interaction, REPLY)
    await task
    answer = await raw.api("POST", f"/webhooks/1/{interaction['token']}", {"content": "x"})
    assert (answer.status, answer.code) == (404, 10015)


@pytest.mark.parametrize("kind", [1, 6, 7, 8, 10, 99, "x", None])
async def test_a_callback_type_that_does_not_fit_is_refused(kind: object, raw: RawBot) -> None:
    interaction, task = await raw.asked()
    answer = await raw.callback(interaction, {"type": kind})
    assert (answer.status, answer.code) == (400, 50035)
    assert answer.error("type")
    assert (await raw.callback(interaction, REPLY)).status == 204, "a refused callback may be tried again"
    await task


async def test_the_original_and_followups_can_be_read_edited_and_deleted(raw: RawBot, emulator: Emulator) -> None:
    emulator.limits.rates.clear()
    interaction, task = await raw.asked()
    await raw.callback(interaction, REPLY)
    reply = await task
    original = raw.webhook(interaction, "@original")
    assert (await raw.api("GET", original)).json["content"] == "hi"
    edited = await raw.api("PATCH", original, {"content": "edited"})
    assert edited.json["edited_timestamp"]
    follow = (await raw.follow_up(interaction, {"content": "more", "flags": 64})).json
    assert follow["flags"] & 64
    assert follow["interaction_metadata"]["original_response_message_id"] == edited.json["id"]
    changed = await raw.api("PATCH", raw.webhook(interaction, follow["id"]), {"content": "changed"})
    assert changed.json["content"] == "changed"
    assert [m["content"] for m in reply.followups] == ["changed"]
    assert (await raw.api("DELETE", raw.webhook(interaction, follow["id"]))).status == 204
    assert (await raw.api("GET", raw.webhook(interaction, follow["id"]))).code == 10008
    assert (await raw.api("DELETE", original)).status == 204
    assert (await raw.api("PATCH", original, {"content": "x"})).code == 10008
    assert reply.message is None
    assert [event.kind for event in reply.events] == ["callback", "edit", "followup", "edit", "delete", "delete"]


async def test_a_webhook_reaches_only_its_own_messages(raw: RawBot, emulator: Emulator) -> None:
    other = (await raw.post({"content": "other"})).json
    interaction, task = await raw.asked()
    await raw.callback(interaction, REPLY)
    await task
    answer = await raw.api("PATCH", raw.webhook(interaction, other["id"]), {"content": "stolen"})
    assert (answer.status, answer.code) == (404, 10008)


async def test_an_ephemeral_message_is_not_there_for_channel_routes(raw: RawBot, emulator: Emulator) -> None:
    interaction, task = await raw.asked()
    await raw.callback(interaction, {"type": 4, "data": {"content": "psst", "flags": 64}})
    message = (await task).message
    event = await raw.event("MESSAGE_CREATE")
    assert event["id"] == message["id"]
    assert "guild_id" not in event, "ephemeral messages travel as direct messages do"
    path = f"/channels/{emulator.channel}/messages/{message['id']}"
    for method in ("GET", "DELETE"):
        assert (await raw.api(method, path)).code == 10008
    assert (await raw.api("PATCH", path, {"content": "x"})).code == 10008
    listed = (await raw.api("GET", f"/channels/{emulator.channel}/messages")).json
    assert all(item["id"] != message["id"] for item in listed)


async def test_a_button_can_update_its_message_and_keeps_the_picture(raw: RawBot, emulator: Emulator) -> None:
    body = {"content": "one", "components": [row(button())]}
    message = (await raw.post(body, files={"files[0]": ("a.png", PNG)})).json
    interaction, task = await raw.pressed(message)
    assert interaction["message"]["components"][0]["components"][0]["custom_id"] == "b"
    assert interaction["data"]["component_type"] == 2
    answer = await raw.callback(interaction, {"type": 7, "data": {"content": "two"}}, "?with_response=true")
    assert answer.json["resource"]["message"]["content"] == "two"
    updated = (await task).message
    assert updated["id"] == message["id"]
    assert updated["attachments"]
    interaction, task = await raw.pressed(message)
    await raw.callback(interaction, {"type": 7, "data": {"attachments": []}})
    assert not (await task).message["attachments"]


async def test_a_button_that_defers_edits_its_own_message(raw: RawBot, emulator: Emulator) -> None:
    message = (await raw.post({"content": "one", "components": [row(button())]})).json
    interaction, task = await raw.pressed(message)
    await raw.callback(interaction, {"type": 6})
    await raw.api("PATCH", raw.webhook(interaction, "@original"), {"content": "two", "components": []})
    reply = await task
    assert reply.message["content"] == "two"
    assert reply.message["id"] == message["id"]
    interaction, task = await raw.asked()
    await raw.callback(interaction, {"type": 4, "data": {"content": "n", "components": [row(button())]}})
    first = (await task).message
    interaction, task = await raw.pressed(first)
    await raw.callback(interaction, {"type": 6})
    await raw.follow_up(interaction, {"content": "new"})
    reply = await task
    assert reply.message["content"] == "new"
    assert reply.message["message_reference"]["message_id"] == first["id"]


async def test_choices_are_limited_and_typed(raw: RawBot, emulator: Emulator) -> None:
    option = {"type": 4, "name": "n", "description": "A number", "autocomplete": True}
    await raw.sync({"name": "pick", "description": "Pick", "options": [option]})
    task = asyncio.create_task(emulator.autocomplete(emulator.member, "pick", focused="n", value="1"))
    interaction = await raw.event("INTERACTION_CREATE")
    assert interaction["data"]["options"] == [{"name": "n", "type": 4, "value": "1", "focused": True}]
    many = [{"name": str(n), "value": n} for n in range(26)]
    answer = await raw.callback(interaction, {"type": 8, "data": {"choices": many}})
    assert answer.error("data", "choices") == "BASE_TYPE_MAX_LENGTH"
    answer = await raw.callback(interaction, {"type": 8, "data": {"choices": [{"name": "", "value": "a"}]}})
    assert answer.error("data", "choices", 0, "name")
    assert answer.error("data", "choices", 0, "value") == "NUMBER_TYPE_COERCE"
    assert (await raw.callback(interaction, {"type": 4, "data": {"content": "x"}})).code == 50035
    await raw.callback(interaction, {"type": 8, "data": {"choices": many[:25]}})
    assert len(await task) == 25


async def test_a_refused_answer_is_named_when_the_interaction_fails(raw: RawBot, clock: ManualClock) -> None:
    interaction, task = await raw.asked()
    await raw.callback(interaction, {"type": 4, "data": {"content": "x" * 2001}})
    clock.advance(3.1)
    with pytest.raises(InteractionFailed, match="50035"):
        await task


async def test_a_bot_that_only_defers_is_named_as_such(raw: RawBot, emulator: Emulator) -> None:
    interaction, task = await raw.asked()
    await raw.callback(interaction, {"type": 5})
    deferred = emulator.core.interactions.get(int(interaction["id"]))
    assert deferred is not None
    with pytest.raises(InteractionFailed, match="did not reply"):
        await deferred.wait(lambda: deferred.settled, 0.01)
    task.cancel()


async def test_without_a_bot_a_command_fails_at_once(emulator: Emulator, stranger_bot: RawBot) -> None:
    await stranger_bot.sync({"name": "ask", "description": "Ask"})
    with pytest.raises(InteractionFailed, match="offline"):
        await emulator.slash(emulator.member, "ask")


async def test_modals_are_checked(raw: RawBot, emulator: Emulator) -> None:
    interaction, task = await raw.asked()
    field = {"type": 4, "custom_id": "f", "style": 1, "label": "L" * 46, "max_length": 4001}
    bad = {"custom_id": "m" * 101, "title": "T" * 46, "components": [row(field)] * 6}
    answer = await raw.callback(interaction, {"type": 9, "data": bad})
    assert answer.error("data", "title") == "BASE_TYPE_BAD_LENGTH"
    assert answer.error("data", "custom_id") == "BASE_TYPE_BAD_LENGTH"
    assert answer.error("data", "components") == "BASE_TYPE_BAD_LENGTH"
    assert answer.error("data", "components", 0, "components", 0, "label") == "BASE_TYPE_BAD_LENGTH"
    assert answer.error("data", "components", 1, "components", 0, "custom_id") == "COMPONENT_CUSTOM_ID_DUPLICATED"
    good = {"custom_id": "m", "title": "T", "components": [row(field | {"label": "L", "max_length": 10})]}
    assert (await raw.callback(interaction, {"type": 9, "data": good})).status == 204
    opened = await task
    task = asyncio.create_task(emulator.modal_submit(emulator.member, opened, {"f": "text"}))
    submitted = await raw.event("INTERACTION_CREATE")
    assert submitted["type"] == 5
    assert submitted["data"]["components"][0]["components"][0]["value"] == "text"
    assert (await raw.callback(submitted, {"type": 9, "data": good})).code == 50035, "no modal after a modal"
    await raw.callback(submitted, REPLY)
    assert (await task).message["content"] == "hi"


async def test_an_app_that_only_a_user_has_installed_sends_five_followups_at_most(
    raw: RawBot, emulator: Emulator
) -> None:
    emulator.limits.rates.clear()
    guild = emulator.add_guild("Elsewhere", with_bot=False)
    channel = next(iter(guild.channels))
    await raw.sync({"name": "ask", "description": "Ask", "options": []})
    with pytest.raises(UsageError, match="no command"):
        await emulator.slash(emulator.member, "ask", channel=channel)
    await raw.sync({"name": "ask", "description": "Ask", "options": [], "integration_types": [0, 1]})
    interaction, task = await raw.asked(channel=channel)
    assert interaction["authorizing_integration_owners"] == {"1": str(emulator.member.id)}
    await raw.callback(interaction, {"type": 5})
    for n in range(5):
        assert (await raw.follow_up(interaction, {"content": str(n)})).status == 200
    refused = await raw.follow_up(interaction, {"content": "one more"})
    assert (refused.status, refused.code) == (400, 40094)
    assert (await raw.api("PATCH", raw.webhook(interaction, "@original"), {"content": "edited"})).status == 200
    await task
