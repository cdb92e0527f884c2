"""Leaving out pictures of a proposal before it starts."""

from __future__ import annotations

import asyncio
import re
import time
import zipfile
from typing import Any

import pytest

from bot.client import MeliconBot
from bot.features.retrain.job_folder import JobFolder, Selection
from bot.features.retrain.job_queue import JobQueue
from bot.store import RetrainJob
from bot.store.retrain_jobs import QUEUED
from discord_emulator import Emulator
from tests.e2e.conftest import StartBot
from tests.e2e.retrain.jobs import buttons, propose, training_zip

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def nothing_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let started jobs wait."""

    async def look(_: object) -> None:
        pass

    monkeypatch.setattr("bot.features.retrain.supervisor.Supervisor._look", look)


def menus(message: Json) -> list[Json]:
    """Return the menus of a message."""
    return [part for row in message["components"] for part in row["components"] if part["type"] == 3]


def ticked(message: Json) -> list[str]:
    """Return the values that the menus show as chosen."""
    return [option["value"] for menu in menus(message) for option in menu["options"] if option.get("default")]


async def job_of(bot: MeliconBot, message: Json) -> RetrainJob:
    """Return the job that a proposal is about."""
    found = re.search(r":start:(\d+)", buttons(message)["start"])
    assert found
    job = await bot.store.retrain_jobs.get(int(found[1]))
    assert job is not None
    return job


async def test_what_is_ticked_is_left_out_of_the_training_also_after_a_restart(
    emulator: Emulator, start_bot: StartBot
) -> None:
    async with start_bot():
        proposal = await propose(emulator, zip_=training_zip(30))
        first, second = menus(proposal.message)
        assert (first["placeholder"], second["placeholder"]) == (
            "Leave out some of pictures 1–25",
            "Leave out some of pictures 26–30",
        )
        names = sorted(f"{n}.png" for n in range(30))
        assert [option["label"] for option in second["options"]] == [f"{n + 1} · {names[n]}" for n in range(25, 30)]
        shown = await emulator.press(emulator.owner, proposal.message, first["custom_id"], ["0", "2", "4"])
        assert ticked(shown.message) == ["0", "2", "4"]
    async with start_bot() as bot:
        shown = await emulator.press(emulator.owner, proposal.message, second["custom_id"], ["29"])
        assert ticked(shown.message) == ["0", "2", "4", "29"]
        shown = await emulator.press(emulator.owner, proposal.message, first["custom_id"], ["2"])
        assert ticked(shown.message) == ["2", "29"]
        job = await job_of(bot, proposal.message)
        started = await emulator.press(emulator.owner, shown.message, buttons(shown.message)["start"])
        assert "Started with 28 pictures" in started.message["content"]
        assert not started.message["components"]
        job = await bot.store.retrain_jobs.get(job.id)
        assert job is not None
        assert (job.state, job.pictures) == (QUEUED, 28)
        folder = bot.service(JobQueue).folder(job)
        with zipfile.ZipFile(folder.pictures) as archive:
            assert archive.namelist() == [f"{n:04d}.png" for n in range(30) if n not in (2, 29)]
        assert folder.drop_left_out() == 28, "a repeat removes nothing else"


async def test_enough_pictures_must_remain(emulator: Emulator, bot: MeliconBot) -> None:
    proposal = await propose(emulator)
    (menu,) = menus(proposal.message)
    reply = await emulator.press(emulator.owner, proposal.message, menu["custom_id"], [str(n) for n in range(5)])
    assert "At least 8 pictures must remain" in reply.followups[0]["content"]
    job = await job_of(bot, proposal.message)
    assert bot.service(JobQueue).folder(job).selection().left_out == []


async def test_a_hundred_pictures_can_be_left_out_and_none_of_a_started_job(
    emulator: Emulator, bot: MeliconBot
) -> None:
    proposal = await propose(emulator, zip_=training_zip(103))
    assert [len(menu["options"]) for menu in menus(proposal.message)] == [25] * 4
    job = await job_of(bot, proposal.message)
    await bot.store.retrain_jobs.change(job.id, was=(job.state,), state=QUEUED)
    menu = menus(proposal.message)[3]["custom_id"]
    reply = await emulator.press(emulator.owner, proposal.message, menu, ["99"])
    assert "already been decided" in reply.followups[0]["content"]
    assert bot.service(JobQueue).folder(job).selection().left_out == []


async def test_menus_at_once_lose_no_choice(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = JobFolder.selection

    def read_and_linger(folder: JobFolder) -> Selection:
        found = read(folder)
        time.sleep(0.3)
        return found

    monkeypatch.setattr(JobFolder, "selection", read_and_linger)
    proposal = await propose(emulator, zip_=training_zip(60))
    ids = [menu["custom_id"] for menu in menus(proposal.message)]
    await asyncio.gather(
        *(emulator.press(emulator.owner, proposal.message, ids[n], [str(25 * n + 1)]) for n in range(3))
    )
    job = await job_of(bot, proposal.message)
    assert bot.service(JobQueue).folder(job).selection().left_out == [1, 26, 51]
    assert ticked(proposal.message) == ["1", "26", "51"]
