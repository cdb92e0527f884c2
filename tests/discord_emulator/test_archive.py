"""A world that is kept on disk: what a restart leaves as it was, and files that cannot be used."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from discord_emulator import Emulator, ManualClock
from discord_emulator.worldfile import world_json
from tests.discord_emulator.raw import PNG, RawBot, button, row

Start = Callable[..., Coroutine[Any, Any, Emulator]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Start an emulator whose world is kept in the test's folder."""
    running = []

    async def begin(**options: Any) -> Emulator:
        emulator = await Emulator.start(folder=options.pop("folder", tmp_path), **options)
        running.append(emulator)
        return emulator

    yield begin
    for emulator in running:
        await emulator.close()


async def connected(emulator: Emulator, http: aiohttp.ClientSession) -> RawBot:
    bot = RawBot(emulator, http)
    await bot.identify()
    return bot


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("discord.db*")}


async def test_a_restart_leaves_everything_as_it_was(start: Start, http: aiohttp.ClientSession) -> None:
    first = await start()
    assert first.notice is None
    bot = await connected(first, http)
    private = first.direct_channel(first.member)
    first.set_overwrite(first.channels["fanart"], first.member, deny=1 << 11)
    embed = {"title": "t", "image": {"url": "attachment://b.png"}}
    files = {"files[0]": ("a.png", PNG), "files[1]": ("b.png", PNG + b"b")}
    posted = (await bot.post({"content": "old", "embeds": [embed], "components": [row(button())]}, files=files)).json
    path = f"/channels/{first.channel}/messages"
    kept = [{"id": item["id"], "description": "later"} for item in posted["attachments"]]
    await bot.api("PATCH", f"{path}/{posted['id']}", {"content": "new", "attachments": kept})
    first.react(first.owner, posted, "⭐")
    answer = await bot.post({"content": "yes", "message_reference": {"message_id": posted["id"]}})
    gone = (await bot.post({"content": "gone"}, files={"files[0]": ("c.png", PNG)})).json
    await bot.api("DELETE", f"{path}/{gone['id']}")
    await bot.post({"content": "psst"}, channel=private)
    await first.post_message(first.stranger, content="hello", files=[("d.txt", b"text")])
    before = first.messages(), first.messages(private), world_json(first.core.world)
    assert len(before[0]) == 4
    await first.close()

    second = await start()
    after = second.messages(), second.messages(private), world_json(second.core.world)
    moved = [str(part).replace(first.url, second.url) for part in before]
    assert [str(part) for part in after] == moved
    assert second.page_url.split("key=")[1] == first.page_url.split("key=")[1]
    message = second.messages()[1]
    assert (message["content"], message["attachments"][0]["description"]) == ("new", "later")
    assert await second.attachment_bytes(message, 0) == PNG
    async with http.get(message["embeds"][0]["image"]["url"]) as response:
        assert (response.status, await response.read()) == (200, PNG + b"b")
    assert answer.json["id"] == second.messages()[2]["id"]
    assert second.core.attachments.total == first.core.attachments.total

    bot = await connected(second, http)
    heard, task = await bot.pressed(message)
    await bot.callback(heard, {"type": 7, "data": {"content": "pressed"}})
    assert (await task).message["content"] == "pressed", "an old message's button works"


async def test_answers_for_one_person_and_those_still_owed_end_with_the_process(
    start: Start, http: aiohttp.ClientSession
) -> None:
    first = await start()
    bot = await connected(first, http)
    for body in ({"type": 4, "data": {"content": "psst", "flags": 64}}, {"type": 5}):
        heard, task = await bot.asked(acknowledged=True)
        await bot.callback(heard, body)
        await task
    heard, task = await bot.asked(acknowledged=True)
    await bot.callback(heard, {"type": 5})
    await bot.follow_up(heard, {"content": "answered"})
    await task
    assert len(first.core.history.all(first.channel)) == 4
    await first.close()
    second = await start()
    found = [message.payload["content"] for message in second.core.history.all(second.channel)]
    assert found[1:] == ["answered"]


async def test_what_was_written_survives_a_kill(start: Start, tmp_path: Path) -> None:
    first = await start()
    for number in range(20):
        await first.post_message(first.owner, content=f"{number}", files=[("a.png", PNG)])
    first.core.archive._writer.submit(lambda: None).result()  # all that was said until now is written
    shutil.copytree(tmp_path, tmp_path / "copy")  # as the disk looks when the process is killed
    second = await start(folder=tmp_path / "copy")
    assert [message["content"] for message in second.messages()[1:]] == [str(number) for number in range(20)]
    assert modes(tmp_path) == {0o600}


async def test_ids_go_on_growing_when_the_clock_was_set_back(start: Start) -> None:
    clock = ManualClock()
    first = await start(clock=clock)
    clock.advance(7200)
    last = await first.post_message(first.owner, content="in two hours")
    await first.close()
    second = await start()
    assert int((await second.post_message(second.owner, content="now"))["id"]) > int(last["id"])


async def test_a_nonce_is_known_after_a_restart(start: Start, http: aiohttp.ClientSession) -> None:
    first = await start()
    body = {"content": "once", "nonce": "n", "enforce_nonce": True}
    posted = await (await connected(first, http)).post(body)
    await first.close()
    again = await (await connected(await start(), http)).post(body)
    assert again.json["id"] == posted.json["id"]


async def test_files_that_made_room_are_not_kept(start: Start) -> None:
    first = await start()
    first.core.attachments.max_bytes = 3 * len(PNG)
    for number in range(5):
        await first.post_message(first.owner, content=f"{number}", files=[("a.png", PNG)])
    await first.close()
    second = await start()
    assert [len(message["attachments"]) for message in second.messages()[1:]] == [0, 0, 1, 1, 1]


async def test_two_at_a_time_do_not_share_a_file(start: Start, tmp_path: Path) -> None:
    first = await start()
    second = await start()
    assert second.notice
    assert str(tmp_path / "discord.db") in second.notice
    await second.post_message(second.owner, content="forgotten")
    await second.close()
    await first.close()
    third = await start()
    assert third.notice is None
    assert len(third.messages()) == 1


def damage(path: Path, how: str) -> None:
    if how == "garbage":
        path.write_bytes(b"no database" * 1000)
        return
    with sqlite3.connect(path) as connection:
        if how == "version":
            connection.execute("PRAGMA user_version = 99")
        elif how == "tables":
            connection.execute("DROP TABLE messages")
        else:
            connection.execute("UPDATE facts SET value = ? WHERE name = 'world'", (how,))
    connection.close()


@pytest.mark.parametrize("how", ["garbage", "version", "tables", "{", "{}", '{"users": []}', "[]"])
async def test_a_file_that_cannot_be_read_is_put_aside(how: str, start: Start, tmp_path: Path) -> None:
    await (await start()).close()
    path = tmp_path / "discord.db"
    damage(path, how)
    second = await start()
    assert second.notice
    assert "discord.db.unreadable" in second.notice
    assert (tmp_path / "discord.db.unreadable").is_file()
    await second.post_message(second.owner, content="new")
    await second.close()
    third = await start()
    assert third.notice is None
    assert [message["content"] for message in third.messages()[1:]] == ["new"]


async def test_a_message_that_cannot_be_read_is_left_out(start: Start, tmp_path: Path) -> None:
    first = await start()
    await first.post_message(first.owner, content="damaged")
    await first.post_message(first.owner, content="whole")
    await first.close()
    with sqlite3.connect(tmp_path / "discord.db") as connection:
        connection.execute("UPDATE messages SET rest = '{}' WHERE rest LIKE '%damaged%'")
    connection.close()
    second = await start()
    assert [message["content"] for message in second.messages()[1:]] == ["whole"]


async def test_a_disk_that_refuses_is_said_once_and_stops_nothing(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    first = await start()
    first.core.archive._writer.submit(first.core.archive._connection.close).result()
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            await first.post_message(first.owner, content=f"{number}")
        first.core.archive._writer.submit(lambda: None).result()
    assert len(first.messages()) == 4
    assert caplog.text.count("cannot save") == 1


async def test_a_folder_that_is_not_there_is_said(start: Start, tmp_path: Path) -> None:
    emulator = await start(folder=tmp_path / "nowhere")
    assert emulator.notice
    assert "nothing will be saved" in emulator.notice
