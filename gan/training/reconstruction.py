"""Reconstruction loss: the distance of paired drawings from their target pictures."""

from __future__ import annotations

import torch
from torch import Tensor

from gan.training import losses
from gan.training.batches import Batch
from gan.training.device import CPU, autocast, precision_on
from gan.training.networks import perceptual_classifier
from gan.training.options import TrainingOptions
from gan.training.saliency import SaliencyWeights
from gan.training.training_set import TrainingSet


class ReconstructionLoss:
    """L1, L2 and perceptual loss of paired pictures, with optional saliency weights. Has no trainable parameters."""

    def __init__(self, options: TrainingOptions, data: TrainingSet, device: torch.device = CPU) -> None:
        self.options = options
        self._device, self._precision = device, precision_on(device, options.precision)
        classifier = perceptual_classifier(options, data)
        self.classifier = None if classifier is None else classifier.to(device)
        self.saliency = (
            SaliencyWeights(data, options.saliency, device) if options.saliency and data.labels is not None else None
        )

    def __call__(self, batch: Batch, drawn: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Loss of ``drawn[:batch.paired]`` (B, 3, 64, 64) against their targets: the weighted sum, and its terms."""
        drawn, real = drawn[: batch.paired], batch.real[: batch.paired]
        apart = self._perceptual_loss(drawn, real)
        weights: Tensor | float = 1.0
        if self.saliency is not None and batch.labels is not None:
            weights = self.saliency(batch.labels[: batch.paired], apart)
        l1 = losses.l1(drawn, real, weights)
        loss, report = self.options.l1 * l1, {"g_l1": l1.detach()}
        if self.options.l2:
            loss = loss + self.options.l2 * losses.l2(drawn, real, weights)
        if apart is not None:
            perceptual = apart.mean()
            loss, report["g_perceptual"] = loss + self.options.perceptual * perceptual, perceptual.detach()
        return loss, report

    def _perceptual_loss(self, drawn: Tensor, real: Tensor) -> Tensor | None:
        """The perceptual loss of each attribute, (B, attributes); None where it is off."""
        if self.classifier is None:
            return None
        with autocast(self._precision, self._device):
            with torch.no_grad():
                _, there = self.classifier(real)
            _, here = self.classifier(drawn)
        return losses.perceptual_loss(here, there)
