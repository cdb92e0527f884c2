"""Failing runs: what is kept and reported."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

import pytest
import torch

from gan.codes import IconCode
from gan.dataset import DatasetError
from gan.errors import MeliconError
from gan.sampling.sampler import Sampler
from gan.training import Budget, Session, TrainingError
from tests.gan.disks import small_disk
from tests.gan.tiny_runs import (
    FAST,
    assert_equal,
    begin,
    checkpoint,
    finish,
    folder_of,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("few_recalibration_latents")


def fill(path: Path) -> None:
    """Write a file until the disk takes no more."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 16))


def test_a_run_that_breaks_keeps_the_last_good_checkpoint_and_says_so(tmp_path: Path) -> None:
    session = begin(tmp_path / "run", kimg=1.0)
    going = session.train(save_every=0)
    next(going)
    good = session.run.checkpoint.read_bytes()
    torch.nn.init.constant_(next(session.trainer.D.parameters()), float("nan"))
    with pytest.raises(TrainingError, match=r"no longer a finite number.*last good checkpoint, .*checkpoint\.safet"):
        next(going)
    assert session.run.checkpoint.read_bytes() == good
    finish(Session.resume(tmp_path / "run"), 1)


def test_a_run_that_breaks_between_steps_does_not_save_the_breakage(tmp_path: Path) -> None:
    session = begin(tmp_path / "run", kimg=1.0)
    finish(session, 1)
    good = session.run.checkpoint.read_bytes()
    next(session.trainer.G.parameters()).data[0] = float("inf")
    with pytest.raises(TrainingError, match="not finite after 4 pictures; --resume goes on from the last good"):
        list(session.train(should_stop=lambda: True))
    assert session.run.checkpoint.read_bytes() == good


def test_a_run_that_breaks_before_it_saved_says_that_nothing_is_kept(tmp_path: Path) -> None:
    session = begin(tmp_path / "run")
    torch.nn.init.constant_(next(session.trainer.D.parameters()), float("nan"))
    with pytest.raises(TrainingError, match="nothing was saved yet"):
        finish(session)


@pytest.mark.parametrize("files_that_fit", range(5))
def test_wherever_the_disk_is_full_the_run_can_be_resumed_and_what_draws_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files_that_fit: int
) -> None:
    session = begin(tmp_path / "run", kimg=0.02)
    finish(session, 1)
    before = checkpoint(session)
    written = []

    def fsync(_handle: int) -> None:
        written.append(1)
        if len(written) > files_that_fit:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        resumed = Session.resume(tmp_path / "run")
        with pytest.raises(MeliconError, match="No space left on device"):
            finish(resumed, 1)
    assert not list((tmp_path / "run").rglob("*.part"))
    if files_that_fit == 0:
        assert_equal(checkpoint(session), before)
    Sampler.load(session.run.generator).draw([IconCode.from_seed(0)])
    finish(Session.resume(tmp_path / "run"))


def test_on_a_really_full_disk_the_checkpoint_before_stays_whole(tmp_path: Path) -> None:
    data = folder_of(tmp_path / "data")
    with small_disk(tmp_path / "disk", "16m") as disk:
        session = begin(disk / "run", source=data, kimg=1.0)
        finish(session, 1)
        before = checkpoint(session)
        fill(disk / "filler")
        with pytest.raises(TrainingError, match=r"cannot save the run in .*: No space left on device; --resume goes"):
            finish(Session.resume(disk / "run"), 2)
        assert_equal(checkpoint(session), before)
        (disk / "filler").unlink()
        finish(Session.resume(disk / "run"), 1)


# ---- what is refused before anything begins


def test_fewer_than_8_pictures_are_no_training_set(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="7 usable pictures, at least 8 are needed"):
        begin(tmp_path / "run", source=folder_of(tmp_path / "few", 7))
    assert not (tmp_path / "run").exists()


def test_a_style_that_codes_cannot_carry_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MeliconError, match="--style 'My Style' is not a valid style name"):
        Session.start(tmp_path / "run", folder_of(tmp_path / "data"), FAST, style="My Style")
    assert not (tmp_path / "run").exists()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MeliconError, match="is a file: name a folder for the run"):
        begin(tmp_path / "file", source=folder_of(tmp_path / "data"))
    with pytest.raises(MeliconError, match=r"cannot write the run to .*: Not a directory"):
        begin(tmp_path / "file" / "run", source=tmp_path / "data")


def test_preparing_a_run_writes_nothing(tmp_path: Path) -> None:
    session, report = Session.prepare(tmp_path / "run", folder_of(tmp_path / "data"), FAST, style="tiny")
    assert (len(report.accepted), session.budget) == (12, Budget(minutes=15.0))
    assert not (tmp_path / "run").exists()
