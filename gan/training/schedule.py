"""Learning rate schedule."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gan.training.options import TrainingOptions


@dataclass(frozen=True)
class LearningRates:
    """Adam's settings for one step."""

    lr_g: float
    lr_d: float
    beta1_g: float


def learning_rates(options: TrainingOptions, progress: float, warmed: float = 1.0) -> LearningRates:
    """Settings at ``progress`` of the run and ``warmed`` of the supervised phase, each in 0 … 1."""
    o = options
    factor = 1.0
    if progress > o.anneal_from:
        along = min(1.0, (progress - o.anneal_from) / (1 - o.anneal_from))
        factor = o.anneal_to + (1 - o.anneal_to) * _cosine(along)
    lr_g, beta1 = o.lr_g, o.beta1
    if warmed < 1:
        lr_g += (o.warm_up_lr - o.lr_g) * _cosine(max(0.0, 2 * warmed - 1))
        beta1 = o.warm_up_beta1
    return LearningRates(lr_g * factor, o.lr_d * factor, beta1)


def _cosine(along: float) -> float:
    """Cosine decay from 1 to 0."""
    return (1 + math.cos(math.pi * along)) / 2
