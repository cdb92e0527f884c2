"""Training runs so small that a step takes milliseconds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from gan.training import PRESETS, Session, Trainer, TrainingSet
from tests.gan.odd_pictures import drawing

if TYPE_CHECKING:
    from pathlib import Path

    from gan.training import RunFolder, TrainingOptions

SMALL: dict[str, Any] = {"width": 0.125, "batch": 4, "precision": "float32"}
SMALL_FAST: dict[str, Any] = {
    "z_dim": 8,
    "mapping": 8,
    "d_reg_interval": 2,
    "penalty_batch": 2,
    "ema_kimg": 0.02,
    "anneal_from": 0.3,
}
PAIRED = replace(PRESETS["fast"], **SMALL_FAST, **SMALL)  # as it is: the pictures' latents are learned
FAST = replace(PAIRED, learn_latents=0)  # adversarial phase only
ARTICLE = replace(PRESETS["article"], **SMALL)
HOUSE = replace(FAST, preset="house", warm_up_kimg=0.012, augment_probability=0.5)


def pictures(count: int = 12) -> TrainingSet:
    """Drawings that nothing is known of."""
    return TrainingSet(np.stack([drawing(seed) for seed in range(count)]), {"source": "drawings", "count": count})


def labelled(count: int = 12) -> TrainingSet:
    """Drawings of which two attributes are known, and the conditions of their latents."""
    random = np.random.RandomState(0)
    chances = {"hair": [0.5, 0.25, 0.25], "hat": [0.75, 0.25]}
    attributes = [
        {"name": name, "values": [f"{name} {i}" for i in range(len(p))], "probabilities": p}
        for name, p in chances.items()
    ]
    labels = np.stack([random.randint(0, 4, count), random.randint(0, 2, count)], axis=1)
    conditions = np.stack([random.randint(0, 3, count), random.randint(0, 2, count)], axis=1)
    known = pictures(count)
    return replace(known, labels=labels, label_sizes=[4, 2], conditions=conditions, attributes=attributes)


def folder_of(path: Path, count: int = 12) -> Path:
    """Write `count` drawings as PNG files into a new folder."""
    path.mkdir()
    for seed in range(count):
        Image.fromarray(drawing(seed)).save(path / f"{seed:02}.png")
    return path


def begin(out: Path, options: TrainingOptions = FAST, *, kimg: float = 0.016, **more: Any) -> Session:
    """Start a run on drawings, written to a folder beside `out`."""
    data = out.with_name(f"{out.name}-data")
    source = more.pop("source", None) or (data if data.exists() else folder_of(data))
    return Session.start(out, source, options, style="tiny", kimg=kimg, **more)[0]


def finish(session: Session, steps: int | None = None, **more: Any) -> list[Any]:
    """Train to the end, or stop politely after `steps`; returns what was reported."""
    first = session.trainer.steps
    stop = (lambda: False) if steps is None else lambda: session.trainer.steps - first >= steps
    return list(session.train(should_stop=stop, **more))


def checkpoint(session: Session) -> dict[str, torch.Tensor]:
    """What the run's checkpoint holds, but for the time it took."""
    tensors = load_file(session.run.checkpoint)
    del tensors["seconds"]
    return tensors


def stats(run: RunFolder) -> list[dict[str, float]]:
    """Return the points of a run's curves."""
    return [json.loads(line) for line in run.stats.read_text().splitlines()]


def assert_equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    """Raise unless both hold exactly the same numbers."""
    assert one.keys() == other.keys()
    assert [name for name in one if not torch.equal(one[name], other[name])] == []


def trainer(options: TrainingOptions, data: TrainingSet | None = None) -> Trainer:
    """Return one for these options, with pictures that suit them."""
    if data is None:
        data = labelled() if options.preset == "house" else pictures()
    if options.preset == "house":
        options = replace(options, z_dim=options.z_dim + 5)
    return Trainer(options, data)
