"""The body of a message: every limit of Discord's, with its error at the right place."""

from __future__ import annotations

from typing import Any

import pytest

from discord_emulator import Emulator, Limits, ManualClock
from tests.discord_emulator.raw import PNG, RawBot, button, row, select

TEXT = {"type": 10, "content": "text"}
LAYOUT = 1 << 15


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"content": "x" * 2001}, ["content"]),
        ({"content": {"a": 1}}, ["content"]),
        ({"content": "x", "nonce": "n" * 26}, ["nonce"]),
        ({"content": "x", "flags": "many"}, ["flags"]),
        ({"content": "x", "tts": "yes"}, ["tts"]),
        ({"embeds": [{"title": "x"}] * 11}, ["embeds"]),
        ({"embeds": [{"description": "x" * 3001}] * 2}, ["embeds"]),
        ({"embeds": [{"title": "x" * 257}]}, ["embeds", 0, "title"]),
        ({"embeds": [{"description": "x" * 4097}]}, ["embeds", 0, "description"]),
        ({"embeds": [{"title": "x", "footer": {"text": "x" * 2049}}]}, ["embeds", 0, "footer", "text"]),
        ({"embeds": [{"title": "x", "author": {"name": "x" * 257}}]}, ["embeds", 0, "author", "name"]),
        ({"embeds": [{"fields": [{"name": "", "value": "v"}]}]}, ["embeds", 0, "fields", 0, "name"]),
        ({"embeds": [{"fields": [{"name": "n", "value": "v" * 1025}]}]}, ["embeds", 0, "fields", 0, "value"]),
        ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, ["embeds", 0, "fields"]),
        ({"embeds": [{"title": "x", "image": {"url": "ftp://a/b"}}]}, ["embeds", 0, "image", "url"]),
        ({"embeds": [{"title": "x", "color": 0x1000000}]}, ["embeds", 0, "color"]),
        ({"embeds": [{}]}, ["embeds", 0, "description"]),
        ({"embeds": ["no object"]}, ["embeds", 0]),
        ({"content": "x", "components": [row(button())] * 6}, ["components"]),
        ({"content": "x", "components": [row()]}, ["components", 0, "components"]),
        ({"content": "x", "components": [row(*(button(str(n)) for n in range(6)))]}, ["components", 0, "components"]),
        ({"content": "x", "components": [row(button("x" * 101))]}, ["components", 0, "components", 0, "custom_id"]),
        ({"content": "x", "components": [row(button(""))]}, ["components", 0, "components", 0, "custom_id"]),
        ({"content": "x", "components": [row(button(), button())]}, ["components", 0, "components", 1, "custom_id"]),
        (
            {"content": "x", "components": [row(button()), row(button())]},
            ["components", 1, "components", 0, "custom_id"],
        ),
        ({"content": "x", "components": [row(button(label="x" * 81))]}, ["components", 0, "components", 0, "label"]),
        ({"content": "x", "components": [row(button(label=""))]}, ["components", 0, "components", 0, "label"]),
        ({"content": "x", "components": [row(button(style=7))]}, ["components", 0, "components", 0, "style"]),
        ({"content": "x", "components": [row(button(style=5))]}, ["components", 0, "components", 0, "url"]),
        ({"content": "x", "components": [row(select(), button())]}, ["components", 0, "components"]),
        ({"content": "x", "components": [row(select(options=[]))]}, ["components", 0, "components", 0, "options"]),
        ({"content": "x", "components": [row(select(max_values=3))]}, ["components", 0, "components", 0, "options"]),
        (
            {
                "content": "x",
                "components": [row(select(options=[{"label": str(n), "value": str(n)} for n in range(26)]))],
            },
            ["components", 0, "components", 0, "options"],
        ),
        (
            {"content": "x", "components": [row(select(options=[{"label": "a", "value": "a"}] * 2))]},
            ["components", 0, "components", 0, "options", 1, "value"],
        ),
        (
            {"content": "x", "components": [row(select(options=[{"label": "a" * 101, "value": "a"}]))]},
            ["components", 0, "components", 0, "options", 0, "label"],
        ),
        (
            {"content": "x", "components": [row(select(placeholder="p" * 151))]},
            ["components", 0, "components", 0, "placeholder"],
        ),
        ({"content": "x", "components": [button()]}, ["components", 0, "type"]),
        ({"content": "x", "components": [TEXT]}, ["components", 0, "type"]),
        ({"content": "x", "components": [TEXT], "flags": LAYOUT}, ["content"]),
        ({"components": [TEXT] * 41, "flags": LAYOUT}, ["components"]),
        ({"components": [TEXT | {"content": "x" * 2001}] * 2, "flags": LAYOUT}, ["components"]),
        ({"components": [{"type": 17, "components": []}], "flags": LAYOUT}, ["components", 0, "components"]),
        ({"components": [{"type": 12, "items": []}], "flags": LAYOUT}, ["components", 0, "items"]),
        (
            {"components": [{"type": 9, "components": [TEXT], "accessory": {"type": 10}}], "flags": LAYOUT},
            ["components", 0, "accessory", "type"],
        ),
        (
            {"components": [{"type": 12, "items": [{"media": {"url": "attachment://no.png"}}]}], "flags": LAYOUT},
            ["components"],
        ),
        ({"content": "x", "allowed_mentions": {"parse": ["all"]}}, ["allowed_mentions", "parse", 0]),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, ["allowed_mentions", "parse"]),
        ({"content": "x", "attachments": [{"id": 0}]}, ["attachments", 0, "id"]),
        ({"content": "x", "message_reference": {"message_id": "1"}}, ["message_reference"]),
        ({"content": "x", "message_reference": {"message_id": "one"}}, ["message_reference", "message_id"]),
    ],
)
async def test_a_body_over_a_limit_is_refused_where_it_is_wrong(
    body: Any, path: list[str | int], stranger_bot: RawBot, emulator: Emulator
) -> None:
    before = emulator.messages()
    answer = await stranger_bot.post(body)
    assert (answer.status, answer.code) == (400, 50035), answer.data
    assert answer.error(*path)
    assert emulator.messages() == before


@pytest.mark.parametrize("body", [{}, None, {"content": ""}, {"content": "  \n"}, {"embeds": []}, {"components": []}])
async def test_an_empty_message_is_refused(body: Any, stranger_bot: RawBot) -> None:
    answer = await stranger_bot.post(body)
    assert (answer.status, answer.code) == (400, 50006)


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2000},
        {"content": "é" * 2000},
        {"embeds": [{"description": "x" * 600}] * 10},
        {"content": "x", "components": [row(*(button(f"{r}{c}") for c in range(5))) for r in range(5)]},
        {"content": "x", "components": [row(select(min_values=0, max_values=2))]},
        {"components": [TEXT] * 40, "flags": LAYOUT},
        {"content": "x", "components": [row({"type": 2, "style": 5, "label": "L", "url": "https://example.org"})]},
        {"content": 5},
    ],
)
async def test_a_body_at_the_limit_is_accepted(body: Any, stranger_bot: RawBot) -> None:
    answer = await stranger_bot.post(body)
    assert answer.status == 200, answer.data


@pytest.mark.parametrize(("body", "code"), [("{", 50109), ('{"content": NaN}', 50109)])
async def test_what_is_not_json_is_refused(body: str, code: int, stranger_bot: RawBot, emulator: Emulator) -> None:
    headers = {"Authorization": f"Bot {emulator.token}", "Content-Type": "application/json"}
    url = f"{emulator.api_url}/channels/{emulator.channel}/messages"
    async with stranger_bot.session.post(url, data=body, headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, code)
    async with stranger_bot.session.post(url, data="content=x", headers=headers | {"Content-Type": "text/plain"}) as r:
        assert r.status == 400


async def test_files_over_the_limit_are_refused(stranger_bot: RawBot, emulator: Emulator) -> None:
    emulator.core.world.guilds[emulator.guild].upload_bytes = 1000
    fits = await stranger_bot.post({}, files={"files[0]": ("a.bin", b"x" * 1000)})
    assert fits.status == 200
    over = await stranger_bot.post({}, files={"files[0]": ("a.bin", b"x" * 1001)})
    assert (over.status, over.code) == (413, 40005)
    many = await stranger_bot.post({}, files={f"files[{n}]": (f"{n}.bin", b"x") for n in range(11)})
    assert (many.status, many.code) == (400, 50035)


async def test_the_default_limit_is_ten_mebibytes(stranger_bot: RawBot) -> None:
    over = await stranger_bot.post({}, files={"files[0]": ("a.bin", bytes(10 * 1024 * 1024 + 1))})
    assert (over.status, over.code) == (413, 40005)


async def test_an_edit_keeps_adds_and_drops_files_as_told(stranger_bot: RawBot, emulator: Emulator) -> None:
    files = {"files[0]": ("a.txt", b"a"), "files[1]": ("b.txt", b"b")}
    body = {"content": "x", "attachments": [{"id": 0, "description": "first"}, {"id": 1}]}
    message = (await stranger_bot.post(body, files=files)).json
    path = f"/channels/{emulator.channel}/messages/{message['id']}"
    kept = message["attachments"][1]["id"]
    assert message["attachments"][0]["description"] == "first"
    body = {"attachments": [{"id": kept}, {"id": 0}]}
    edited = (await stranger_bot.api("PATCH", path, body, files={"files[0]": ("c.txt", b"c")})).json
    assert [file["filename"] for file in edited["attachments"]] == ["b.txt", "c.txt"]
    assert edited["attachments"][0]["id"] == kept
    lost = await stranger_bot.api("PATCH", path, {"attachments": [{"id": message["attachments"][0]["id"]}]})
    assert lost.error("attachments", 0, "id")
    replaced = (await stranger_bot.api("PATCH", path, {}, files={"files[0]": ("d.txt", b"d")})).json
    assert [file["filename"] for file in replaced["attachments"]] == ["d.txt"], "API v10 replaces what is not listed"
    emptied = await stranger_bot.api("PATCH", path, {"content": "", "attachments": []})
    assert emptied.code == 50006
    async with stranger_bot.session.get(message["attachments"][0]["url"]) as response:
        assert response.status == 404, "a dropped file is gone"


async def test_a_file_shown_by_an_embed_is_no_attachment(stranger_bot: RawBot, emulator: Emulator) -> None:
    body = {"embeds": [{"title": "t", "image": {"url": "attachment://a.png"}}]}
    message = (await stranger_bot.post(body, files={"files[0]": ("a.png", PNG)})).json
    assert not message["attachments"]
    assert message["embeds"][0]["image"]["width"] == 1
    assert await emulator.attachment_bytes(message) == PNG


async def test_nobody_edits_the_words_of_others(stranger_bot: RawBot, emulator: Emulator) -> None:
    said = await emulator.post_message(emulator.member, content="mine")
    path = f"/channels/{emulator.channel}/messages/{said['id']}"
    answer = await stranger_bot.api("PATCH", path, {"content": "yours"})
    assert (answer.status, answer.code) == (403, 50005)
    answer = await stranger_bot.api("DELETE", path)
    assert (answer.status, answer.code) == (403, 50013)


async def test_an_enforced_nonce_makes_one_message_for_some_minutes(
    stranger_bot: RawBot, emulator: Emulator, clock: ManualClock
) -> None:
    body = {"content": "once", "nonce": "7", "enforce_nonce": True}
    first = (await stranger_bot.post(body)).json
    assert first["nonce"] == "7"
    assert (await stranger_bot.post(body)).json["id"] == first["id"]
    other = emulator.channels["fanart"]
    assert (await stranger_bot.post(body, other)).json["id"] != first["id"], "a nonce holds for its channel"
    assert (await stranger_bot.post(body | {"enforce_nonce": False})).json["id"] != first["id"]
    clock.advance(600)
    assert (await stranger_bot.post(body)).json["id"] != first["id"]


async def test_mentions_ping_whom_they_may(stranger_bot: RawBot, emulator: Emulator) -> None:
    text = f"<@{emulator.member.id}> <@{emulator.owner.id}> @everyone"
    message = (await stranger_bot.post({"content": text})).json
    assert [user["username"] for user in message["mentions"]] == ["taro", "mel"]
    assert not message["mention_everyone"], "the bot lacks the permission"
    quiet = (await stranger_bot.post({"content": text, "allowed_mentions": {"parse": []}})).json
    assert not quiet["mentions"]
    one = {"parse": [], "users": [str(emulator.owner.id)]}
    some = (await stranger_bot.post({"content": text, "allowed_mentions": one})).json
    assert [user["username"] for user in some["mentions"]] == ["mel"]


async def test_history_is_read_from_any_side(stranger_bot: RawBot, emulator: Emulator) -> None:
    emulator.limits.rates.clear()
    ids = [int((await stranger_bot.post({"content": str(n)})).json["id"]) for n in range(6)]

    async def read(query: str) -> list[int]:
        listed = (await stranger_bot.api("GET", f"/channels/{emulator.channel}/messages?{query}")).json
        return [ids.index(int(message["id"])) for message in listed]

    assert await read("limit=2") == [5, 4]
    assert await read(f"limit=2&before={ids[3]}") == [2, 1]
    assert await read(f"limit=2&after={ids[1]}") == [3, 2]
    assert await read(f"limit=3&around={ids[3]}") == [4, 3, 2]
    for bad in ("limit=0", "limit=101", "limit=x"):
        answer = await stranger_bot.api("GET", f"/channels/{emulator.channel}/messages?{bad}")
        assert answer.error("limit")


async def test_a_channel_keeps_only_so_many_messages_and_files(stranger_bot: RawBot, emulator: Emulator) -> None:
    emulator.limits.rates.clear()
    core = emulator.core
    core.history.per_channel = 3
    for n in range(5):
        await stranger_bot.post({"content": str(n)}, files={"files[0]": ("a.bin", b"x" * 10)})
    assert [message["content"] for message in emulator.messages()] == ["2", "3", "4"]
    assert core.attachments.total == 30
    core.attachments.max_bytes = 25
    await stranger_bot.post({"content": "5"}, files={"files[0]": ("a.bin", b"x" * 10)})
    assert core.attachments.total == 20
    assert Limits().attachment_bytes == 256 * 1024 * 1024


async def test_many_are_deleted_at_once_only_with_permission(raw: RawBot, emulator: Emulator) -> None:
    emulator.limits.rates.clear()
    said = [await emulator.post_message(emulator.member, content=str(n)) for n in range(3)]
    path = f"/channels/{emulator.channel}/messages/bulk-delete"
    body = {"messages": [message["id"] for message in said]}
    assert (await raw.api("POST", path, body)).code == 50013
    emulator.set_overwrite(emulator.channel, emulator.bot, allow=1 << 13)
    assert (await raw.api("POST", path, {"messages": body["messages"][:1]})).code == 50035
    assert (await raw.api("POST", path, body)).status == 204
    assert sorted((await raw.event("MESSAGE_DELETE_BULK"))["ids"]) == sorted(body["messages"])


async def test_pins_need_their_permission(raw: RawBot, emulator: Emulator) -> None:
    message = (await raw.post({"content": "x"})).json
    path = f"/channels/{emulator.channel}/messages/pins"
    assert (await raw.api("PUT", f"{path}/{message['id']}")).code == 50013
    emulator.set_overwrite(emulator.channel, emulator.bot, allow=1 << 51)
    assert (await raw.api("PUT", f"{path}/{message['id']}")).status == 204
    assert [item["message"]["id"] for item in (await raw.api("GET", path)).json["items"]] == [message["id"]]
    await raw.event("CHANNEL_PINS_UPDATE")
