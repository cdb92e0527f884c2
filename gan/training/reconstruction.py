"""Pairs: what was drawn beside the very picture that it should be, and how far they are apart."""

from __future__ import annotations

import torch
from torch import Tensor

from gan.training import losses
from gan.training.batches import Batch
from gan.training.networks import perceptual_classifier
from gan.training.options import TrainingOptions
from gan.training.precision import autocast
from gan.training.saliency import SaliencyWeights
from gan.training.training_set import TrainingSet


class ReconstructionLoss:
    """The loss of pairs: by their pixels, and by what a classifier's eye sees. Learns nothing itself."""

    def __init__(self, options: TrainingOptions, data: TrainingSet) -> None:
        self.options = options
        self.classifier = perceptual_classifier(options, data)
        self.saliency = (
            SaliencyWeights(data, options.saliency) if options.saliency and data.labels is not None else None
        )

    def __call__(self, batch: Batch, drawn: Tensor) -> tuple[Tensor, dict[str, float]]:
        """How far the paired ones of ``drawn`` (B, 3, 64, 64) are from their pictures; weighted, and what it was."""
        drawn, real = drawn[: batch.paired], batch.real[: batch.paired]
        apart = self._perceptual_loss(drawn, real)
        weights: Tensor | float = 1.0
        if self.saliency is not None and batch.labels is not None:
            weights = self.saliency(batch.labels[: batch.paired], apart)
        l1 = losses.l1(drawn, real, weights)
        loss, report = self.options.l1 * l1, {"g_l1": l1.item()}
        if self.options.l2:
            loss = loss + self.options.l2 * losses.l2(drawn, real, weights)
        if apart is not None:
            perceptual = apart.mean()
            loss, report["g_perceptual"] = loss + self.options.perceptual * perceptual, perceptual.item()
        return loss, report

    def _perceptual_loss(self, drawn: Tensor, real: Tensor) -> Tensor | None:
        """What the eye tells of the one and not of the other, (B, attributes); None where no eye looks."""
        if self.classifier is None:
            return None
        with autocast(self.options.precision):
            with torch.no_grad():
                _, there = self.classifier(real)
            _, here = self.classifier(drawn)
        return losses.perceptual_loss(here, there)
