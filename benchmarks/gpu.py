"""What a GPU does for training: its tests, its speed against the CPU of the same machine, and a trained model.

    python -m benchmarks.gpu --out results/gpu.json --minutes 8 --train runs/gpu

It lasts about ``--minutes`` in all. First the tests of tests/gan/test_devices.py, which fail here if one of the GPU's
tests fails or is skipped. Then each recipe trains for some seconds on the CPU and on the GPU, in turns. The remaining
time trains ``--preset`` on ``--data`` in ``--train``; a run that exists there is continued, so that time
on several borrowed GPUs accumulates. Raises SystemExit if there is no GPU.
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.report import options, publish
from gan.training import CONTINUING, PRESETS, TrainingOptions
from gan.training.device import CPU, choose_device, precision_on
from gan.training.trainer import Trainer
from gan.training.training_set import TrainingSet

ROOT = Path(__file__).parents[1]
PICTURES = 160  # what a style is learned from
SECONDS = 8.0  # of each measurement
SUPERVISED, ADVERSARIAL = 0.0, 0.9  # progress of a run
LARGER_BATCH = 8  # times the recipe's, as a small batch leaves a GPU idle
RESERVE = 30.0  # seconds of the budget that are not trained: the last checkpoint and the evaluation's start


def main() -> None:
    """Test, measure, train and print."""
    parser = options("gpu", __doc__)
    parser.add_argument("--minutes", type=float, default=8.0, help="in all")
    parser.add_argument("--train", type=Path, help="folder of the run that takes the remaining time")
    parser.add_argument("--data", default="artist:practice:48000", help="what that run learns from")
    parser.add_argument("--preset", default="house", help="its recipe")
    chosen = parser.parse_args()
    end = time.monotonic() + 60 * chosen.minutes
    gpu = choose_device("auto")
    if gpu.type == "cpu":
        raise SystemExit("there is no GPU here that PyTorch can use")
    test()
    data, _ = TrainingSet.load(f"artist:inkling:{PICTURES}")
    recipes = {"fast": PRESETS["fast"], "fast, from pretrained weights": CONTINUING, "article": PRESETS["article"]}
    rows = [row for name, recipe in recipes.items() for row in compared(name, recipe, data, gpu)]
    columns = ("recipe", "batch", "phase", "CPU, pictures/s", f"{gpu.type}, pictures/s", "times as fast")
    where = torch.cuda.get_device_name(gpu) if gpu.type == "cuda" else gpu.type
    publish(chosen.out, f"Training on {where} ({precision_on(gpu, 'float32')})", columns, rows, device=where)
    if chosen.train is not None:
        train(chosen.train, chosen.data, chosen.preset, gpu, (end - time.monotonic() - RESERVE) / 60)


def test() -> None:
    """Run the tests of devices. Raises SystemExit if one fails or is skipped."""
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:xdist", "tests/gan/test_devices.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # ourselves
    print(done.stdout[-3000:])
    if done.returncode or "SKIPPED" in done.stdout:
        raise SystemExit("the tests of the GPU did not pass")


def compared(
    name: str, recipe: TrainingOptions, data: TrainingSet, gpu: torch.device
) -> list[tuple[str, int, str, str, str, str]]:
    """Rows of pictures per second on the CPU and on ``gpu``, by phase and for a larger batch on the GPU."""
    recipe = replace(recipe, precision="float32")
    rows = []
    for phase, progress in (("supervised", SUPERVISED), ("adversarial", ADVERSARIAL)):
        if phase == "supervised" and not recipe.learn_latents:
            continue
        slow = speed(Trainer(recipe, data, CPU), progress)
        for times in (1, LARGER_BATCH):
            larger = replace(recipe, batch=recipe.batch * times)
            fast = speed(Trainer(larger, data, gpu), progress)
            rows.append((name, larger.batch, phase, f"{slow:.0f}", f"{fast:.0f}", f"{fast / slow:.1f}"))
    return rows


def speed(trainer: Trainer, progress: float) -> float:
    """Pictures per second, after a few steps that are not counted."""
    for _ in range(3):
        trainer.step(progress)
    before, started = trainer.seen, time.monotonic()
    while time.monotonic() - started < SECONDS:
        trainer.step(progress, measure=trainer.device.type == "cpu")
    trainer.step(progress)  # waits for the GPU
    return (trainer.seen - before) / (time.monotonic() - started)


def train(out: Path, data: str, preset: str, gpu: torch.device, minutes: float) -> None:
    """Begin or continue a run for ``minutes``; the command line saves it and says how far it came."""
    if minutes <= 0:
        print("no time is left to train")
        return
    begun = (out / "options.json").exists()
    what = ["--resume"] if begun else [data, "--preset", preset]
    command = [sys.executable, "-m", "gan", "train", *what, "--out", str(out), "--device", gpu.type, "--json"]
    # a budget counts all sessions of a run; this one ends by the clock, after its first report at the earliest
    end, last = time.monotonic() + 60 * minutes, ""
    process = subprocess.Popen([*command, "--minutes", "100000"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None  # noqa: S101  # for the type checker: it was asked for
    for line in process.stdout:
        last = line
        if time.monotonic() > end:
            process.terminate()  # it saves
            end = math.inf
    process.wait()
    print(last.strip())


if __name__ == "__main__":
    main()
