"""The training process by itself: why it ended, what it keeps, and how it goes on."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bot.retrain.intake import ROOT
from bot.retrain.jobfolder import JobFolder, Outcome, Spec
from bot.retrain.judging import judge
from bot.retrain.training import reason_of
from gan import artist
from gan.errors import MeliconError
from gan.training import TrainingError
from tests.gan.odd_pictures import drawing
from tests.gan.tiny_runs import begin, finish

ENOUGH = 120


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights to begin with, and their discriminator beside them."""
    folder = tmp_path_factory.mktemp("first")
    finish(begin(folder / "run"))
    return folder / "run" / "generator.safetensors"


@pytest.fixture
def job(tmp_path: Path, first: Path) -> JobFolder:
    folder = JobFolder(tmp_path / "job")
    folder.create(np.stack([drawing(seed) for seed in range(12)]))
    folder.describe(Spec("fan", str(first), 0.05, 1, 3 * 2**30, 1.0, 0))
    return folder


def run(job: JobFolder) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with job.log.open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "bot.retrain.training", str(job.path)], env=environment, stdout=log, stderr=log
        )


def until(job: JobFolder, what) -> None:
    end = time.monotonic() + ENOUGH
    while not what():
        assert time.monotonic() < end, job.log.read_text()
        time.sleep(0.05)


def test_it_learns_judges_and_says_so(job: JobFolder) -> None:
    process = run(job)
    until(job, lambda: job.trainer() is not None)
    assert run(job).wait(ENOUGH) == 4, "another one does not train the same job"
    assert process.wait(ENOUGH) == 0, job.log.read_text()
    outcome = job.outcome()
    assert outcome is not None
    assert (outcome.status, outcome.reason) == ("done", None)
    assert outcome.model is not None
    assert outcome.figures["examples"] == 12
    assert job.result.exists()
    assert job.latest_samples() is not None
    assert job.trainer() is None


def test_killed_at_any_moment_it_goes_on_and_ends(job: JobFolder) -> None:
    for wait in (0.3, 3.0):
        process = run(job)
        time.sleep(wait)
        process.kill()
        process.wait()
        assert job.outcome() is None or job.outcome() == Outcome(**vars(job.outcome()))
    assert run(job).wait(ENOUGH) == 0, job.log.read_text()
    outcome = job.outcome()
    assert outcome is not None
    assert outcome.model is not None


def test_asked_to_leave_it_saves_and_the_next_one_goes_on(job: JobFolder, first: Path) -> None:
    job.describe(Spec("fan", str(first), 5.0, 1, 3 * 2**30, 1.0, 0))
    process = run(job)
    until(job, lambda: bool(job.progress()))
    process.send_signal(signal.SIGTERM)
    assert process.wait(ENOUGH) == 3
    assert job.outcome() is None
    seconds = job.progress()["seconds"]
    process = run(job)
    until(job, lambda: job.progress()["seconds"] > seconds)
    job.cancel()
    assert process.wait(ENOUGH) == 0
    outcome = job.outcome()
    assert outcome is not None
    assert outcome.status == "stopped"
    assert outcome.model is not None


def test_too_little_memory_is_told_as_such(job: JobFolder, first: Path) -> None:
    job.describe(Spec("fan", str(first), 1.0, 1, 150 * 2**20, 1.0, 0))
    code = run(job).wait(ENOUGH)
    outcome = job.outcome()
    if outcome is None:  # so little that not even Python could say it
        assert code != 0
    else:
        assert (outcome.status, outcome.reason) == ("failed", "memory")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to"), "memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk"),
        (TrainingError("a loss is no longer a finite number after 12 pictures"), "nan"),
        (MeliconError("something else"), "other"),
    ],
)
def test_a_failure_has_its_reason_even_when_it_is_wrapped(error: Exception, reason: str) -> None:
    assert reason_of(error)[0] == reason
    wrapped = TrainingError("the run could not go on")
    wrapped.__cause__ = error
    assert reason_of(wrapped)[0] == reason


def test_a_full_disk_is_told_and_what_was_reached_is_kept(
    job: JobFolder, first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch  # noqa: PLC0415

    from bot.retrain.training import work  # noqa: PLC0415

    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.chdir(job.path)
    threads = torch.get_num_threads()
    original = __import__("gan.training.run_folder", fromlist=["x"]).RunFolder.save_checkpoint
    saved = 0

    def save(self, tensors, seconds) -> None:
        nonlocal saved
        saved += 1
        if saved > 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        original(self, tensors, seconds)

    monkeypatch.setattr("gan.training.run_folder.RunFolder.save_checkpoint", save)
    try:
        assert work(job) == 0
    finally:
        torch.set_num_threads(threads)
    outcome = job.outcome()
    assert outcome is not None
    assert (outcome.status, outcome.reason) == ("failed", "disk")
    assert outcome.model is not None, "the generator of the second save is kept"


def test_figures_tell_good_from_collapsed_copied_and_blank() -> None:
    examples = np.stack([artist.draw(n) for n in range(96)])
    fresh = np.stack([artist.draw(n) for n in range(1_000, 1_096)])
    noise = np.random.RandomState(0).randint(0, 256, (96, 64, 64, 3)).astype(np.uint8)
    good = judge(fresh, examples, noise)
    assert good["warnings"] == []
    assert good["nearness"] > 0.9
    assert judge(examples, examples, noise)["warnings"] == ["copies"]
    one = np.repeat(fresh[:1], 96, axis=0)
    assert "collapsed" in judge(one, examples, None)["warnings"]
    blank = np.full_like(fresh, 127)
    assert "blank" in judge(blank, examples, noise)["warnings"]
    assert judge(noise, examples, noise)["nearness"] == 0
