"""Statistics of the time-to-quality benchmark: means and intervals over seeds, and when one recipe leads."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.recipe_comparison import Record
from gan.figures.charts import line_chart

Runs = Mapping[str, Sequence[Sequence[Record]]]  # recipe: for each seed its records, all at the same marks

# of Student's t, two-sided 95 %, by degrees of freedom
T95 = (math.nan, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)
SPACES = ("layout_edges", "random", "classifier")
LOWER, HIGHER = -1, 1  # direction of improvement


@dataclass(frozen=True)
class Interval:
    """A mean over seeds and its 95 % interval (Student's t); NaN for a single seed."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Interval:
        """Summarise one value per seed."""
        mean = statistics.fmean(values)
        if len(values) < 2:
            return cls(mean, math.nan, math.nan)
        t = T95[len(values) - 1] if len(values) <= len(T95) else 2.26
        half = t * statistics.stdev(values) / math.sqrt(len(values))
        return cls(mean, mean - half, mean + half)

    def __str__(self) -> str:
        digits = 0 if abs(self.mean) >= 100 else 3
        shown = f"{self.mean:,.{digits}f}"
        return shown if math.isnan(self.low) else f"{shown} ±{self.high - self.mean:,.{digits}f}"


def of_space(name: str, space: str) -> Callable[[dict[str, Any]], float]:
    """Read a figure of a feature space."""
    return lambda figures: float(figures["spaces"][space][name])


# name of a figure -> reader for Figures.as_dict()
FIGURES: dict[str, Callable[[dict[str, Any]], float]] = {
    f"{title}, {space}": of_space(name, space)
    for name, title in {"kid": "KID", "coverage": "coverage", "nn_accuracy": "1-NN", "novelty": "novelty"}.items()
    for space in SPACES
} | {
    "near-duplicates": lambda figures: float(figures["near_duplicates"]),
    "combinations": lambda figures: float(figures["combinations"]),
}
# the figures that decide which recipe leads
DECIDING = {f"KID, {space}": LOWER for space in SPACES} | {f"coverage, {space}": HIGHER for space in SPACES}


def over_seeds(runs: Runs, recipe: str, name: str) -> list[Interval]:
    """The figure ``name`` at each mark."""
    read = FIGURES[name]
    at_marks = zip(*runs[recipe], strict=True)
    return [Interval.of([read(record.figures) for record in records]) for records in at_marks]


def ahead_from(runs: Runs, ours: str, theirs: str, names: Sequence[str] = tuple(DECIDING)) -> float | None:
    """The first mark (minutes) at which every seed of ``ours`` beats the best value that ``theirs`` ever reached.

    In all of ``names`` at once; None if there is none.
    """
    best = {
        name: max(DECIDING[name] * FIGURES[name](record.figures) for run in runs[theirs] for record in run)
        for name in names
    }
    for records in zip(*runs[ours], strict=True):
        if all(DECIDING[n] * FIGURES[n](record.figures) > best[n] for n in names for record in records):
            return float(records[0].minutes)
    return None


def _on_its_scale(figure: str, values: list[list[float]]) -> NDArray[np.float64]:
    """Log scale for KID; values within noise of 0 are clamped to a thousandth."""
    return np.log10(np.maximum(values, 1e-3)) if figure == "KID" else np.array(values)


def chart(runs: Runs) -> NDArray[np.uint8]:
    """Chart KID and coverage in all spaces over wall-clock time: means over seeds, with their range as a band."""
    minutes = [record.minutes for record in next(iter(runs.values()))[0]]
    rows = []
    for figure in ("KID", "coverage"):
        row = []
        for space in SPACES:
            read = FIGURES[f"{figure}, {space}"]
            values = {
                recipe: _on_its_scale(figure, [[read(r.figures) for r in run] for run in seeds])
                for recipe, seeds in runs.items()
            }
            row.append(
                line_chart(
                    minutes,
                    {recipe: v.mean(axis=0).tolist() for recipe, v in values.items()},
                    bands={recipe: (v.min(axis=0).tolist(), v.max(axis=0).tolist()) for recipe, v in values.items()},
                    title=f"{figure}{', power of ten' if figure == 'KID' else ''}, {space}",
                    x_label="minutes of training",
                    width=480,
                )
            )
        rows.append(np.concatenate(row, axis=1))
    return np.concatenate(rows)
