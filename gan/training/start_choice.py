"""Choose the initial weights of a run: pretrained ones, or none.

A run from pretrained weights reconstructs the pictures better after the same time, because its generator is wider and
knows how to draw. But where it composes entirely different pictures, it spends a short run on unlearning them: from the
shipped portraits, 60 drawings of monsters became faces in odd colours.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from gan.checkpoint.weights import ModelCard
from gan.metrics.distances import nearest, nearest_other
from gan.metrics.layout_edges import colour_layout
from gan.training.loop import draw_seeds

ICONS = 192  # drawn by the pretrained weights; more change little
MOST_PICTURES = 1_000
SIMILAR = 2.1  # see docs/experiments.md, "Initial weights"


@dataclass(frozen=True)
class StartChoice:
    """How far the new pictures are from what the pretrained weights draw; 1.0: as far as from each other.

    distance: by colours on a grid. The median over the pictures of the distance to the nearest icon, divided by that of
    the distance to the nearest other picture. icons: uint8 (192, 64, 64, 3), seeds 0 to 191.
    """

    distance: float
    icons: NDArray[np.uint8]

    @property
    def pretrained(self) -> bool:
        """Whether the pretrained weights are the better start."""
        return self.distance < SIMILAR


def choose_start(pictures: NDArray[np.uint8], network: nn.Module, card: ModelCard) -> StartChoice:
    """Compare ``pictures`` uint8 (N, 64, 64, 3) with icons that a pretrained generator draws."""
    return compare(pictures, draw_seeds(copy.deepcopy(network).float(), card, ICONS))


def compare(pictures: NDArray[np.uint8], icons: NDArray[np.uint8]) -> StartChoice:
    """Measure how far ``pictures`` are from ``icons``, both uint8 (N, 64, 64, 3)."""
    pictures = pictures[:MOST_PICTURES]
    return StartChoice(_distance(colour_layout(pictures), colour_layout(icons)), icons)


def _distance(pictures: NDArray[np.float64], icons: NDArray[np.float64]) -> float:
    usual = float(np.median(nearest_other(pictures)))
    return float(np.median(nearest(pictures, icons))) / max(usual, 1e-9)
