"""Training on a GPU: what a machine without one can check, and what it takes one for (skipped where there is none)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gan.checkpoint.weights import load_generator
from gan.errors import MeliconError
from gan.training import Session, TrainingOptions
from gan.training.device import CPU, choose_device, precision_on
from gan.training.trainer import Trainer
from tests.gan.tiny_runs import ARTICLE, FAST, HOUSE, PAIRED, begin, finish, labelled, pictures

RECIPES = {"article": ARTICLE, "fast": FAST, "paired": replace(PAIRED, warm_up_share=0.5), "house": HOUSE}
GPUS = [name for name in ("cuda", "mps") if choose_device("auto").type == name]
needs_gpu = pytest.mark.skipif(not GPUS, reason="this machine has no GPU that PyTorch can use")


def trainer_on(device: torch.device, options: TrainingOptions) -> Trainer:
    """Return a trainer of small networks."""
    if options.preset == "house":
        return Trainer(replace(options, z_dim=options.z_dim + 5), labelled(), device)
    return Trainer(options, pictures(), device)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_step_mixes_no_devices_and_reads_nothing_back(recipe: str) -> None:
    # The meta device computes shapes only. An operation on it and the CPU together raises, and so does reading a value,
    # for which a CPU would have to wait for a GPU.
    trainer = trainer_on(torch.device("meta"), RECIPES[recipe])
    for progress in (0.0, 0.1, 0.6, 0.7, 0.9, 1.0):
        assert trainer.step(progress, measure=False) == {}
    assert trainer.seen == 6 * trainer.options.batch
    assert {p.device.type for net in (trainer.G, trainer.D, trainer.average) for p in net.parameters()} == {"meta"}
    assert trainer.optimiser_d.state, "the adversarial phase was reached"
    with pytest.raises((NotImplementedError, RuntimeError)):
        trainer.step(1.0)  # reading the losses


@pytest.mark.parametrize("recipe", RECIPES)
def test_steps_that_are_not_measured_train_all_the_same(recipe: str) -> None:
    measured, silent = (trainer_on(CPU, RECIPES[recipe]) for _ in range(2))
    for progress in (0.0, 0.6, 0.9):
        assert measured.step(progress)
        assert not silent.step(progress, measure=False)
    one, other = measured.state(), silent.state()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_auto_is_the_cpu_where_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert choose_device("auto") == choose_device("cpu") == CPU
    for name in ("cuda", "mps"):
        with pytest.raises(MeliconError, match=f"finds no {name} device here"):
            choose_device(name)
    with pytest.raises(MeliconError, match="choose from auto, cpu, cuda, mps"):
        choose_device("tpu")


def test_each_process_has_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[int] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert choose_device("auto") == torch.device("cuda", 1)
    assert chosen == [1]
    assert choose_device("auto", 2) == torch.device("cuda", 1)
    with pytest.raises(MeliconError, match="3 processes need a GPU each, and this machine has 2"):
        choose_device("auto", 3)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    with pytest.raises(MeliconError, match="4 processes need a GPU each"):
        choose_device("cuda")


def test_a_gpu_has_its_own_precision_and_the_run_remembers_that_of_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    assert precision_on(CPU, "float32") == "float32"
    assert precision_on(torch.device("cuda"), "float32") == "bfloat16"
    assert precision_on(torch.device("mps"), "bfloat16") == "float32"


@needs_gpu
@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("kind", GPUS)
def test_a_gpu_starts_like_a_cpu(kind: str, recipe: str) -> None:
    here, there = trainer_on(CPU, RECIPES[recipe]), trainer_on(choose_device(kind), RECIPES[recipe])
    one, other = here.step(), there.step()
    assert one.keys() == other.keys()
    for name in one:
        assert other[name] == pytest.approx(one[name], rel=0.05, abs=0.05), "bfloat16 has 8 bits"


@needs_gpu
@pytest.mark.parametrize("kind", GPUS)
def test_a_run_goes_on_on_another_device_and_the_icons_are_drawn_on_the_cpu(kind: str, tmp_path: Path) -> None:
    session = begin(tmp_path / "run", replace(PAIRED, warm_up_share=0.5), device=choose_device(kind))
    finish(session, steps=2)
    resumed = Session.resume(tmp_path / "run", device=CPU)
    assert resumed.trainer.steps == 2
    finish(resumed, steps=1)
    again = Session.resume(tmp_path / "run", device=choose_device(kind))
    assert finish(again)[-1].event == "done"
    network, _ = load_generator(again.run.generator)
    assert {p.device for p in network.parameters()} == {CPU}
