"""Previews: final icons while a job trains, and the animation of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.features.retrain.job_folder import JobFolder
from bot.features.retrain.previews import CELL, FEWEST_FRAMES, GAP, Previews, frame, write_time_lapse
from gan.codes import IconCode
from gan.rendering import encode_plain_png
from gan.rendering.upscaling import resized
from gan.sampling.sampler import Sampler
from tests.gan.tiny_runs import begin, finish

SIZE = (4 * CELL + 5 * GAP, 2 * CELL + 3 * GAP)


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("first") / "run"
    finish(begin(run))
    return run / "generator.safetensors"


@pytest.fixture
def job(tmp_path: Path, generator: Path) -> JobFolder:
    folder = JobFolder(tmp_path)
    folder.run.mkdir()
    for ending in (".safetensors", ".json"):
        shutil.copy(generator.with_suffix(ending), folder.run)
    return folder


def shades(*values: int) -> list[np.ndarray]:
    return [np.full((64, 64, 3), value, np.uint8) for value in values]


def test_it_shows_icons_as_they_will_be_seen(job: JobFolder, generator: Path) -> None:
    assert job.latest_preview() is None
    assert Previews(job).draw(60.0)
    shown = job.latest_preview()
    assert shown == job.previews / "000060.png"
    pixels = np.asarray(Image.open(shown).convert("RGB"))
    assert pixels.shape[1::-1] == SIZE
    (icon,) = Sampler.load(generator).render([IconCode.from_seed(0)], 2 * CELL)
    np.testing.assert_array_equal(pixels[GAP : GAP + CELL, GAP : GAP + CELL], resized(icon, CELL))


def test_it_takes_a_twentieth_of_the_time_at_most(job: JobFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, now = [], [0.0]

    def write(_: Previews, seconds: float) -> None:
        drawn.append(seconds)
        now[0] += 3.0

    monkeypatch.setattr(Previews, "_write", write)
    previews = Previews(job, clock=lambda: now[0])
    for seconds in range(0, 200, 5):
        previews.draw(float(seconds))
    assert drawn == [10.0, 70.0, 130.0, 190.0]


@pytest.mark.parametrize("harm", ["gone", "damaged", "disk"])
def test_what_cannot_be_drawn_ends_no_training(job: JobFolder, caplog: pytest.LogCaptureFixture, harm: str) -> None:
    if harm == "gone":
        job.generator.unlink()
    elif harm == "damaged":
        job.generator.write_bytes(job.generator.read_bytes()[:-1])
    else:
        job.previews.write_bytes(b"")  # no folder can be made there
    assert not Previews(job).draw(60.0)
    assert "no preview could be drawn" in caplog.text


def test_the_animation_begins_with_the_icons_before_and_rests_on_those_after(job: JobFolder) -> None:
    before, after = np.stack(shades(*range(0, 160, 20))), shades(*range(100, 180, 10))
    assert not write_time_lapse(job, before, after), "two frames are no animation"
    assert not job.time_lapse.exists()
    Previews(job).draw(60.0)
    (job.previews / "000120.png").write_bytes(encode_plain_png(frame(shades(*range(90, 170, 10)))))
    assert write_time_lapse(job, before, after)
    with Image.open(job.time_lapse) as animation:
        assert animation.n_frames == 4 > FEWEST_FRAMES
        assert animation.size == SIZE
        seen = []
        for number in range(animation.n_frames):
            animation.seek(number)
            animation.load()
            seen.append((np.asarray(animation.convert("RGB")).astype(int), animation.info["duration"]))
    assert [duration for _, duration in seen] == [400, 400, 400, 2_500]
    for (pixels, _), wanted in ((seen[0], frame(list(before))), (seen[-1], frame(after))):
        assert np.abs(pixels - wanted).mean() < 3, "but for the compression"


def test_an_animation_that_cannot_be_made_is_left_out(job: JobFolder, caplog: pytest.LogCaptureFixture) -> None:
    job.previews.mkdir()
    (job.previews / "000060.png").write_bytes(b"no picture")
    assert not write_time_lapse(job, None, shades(*range(8)))
    assert "no time-lapse could be made" in caplog.text


def test_a_full_disk_removes_what_only_training_needs(job: JobFolder) -> None:
    Previews(job).draw(60.0)
    Previews(job).draw(120.0)
    write_time_lapse(job, None, shades(*range(8)))
    job.train_no_more()
    assert not job.previews.exists()
    assert job.latest_preview() is None


def test_a_preview_that_is_just_being_removed_is_none(tmp_path: Path) -> None:
    job = JobFolder(tmp_path)
    job.previews.mkdir()
    (job.previews / "000001.png").symlink_to(tmp_path / "gone")  # listed, and gone when it is looked at
    assert job.latest_preview() is None
