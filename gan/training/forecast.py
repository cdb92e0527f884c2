"""How fast a run would be on this machine, and how far it would get."""

from __future__ import annotations

import time

from gan.training.options import TrainingOptions
from gan.training.trainer import Trainer

WARM_UP, GAME = "warm-up", "game"


def measure_speed(trainer: Trainer, seconds: float = 3.0) -> dict[str, float]:
    """Train ``trainer`` for about ``seconds`` in each phase of its run; real pictures a second by phase.

    Whole rounds of penalties are timed, after one that is not. The trainer is no longer fresh afterwards.
    """
    options = trainer.options
    game = round(options.warm_up_kimg * 1000) if trainer.data.wishes is not None else 0
    speed = {}
    for phase, seen in ((WARM_UP, 0), (GAME, game)):
        if phase == WARM_UP and game == 0:
            continue
        trainer.seen, trainer.steps = seen, 0
        _round(trainer)
        begun, steps = time.perf_counter(), 0
        while (spent := time.perf_counter() - begun) < seconds or steps == 0:
            steps += _round(trainer)
        speed[phase] = steps * options.batch / spent
    return speed


def _round(trainer: Trainer) -> int:
    for _ in range(trainer.options.penalty_every):
        trainer.step()
    return trainer.options.penalty_every


def minutes_for(kimg: float, options: TrainingOptions, speed: dict[str, float]) -> float:
    """Minutes until ``kimg`` thousand pictures were shown."""
    early = min(kimg, options.warm_up_kimg) if WARM_UP in speed else 0.0
    return (early / speed.get(WARM_UP, 1.0) + (kimg - early) / speed[GAME]) * 1000 / 60


def kimg_after(minutes: float, options: TrainingOptions, speed: dict[str, float]) -> float:
    """Thousands of pictures shown after ``minutes``."""
    early = minutes_for(options.warm_up_kimg, options, speed) if WARM_UP in speed else 0.0
    if minutes <= early:
        return minutes * 60 * speed[WARM_UP] / 1000
    return (options.warm_up_kimg if early else 0.0) + (minutes - early) * 60 * speed[GAME] / 1000
