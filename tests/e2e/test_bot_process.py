"""The bot as a process: how it starts, fails to start, and leaves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.settings import Settings
from bot.store import Store
from discord_emulator import Emulator
from tests.gan.disks import small_disk
from tests.patience import ENOUGH

Start = Callable[..., Any]


@dataclass
class Process:
    """A running `melicon`."""

    handle: asyncio.subprocess.Process

    async def end(self) -> tuple[int, str, str]:
        """Return exit code, standard output and standard error."""
        out, err = await asyncio.wait_for(self.handle.communicate(), ENOUGH)
        assert self.handle.returncode is not None
        return self.handle.returncode, out.decode(), err.decode()


@pytest.fixture
async def melicon(weights: Path, tmp_path: Path) -> AsyncIterator[Start]:
    """Start a process in an empty folder, with the small model; keywords are environment variables."""
    processes = []

    async def start(*arguments: str, **variables: str) -> Process:
        names = {name.upper() for name in Settings.model_fields}
        environment = {k: v for k, v in os.environ.items() if k.upper() not in names}
        environment |= {"WEIGHTS": str(weights), "DATA_DIR": str(tmp_path / "data"), "OMP_NUM_THREADS": "1"}
        environment |= {k: str(v) for k, v in variables.items()}
        handle = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments,
            cwd=tmp_path, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        processes.append(handle)
        return Process(handle)

    yield start
    for process in processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


def on(emulator: Emulator) -> dict[str, str]:
    return {
        "DISCORD_TOKEN": emulator.token,
        "DISCORD_API_URL": emulator.api_url,
        "DISCORD_GATEWAY_URL": emulator.gateway_url,
    }


async def assert_refused(process: Process, *says: str, code: int = 2) -> str:
    ended, _, err = await process.end()
    assert ended == code, err
    last = err.strip().splitlines()[-1]
    assert last.startswith("melicon: ")
    for part in says:
        assert part in last
    assert "Traceback" not in err
    return err


async def test_without_a_token_the_bot_says_where_to_get_one(melicon: Start) -> None:
    err = await assert_refused(await melicon("bot"), "DISCORD_TOKEN", "https://discord.com/developers", "melicon try")
    assert len(err.strip().splitlines()) == 1


async def test_with_a_wrong_token_the_bot_says_where_to_get_another(melicon: Start, emulator: Emulator) -> None:
    variables = on(emulator) | {"DISCORD_TOKEN": "wrong.token.of-mine"}
    err = await assert_refused(await melicon("bot", **variables), "DISCORD_TOKEN", "https://discord.com/developers")
    assert "wrong.token.of-mine" not in err


async def test_missing_weights_are_named(melicon: Start, emulator: Emulator) -> None:
    await assert_refused(await melicon("bot", **on(emulator), WEIGHTS="nowhere.safetensors"), "nowhere.safetensors")


async def test_damaged_weights_are_named(melicon: Start, emulator: Emulator, weights: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.safetensors"
    shutil.copy(weights, damaged)
    shutil.copy(weights.with_suffix(".json"), damaged.with_suffix(".json"))
    os.truncate(damaged, 1000)
    await assert_refused(await melicon("bot", **on(emulator), WEIGHTS=damaged), "damaged.safetensors")


async def test_a_data_folder_that_cannot_be_written_is_named(
    melicon: Start, emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "data"
    await assert_refused(await melicon("bot", **on(emulator), DATA_DIR=folder), "DATA_DIR", "file")


async def test_a_database_of_a_newer_program_is_refused(melicon: Start, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    await (await Store.open(None, tmp_path / "data")).close()
    with sqlite3.connect(tmp_path / "data" / "melicon.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await assert_refused(await melicon("bot", **on(emulator)), "newer Melicon")


async def test_a_bad_setting_is_named_with_its_source(melicon: Start, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ICON_SIZE=huge\n")
    await assert_refused(await melicon("bot"), "ICON_SIZE", "'huge'", ".env")


async def test_a_server_that_is_not_there_is_named(melicon: Start) -> None:
    variables = {"DISCORD_TOKEN": "x.y.z", "DISCORD_API_URL": "http://127.0.0.1:1/api/v10"}
    await assert_refused(await melicon("bot", **variables), "127.0.0.1:1", code=75)  # worth trying again


async def test_a_taken_port_is_an_error_only_if_it_was_asked_for(melicon: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        await assert_refused(await melicon("try", "--port", port), port, "TRY_PORT")
        await assert_refused(await melicon("try", TRY_PORT=port), port, "TRY_PORT")


async def read_address(process: Process) -> str:
    assert process.handle.stdout
    async with asyncio.timeout(ENOUGH):
        while line := (await process.handle.stdout.readline()).decode():
            if found := re.search(r"http://127\.0\.0\.1:\d+/\?key=[\w-]{20,}", line):
                return found[0]
    raise AssertionError((await process.end())[2])


async def read_state(address: str) -> dict[str, Any]:
    """Open the page at the printed address, and return what it loads."""
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of an IP address
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        async with session.get(address) as response:
            assert response.status == 200
        async with session.get(address.split("?", maxsplit=1)[0] + "chat/state") as response:
            return dict(await response.json())


@pytest.mark.parametrize("command", ["try", "run"])
async def test_the_try_it_mode_greets_with_an_icon_and_leaves_when_asked(command: str, melicon: Start) -> None:
    process = await melicon(command, "--port", "0", "--no-open")
    address = await read_address(process)
    state = await read_state(address)
    assert state["bot"]["online"]
    assert {c["name"] for c in state["commands"]} >= {"melicon", "help"}
    posted = [m for messages in state["messages"].values() for m in messages]
    (welcome,) = [m for m in posted if m["author"]["id"] == state["bot"]["id"]]
    assert welcome["attachments"]
    process.handle.send_signal(signal.SIGINT)
    code, _, err = await process.end()
    assert code == 0, err


def open_to_others(folder: Path) -> list[Path]:
    """What other users of the machine could read in a folder."""
    return [path for path in [folder, *folder.rglob("*")] if path.stat().st_mode & 0o077]


async def test_the_try_it_mode_goes_on_where_it_was_and_keeps_it_from_others(melicon: Start, tmp_path: Path) -> None:
    states = []
    for _ in range(2):
        process = await melicon("try", "--port", "0", "--no-open")
        address = await read_address(process)
        states.append((address.split("key=")[1], await read_state(address)))
        process.handle.send_signal(signal.SIGINT)
        code, out, err = await process.end()
        assert code == 0, err
        assert str(tmp_path / "data" / "try") in out, "it says where it is kept"
    (key, before), (key_again, after) = states
    assert key == key_again
    assert [user["id"] for user in before["users"]] == [user["id"] for user in after["users"]]
    said = [
        [(m["id"], m["content"], len(m["attachments"])) for ms in state["messages"].values() for m in ms]
        for state in (before, after)
    ]
    assert said[0] == said[1], "it greets once"
    assert open_to_others(tmp_path / "data") == []


async def test_asked_to_leave_the_bot_finishes_what_is_being_drawn_and_leaks_no_token(
    melicon: Start, emulator: Emulator, tmp_path: Path
) -> None:
    # large pictures, so that the signal comes while many are still waiting
    process = await melicon("bot", **on(emulator), ICON_SIZE="2048", LOG_LEVEL="DEBUG", COOLDOWN_BURST="100")
    await emulator.wait_ready(ENOUGH)
    orders = [
        asyncio.create_task(emulator.slash(emulator.moderator, "melicon", {"seed": str(n)}, timeout=ENOUGH))
        for n in range(12)
    ]
    await asyncio.wait(orders, return_when=asyncio.FIRST_COMPLETED)
    assert not all(order.done() for order in orders)
    process.handle.send_signal(signal.SIGTERM)
    replies = await asyncio.gather(*orders)
    assert all(reply.message["attachments"] for reply in replies)
    code, out, err = await process.end()
    assert code == 0, err
    written = (tmp_path / "data" / "logs" / "melicon.log").read_text("utf-8")
    for text in (out, err, written):
        assert emulator.token not in text
    assert "shutdown requested" in written
    assert open_to_others(tmp_path / "data") == []


async def test_asked_twice_the_bot_leaves_at_once(melicon: Start, emulator: Emulator, tmp_path: Path) -> None:
    process = await melicon("bot", **on(emulator), ICON_SIZE="2048", COOLDOWN_BURST="1000", SHUTDOWN_GRACE="600")
    await emulator.wait_ready(ENOUGH)
    orders = [
        asyncio.create_task(emulator.slash(emulator.moderator, "melicon", {"seed": str(n)}, timeout=ENOUGH))
        for n in range(100)
    ]
    await asyncio.wait(orders, return_when=asyncio.FIRST_COMPLETED)
    process.handle.send_signal(signal.SIGTERM)
    log = tmp_path / "data" / "logs" / "melicon.log"
    async with asyncio.timeout(ENOUGH):
        while "shutdown requested" not in log.read_text("utf-8"):  # noqa: ASYNC110 - a file tells of it
            await asyncio.sleep(0.05)
    process.handle.send_signal(signal.SIGTERM)
    async with asyncio.timeout(ENOUGH):
        code, _, err = await process.end()
    assert code == 0, err
    for order in orders:
        order.cancel()
    await asyncio.gather(*orders, return_exceptions=True)


@pytest.mark.parametrize("room", [0, 100 * 1024])
async def test_a_full_disk_may_pass(room: int, melicon: Start, emulator: Emulator, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        with contextlib.suppress(OSError), (disk / "ballast").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        os.truncate(disk / "ballast", (disk / "ballast").stat().st_size - room)
        process = await melicon("bot", **on(emulator), DATA_DIR=str(disk))
        said = await assert_refused(process, "ree some space", code=75)
        assert "Traceback" not in said
        # once there is room, the next start is as good as any
        (disk / "ballast").unlink()
        process = await melicon("bot", **on(emulator), DATA_DIR=str(disk))
        await emulator.wait_ready(ENOUGH)
        process.handle.send_signal(signal.SIGTERM)
        code, _, _ = await process.end()
        assert code == 0


async def test_asked_to_leave_the_bot_ends_though_discord_does_not_answer_any_more(
    melicon: Start, emulator: Emulator, tmp_path: Path
) -> None:
    process = await melicon("bot", **on(emulator), SHUTDOWN_GRACE="2")
    await emulator.wait_ready(ENOUGH)
    emulator.latency = 3600
    orders = [
        asyncio.create_task(emulator.slash(emulator.moderator, "melicon", {"seed": str(n)}, timeout=ENOUGH))
        for n in range(3)
    ]
    while not any("/callback" in request.path for request in emulator.requests):  # noqa: ASYNC110 - no event
        await asyncio.sleep(0.05)
    process.handle.send_signal(signal.SIGTERM)
    code, _, err = await process.end()
    assert code in {0, 1}, err  # 1: by force, on a machine that is too busy to close in time
    written = (tmp_path / "data" / "logs" / "melicon.log").read_text("utf-8")
    assert "unanswered" in written
    for order in orders:
        order.cancel()
    await asyncio.gather(*orders, return_exceptions=True)


async def test_what_ends_the_bot_is_in_its_log(melicon: Start, emulator: Emulator, tmp_path: Path) -> None:
    variables = on(emulator) | {"DISCORD_TOKEN": "wrong.token.of-mine"}
    await assert_refused(await melicon("bot", **variables), "DISCORD_TOKEN")
    written = (tmp_path / "data" / "logs" / "melicon.log").read_text("utf-8")
    assert "CRITICAL" in written
    assert "DISCORD_TOKEN is not a valid bot token" in written


async def test_a_closed_terminal_asks_the_bot_to_leave(melicon: Start, emulator: Emulator) -> None:
    process = await melicon("bot", **on(emulator))
    await emulator.wait_ready(ENOUGH)
    process.handle.send_signal(signal.SIGHUP)
    code, _, err = await process.end()
    assert code == 0, err
    assert "shutdown requested" in err
