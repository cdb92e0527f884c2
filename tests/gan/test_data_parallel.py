"""Data-parallel training: averaged steps equal those of the joint batch, and a run resumes after a killed process.

Equality can be asked where nothing depends on what else is in a batch. So BatchNorm uses stored statistics here and
minibatch-stddev appends zeros; each process's pictures, latents, augmentation, pairs and penalised pictures stay as
they are in earnest.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from gan.batch_rng import BatchRng
from gan.errors import MeliconError
from gan.networks import fast
from gan.training import Session, Trainer
from gan.training.launcher import PATIENCE, followed, gathered
from gan.training.worker import broadcast_run, join_run
from tests.gan import tiny_runs
from tests.gan.test_train_command import launch, wait_for
from tests.patience import ENOUGH

STEPS = 3
RECIPES = {
    "article": tiny_runs.ARTICLE,
    "fast": replace(tiny_runs.FAST, augment_probability=0.5),
    "house": replace(tiny_runs.HOUSE, warm_up_kimg=0.004),
    "paired": replace(tiny_runs.PAIRED, warm_up_share=0.0, patches=0.0),
}
TINY = ("--width", "0.125", "--batch", "4")


def without_spread(x: Tensor) -> Tensor:
    """Stand in for minibatch-stddev."""
    return torch.cat([x, x.new_zeros(len(x), 1, *x.shape[2:])], dim=1)


def train_a_little(trainer: Trainer) -> dict[str, Tensor]:
    """Some steps in which no picture matters to another, by plain gradient descent: its steps show the gradients."""
    fast.minibatch_stddev = without_spread  # type: ignore[assignment]
    for module in trainer.G.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
    trainer.optimiser_g = torch.optim.SGD(trainer.G.parameters())
    trainer.optimiser_d = torch.optim.SGD(trainer.D.parameters())
    if trainer.latents is not None:
        trainer.latents.optimiser = torch.optim.SGD(trainer.latents.parameters())
    for _ in range(STEPS):
        trainer.step() if trainer.group.leads else trainer.step(trainer.group.receive_order())
    return {name: t.detach().contiguous() for net in (trainer.G, trainer.D) for name, t in net.named_parameters()}


def fresh_trainer(recipe: str) -> Trainer:
    data = tiny_runs.labelled() if recipe == "house" else tiny_runs.pictures()
    rate = 0.1 if recipe == "article" else 0.01  # its first weights are so small that its gradients are, too
    return Trainer(replace(RECIPES[recipe], lr_g=rate, lr_d=rate, warm_up_lr=rate), data)


def one_of_two(rank: int, port: int, out: Path) -> None:
    """Train by each recipe as one of torchrun's processes would."""
    torch.set_num_threads(1)
    told = {"RANK": rank, "WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in told.items()})
    with gathered(1) if rank == 0 else followed() as group:
        for recipe in RECIPES:
            if rank == 0:
                trainer = fresh_trainer(recipe)
                broadcast_run(trainer, group)
            else:
                trainer = join_run(group)
            save_file(train_a_little(trainer), out / f"{recipe}-{rank}.safetensors")


def test_two_processes_step_as_one_does_with_the_joint_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=one_of_two, args=(rank, port, tmp_path)) for rank in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(ENOUGH)
        assert process.exitcode == 0
    monkeypatch.setattr(fast, "minibatch_stddev", without_spread)
    for recipe in RECIPES:
        leader, follower = (load_file(tmp_path / f"{recipe}-{rank}.safetensors") for rank in range(2))
        tiny_runs.assert_equal(leader, follower)
        alone = fresh_trainer(recipe)
        before = {name: t.clone() for net in (alone.G, alone.D) for name, t in net.state_dict().items()}
        expected = train_a_little(alone)
        for name, tensor in expected.items():
            step = (tensor - before[name]).norm()
            off = (leader[name] - tensor).norm()  # rounding; a picture or a factor that is missing changes far more
            assert off <= 0.01 * step + 1e-5, f"{recipe} {name}: off by {off:.2g} after moving by {step:.2g}"
        moved = [name for name, tensor in expected.items() if (tensor - before[name]).norm() > 1e-4]
        assert len(moved) > len(expected) / 3  # else equality would say nothing


def test_the_parts_of_a_sample_are_the_whole() -> None:
    whole, parts = BatchRng(7), [BatchRng(7, part, 3) for part in range(3)]
    for sample in (
        lambda rng, rows: rng.uniform(rows, 2),
        lambda rng, rows: rng.normal(rows),
        lambda rng, rows: rng.integers(3, 9, rows, 1),
    ):
        expected = sample(whole, 6)
        for i, rng in enumerate(parts):
            assert torch.equal(sample(rng, 2), expected[i::3])
    assert all(torch.equal(rng.stream.get_state(), whole.stream.get_state()) for rng in parts)


def weights(session: Session) -> dict[str, Tensor]:
    """What is learned: BatchNorm's running statistics are averaged whenever a run is saved, and learn nothing."""
    return {name: t for name, t in tiny_runs.checkpoint(session).items() if "running_" not in name}


def test_a_run_of_two_processes_taken_up_again_ends_like_one_never_stopped_and_one_process_can_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gan.training.trainer.RECALIBRATION_LATENTS", 32)
    whole = tiny_runs.begin(tmp_path / "whole", source=tiny_runs.folder_of(tmp_path / "data"))
    tiny_runs.finish(whole, processes=2)
    assert whole.trainer.seen == 16
    assert whole.trainer.group.count == 1  # the company has left
    parts = tiny_runs.begin(tmp_path / "parts", source=tmp_path / "data")
    tiny_runs.finish(parts, steps=2, processes=2)
    parts = Session.resume(tmp_path / "parts")
    assert parts.trainer.seen == 8
    tiny_runs.finish(parts, processes=2)
    tiny_runs.assert_equal(weights(parts), weights(whole))

    alone = Session.resume(tmp_path / "parts", kimg=0.024)
    tiny_runs.finish(alone)
    assert alone.trainer.seen == 24
    assert torch.isfinite(next(alone.trainer.G.parameters())).all()


def test_a_batch_that_cannot_be_shared_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    session = tiny_runs.begin(tmp_path / "run")
    with pytest.raises(MeliconError, match="a batch of 4 cannot be shared by 3 processes"):
        tiny_runs.finish(session, processes=3)


def helper_of(process: subprocess.Popen[str]) -> int:
    """The id of the one process that `process` started."""
    tasks = Path(f"/proc/{process.pid}/task").glob("*/children")
    (child,) = [int(pid) for task in tasks for pid in task.read_text().split()]
    return child


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found in /proc")
def test_a_killed_process_ends_the_run_at_once_with_one_line_and_a_checkpoint_to_go_on_from(tmp_path: Path) -> None:
    data = tiny_runs.folder_of(tmp_path / "data")
    run = tmp_path / "run"
    process = launch(data, "--out", run, "--minutes", 5, "--processes", 2, "--save-every", 1, *TINY)
    wait_for(process, "saved")
    os.kill(helper_of(process), signal.SIGKILL)
    # one that is gone is not waited for like one that says nothing
    _, err = process.communicate(timeout=PATIENCE.total_seconds() / 2)
    assert process.returncode == 2
    said = [line for line in err.splitlines() if line.startswith("melicon: ")]
    assert len(said) == 1
    assert re.fullmatch(
        r"melicon: training process 2 of 2 was killed by signal 9; --resume goes on from the last good checkpoint, .*",
        said[0],
    )
    assert "Traceback" not in err
    seen = Session.resume(run).trainer.seen
    assert seen > 0
    assert tiny_runs.finish(Session.resume(run, kimg=seen / 1000 + 0.008))[-1].event == "done"


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found in /proc")
def test_when_the_leader_is_killed_the_others_leave(tmp_path: Path) -> None:
    data = tiny_runs.folder_of(tmp_path / "data")
    process = launch(data, "--out", tmp_path / "run", "--minutes", 5, "--processes", 2, *TINY)
    wait_for(process, "step")
    helper = helper_of(process)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + ENOUGH
    while Path(f"/proc/{helper}").exists() and "zombie" not in Path(f"/proc/{helper}/status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_torchruns_processes_train_together(tmp_path: Path) -> None:
    data = tiny_runs.folder_of(tmp_path / "data")
    command: list[Any] = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", 2]
    command += ["-m", "gan", "train", data, "--out", tmp_path / "run", "--kimg", 0.016, "--json", *TINY]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=ENOUGH)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert events[-1] == "done"
    assert events.count("done") == 1  # the leader alone speaks
    assert Session.resume(tmp_path / "run").trainer.seen == 16
