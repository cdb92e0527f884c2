"""Whether the metrics notice what they should, at full size: `python -m benchmarks.metrics_validation`.

Real icons of the house artist are blurred, made noisy, mixed in pairs, shuffled, recoloured, reduced to fewer modes,
repeated and replaced by training icons, each a little and then more; pictures of 256 px likewise for the patches. Every
figure that should notice must move the right way at every step, away from the floor (real icons against real icons).
Prints a table, writes JSON, and leaves with code 1 if a figure fails.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.report import RESULTS
from gan import artist
from gan.metrics import Evaluator, Figures
from gan.metrics.degradations import blurred, drop_modes, ghosted, memorised, noisy, recoloured, repeated, shuffled
from gan.metrics.patches import Patches

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FRESH_START, OTHER_START = 20_000_000, 30_000_000
TRAINING = 128
RISES, FALLS = 1, -1
SPACES = ("layout_edges", "random", "classifier")
LARGE, LARGE_COUNT = 256, 250  # pixels of the pictures that patches are cut from, and how many at most
SHOWN = ("kid", "nn_accuracy", "density", "coverage", "novelty", "copied")


@dataclass(frozen=True)
class Trial:
    """A degradation with growing strength, and the figures that must react to it."""

    name: str
    amounts: tuple[float, ...]
    harm: Callable[[float], NDArray[np.uint8]]
    expected: dict[str, int]  # figure -> RISES or FALLS; a figure of a space is meant in all of them
    beyond: dict[str, float] = field(default_factory=dict)  # figure -> amount below which it need not notice
    blind: dict[str, tuple[str, ...]] = field(default_factory=dict)  # figure -> spaces in which it need not notice


def value(figures: Figures, name: str, space: str) -> float:
    """Look a figure up: those of a space by its name there, `support` and the like by theirs."""
    if name == "missing":
        return len(figures.missing)
    return float(getattr(figures.spaces[space] if name in SHOWN else figures, name))


def judge(trial: Trial, floor: Figures, measured: list[Figures]) -> dict[str, bool]:
    """Return for each expected figure whether it moved the right way at every step, starting from the floor."""
    verdict = {}
    for name, direction in trial.expected.items():
        for space in [s for s in SPACES if s not in trial.blind.get(name, ())] if name in SHOWN else [""]:
            least = trial.beyond.get(name, 0.0)
            noticed = [figures for amount, figures in zip(trial.amounts, measured, strict=True) if amount >= least]
            steps = [value(figures, name, space) * direction for figures in [floor, *noticed]]
            verdict[f"{name} {space}".strip()] = all(b > a for a, b in pairwise(steps))
    return verdict


def trials(images: NDArray[np.uint8], training: NDArray[np.uint8], start: int) -> list[Trial]:
    """List the degradations of `images`, icons of the artist from index `start`."""
    import numpy as np  # noqa: PLC0415

    hair = [artist.labels(start + row)["hair_colour"] for row in range(len(images))]
    modes = np.unique(hair, return_inverse=True)[1]
    return [
        Trial(
            "blur, px",
            (0.4, 0.7, 1.0, 1.5, 2.5),
            lambda radius: blurred(images, radius),
            {"kid": RISES, "confidence": FALLS, "sharpness": FALLS, "coverage": FALLS},
            {"coverage": 1.0},
        ),
        Trial(
            "noise, of 255",
            (4, 8, 16, 32, 64),
            lambda sigma: noisy(images, sigma),
            {"grain": RISES, "kid": RISES, "coverage": FALLS},
            {"kid": 16, "coverage": 64},
        ),
        Trial(
            "ghosted share",
            (0.5, 0.75, 1.0),
            lambda share: ghosted(images, share),
            {"kid": RISES, "nn_accuracy": RISES},
            blind={"nn_accuracy": ("classifier",)},
        ),
        Trial(
            "shuffled share",
            (0.1, 0.25, 0.5),
            lambda share: shuffled(images, share),
            {"kid": RISES, "nn_accuracy": RISES, "coverage": FALLS},
            {"kid": 0.25, "nn_accuracy": 0.25, "coverage": 0.25},
            {"nn_accuracy": ("classifier",), "coverage": ("classifier",)},
        ),
        Trial(
            "wrong colours, share",
            (0.25, 0.5, 1.0),
            lambda share: recoloured(images, share),
            {"kid": RISES, "nn_accuracy": RISES},
        ),
        Trial(
            "hair colours kept",
            (0.5, 0.25, 0.1),
            lambda keep: drop_modes(images, modes, keep),
            {"kid": RISES, "coverage": FALLS, "missing": RISES},
            blind={"kid": ("layout_edges",)},  # hair is a small part of the layout
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


def trials_of_patches(pictures: NDArray[np.uint8]) -> list[Trial]:
    """List the degradations of `pictures` of 256 px."""
    told = {"kid": RISES, "nn_accuracy": RISES, "coverage": FALLS}
    return [
        Trial("blur, px", (1.0, 2.0, 4.0), lambda radius: blurred(pictures, radius), told),
        Trial("noise, of 255", (4, 8, 16), lambda sigma: noisy(pictures, sigma), told),
        Trial("ghosted share", (0.5, 1.0), lambda share: ghosted(pictures, share), told),
        Trial("shuffled share", (0.25, 0.5, 1.0), lambda share: shuffled(pictures, share, side=32), told),
        Trial("wrong colours, share", (0.5, 1.0), lambda share: recoloured(pictures, share), told),
    ]


def try_patches(count: int) -> tuple[dict[str, Any], list[str]]:
    """Degrade pictures of 256 px and measure their patches; return the figures and the failures."""
    patches = Patches(artist.icons(FRESH_START, count, LARGE, workers=None))
    pictures = artist.icons(OTHER_START, count, LARGE, workers=None)
    names = ("kid", "nn_accuracy", "density", "coverage")
    print(f"\n{'patches of 256 px':24}" + "".join(f"{name:>12}" for name in names))

    def measure(title: str, harmed: NDArray[np.uint8]) -> dict[str, float]:
        figures = asdict(patches.measure(harmed))
        print(f"{title:24}" + "".join(f"{figures[name]:>12.4g}" for name in names), flush=True)
        return figures

    floor = measure("real", pictures)
    result: dict[str, Any] = {"count": count, "floor": floor, "trials": {}}
    failed = []
    for trial in trials_of_patches(pictures):
        measured = [measure(f"{trial.name} {amount:g}", trial.harm(amount)) for amount in trial.amounts]
        verdict = {
            name: all(b * direction > a * direction for a, b in pairwise(f[name] for f in [floor, *measured]))
            for name, direction in trial.expected.items()
        }
        failed += [f"patches, {trial.name}: {name}" for name, holds in verdict.items() if not holds]
        result["trials"][trial.name] = {"amounts": trial.amounts, "figures": measured, "holds": verdict}
    return result, failed


def main() -> int:
    """Run all trials; returns 0 if every figure reacts as expected."""
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

    titles = [f"{name[:9]}:{space[0]}" for name in SHOWN for space in SPACES]
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
    result["patches"], failed_patches = try_patches(min(options.count, LARGE_COUNT))
    failed += failed_patches
    result["seconds"] = round(time.monotonic() - begun)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"\n{'every figure moves as it should' if not failed else 'FAILS: ' + '; '.join(failed)}; {options.out}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
