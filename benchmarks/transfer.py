"""Transfer to another style from 128 pictures: from the shipped weights or scratch, with learned latents or without.

The four variants alternate on the same cores, mark by mark; drawing and measuring are not timed. At each mark
unselected icons are measured against held-out ones of the style. --sheet shows a row for each, then the style itself.
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.quality_report import of_space
from benchmarks.recipe_comparison import RecipeRun
from benchmarks.report import options, publish
from gan import artist
from gan.artist.folder import write_icons
from gan.checkpoint.weights import load_generator
from gan.dataset.sources import FRESH_START
from gan.metrics import Evaluator
from gan.rendering import contact_sheet
from gan.training import CONTINUING, PRESETS
from gan.training.loop import draw_seeds
from gan.training.precision import fastest_precision

PICTURES = 128  # to learn from: indices 0 … 127
SHARES = (0.25, 0.5, 1.0)  # of the minutes: the marks
SHOWN = 12  # icons in a row of the sheet
WAYS = {  # begin with, learn latents
    "default, latents": ("default", True),
    "default, adversarial only": ("default", False),
    "scratch, latents": (None, True),
    "scratch, adversarial only": (None, False),
}
# the classifier knows the house style only
FIGURES = {name: of_space(name, "layout_edges") for name in ("kid", "coverage", "density", "novelty")}


def main() -> None:
    """Train, measure, print and write."""
    parser = options("transfer", __doc__)
    parser.add_argument("--style", default="inkling", help="of the artist: inkling or plush")
    parser.add_argument("--minutes", type=float, default=15.0, help="of training for each way")
    parser.add_argument("--count", type=int, default=2_000, help="icons measured, and reals they are measured against")
    parser.add_argument("--sheet", type=Path, default=None, help="PNG file to draw")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.minutes, chosen.count = min(chosen.minutes, 0.25), min(chosen.count, 200)

    evaluator = Evaluator(
        artist.icons(0, PICTURES, style=chosen.style),
        artist.icons(FRESH_START, 2 * chosen.count, style=chosen.style, workers=None),
    )
    precision = fastest_precision()
    marks = [round(share * chosen.minutes, 3) for share in SHARES]
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        write_icons(runs / "pictures", PICTURES, style=chosen.style)
        recipe_runs = []
        for way, (begin, latents) in WAYS.items():
            recipe = replace(PRESETS["fast"] if begin is None else CONTINUING, precision=precision)
            recipe = recipe if latents else replace(recipe, learn_latents=0)
            name = way.replace(", ", "-").replace(" ", "-")
            recipe_runs.append(
                RecipeRun.start(name, recipe, runs, runs / "pictures", minutes=chosen.minutes, begin=begin)
            )
        rows, records = [], {}
        for mark in marks:
            for way, recipe_run in zip(WAYS, recipe_runs, strict=True):
                record = recipe_run.advance(mark, chosen.count, lambda icons: evaluator.measure(icons).as_dict())
                records[f"{way}, {mark:g} min"] = asdict(record)
                figures = [f"{read(record.figures):.3f}" for read in FIGURES.values()]
                rows.append([way, f"{mark:g}", f"{record.kimg:.1f}", *figures])
                print(*rows[-1], flush=True)
        drawn = []
        for recipe_run in recipe_runs:
            network, card = load_generator(recipe_run.session.run.generator)
            drawn += [*draw_seeds(network.float(), card, SHOWN)]
    floor = evaluator.anchors(chosen.count)["real"].as_dict()
    rows.append(["the style itself", "", "", *(f"{read(floor):.3f}" for read in FIGURES.values())])
    title = f"{PICTURES} pictures of the style {chosen.style}, colour layout and edges"
    publish(chosen.out, title, ["way", "minutes", "kimg", *FIGURES], rows, records=records, floor=floor)
    if chosen.sheet is not None:
        drawn += [*artist.icons(0, SHOWN, style=chosen.style)]
        chosen.sheet.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(contact_sheet(np.stack(drawn), SHOWN, gap=4)).save(chosen.sheet)


if __name__ == "__main__":
    main()
