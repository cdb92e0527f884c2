"""What one step looks at: real pictures, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from gan.training.training_set import TrainingSet


@dataclass(frozen=True)
class Batch:
    """Real pictures (B, 3, 64, 64) in [-1, 1] and, of the house artist's, what they show and what was wished for.

    B is this process's share of the batch.
    """

    picks: Tensor  # (B,) int64, their numbers in the training set
    real: Tensor
    labels: Tensor | None = None  # (B, attributes) int64
    conditions: Tensor | None = None  # (B, sum of values) one-hot, as a latent's choices
    paired: int = 0  # the first so many are drawn from latents of their own: what is drawn should be the picture


def pictures(data: TrainingSet, picks: Tensor, paired: int = 0) -> Batch:
    """The pictures ``picks`` (B,) of ``data`` alone."""
    images = torch.from_numpy(data.images)[picks]
    return Batch(picks, images.permute(0, 3, 1, 2).float() / 127.5 - 1, paired=paired)  # channels last, as stored


def labelled_pictures(data: TrainingSet, picks: Tensor) -> Batch:
    """The pictures ``picks`` (B,) with all that is known of them, each to be drawn from what was wished for."""
    if data.labels is None or data.conditions is None:
        return pictures(data, picks)
    labels = torch.from_numpy(data.labels)[picks]
    return Batch(picks, pictures(data, picks).real, labels, requested_choices(data, picks), paired=len(picks))


def requested_choices(data: TrainingSet, picks: Tensor) -> Tensor:
    """What a latent chooses for the pictures ``picks`` (B,): one-hot float (B, sum of values).

    Raises ValueError where that is not known.
    """
    if data.conditions is None:
        raise ValueError("these pictures carry no wishes")
    conditions = torch.from_numpy(data.conditions)[picks]
    return torch.cat([F.one_hot(conditions[:, i], len(p)) for i, p in enumerate(data.priors)], dim=1).float()
