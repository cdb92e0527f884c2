"""Pairs: what was drawn beside the very picture that it should be, and how far they are apart."""

from __future__ import annotations

import torch
from torch import Tensor

from gan.training import losses
from gan.training.batches import Batch
from gan.training.networks import eye_of
from gan.training.options import TrainingOptions
from gan.training.precision import autocast
from gan.training.saliency import SaliencyWeights
from gan.training.training_set import TrainingSet


class ReconstructionLoss:
    """The loss of pairs: by their pixels, and by what a classifier's eye sees. Learns nothing itself."""

    def __init__(self, options: TrainingOptions, data: TrainingSet) -> None:
        self.options = options
        self.eye = eye_of(options, data)
        self.emphasis = (
            SaliencyWeights(data, options.emphasis) if options.emphasis and data.labels is not None else None
        )

    def __call__(self, batch: Batch, drawn: Tensor) -> tuple[Tensor, dict[str, float]]:
        """How far the paired ones of ``drawn`` (B, 3, 64, 64) are from their pictures; weighted, and what it was."""
        drawn, real = drawn[: batch.paired], batch.real[: batch.paired]
        apart = self._seen_otherwise(drawn, real)
        weights: Tensor | float = 1.0
        if self.emphasis is not None and batch.labels is not None:
            weights = self.emphasis(batch.labels[: batch.paired], apart)
        reconstruction = losses.reconstruction(drawn, real, weights)
        loss, report = self.options.reconstruction * reconstruction, {"g_reconstruction": reconstruction.item()}
        if self.options.squares:
            loss = loss + self.options.squares * losses.squares(drawn, real, weights)
        if apart is not None:
            seeing = apart.mean()
            loss, report["g_seeing"] = loss + self.options.seeing * seeing, seeing.item()
        return loss, report

    def _seen_otherwise(self, drawn: Tensor, real: Tensor) -> Tensor | None:
        """What the eye tells of the one and not of the other, (B, attributes); None where no eye looks."""
        if self.eye is None:
            return None
        with autocast(self.options.precision):
            with torch.no_grad():
                _, there = self.eye(real)
            _, here = self.eye(drawn)
        return losses.perceptual_loss(here, there)
