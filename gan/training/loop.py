"""The training loop: budget, checkpoints, samples and progress around the trainer."""

from __future__ import annotations

import datetime as dt
import json
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gan.checkpoint.weights import ModelCard
from gan.codes import IconCode
from gan.latent.resolve import code_to_latent
from gan.sampling.bilateral_filter import bilateral_filter
from gan.second_stages.photomontage import Photomontage
from gan.second_stages.second_stage import SecondStage
from gan.second_stages.upscaler.stage import PLAIN_FILE, PlainUpscaler
from gan.training.networks import architecture
from gan.training.process_group import ProcessLostError
from gan.training.run_folder import RunFolder, sheet
from gan.training.trainer import Trainer, TrainingError

REPORT_EVERY = 1.0  # seconds between two Progress objects
NOTE_EVERY = 10.0  # seconds between two log records
SMOOTHING = 0.98  # of the losses that are displayed
MEASURE_EVERY = 16  # steps of a GPU between two readings of the losses, as each one waits for it


@dataclass(frozen=True)
class Progress:
    """Progress of a run."""

    kimg: float  # thousands of real pictures seen
    seconds: float  # training time over all sessions of the run
    images_per_s: float
    share: float  # of the budget that is spent, 0..1
    losses: dict[str, float] = field(default_factory=dict)
    event: str = "step"  # or "saved", "stopped", "done"


@dataclass(frozen=True)
class Budget:
    """The end of a run: minutes, thousands of pictures, or whichever comes first."""

    minutes: float | None = None
    kimg: float | None = None

    def __post_init__(self) -> None:
        if self.minutes is None and self.kimg is None:
            raise ValueError("a run needs minutes or kimg")
        if not all(0 < limit < math.inf for limit in (self.minutes, self.kimg) if limit is not None):
            raise ValueError("minutes and kimg are numbers above 0")

    def share(self, seconds: float, seen: int) -> float:
        """The share of the budget that is spent, 0..1."""
        by_time = seconds / (self.minutes * 60) if self.minutes else 0.0
        by_pictures = seen / max(1, round(self.kimg * 1000)) if self.kimg else 0.0
        return min(1.0, max(by_time, by_pictures))


def train(
    trainer: Trainer,
    run: RunFolder,
    card: ModelCard,
    budget: Budget,
    *,
    seconds: float = 0.0,
    save_every: float = 180.0,
    should_stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Progress]:
    """Train until the budget is spent or ``should_stop()``; yields progress about once a second.

    A checkpoint, the generator and a sample sheet are written every ``save_every`` seconds and at the end, also when
    stopped. ``seconds`` is the training time of earlier sessions; ``card`` is completed and saved with every generator.
    All times are in seconds of ``clock``.
    Raises TrainingError when a loss is not finite or the disk is full; the last checkpoint is kept.
    """
    smooth: dict[str, float] = {}
    begun = reported = noted = saved = clock()
    started = begun - seconds
    seen_at_first = seen_then = trainer.seen

    def state(event: str, rate: float) -> Progress:
        now = clock()
        rate = rate or (trainer.seen - seen_at_first) / max(now - begun, 1e-9)
        share = budget.share(now - started, trainer.seen)
        return Progress(trainer.seen / 1000, now - started, rate, share, dict(smooth), event)

    rate = 0.0
    while (share := budget.share(clock() - started, trainer.seen)) < 1.0 and not should_stop():
        with with_recovery_hint(run):
            losses = trainer.step(share, measure=trainer.device.type == "cpu" or trainer.steps % MEASURE_EVERY == 0)
        for name, value in losses.items():
            smooth[name] = SMOOTHING * smooth.get(name, value) + (1 - SMOOTHING) * value
        now = clock()
        if now - reported >= REPORT_EVERY:
            rate = (trainer.seen - seen_then) / (now - reported)
            reported, seen_then = now, trainer.seen
            yield state("step", rate)
        if now - saved >= save_every:
            _save(trainer, run, card, state("saved", rate))
            yield state("saved", rate)
            noted = saved = clock()
        elif now - noted >= NOTE_EVERY:
            with with_recovery_hint(run):
                _note(run, state("step", rate))
            noted = now
    last = state("done" if share >= 1.0 else "stopped", rate)
    _save(trainer, run, card, last)
    yield last


@contextmanager
def with_recovery_hint(run: RunFolder) -> Iterator[None]:
    """Add to errors in the block what is left of the run."""
    try:
        yield
    except (TrainingError, ProcessLostError, OSError) as error:
        there = run.checkpoint.exists()
        kept = f"--resume goes on from the last good checkpoint, {run.checkpoint}" if there else "nothing was saved yet"
        if isinstance(error, OSError):
            raise TrainingError(f"cannot save the run in {run.path}: {error.strerror or error}; {kept}") from error
        raise TrainingError(f"{error}; {kept}") from error


def _save(trainer: Trainer, run: RunFolder, card: ModelCard, progress: Progress) -> None:
    with with_recovery_hint(run):
        trainer.average_buffers()
        run.save_checkpoint(trainer.state(), progress.seconds)
        network = trainer.ema_generator()
        complete = complete_card(card, trainer)
        run.save_networks(network, trainer.D, complete, second_stage(trainer))
        drawn = draw_seeds(network, complete, 64)
        run.write_image(f"samples/{round(progress.kimg):06d}.png", sheet(drawn))
        _note(run, progress)


def _note(run: RunFolder, progress: Progress) -> None:
    record: dict[str, Any] = {"kimg": progress.kimg, "seconds": round(progress.seconds, 1)}
    record |= {"images_per_s": round(progress.images_per_s, 1)}
    run.append_stats(record | {k: round(v, 5) for k, v in progress.losses.items()})


def second_stage(trainer: Trainer) -> SecondStage | None:
    """The second stage that belongs to the trained model; None for the article's networks.

    The artist's icons get no photomontage: it needs a finite set of sources.
    """
    if trainer.options.architecture == "article":
        return None
    sources = trainer.data.sources
    return PlainUpscaler.load(PLAIN_FILE) if sources is None else Photomontage(sources)


def complete_card(card: ModelCard, trainer: Trainer) -> ModelCard:
    """The card with the trainer's current state added."""
    return ModelCard(
        style=card.style,
        architecture=architecture(trainer.options, trainer.data),
        kimg=trainer.seen / 1000,
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        attributes=_attributes(card, trainer),
        dataset=card.dataset,
        options=json.loads(trainer.options.to_json()),
        notes=card.notes,
        licence=card.licence,
    )


def _attributes(card: ModelCard, trainer: Trainer) -> list[dict[str, Any]]:
    """The card's attributes, with learned probabilities of their values where latents are learned."""
    if trainer.latents is None:
        return card.attributes
    learned = torch.split(trainer.latents.prior().exp(), [len(a["values"]) for a in card.attributes])
    return [
        attribute | {"probabilities": [round(max(share, 1e-6), 6) for share in shares.tolist()]}
        for attribute, shares in zip(card.attributes, learned, strict=True)
    ]


@torch.no_grad()
def draw_seeds(network: nn.Module, card: ModelCard, count: int) -> NDArray[np.uint8]:
    """Draw icons 0 … count-1 in float32, uint8 (count, 64, 64, 3), for monitoring; inference uses `Sampler`."""
    latents = np.stack([code_to_latent(IconCode.from_seed(i), card.z_dim) for i in range(count)])
    drawn = torch.cat([network(chunk) for chunk in torch.split(torch.from_numpy(latents).float(), 64)])
    drawn = drawn.permute(0, 2, 3, 1)
    if card.flat:
        drawn = bilateral_filter(drawn)
    unsigned: NDArray[np.uint8] = ((drawn + 1) * 127.5).round().clamp(0, 255).byte().numpy()
    return unsigned
