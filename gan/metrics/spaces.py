"""Embed icons in three feature spaces: colour layout and edges, random convolutions, classifier features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gan.metrics.layout_edges import LayoutEdges
from gan.metrics.random_features import SEEDS, random_features

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gan.metrics.classifier import AttributeClassifier

    Images = NDArray[np.uint8]
    Spaces = dict[str, list[NDArray[np.float64]]]  # "random": one array per seed, others: one; (N, d) each


@dataclass(frozen=True)
class Seen:
    """N icons with their features."""

    images: Images  # (N, 64, 64, 3)
    spaces: Spaces
    labels: NDArray[np.int64]  # (N, attributes): the predicted values
    confidence: NDArray[np.float64]  # (N, attributes)

    def rows(self, index: slice | NDArray[np.integer]) -> Seen:
        """Return some of the icons, without recomputing features."""
        spaces = {name: [part[index] for part in parts] for name, parts in self.spaces.items()}
        return Seen(self.images[index], spaces, self.labels[index], self.confidence[index])


class FeatureSpaces:
    """Computes features, scaled by the reference icons.

    One shift and factor per space: nearest neighbours do not change, and KID becomes independent of units. Colour
    layout and edges are standardised per feature instead: see `gan.metrics.layout_edges`.
    """

    def __init__(self, classifier: AttributeClassifier, reference: Images, seeds: Sequence[int] = SEEDS) -> None:
        self.classifier = classifier
        self.seeds = tuple(seeds)
        self._layout_edges = LayoutEdges(reference)
        raw = self._look(reference)
        self._shift = {name: [part.mean(axis=0) for part in parts] for name, parts in raw.spaces.items()}
        self._scale = {
            name: [float(np.sqrt(((part - part.mean(axis=0)) ** 2).mean())) or 1.0 for part in parts]
            for name, parts in raw.spaces.items()
        }
        self.reference = self._scaled(raw)

    def look(self, images: Images) -> Seen:
        """Compute the features of icons uint8 (N, 64, 64, 3)."""
        return self._scaled(self._look(images))

    def _look(self, images: Images) -> Seen:
        sight = self.classifier.look(images)
        spaces = {"random": [random_features(images, seed) for seed in self.seeds], "classifier": [sight.features]}
        return Seen(images, spaces, sight.labels, sight.confidence)

    def _scaled(self, raw: Seen) -> Seen:
        spaces = {
            name: [(x - shift) / by for x, shift, by in zip(parts, self._shift[name], self._scale[name], strict=True)]
            for name, parts in raw.spaces.items()
        }
        spaces = {"layout_edges": [self._layout_edges.features(raw.images)]} | spaces
        return Seen(raw.images, spaces, raw.labels, raw.confidence)
