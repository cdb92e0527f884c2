"""The real pictures of one training step, with their labels and conditions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from gan.training.device import CPU
from gan.training.training_set import TrainingSet


@dataclass(frozen=True)
class PictureTensors:
    """A training set's tensors on the device that trains: images uint8, labels and conditions int64 or None."""

    images: Tensor  # (N, 64, 64, 3)
    labels: Tensor | None  # (N, attributes)
    conditions: Tensor | None  # (N, attributes)
    sizes: tuple[int, ...]  # the number of values of each attribute's conditions

    @classmethod
    def of(cls, data: TrainingSet, device: torch.device = CPU) -> PictureTensors:
        """Copy ``data`` to ``device``. A CPU shares its memory."""
        labels, conditions = (
            None if table is None else torch.from_numpy(table).to(device) for table in (data.labels, data.conditions)
        )
        sizes = tuple(len(prior) for prior in data.priors)
        return cls(torch.from_numpy(data.images).to(device), labels, conditions, sizes)


@dataclass(frozen=True)
class Batch:
    """Real pictures (B, 3, 64, 64) in [-1, 1] with, for labelled data, their labels and requested conditions.

    B is this process's share of the batch.
    """

    picks: Tensor  # (B,) int64, indices into the training set
    real: Tensor
    labels: Tensor | None = None  # (B, attributes) int64
    conditions: Tensor | None = None  # (B, sum of values) one-hot, as in a latent
    paired: int = 0  # the first `paired` pictures have known latents and are reconstruction targets


def pictures(data: PictureTensors, picks: Tensor, paired: int = 0) -> Batch:
    """The pictures ``picks`` (B,) of ``data``, without labels."""
    images = data.images[picks]
    return Batch(picks, images.permute(0, 3, 1, 2).float() / 127.5 - 1, paired=paired)  # channels last, as stored


def labelled_pictures(data: PictureTensors, picks: Tensor) -> Batch:
    """The pictures ``picks`` (B,) with labels and conditions, where ``data`` has them; all are paired."""
    if data.labels is None or data.conditions is None:
        return pictures(data, picks)
    return Batch(
        picks, pictures(data, picks).real, data.labels[picks], requested_choices(data, picks), paired=len(picks)
    )


def requested_choices(data: PictureTensors, picks: Tensor) -> Tensor:
    """Conditions of the pictures ``picks`` (B,), one-hot float (B, sum of values).

    Raises ValueError where the data has none.
    """
    if data.conditions is None:
        raise ValueError("these pictures carry no conditions")
    conditions = data.conditions[picks]
    return torch.cat([F.one_hot(conditions[:, i], size) for i, size in enumerate(data.sizes)], dim=1).float()
