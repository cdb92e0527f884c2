"""The account at work: the loops, `melicon fediverse` as a process, and its settings."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.fediverse.worker import Fediverse
from bot.settings import ConfigError, Settings, load_settings
from tests.bot.fediverse.conftest import TOKEN, Bot, fault
from tests.patience import ENOUGH


def settings_of(bot: Bot, **changes: Any) -> Settings:
    return bot.services.settings.model_copy(update={"fediverse_poll_seconds": 0.1, "fediverse_daily": False, **changes})


def service_of(bot: Bot, **changes: Any) -> Fediverse:
    return Fediverse(replace(bot.services, settings=settings_of(bot, **changes)))


async def until_answered(bot: Bot, question: Any) -> None:
    async with asyncio.timeout(ENOUGH):
        while not await asyncio.to_thread(bot.replies, question):  # noqa: ASYNC110 - it is another server
            await asyncio.sleep(0.1)


async def test_it_marks_the_account_as_a_bot_answers_and_posts_the_icon_of_the_day(bot: Bot) -> None:
    question = bot.ask("7")
    service = service_of(bot, fediverse_daily=True, daily_time="00:00").begin()
    await until_answered(bot, question)
    assert bot.person("melicon").account_verify_credentials().bot
    async with asyncio.timeout(ENOUGH):
        while not await service.account.own_posts():  # noqa: ASYNC110 - it is another server
            await asyncio.sleep(0.1)
    await service.close()
    assert len(bot.replies(question)) == 1
    assert len(await service.account.own_posts()) == 1


async def test_trouble_at_the_start_and_later_ends_nothing_and_takes_a_line_each(
    bot: Bot, server: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.fediverse.worker.LONGEST_PAUSE", 0.1)
    with (
        fault(server, path="/api/v1/accounts/verify_credentials", status=503, count=2),
        fault(server, path="/api/v1/accounts/update_credentials", status=403, count=1),
        fault(server, path="/api/v1/notifications", status=500, count=2),
    ):
        question = bot.ask("7")
        service = service_of(bot).begin()
        await until_answered(bot, question)
        await service.close()
    lines = [record for record in caplog.records if record.name.startswith("bot.fediverse")]
    warnings = [record.message for record in lines if record.levelno >= logging.WARNING]
    assert len(warnings) == 5, warnings
    assert not any(record.exc_info for record in lines)


async def test_a_server_that_is_away_does_not_keep_the_bot_from_leaving(bot: Bot) -> None:
    service = service_of(bot, fediverse_url="http://127.0.0.1:9").begin()
    await asyncio.sleep(0.3)
    async with asyncio.timeout(ENOUGH):
        await service.close()


def test_both_settings_are_needed_and_the_token_is_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEDIVERSE_TOKEN", "very-secret")
    monkeypatch.setenv("FEDIVERSE_URL", "https://mastodon.example/")
    settings = load_settings(tmp_path / ".env")
    assert settings.fediverse_url == "https://mastodon.example"
    assert "very-secret" in settings.secrets
    assert "very-secret" not in repr(settings) + settings.model_dump_json()
    monkeypatch.setenv("FEDIVERSE_URL", "mastodon.example")
    with pytest.raises(ConfigError, match="FEDIVERSE_URL"):
        load_settings(tmp_path / ".env")


def start(folder: Path, url: str, **more: str) -> Any:
    environment = os.environ | {
        "DATA_DIR": str(folder / "data"),
        "ICON_SIZE": "64",
        "FEDIVERSE_URL": url,
        "FEDIVERSE_TOKEN": TOKEN,
        "FEDIVERSE_POLL_SECONDS": "1",
        "FEDIVERSE_DAILY": "false",
        "PYTHONPATH": str(Path(__file__).parents[3]),
        **more,
    }
    return asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "fediverse", cwd=folder, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


async def test_the_process_survives_kills_without_a_second_answer_and_leaves_when_asked(
    bot: Bot, server: Any, tmp_path: Path
) -> None:
    questions = []
    for seconds in (0.0, 0.3):  # after the first answer of this process
        questions += [bot.ask(str(len(questions))), bot.ask(str(len(questions)))]
        process = await start(tmp_path, server.base_url)
        await until_answered(bot, questions[-2])
        await asyncio.sleep(seconds)
        process.kill()
        await process.wait()
    process = await start(tmp_path, server.base_url)
    questions.append(bot.ask("last"))
    for question in questions:
        await until_answered(bot, question)
    process.send_signal(signal.SIGTERM)
    output, _ = await asyncio.wait_for(process.communicate(), ENOUGH)
    assert process.returncode == 0, output.decode()
    assert [len(bot.replies(question)) for question in questions] == [1] * 5
    assert TOKEN not in output.decode() + (tmp_path / "data" / "logs" / "melicon.log").read_text("utf-8")


async def test_a_wrong_token_is_said_in_one_line(server: Any, tmp_path: Path) -> None:
    process = await start(tmp_path, server.base_url, FEDIVERSE_TOKEN="wrong")
    output, _ = await asyncio.wait_for(process.communicate(), ENOUGH)
    assert process.returncode not in {0, None}
    assert "FEDIVERSE_TOKEN is not valid" in output.decode()
    assert "Traceback" not in output.decode()
