"""Measure training speed on this machine and predict how far a run gets."""

from __future__ import annotations

import time

from gan.training.trainer import Trainer

SUPERVISED, ADVERSARIAL = "supervised", "adversarial"


def measure_speed(trainer: Trainer, seconds: float = 3.0) -> dict[str, float]:
    """Train for about ``seconds`` in each phase; returns real pictures per second by phase.

    Timing covers whole regularisation rounds, after one untimed step. This changes ``trainer``.
    """
    options = trainer.options
    adversarial_from = round(options.warm_up_kimg * 1000)
    speed = {}
    for phase, seen, progress in ((SUPERVISED, 0, 0.0), (ADVERSARIAL, adversarial_from, 1.0)):
        if phase == SUPERVISED and not trainer.warms_up:
            continue
        trainer.seen, trainer.steps = seen, 0
        trainer.step(progress)
        begun, steps = time.perf_counter(), 0
        while (spent := time.perf_counter() - begun) < seconds or steps == 0:
            steps += _round(trainer, progress)
        speed[phase] = steps * options.batch / spent
    return speed


def _round(trainer: Trainer, progress: float) -> int:
    steps = trainer.options.d_reg_interval * trainer.options.adversarial_every
    for _ in range(steps):
        trainer.step(progress)
    return steps


def minutes_for(kimg: float, trainer: Trainer, speed: dict[str, float]) -> float:
    """Minutes until ``kimg`` thousand pictures have been seen."""
    early = 0.0
    if SUPERVISED in speed:
        share = trainer.options.warm_up_share
        early = kimg * share if trainer.latents is not None else min(kimg, trainer.options.warm_up_kimg)
    return (early / speed.get(SUPERVISED, 1.0) + (kimg - early) / speed[ADVERSARIAL]) * 1000 / 60


def kimg_after(minutes: float, trainer: Trainer, speed: dict[str, float]) -> float:
    """Thousands of pictures seen after ``minutes``."""
    early = 0.0
    if SUPERVISED in speed:
        share = trainer.options.warm_up_share
        whole = (
            minutes * share if trainer.latents is not None else trainer.options.warm_up_kimg / 0.06 / speed[SUPERVISED]
        )
        early = min(minutes, whole)
    return (early * speed.get(SUPERVISED, 0.0) + (minutes - early) * speed[ADVERSARIAL]) * 0.06
