"""The messages of a retraining show and speak of pictures as long as there are any."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.client import MeliconBot
from bot.features.retrain import notifier
from bot.features.retrain.job_folder import JobFolder, Outcome
from bot.features.retrain.notifier import Notifier
from bot.features.retrain.previews import frame, write_time_lapse
from bot.store import RetrainJob
from discord_emulator import Emulator
from gan.rendering import encode_plain_png
from tests.clocks import Ticking
from tests.gan.odd_pictures import plain


@pytest.fixture
async def job(emulator: Emulator, bot: MeliconBot) -> RetrainJob:
    """A retraining that nobody works at, so that only the test speaks of it."""
    job = RetrainJob(guild_id=emulator.guild, channel_id=emulator.channel, user_id=emulator.owner.id, locale="en-US")
    job.style, job.start, job.minutes, job.pictures, job.folder = "fan", "default", 1.0, 12, "fan"
    return await bot.store.retrain_jobs.add(job)


async def test_the_sheet_stays_when_its_file_is_removed(
    emulator: Emulator, bot: MeliconBot, job: RetrainJob, tmp_path: Path
) -> None:
    notifier_, sheet = Notifier(bot, clock=Ticking(notifier.EDIT_EVERY)), tmp_path / "000001.png"
    sheet.write_bytes(plain(1))
    await notifier_.show(job, "one", sheet)
    job.message_id = int(emulator.messages()[-1]["id"])
    sheet.unlink()
    for text, samples in (("two", None), ("three", sheet)):  # it was gone at once, or when it was to be read
        await notifier_.show(job, text, samples)
        message = emulator.messages()[-1]
        assert (message["id"], message["content"]) == (str(job.message_id), text)
        assert [file["filename"] for file in message["attachments"]] == ["melicon-fan-preview.png"]


async def test_a_message_is_edited_when_it_is_time_and_there_is_something_new(
    emulator: Emulator, bot: MeliconBot, job: RetrainJob
) -> None:
    now = 1000.0
    notifier_ = Notifier(bot, clock=lambda: now)
    await notifier_.show(job, "0", None)
    job.message_id = int(emulator.messages()[-1]["id"])
    edits = []
    for step in range(1, 13):
        now += notifier.EDIT_EVERY / 4
        await notifier_.show(job, str(min(step, 9)), None)
        edits.append(emulator.messages()[-1]["content"])
    assert edits == ["0", "0", "0", "4", "4", "4", "4", "8", "8", "8", "8", "9"]
    patches = [request for request in emulator.requests if request.method == "PATCH"]
    assert len(patches) == 3


@pytest.mark.parametrize("pictured", [True, False])
async def test_a_result_speaks_of_its_picture_if_it_has_one(
    pictured: bool, emulator: Emulator, bot: MeliconBot, job: RetrainJob, tmp_path: Path
) -> None:
    if pictured:
        JobFolder(tmp_path).result.write_bytes(plain(1))
    await Notifier(bot).tell_end(job, JobFolder(tmp_path), Outcome("done", model="0" * 64))
    message = emulator.messages()[-1]
    assert ("The rows show" in message["content"]) is bool(message["attachments"]) is pictured


async def test_a_result_comes_with_its_time_lapse(
    emulator: Emulator, bot: MeliconBot, job: RetrainJob, tmp_path: Path
) -> None:
    folder = JobFolder(tmp_path)
    folder.result.write_bytes(plain(1))
    folder.previews.mkdir()
    icons = [np.full((64, 64, 3), shade, np.uint8) for shade in range(8)]
    for number in range(2):
        (folder.previews / f"{number:06d}.png").write_bytes(encode_plain_png(frame(icons[number:] + icons[:number])))
    assert write_time_lapse(folder, None, icons)
    await Notifier(bot).tell_end(job, folder, Outcome("done", model="0" * 64))
    message = emulator.messages()[-1]
    names = [file["filename"] for file in message["attachments"]]
    assert names == ["melicon-fan-before-after.png", "melicon-fan-time-lapse.webp"]
    assert message["attachments"][1]["description"] == "Icons 0 to 7 in fan during training, as an animation"
    assert await emulator.attachment_bytes(message, 1) == folder.time_lapse.read_bytes()
