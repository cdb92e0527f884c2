"""The figures of an evaluation, printed beside those of real, copied and blurred icons."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gan.metrics.patches import PatchFigures
    from gan.metrics.space_figures import SpaceFigures

NOT_FID = (
    "These figures come from feature spaces of our own and are not comparable to published FID or KID; "
    "compare them with the columns beside them."
)
NO_FRESH = (
    "There were no fresh icons of this style: half of the training set stands for them, so the distances reward "
    "copying. Read novelty first."
)
SPACES = {
    "layout_edges": "colour layout and edges",
    "random": "random convolutions",
    "classifier": "attribute classifier",
}
ROWS = {  # field of SpaceFigures: how it is called, what a perfect generator has
    "kid": ("KID", "0"),
    "nn_accuracy": ("1-NN accuracy", "0.5"),
    "density": ("density", "1"),
    "coverage": ("coverage", "0.97"),
    "novelty": ("novelty", "1"),
    "copied": ("copied share", "0.01"),
    "near_duplicates": ("near-duplicates", "0"),
}
PATCH_ROWS = ("kid", "nn_accuracy", "density", "coverage")


@dataclass(frozen=True)
class Figures:
    """All figures of one set of icons."""

    count: int
    spaces: Mapping[str, SpaceFigures]  # "layout_edges", "random", "classifier"
    near_duplicates: float  # share of icons similar to another of the set
    support: float  # number of distinct icons, estimated from similar pairs
    support_is_bound: bool  # hardly any pair was found: at least `support`
    combinations: float  # distinct combinations of the counted attributes, in 2,000 icons or in all if there are fewer
    confidence: float  # mean probability of the predicted attribute values
    missing: tuple[str, ...]  # attribute values that reals have and these icons (almost) never
    grain: float  # noise in flat areas, standard deviation in levels of 255
    sharpness: float  # steepness of the edges, relative to the reals

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values; nan becomes null."""
        told: dict[str, Any] = _finite(dataclasses.asdict(self))
        return told


@dataclass(frozen=True)
class Report:
    """The generator's figures beside the anchors': `real` (the floor), `copies` of training icons, `blurred` reals."""

    figures: Figures
    anchors: Mapping[str, Figures]
    reference_count: int
    training_count: int
    has_fresh: bool
    combination: tuple[str, ...]  # the attributes that are counted together
    # patches at the size shown: "generated", "real" and "blurred"; None: not compared
    patches: Mapping[str, PatchFigures] | None = None
    # whether the pictures are the house artist's; for others, attribute figures are meaningless
    has_attributes: bool = True

    def lines(self) -> list[str]:
        """Return a readable table with findings and notes."""
        columns = {"generated": self.figures, **self.anchors}
        kind = "never trained on" if self.has_fresh else "of the training set"
        counts = f"{self.figures.count:,} icons against {self.reference_count:,} real ones {kind}"
        lines = [
            f"{counts}; {self.training_count:,} training icons",
            "",
            " " * 22 + "".join(f"{name:>12}" for name in columns) + f"{'ideal':>9}",
        ]
        for space, title in SPACES.items():
            if space == "classifier" and not self.has_attributes:
                continue
            lines.append(title)
            for field, (name, ideal) in ROWS.items():
                values = [getattr(column.spaces[space], field) for column in columns.values()]
                lines.append(f"  {name:20}" + "".join(_cell(value) for value in values) + f"{ideal:>9}")
            own = self.figures.spaces[space]
            lines.append(f"    KID, 95 % interval  {own.kid_low:.4f} to {own.kid_high:.4f}")
        if self.patches is not None:
            lines.append("patches of 16×16 at 256 px")
            for field in PATCH_ROWS:
                name, ideal = ROWS[field]
                cells = (
                    _cell(getattr(self.patches[column], field) if column in self.patches else math.nan)
                    for column in columns
                )
                lines.append(f"  {name:20}" + "".join(cells) + f"{ideal:>9}")
        lines.append("variety and sharpness")
        attributes = (
            ("combinations", [f"{column.combinations:,.0f}" for column in columns.values()]),
            ("confidence", [f"{column.confidence:.3f}" for column in columns.values()]),
            ("missing values", [f"{len(column.missing)}" for column in columns.values()]),
        )
        for name, shown in (
            ("near-duplicates", [f"{column.near_duplicates:.2%}" for column in columns.values()]),
            ("support", [f"{'>' if c.support_is_bound else '≈'}{c.support:,.0f}" for c in columns.values()]),
            *(attributes if self.has_attributes else ()),
            ("grain, of 255", [f"{column.grain:.2f}" for column in columns.values()]),
            ("sharpness", [f"{column.sharpness:.3f}" for column in columns.values()]),
        ):
            lines.append(f"  {name:20}" + "".join(f"{cell:>12}" for cell in shown))
        if self.has_attributes:
            lines.append(f"    combinations of {', '.join(self.combination)}")
        return [*lines, "", *self.findings(), NOT_FID]

    def findings(self) -> list[str]:
        """Return sentences that summarise what stands out."""
        own, found = self.figures, []
        spaces = {n: s for n, s in own.spaces.items() if self.has_attributes or n != "classifier"}
        if not self.has_fresh:
            found.append(NO_FRESH)
        if any(space.novelty < 0.5 or space.copied > 0.25 for space in spaces.values()):
            found.append("Fails novelty: the icons are closer to training icons than fresh ones are; they are copies.")
        if own.near_duplicates > 0.05:
            found.append(
                f"Repeats itself: {own.near_duplicates:.0%} of the icons have a near-duplicate among the others."
            )
        if (edges := own.spaces["layout_edges"]).nn_accuracy > 0.95:
            found.append(
                f"Told at a glance: {edges.nn_accuracy:.0%} of the icons and the real ones are told apart by their "
                "colours and edges (50 % is ideal)."
            )
        if any(space.coverage < 0.5 * self.anchors["real"].spaces[name].coverage for name, space in spaces.items()):
            found.append("Misses much: less than half as many real icons have a generated neighbour as should.")
        if (missing := self.figures.missing) and self.has_attributes:
            more = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
            found.append(f"Hardly ever seen, though reals have them: {', '.join(missing[:10])}{more}.")
        return found

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        told = {"generated": self.figures.as_dict()} | {n: figures.as_dict() for n, figures in self.anchors.items()}
        if not self.has_attributes:
            for figures in told.values():
                del figures["spaces"]["classifier"]
                for field in ("combinations", "confidence", "missing"):
                    del figures[field]
        return {
            "generated": told.pop("generated"),
            "anchors": told,
            "reference_count": self.reference_count,
            "training_count": self.training_count,
            "has_fresh": self.has_fresh,
            "combination": list(self.combination) if self.has_attributes else [],
            "patches": _finite({name: dataclasses.asdict(figures) for name, figures in (self.patches or {}).items()}),
            "findings": self.findings(),
            "note": NOT_FID,
        }

    def to_json(self) -> str:
        """Return `as_dict` as text."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2)


def _cell(value: float) -> str:
    return f"{'–':>12}" if math.isnan(value) else f"{value:>12.4f}" if abs(value) < 0.1 else f"{value:>12.3f}"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value
