"""Whether the metrics notice what they should, at full size: `python -m benchmarks.metrics_validation`.

Real icons of the house artist are blurred, made noisy, narrowed to fewer modes, repeated and replaced by training
icons, each a little and then more. Every figure that should notice must move the right way at every step, away from
the floor (real icons against real icons). Prints a table, writes JSON, and leaves with code 1 if a figure fails.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import RESULTS
from gan import artist
from gan.metrics import Evaluator, Figures
from gan.metrics.degradations import blurred, memorised, narrowed, noisy, repeated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRESH_START, OTHER_START = 20_000_000, 30_000_000
TRAINING = 128
RISES, FALLS = 1, -1
SPACES = ("random", "classifier")
SHOWN = ("kid", "nn_accuracy", "density", "coverage", "novelty", "copied")


@dataclass(frozen=True)
class Trial:
    """One kind of harm in growing amounts, and the figures that must move with it."""

    name: str
    amounts: tuple[float, ...]
    harm: Callable[[float], NDArray[np.uint8]]
    expected: dict[str, int]  # figure -> RISES or FALLS; a figure of a space is meant in both
    beyond: dict[str, float] = field(default_factory=dict)  # figure -> amount below which it need not notice


def value(figures: Figures, name: str, space: str) -> float:
    """Look a figure up: those of a space by its name there, `support` and the like by theirs."""
    if name == "missing":
        return len(figures.missing)
    return float(getattr(figures.spaces[space] if name in SHOWN else figures, name))


def judge(trial: Trial, floor: Figures, measured: list[Figures]) -> dict[str, bool]:
    """Tell for each expected figure whether it moved the right way at every step, the first one away from the floor."""
    verdict = {}
    for name, direction in trial.expected.items():
        for space in SPACES if name in SHOWN else ("",):
            least = trial.beyond.get(name, 0.0)
            noticed = [figures for amount, figures in zip(trial.amounts, measured, strict=True) if amount >= least]
            steps = [value(figures, name, space) * direction for figures in [floor, *noticed]]
            verdict[f"{name} {space}".strip()] = all(b > a for a, b in pairwise(steps))
    return verdict


def trials(images: NDArray[np.uint8], training: NDArray[np.uint8], start: int) -> list[Trial]:
    """List what is done to `images`, icons of the artist from index `start`."""
    import numpy as np  # noqa: PLC0415

    hair = [artist.labels(start + row)["hair_colour"] for row in range(len(images))]
    modes = np.unique(hair, return_inverse=True)[1]
    return [
        Trial(
            "blur, px",
            (0.4, 0.7, 1.0, 1.5, 2.5),
            lambda radius: blurred(images, radius),
            {"kid": RISES, "confidence": FALLS, "sharpness": FALLS, "coverage": FALLS},
            {"coverage": 0.7},
        ),
        Trial(
            "noise, of 255",
            (4, 8, 16, 32, 64),
            lambda sigma: noisy(images, sigma),
            {"grain": RISES, "kid": RISES, "coverage": FALLS},
            {"kid": 16, "coverage": 32},
        ),
        Trial(
            "hair colours kept",
            (0.5, 0.25, 0.1),
            lambda keep: narrowed(images, modes, keep),
            {"kid": RISES, "coverage": FALLS, "missing": RISES},
        ),
        Trial(
            "repeated share",
            (0.1, 0.25, 0.5, 0.9),
            lambda share: repeated(images, share),
            {"near_duplicates": RISES, "support": FALLS, "combinations": FALLS, "coverage": FALLS},
        ),
        Trial(
            "memorised share",
            (0.1, 0.25, 0.5, 1.0),
            lambda share: memorised(images, training, share),
            {"copied": RISES, "novelty": FALLS},
        ),
    ]


def main() -> int:
    """Run all trials; 0 if every figure holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2_000, help="icons on each side")
    parser.add_argument("--out", type=Path, default=RESULTS / "metrics_validation.json", help="JSON file")
    options = parser.parse_args()

    begun = time.monotonic()
    training = artist.icons(0, TRAINING)
    fresh = artist.icons(FRESH_START, 2 * options.count, workers=None)
    images = artist.icons(OTHER_START, options.count, workers=None)
    drawn = time.monotonic()
    evaluator = Evaluator(training, fresh)
    floor = evaluator.measure(images)
    print(
        f"drawing {drawn - begun:.0f} s; the reals and one set of {len(images):,}: {time.monotonic() - drawn:.0f} s\n"
    )

    titles = [f"{name}:{space[0]}" for name in SHOWN for space in SPACES]
    others = ["near_duplicates", "support", "combinations", "confidence", "missing", "grain", "sharpness"]
    print(f"{'':24}" + "".join(f"{title[:11]:>12}" for title in [*titles, *others]))

    def show(title: str, figures: Figures) -> None:
        cells = [value(figures, name, space) for name in SHOWN for space in SPACES]
        cells += [value(figures, name, "") for name in others]
        print(f"{title:24}" + "".join(f"{cell:>12.4g}" for cell in cells), flush=True)

    show("real", floor)
    result: dict[str, Any] = {"count": options.count, "floor": floor.as_dict(), "trials": {}}
    failed = []
    for trial in trials(images, training, OTHER_START):
        measured = []
        for amount in trial.amounts:
            measured.append(evaluator.measure(trial.harm(amount)))
            show(f"{trial.name} {amount:g}", measured[-1])
        verdict = judge(trial, floor, measured)
        failed += [f"{trial.name}: {name}" for name, holds in verdict.items() if not holds]
        result["trials"][trial.name] = {
            "amounts": trial.amounts,
            "figures": [figures.as_dict() for figures in measured],
            "holds": verdict,
        }
    result["seconds"] = round(time.monotonic() - begun)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"\n{'every figure moves as it should' if not failed else 'FAILS: ' + '; '.join(failed)}; {options.out}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
