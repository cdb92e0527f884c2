"""Training jobs that run out of memory or disk, diverge or are killed report it, and the result so far is saved."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from bot.client import MeliconBot
from bot.features.retrain.job_folder import JobFolder
from discord_emulator import Emulator
from tests.e2e.conftest import StartBot
from tests.e2e.retrain.jobs import ENOUGH, begin, buttons, propose, result, shown, until
from tests.gan.disks import small_disk


def only_folder(bot: MeliconBot) -> JobFolder:
    """Return the folder of the one job there is."""
    (path,) = (bot.settings.data_dir / "runs").iterdir()
    return JobFolder(path)


async def until_saved(bot: MeliconBot) -> JobFolder:
    """Wait until something was reached, and the process trains on."""
    await until(lambda: only_folder(bot).has_network and bool(only_folder(bot).trainer()))
    return only_folder(bot)


async def failure(emulator: Emulator) -> str:
    """Wait until a training job has failed, and return what is said of it."""
    message = await emulator.wait_message(matches=lambda m: "failed" in m["content"], timeout=ENOUGH)
    assert not buttons(message)
    return str(message["content"])


async def nothing_left(bot: MeliconBot) -> None:
    """Wait until the job's folder is gone."""
    await until(lambda: not list((bot.settings.data_dir / "runs").iterdir()))


async def test_a_job_that_finds_no_memory_at_all_says_so_and_keeps_nothing(
    emulator: Emulator, start_bot: StartBot
) -> None:
    async with start_bot(retrain_memory_mib=256) as bot:
        await begin(emulator, style="fan")
        told = await failure(emulator)
        assert "there was not enough memory (RETRAIN_MEMORY_MIB" in told
        assert "There is no result" in told
        await nothing_left(bot)
        status = await emulator.slash(emulator.owner, "retrain")
        assert "No training" in status.message["content"]


async def test_a_job_that_runs_out_of_memory_offers_what_it_reached_and_nothing_damaged_is_used(
    emulator: Emulator, bot: MeliconBot
) -> None:
    await begin(emulator, style="fan", minutes=1)
    folder = await until_saved(bot)
    trainer = folder.trainer()
    assert trainer
    # the process keeps the memory it has; the adversarial phase, which begins after a third of the minute, needs more
    resource.prlimit(trainer, resource.RLIMIT_DATA, (2**20, 2**20))
    done = await result(emulator)
    assert "Training ended early: there was not enough memory" in done["content"]

    whole = folder.generator.read_bytes()
    folder.generator.write_bytes(whole[:-100])
    reply = await emulator.press(emulator.owner, done, buttons(done)["use"], timeout=ENOUGH)
    assert "damaged" in reply.message["content"]
    assert bot.studio.styles == ["tiny"]
    folder.generator.write_bytes(whole)
    await emulator.press(emulator.owner, done, buttons(done)["use"], timeout=ENOUGH)
    assert bot.studio.style == "fan"
    await nothing_left(bot)


async def test_on_a_full_disk_a_job_says_so_and_offers_what_it_reached(
    emulator: Emulator, start_bot: StartBot, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", "32m") as disk:
        async with start_bot(data_dir=disk) as bot:
            await begin(emulator, style="fan", minutes=60)
            await until_saved(bot)
            with (disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
                while True:
                    filler.write(bytes(4096))
            done = await result(emulator)
            assert "Training ended early: the disk is full." in done["content"]
            ended = [m for m in emulator.messages() if "use" in buttons(m)]
            assert len(ended) == 1, "told once, whether or not it could be noted"
            (disk / "filler").unlink()
            await emulator.press(emulator.owner, done, buttons(done)["use"], timeout=ENOUGH)
            assert bot.studio.style == "fan"
            await nothing_left(bot)


async def test_no_room_for_the_pictures_is_said_before_anything_begins(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.features.retrain.job_folder.write_atomically", full)
    reply = await propose(emulator)
    assert "couldn’t write to the disk: No space left on device" in reply.message["content"]
    assert not buttons(reply.message)


async def test_numbers_that_get_out_of_hand_are_said_to_have(
    emulator: Emulator, start_bot: StartBot, weights: Path, tmp_path: Path
) -> None:
    for path in weights.parent.glob("tiny*"):
        shutil.copy(path, tmp_path)
    other = tmp_path / "tiny-discriminator.safetensors"
    huge = {name: t.float() * 1e30 if t.ndim > 1 else t.float() for name, t in load_file(other).items()}
    assert all(torch.isfinite(t).all() for t in huge.values())
    save_file(huge, other)
    async with start_bot(weights=tmp_path / "tiny.safetensors") as bot:
        # the other network takes part after a third of the time; something may have been saved before, or not
        await begin(emulator, style="fan", minutes=0.2)
        told = await shown(emulator, lambda m: "training diverged" in m["content"])
        assert "There is no result" in told["content"] or "This is the result so far" in told["content"]
        assert bot.studio.style == "tiny"


async def test_a_trainer_that_is_killed_whenever_it_begins_is_given_up(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.features.retrain.training_processes.MOST_CRASHES", 2)
    await begin(emulator, style="fan")
    kills = 0
    async with asyncio.timeout(ENOUGH):
        while not any("failed" in m["content"] for m in emulator.messages()):
            for path in (bot.settings.data_dir / "runs").iterdir():
                if pid := JobFolder(path).trainer():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                        kills += 1
            await asyncio.sleep(0.02)
    told = await failure(emulator)
    assert "killed repeatedly" in told
    assert kills >= 2
    await nothing_left(bot)


async def test_a_style_that_is_gone_by_its_turn_cannot_be_begun_from(
    emulator: Emulator, bot: MeliconBot, weights: Path
) -> None:
    library = bot.styles.library
    file = library.install("lorelei", weights, weights.with_name("tiny-discriminator.safetensors"))
    await bot.styles.refresh()
    reply = await propose(emulator, style="fan", start="lorelei")
    assert f"starting from `lorelei#{file.model}`" in reply.message["content"]
    await emulator.slash(emulator.owner, "style delete", {"style": "lorelei"})
    await emulator.press(emulator.owner, reply.message, buttons(reply.message)["start"])
    assert f"the starting style `lorelei#{file.model}` no longer exists" in await failure(emulator)
    await nothing_left(bot)
