"""Health checks, metrics, JSON logs and the invite link of a connected bot."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.client import invite_link
from bot.logs import JsonFormatter
from bot.operations.health import STALE, Health, HealthReporter, health_file, read
from bot.operations.http import OperationsServer
from bot.settings import ConfigError, Settings
from discord_emulator import Emulator
from tests.e2e.conftest import StartBot
from tests.patience import ENOUGH

ROOT = Path(__file__).parents[2]


async def fetched(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def test_the_port_tells_health_and_what_was_done(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot(http_port=0, cooldown_burst=1, cooldown_seconds=600.0) as bot:
        port = bot.service(OperationsServer).port
        assert await fetched(port, "/healthz") == (200, "ok\n")
        assert (await emulator.slash(emulator.moderator, "melicon", {"seed": "1"})).message["attachments"]
        await emulator.slash(emulator.moderator, "melicon", {"seed": "2"})  # too quick
        async with asyncio.timeout(ENOUGH):
            while (await fetched(port, "/readyz"))[0] != 200:  # noqa: ASYNC110 - the first heartbeat is not answered yet
                await asyncio.sleep(0.05)
            while "completed" not in (await fetched(port, "/metrics"))[1]:  # noqa: ASYNC110 - it comes after the answer
                await asyncio.sleep(0.05)
        _, text = await fetched(port, "/metrics")
        samples = {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
        command = ("command", "melicon")
        assert samples["melicon_commands_total", command, ("outcome", "completed")] == 1
        assert samples["melicon_commands_total", command, ("outcome", "refused")] == 1
        assert samples["melicon_command_seconds_count", command] == 2
        assert samples["melicon_icons_drawn_total",] == 1
        assert samples["melicon_drawing_seconds_count",] == 1
        assert samples["melicon_gateway_ready",] == 1
        assert samples["melicon_servers",] == 1
        assert samples["melicon_icons_waiting",] == 0
        with pytest.raises(ConfigError, match="HTTP_PORT"):
            await OperationsServer.start(bot, "127.0.0.1", port)
    with pytest.raises(aiohttp.ClientError):
        await fetched(port, "/healthz")


async def test_a_lost_connection_is_not_ready(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot(http_port=0) as bot:
        port = bot.service(OperationsServer).port
        async with asyncio.timeout(ENOUGH):
            while (await fetched(port, "/readyz"))[0] != 200:  # noqa: ASYNC110 - the first heartbeat is not answered yet
                await asyncio.sleep(0.05)
        await bot.shards[0].disconnect()
        assert bot.is_ready(), "the library's own flag stays"
        assert await fetched(port, "/readyz") == (503, "the gateway is not connected\n")
        assert "melicon_gateway_ready 0.0" in (await fetched(port, "/metrics"))[1]
        await bot.shards[0].connect()
        async with asyncio.timeout(ENOUGH):
            while (await fetched(port, "/readyz"))[0] != 200:  # noqa: ASYNC110 - the first heartbeat is not answered yet
                await asyncio.sleep(0.05)


def test_each_process_of_a_sharded_bot_has_its_own_file(tmp_path: Path) -> None:
    def file_of(**options: object) -> Path:
        return health_file(Settings(_env_file=None, data_dir=tmp_path, **options))  # type: ignore[arg-type, call-arg]

    files = {file_of(), file_of(shard_ids="0,1", shard_count=3), file_of(shard_ids="2", shard_count=3)}
    assert len(files) == 3


async def test_the_command_tells_whether_the_bot_is_ready(start_bot: StartBot) -> None:
    async with start_bot() as bot:
        folder, file = bot.settings.data_dir, health_file(bot.settings)
        async with asyncio.timeout(ENOUGH):
            while not (health := read(file)) or not Health.of(bot).ready:  # noqa: ASYNC110 - a file tells no one
                await asyncio.sleep(0.05)
        assert health.pid == os.getpid()
        await bot.service(HealthReporter).close()  # or it would overwrite what the test writes
        written = Health.of(bot)
        await asyncio.to_thread(file.write_text, json.dumps(vars(written)))
        assert await asked(folder) == (0, "ready\n")
        stale = vars(written) | {"at": time.time() - 2 * STALE}
        await asyncio.to_thread(file.write_text, json.dumps(stale))
        code, said = await asked(folder)
        assert code == 1
        assert said.startswith("the bot has not reported for 12")
        await asyncio.to_thread(file.write_text, json.dumps(vars(written) | {"ready": False}))
        assert await asked(folder) == (1, "the gateway is not connected\n")
    assert await asked(folder) == (1, "the bot is not running\n")


async def asked(folder: Path) -> tuple[int, str]:
    environment = os.environ | {"DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-m", "bot", "health"]
    done = await asyncio.to_thread(
        subprocess.run, run, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_a_log_line_can_be_an_object_without_secrets() -> None:
    formatter = JsonFormatter("%(message)s", ["hunter2"])
    try:
        int("hunter2")
    except ValueError:
        record = logging.LogRecord("bot.x", logging.ERROR, __file__, 1, "no %s", ("hunter2",), sys.exc_info())
    told = json.loads(formatter.format(record))
    assert {key: told[key] for key in ("level", "logger")} == {"level": "ERROR", "logger": "bot.x"}
    assert told["message"].startswith("no [secret]\nTraceback")
    assert "hunter2" not in told["message"]
    assert told["time"].endswith("+00:00")


def test_the_invite_link_asks_for_what_the_bot_uses() -> None:
    link = invite_link(42)
    assert "client_id=42" in link
    assert "scope=bot+applications.commands" in link
    assert f"permissions={(1 << 10) | (1 << 11) | (1 << 14) | (1 << 15) | (1 << 16)}" in link
