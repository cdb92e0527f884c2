"""Quality over wall-clock time of the article's recipe and ours, on the same 128 icons and cores.

Both train on pictures alone, without labels. They alternate mark by mark, so that other load affects both; drawing and
measuring do not count. At each mark 2,000 unselected icons are measured against 2,000 held-out ones. An interrupted
benchmark continues when restarted.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.quality_report import DECIDING, FIGURES, SPACES, Runs, ahead_from, chart, over_seeds
from benchmarks.recipe_comparison import RecipeRun
from benchmarks.report import RESULTS, options, publish, show
from gan import artist
from gan.artist.folder import write_icons
from gan.atomic import write_atomically
from gan.dataset.sources import FRESH_START
from gan.metrics import Evaluator
from gan.training import PRESETS
from gan.training.precision import fastest_precision

OURS, THEIRS = "fast", "article"
PICTURES = 128  # training data: indices 0 … 127
SHARES = (0.03, 0.07, 0.13, 0.2, 0.3, 0.4, 0.55, 0.7, 0.85, 1.0)  # of the minutes: the marks
PLOT = Path(__file__).parents[1] / "docs" / "images" / "time-to-quality.png"


def settle(runs: Path, asked: dict[str, Any], parser: argparse.ArgumentParser) -> dict[str, Any]:
    """Record the benchmark's settings, or check that an interrupted one had the same."""
    there = runs / "comparison.json"
    if there.exists():
        settled: dict[str, Any] = json.loads(there.read_text())
        for name, value in asked.items():
            if settled.get(name) != value:
                parser.error(f"{runs} holds a benchmark with another {name}: remove it, or name another --runs")
        return settled
    # measured once: all seeds of a recipe must use the same
    settled = asked | {"precision": fastest_precision()}
    write_atomically(there, json.dumps(settled, indent=1).encode())
    return settled


def run(settled: dict[str, Any], seeds: Sequence[int], runs: Path, measure: Evaluator) -> Runs:
    """Train and measure what is still missing."""
    pictures = runs / "pictures"
    if not pictures.exists():
        write_icons(pictures, PICTURES)
    records: dict[str, list[Any]] = {recipe: [] for recipe in settled["recipes"]}
    for seed in seeds:
        recipe_runs = []
        for recipe in settled["recipes"]:
            preset = PRESETS[recipe]
            precision = settled["precision"] if preset.precision == "auto" else preset.precision
            chosen = replace(preset, seed=seed, precision=precision)
            recipe_runs.append(RecipeRun.start(recipe, chosen, runs, pictures, minutes=settled["minutes"]))
        for mark in settled["marks"]:
            for recipe_run in recipe_runs:
                record = recipe_run.advance(mark, settled["count"], lambda icons: measure.measure(icons).as_dict())
                shown = ", ".join(f"{name} {FIGURES[name](record.figures):.3f}" for name in DECIDING)
                print(f"{recipe_run.recipe} {seed}, {mark:g} min, {record.kimg:.1f} kimg: {shown}", flush=True)
        for recipe_run in recipe_runs:
            records[recipe_run.recipe].append(recipe_run.records)
    return records


def main() -> None:
    """Measure, print, write and draw."""
    parser = options("time_to_quality", __doc__)
    parser.add_argument("--minutes", type=float, default=15.0, help="of training for each recipe and seed")
    parser.add_argument("--seeds", type=int, default=3, help="how often each recipe is trained")
    parser.add_argument("--count", type=int, default=2_000, help="icons measured, and reals they are measured against")
    parser.add_argument("--runs", type=Path, default=None, help="folder of the runs, to go on with")
    parser.add_argument("--plot", type=Path, default=None, help=f"PNG file to draw; {PLOT.name} of the docs")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.minutes, chosen.seeds, chosen.count = min(chosen.minutes, 0.25), 1, min(chosen.count, 200)
    name = "time_to_quality_quick" if chosen.quick else "time_to_quality"
    runs = chosen.runs or RESULTS / name
    plot = chosen.plot or (RESULTS / f"{name}.png" if chosen.quick else PLOT)

    recipes = {recipe: json.loads(PRESETS[recipe].to_json()) for recipe in (THEIRS, OURS)}
    marks = [round(share * chosen.minutes, 3) for share in SHARES]
    asked = {
        "minutes": chosen.minutes,
        "marks": marks,
        "count": chosen.count,
        "recipes": recipes,
        "spaces": list(SPACES),
    }
    settled = settle(runs, asked, parser)
    evaluator = Evaluator(artist.icons(0, PICTURES), artist.icons(FRESH_START, 2 * chosen.count, workers=None))
    anchors = evaluator.anchors(chosen.count)
    records = run(settled, range(chosen.seeds), runs, evaluator)

    intervals = {recipe: {name: over_seeds(records, recipe, name) for name in FIGURES} for recipe in records}
    course = [
        [f"{mark:g}", recipe, *(str(intervals[recipe][name][i]) for name in DECIDING)]
        for i, mark in enumerate(marks)
        for recipe in records
    ]
    show("The course, means over seeds with 95 % intervals", ["minutes", "recipe", *DECIDING], course)
    end = [
        [name, *(str(intervals[recipe][name][-1]) for recipe in records)]
        + [f"{read(figures.as_dict()):.3f}" for figures in anchors.values()]
        for name, read in FIGURES.items()
    ]
    ahead = {name: ahead_from(records, OURS, THEIRS, [name]) for name in DECIDING}
    ahead["all of them"] = ahead_from(records, OURS, THEIRS)
    as_json = {recipe: [[asdict(record) for record in one] for one in seeds] for recipe, seeds in records.items()}
    title = f"{PICTURES} icons, after {chosen.minutes:g} minutes, {chosen.seeds} seeds"
    publish(chosen.out, title, ["figure", *records, *anchors], end, ahead=ahead, records=as_json, settings=settled)
    for name, minutes in ahead.items():
        when = "never" if minutes is None else f"from {minutes:g} minutes on"
        print(f"{name}: every seed of {OURS} beats the best that {THEIRS} ever reached {when}")
    plot.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(chart(records)).save(plot)
    print(f"drawn: {plot}")


if __name__ == "__main__":
    main()
