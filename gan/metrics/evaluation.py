r"""Compute all figures of a set of icons, with those of real, copied and blurred icons for comparison.

    report = evaluate(generated, training, fresh)      # uint8 (N, 64, 64, 3) each
    print("\n".join(report.lines()))

`fresh` are held-out icons of the same style. One half is the reference, the other plays the perfect generator, whose
figures are the floor. To measure several generators against the same reals (a training run, a benchmark), keep an
`Evaluator`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from gan.metrics.classifier import AttributeClassifier
from gan.metrics.degradations import blurred
from gan.metrics.distances import MetricsError, nearest_other
from gan.metrics.random_features import SEEDS
from gan.metrics.report import Figures, Report
from gan.metrics.sharpness import grain, steepness
from gan.metrics.space_figures import SpaceFigures, distances_to, measure_space
from gan.metrics.spaces import FeatureSpaces
from gan.metrics.variety import distinct_combinations, missing_values, variety

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gan.metrics.spaces import Seen

    Images = NDArray[np.uint8]
    Features = NDArray[np.float64]

FEWEST = 16  # icons in any set; the intervals reflect small sets
BLUR_RADIUS = 1.5  # px, of the blurred anchor: clearly visible, yet characters remain recognisable


class Evaluator:
    """Measures sets of icons against the same held-out reals and the same training set.

    training: uint8 (T, 64, 64, 3), the generator's training data. fresh: uint8 (2R, 64, 64, 3), held out; the first
    half is the reference, the second the floor. Without them (only a folder is available) the training set is split:
    such figures reward copying, and the report says so.
    """

    def __init__(
        self,
        training: Images,
        fresh: Images | None = None,
        *,
        classifier: AttributeClassifier | None = None,
        seeds: Sequence[int] = SEEDS,
        seed: int = 0,
    ) -> None:
        self.seed = seed
        self.has_fresh = fresh is not None
        pool = training[np.random.RandomState(seed).permutation(len(training))] if fresh is None else fresh
        half = len(pool) // 2
        if half < FEWEST:
            raise MetricsError(f"{len(pool)} real icons are too few to measure against; give at least {2 * FEWEST}")
        self.classifier = classifier or AttributeClassifier.load()
        self._spaces = FeatureSpaces(self.classifier, pool[:half], seeds)
        self.reference = self._spaces.reference
        self.floor = self._spaces.look(pool[half : 2 * half])
        self.training = self._spaces.look(training)
        self._steepness = steepness(self.reference.images) or 1.0
        # distances of held-out icons from the training icons
        self._usual = {
            name: [nearest_other(part) for part in parts]
            if fresh is None
            else distances_to(parts, self.floor.spaces[name])
            for name, parts in self.training.spaces.items()
        }

    def measure(self, images: Images) -> Figures:
        """Return the figures of icons uint8 (N, 64, 64, 3), N ≥ 16. Takes seconds for 2,000."""
        if len(images) < FEWEST:
            raise MetricsError(f"{len(images)} icons are too few to measure; draw at least {FEWEST}")
        return self._measure(self._spaces.look(images))

    def anchors(self, count: int) -> dict[str, Figures]:
        """Return the figures of the best and worst cases, for sets of at most `count` icons."""
        floor = self.floor.rows(slice(count))
        size = len(floor.images)
        copies = self.training.rows(np.random.RandomState(self.seed).randint(len(self.training.images), size=size))
        real = self._measure(floor)
        if not self.has_fresh:  # they are training icons, so novelty is meaningless
            spaces = {k: dataclasses.replace(v, novelty=np.nan, copied=np.nan) for k, v in real.spaces.items()}
            real = dataclasses.replace(real, spaces=spaces)
        return {
            "real": real,
            "copies": self._measure(copies),
            "blurred": self.measure(blurred(floor.images, BLUR_RADIUS)),
        }

    def report(self, images: Images) -> Report:
        """Return the figures of `images` with those of the anchors at the same count.

        Where there are fewer reals than `images`, only the first ones are measured: coverage and near-duplicates grow
        with the number of icons.
        """
        images = images[: len(self.floor.images)]
        return Report(
            figures=self.measure(images),
            anchors=self.anchors(len(images)),
            reference_count=len(self.reference.images),
            training_count=len(self.training.images),
            has_fresh=self.has_fresh,
            combination=tuple(self.classifier.combination),
        )

    def _measure(self, seen: Seen) -> Figures:
        found = variety(seen.images)
        counted = self.classifier.combinations(seen.labels)
        return Figures(
            count=len(seen.images),
            spaces={name: self._measure_space(name, parts) for name, parts in seen.spaces.items()},
            near_duplicates=found.near_duplicates,
            support=found.support,
            support_is_bound=found.support_is_bound,
            combinations=distinct_combinations(counted, seed=self.seed),
            confidence=float(seen.confidence.mean()),
            missing=tuple(missing_values(seen.labels, self.reference.labels, self.classifier.attributes)),
            grain=grain(seen.images),
            sharpness=steepness(seen.images) / self._steepness,
        )

    def _measure_space(self, name: str, parts: list[Features]) -> SpaceFigures:
        return measure_space(
            parts, self.reference.spaces[name], self.training.spaces[name], self._usual[name], seed=self.seed
        )


def evaluate(
    generated: Images, training: Images, fresh: Images | None = None, *, classifier: AttributeClassifier | None = None
) -> Report:
    """Measure `generated` icons against `fresh` reals, and novelty against `training`; see Evaluator."""
    return Evaluator(training, fresh, classifier=classifier).report(generated)
