r"""Train styles by real artists from a few pictures each, and measure the results.

    python -m benchmarks.few_shot --styles DIR --minutes 15
    python -m benchmarks.few_shot --styles DIR --only micah bottts --runs RUNS   # measure weights that exist

DIR holds NAME.zip (pictures to learn from) and NAME_eval.npz (`images`, uint8 (N, 64, 64, 3): others of the style, in
any order); a style that lacks one of them is skipped. The styles are trained one after the other by `melicon train`.
RUNS/NAME that holds a trained generator is not trained again.

Two kinds of pictures of the seeds 0, 1, 2 …, unselected, are measured: raw (the generator's own 64×64) and final (drawn
at 256 px as the bot draws them, then averaged to 64×64). Half of the others of the style are the reference, the second
half is the floor. The patches of the final pictures are compared with those of the training pictures, the only real
ones of 256 px. Beside FILE.json of --out, a folder FILE gets NAME.png: raw icons above, final ones below.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.report import RESULTS, options, publish, show
from bot.features.retrain.evaluation import evaluate
from gan.atomic import write_atomically
from gan.codes import IconCode
from gan.dataset import load_images
from gan.metrics import Evaluator, Figures
from gan.metrics.patches import Patches, PatchFigures
from gan.rendering import contact_sheet, encode_plain_png, upscale
from gan.rendering.drawing import draw_at
from gan.sampling.sampler import Sampler

Images = NDArray[np.uint8]  # (N, S, S, 3)

SIDE = 256  # of a final picture
COLUMNS, ROWS = 8, 8  # of a sheet: 64 icons, each twice
CELL = 128  # pixels of an icon on it
SPACE = "layout_edges"
COLUMN_FIGURES = ("kid", "coverage", "density", "nn_accuracy", "novelty", "near_duplicates")


@dataclass(frozen=True)
class Style:
    """The files of a style."""

    name: str
    pictures: Path  # a zip
    others: Path  # an .npz with `images`


@dataclass(frozen=True)
class Measured:
    """All figures of a style."""

    kimg: float
    raw: Figures
    final: Figures
    floor: Figures
    patches: PatchFigures  # of final pictures
    patches_floor: PatchFigures  # of one half of the training pictures against the other
    verdict: dict[str, Any]  # the bot's evaluation of the final pictures

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        figures = {name: getattr(self, name).as_dict() for name in ("raw", "final", "floor")}
        patches = {name: asdict(getattr(self, name)) for name in ("patches", "patches_floor")}
        return {"kimg": self.kimg, **figures, **patches, "verdict": self.verdict}


def find_styles(folder: Path, only: Sequence[str]) -> list[Style]:
    """List the complete styles in `folder`; raises SystemExit where one of `only` is incomplete, or all are."""
    styles = []
    for pictures in sorted(folder.glob("*.zip")):
        others = pictures.with_name(f"{pictures.stem}_eval.npz")
        if others.exists():
            styles.append(Style(pictures.stem, pictures, others))
        else:
            print(f"{pictures.stem} is skipped: there is no {others.name}", flush=True)
    known = {style.name for style in styles}
    if missing := [name for name in only if name not in known]:
        raise SystemExit(f"{folder} has no {', '.join(missing)}: --only takes {', '.join(sorted(known)) or 'nothing'}")
    if not styles:
        raise SystemExit(f"{folder} has no style: --styles expects a folder with NAME.zip and NAME_eval.npz")
    return [style for style in styles if not only or style.name in only]


def train(style: Style, run: Path, *, minutes: float, threads: int, begin: str) -> None:
    """Train a style in the folder `run` with `melicon train`, unless that is done; continue an interrupted run."""
    if (run / "generator.safetensors").exists() and not (run / "unfinished").exists():
        return
    command = [sys.executable, "-m", "gan", "train", "--out", str(run), "--threads", str(threads)]
    if (run / "options.json").exists():
        command += ["--resume"]
    else:
        command += [str(style.pictures), "--style", style.name.lower(), "--minutes", f"{minutes:g}"]
        command += ["--from", begin]
    run.mkdir(parents=True, exist_ok=True)
    marker = run / "unfinished"
    marker.touch()
    environment = os.environ | {"OMP_NUM_THREADS": str(threads)}
    if subprocess.run(command, env=environment, check=False).returncode:
        raise SystemExit(f"training {style.name} failed: see above; what was reached is in {run}")
    marker.unlink()


def draw(sampler: Sampler, count: int) -> tuple[Images, Images]:
    """Draw the seeds 0 … count-1: raw uint8 (N, 64, 64, 3) and final uint8 (N, 256, 256, 3)."""
    codes = [IconCode.from_seed(seed) for seed in range(count)]
    blocks = [codes[start : start + 25] for start in range(0, count, 25)]
    raw = np.concatenate([sampler.draw(block) for block in blocks])
    return raw, np.concatenate([draw_at(sampler, block, SIDE) for block in blocks])


def reduced(pictures: Images) -> Images:
    """Average pictures uint8 (N, 256, 256, 3) to (N, 64, 64, 3)."""
    small = [Image.fromarray(picture).resize((64, 64), Image.Resampling.LANCZOS) for picture in pictures]
    return np.stack([np.asarray(picture) for picture in small])


def measure(style: Style, raw: Images, final: Images, kimg: float) -> Measured:
    """Return the figures of the icons of a style."""
    training, _ = load_images(style.pictures)
    large, _ = load_images(style.pictures, size=SIDE)
    with np.load(style.others, allow_pickle=False) as archive:
        others: Images = archive["images"]
    # the file may be sorted: halves of one style differed until they were shuffled
    others = others[np.random.RandomState(0).permutation(len(others))]
    evaluator = Evaluator(training, others)
    count = min(len(raw), len(evaluator.floor.images))
    half = len(large) // 2
    small = reduced(final)
    return Measured(
        kimg=kimg,
        raw=evaluator.measure(raw[:count]),
        final=evaluator.measure(small[:count]),
        floor=evaluator.anchors(count)["real"],
        patches=Patches(large).measure(final),
        patches_floor=Patches(large[:half]).measure(large[half:]),
        verdict=evaluate(small, training, None, seen=round(1000 * kimg)),
    )


def sheet(raw: Images, final: Images) -> bytes:
    """Return a PNG of the first 64 icons in rows of 8: raw ones above, the same as final pictures below."""
    cells: list[Images] = []
    shown = min(len(raw), COLUMNS * ROWS)
    for start in range(0, shown - shown % COLUMNS, COLUMNS):
        cells += [np.repeat(np.repeat(icon, CELL // 64, axis=0), CELL // 64, axis=1) for icon in raw[start:][:COLUMNS]]
        cells += [upscale(picture, CELL) for picture in final[start:][:COLUMNS]]
    return encode_plain_png(contact_sheet(cells, COLUMNS, gap=4))


def rows_of(name: str, measured: Measured) -> list[list[object]]:
    """Return the rows of a style in the table."""
    rows: list[list[object]] = []
    for kind in ("raw", "final", "floor"):
        figures: Figures = getattr(measured, kind)
        patches = {"final": measured.patches, "floor": measured.patches_floor}.get(kind)
        shown = [f"{getattr(figures.spaces[SPACE], figure):.3f}" for figure in COLUMN_FIGURES]
        cells = ["", ""] if patches is None else [f"{patches.kid:.3f}", f"{patches.nn_accuracy:.3f}"]
        rows.append([f"{name}, {kind}", *shown, *cells])
    return rows


def means(styles: dict[str, Measured]) -> list[list[object]]:
    """Return the rows with the means over all styles."""
    rows: list[list[object]] = []
    for kind in ("raw", "final", "floor"):
        spaces = [getattr(measured, kind).spaces[SPACE] for measured in styles.values()]
        rows.append(
            [f"mean, {kind}", *(f"{np.mean([getattr(s, f) for s in spaces]):.3f}" for f in COLUMN_FIGURES), "", ""]
        )
    for row, patches in (
        (rows[1], [measured.patches for measured in styles.values()]),
        (rows[2], [measured.patches_floor for measured in styles.values()]),
    ):
        row[-2:] = [f"{np.mean([p.kid for p in patches]):.3f}", f"{np.mean([p.nn_accuracy for p in patches]):.3f}"]
    return rows


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = options("few_shot", __doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--styles", type=Path, required=True, metavar="DIR", help="folder of the styles")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these styles")
    parser.add_argument("--minutes", type=float, default=15.0, help="of training for each style")
    parser.add_argument("--from", dest="begin", default="auto", help="initial weights, as of melicon train")
    parser.add_argument("--runs", type=Path, default=None, metavar="DIR", help="folder of the runs; kept, and reused")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="processor threads")
    parser.add_argument("--count", type=int, default=250, help="icons measured of each style, at least 64")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.minutes, chosen.count = min(chosen.minutes, 0.2), 64
    if chosen.count < COLUMNS * ROWS:
        parser.error(f"--count {chosen.count} is less than the {COLUMNS * ROWS} icons of a sheet")
    return chosen


def main() -> None:
    """Train, draw, measure, publish."""
    chosen = arguments()
    styles = find_styles(chosen.styles, chosen.only)
    import torch  # noqa: PLC0415

    torch.set_num_threads(chosen.threads)
    runs = chosen.runs or RESULTS / ("few_shot_quick" if chosen.quick else "few_shot_runs")
    measured: dict[str, Measured] = {}
    rows: list[list[object]] = []
    title = ["style", "KID", "coverage", "density", "1-NN", "novelty", "near-dup.", "patches: KID", "1-NN"]
    for style in styles:
        begun = time.monotonic()
        train(style, runs / style.name, minutes=chosen.minutes, threads=chosen.threads, begin=chosen.begin)
        sampler = Sampler.load(runs / style.name / "generator.safetensors")
        raw, final = draw(sampler, chosen.count)
        measured[style.name] = measure(style, raw, final, sampler.card.kimg)
        write_atomically(chosen.out.with_suffix("") / f"{style.name}.png", sheet(raw, final))
        own = rows_of(style.name, measured[style.name])
        rows += own
        show(f"{style.name}, {time.monotonic() - begun:.0f} s", title, own)
    rows += means(measured)
    caption = f"{len(styles)} styles, colour layout and edges; patches of 16 of {SIDE} px"
    told = {name: figures.as_dict() for name, figures in measured.items()}
    settings = {"minutes": chosen.minutes, "begin": chosen.begin, "count": chosen.count, "threads": chosen.threads}
    publish(chosen.out, caption, title, rows, settings=settings, styles=told)
    print(f"written: {chosen.out}, and a sheet of each style in {chosen.out.with_suffix('')}")


if __name__ == "__main__":
    main()
