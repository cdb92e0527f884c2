"""The training process by itself: why it ended, what it keeps, and how it goes on."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bot.features.retrain.job_folder import JobFolder, Outcome, Spec
from bot.features.retrain.training import ENDED, OUT_OF_MEMORY, reason_of, work
from bot.system.subprocesses import ROOT
from gan.errors import MeliconError
from gan.training import TrainingError
from gan.training.run_folder import RunFolder
from gan.training.trainer import Trainer
from tests.gan.odd_pictures import drawing
from tests.gan.tiny_runs import begin, finish
from tests.patience import ENOUGH


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
            [sys.executable, "-m", "bot.features.retrain.training", str(job.path)],
            env=environment,
            stdout=log,
            stderr=log,
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
    assert outcome.figures["early"], "hardly a picture was seen"
    assert outcome.figures["seen"] == round(1000 * outcome.kimg)
    assert outcome.figures["verdict"] == "bad", "icons of a network that has hardly learned"
    assert job.result.exists()
    assert job.trainer() is None


def test_what_was_reached_has_a_name_only_if_it_is_whole(job: JobFolder, first: Path) -> None:
    assert job.model() is None
    job.run.mkdir()
    for ending in (".safetensors", ".json"):
        shutil.copy(first.with_suffix(ending), job.run)
    assert job.model() == json.loads(first.with_suffix(".json").read_text())["hash"]
    whole = job.generator.read_bytes()
    job.generator.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert job.model() is None


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
        (RuntimeError("could not create a primitive"), "memory"),
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


@pytest.mark.parametrize(("reason", "code"), [("disk", ENDED), ("nan", ENDED), ("memory", OUT_OF_MEMORY)])
def test_what_ends_it_is_told_and_what_was_reached_is_kept(
    job: JobFolder, first: Path, monkeypatch: pytest.MonkeyPatch, reason: str, code: int
) -> None:
    job.describe(Spec("fan", str(first), 60.0, 1, 3 * 2**30, 0.01, 0))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.chdir(job.path)
    threads = torch.get_num_threads()
    save, step = RunFolder.save_checkpoint, Trainer.step
    saved = 0

    def saving(self: RunFolder, *given: Any) -> None:
        nonlocal saved
        saved += 1
        if saved > 2 and reason == "disk":
            raise OSError(errno.ENOSPC, "No space left on device")
        save(self, *given)

    def stepping(self: Trainer, progress: float, **how: bool) -> dict[str, float]:
        if saved == 2 and reason == "memory":
            raise MemoryError
        if saved == 2 and reason == "nan":
            next(self.G.parameters()).data.fill_(float("nan"))
        return step(self, progress, **how)

    monkeypatch.setattr(RunFolder, "save_checkpoint", saving)
    monkeypatch.setattr(Trainer, "step", stepping)
    try:
        assert work(job) == code
        if code == OUT_OF_MEMORY:  # judged by another process, which has all of it
            job.train_no_more()
            assert work(job) == ENDED
    finally:
        torch.set_num_threads(threads)
    outcome = job.outcome()
    assert outcome is not None
    assert (outcome.status, outcome.reason) == (("failed", reason) if code == ENDED else ("stopped", None))
    assert outcome.model is not None, "the generator of the second save is kept"
    assert outcome.figures["examples"] == 12
