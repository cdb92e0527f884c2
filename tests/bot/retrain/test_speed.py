"""The forecast of how many pictures a training job will see."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.features.retrain import speed
from bot.features.retrain.intake import Taken
from bot.features.retrain.messages import proposal
from bot.features.retrain.speed import FILE, LONG_ENOUGH, SpeedMeter, Speeds
from bot.i18n import Catalogues
from bot.settings import Settings
from bot.store import RetrainJob
from tests.gan.tiny_runs import begin, finish

SPEEDS = Speeds(scratch=68.0, pretrained=22.0, threads=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, retrain_threads=1, retrain_niceness=0)


def test_it_says_how_many_pictures_by_where_the_job_starts() -> None:
    assert SPEEDS.seen("scratch", 15) == (61_000, 61_000)
    assert SPEEDS.seen("default", 15) == (20_000, 20_000)
    assert SPEEDS.seen("fan#01234567", 15) == (20_000, 20_000)
    assert SPEEDS.seen("auto", 15) == (20_000, 61_000)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0.5, "only about 660–2,000 pictures in that time. At least 3,000 are needed: give it 3 minutes"),
        (5, "about 6,600–20,000 pictures in that time. Expect the colours"),
        (15, "about 20,000–61,000 pictures in that time. Expect icons close to your pictures"),
    ],
)
def test_the_proposal_says_what_to_expect(minutes: float, said: str) -> None:
    words = Catalogues.load().words(None)
    taken = Taken(pictures=[np.zeros((64, 64, 3), np.uint8)] * 60, names=["a"] * 60)
    job = RetrainJob(id=1, style="fan", start="auto", minutes=minutes, pictures=60)
    assert said in proposal(words, taken, job, 0.0, SPEEDS)
    assert "pictures in that time" not in proposal(words, taken, job, 0.0)


def test_too_little_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    words = Catalogues.load().words(None)
    taken = Taken(pictures=[np.zeros((64, 64, 3), np.uint8)] * 60, names=["a"] * 60)
    job = RetrainJob(id=1, style="fan", start="auto", minutes=15, pictures=60)
    assert "MiB of memory" not in proposal(words, taken, job, 0.0)
    monkeypatch.setattr("bot.features.retrain.messages.free_memory", lambda: 300 * 2**20)
    assert "Only 300 MiB of memory are free, and training needs about 800" in proposal(words, taken, job, 0.0)


async def test_the_speed_is_measured_once_and_each_job_updates_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run"
    finish(begin(run))
    for ending in (".safetensors", ".json"):
        shutil.copy(run / f"generator{ending}", tmp_path / f"tiny{ending}")
    shutil.copy(run / "discriminator.safetensors", tmp_path / "tiny-discriminator.safetensors")
    monkeypatch.setattr(speed, "SECONDS", 0.1)
    meter = SpeedMeter(settings.model_copy(update={"weights": tmp_path / "tiny.safetensors"}))
    speeds = await meter.get()
    assert speeds is not None
    assert speeds.scratch > 0
    assert speeds.pretrained > 0
    monkeypatch.setattr(speed, "command", lambda *_: pytest.fail("it is measured already"))
    assert await meter.get() == speeds
    await meter.note("scratch", 1000.0, LONG_ENOUGH - 1)
    assert await meter.get() == speeds, "a short job says little"
    await meter.note("scratch", 1000.0, LONG_ENOUGH)
    await meter.note("fan#01234567", 500.0, LONG_ENOUGH)
    assert await meter.get() == Speeds(1000 / LONG_ENOUGH, 500 / LONG_ENOUGH, 1)


async def test_what_cannot_be_measured_is_left_out(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    meter = SpeedMeter(settings.model_copy(update={"weights": tmp_path / "gone.safetensors"}))
    assert await meter.get() is None
    assert "could not measure the training speed" in caplog.text
    await meter.note("scratch", 1000.0, 1000.0)
    assert not (tmp_path / FILE).exists()


async def test_a_full_disk_only_means_measuring_again(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(speed, "write_atomically", full)
    await SpeedMeter(settings)._write(SPEEDS)
    assert "No space left on device" in caplog.text


async def test_another_number_of_threads_is_measured_again(settings: Settings) -> None:
    meter = SpeedMeter(settings)
    await meter._write(SPEEDS)
    assert meter._read() == SPEEDS
    assert SpeedMeter(settings.model_copy(update={"retrain_threads": 2}))._read() is None
