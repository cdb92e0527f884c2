"""Distance of the shipped style from the artist's drawings at the size shown, for each second stage.

Pairs consist of a seed's icon and the artist's drawing of the same conditions. The seeds are held out from the
upscalers' training. All second stages receive the same 64×64 picture or the same features.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from benchmarks.report import options, publish
from gan.checkpoint.weights import load_generator
from gan.codes import IconCode
from gan.metrics.patches import Patches
from gan.networks.sagan import Generator
from gan.rendering import contact_sheet, encode_plain_png
from gan.rendering.upscaling import Pixels, resized
from gan.sampling.sampler import Sampler
from gan.second_stages.second_stage import SecondStage
from gan.second_stages.upscaler.pairs import drawings, seed_orders
from gan.second_stages.upscaler.spec import DRAWN
from gan.second_stages.upscaler.stage import PLAIN_FILE, PlainUpscaler

SHIPPED = Path(__file__).parents[1] / "weights" / "default.safetensors"
SHOWN = 512
OTHERS = 900_000_000  # first of the balanced samples for the patch metrics, unseen by all networks


def main() -> None:
    """Measure, print and write."""
    parser = options("upscaling", __doc__)
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="a model of the house artist's conditions")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--sheet", type=Path, help="write a sheet: today's filter, the learned upscaler, the artist")
    chosen = parser.parse_args()
    pairs = 12 if chosen.quick else chosen.pairs
    torch.set_num_threads(1)

    learned = Sampler.load(chosen.weights)
    card = learned.card
    alone, plain = with_stage(chosen.weights, None), with_stage(chosen.weights, PlainUpscaler.load(PLAIN_FILE))
    ways: dict[str, Callable[[list[IconCode], int], list[Pixels]]] = {
        "bicubic": lambda codes, size: [resized(icon, size) for icon in alone.draw(codes)],
        "filter": alone.render,
        "plain upscaler": plain.render,
        "learned upscaler": learned.render,
    }
    seeds = range(chosen.first, chosen.first + pairs)
    codes = [IconCode.from_seed(seed) for seed in seeds]
    real = np.array(list(drawings(seed_orders(alone, seeds).requested)))
    others = seed_orders(alone, range(OTHERS, OTHERS + pairs)).requested
    patches = Patches(np.array(list(drawings(others))))
    rows: list[tuple[object, ...]] = []
    sheet = []
    for name, render in ways.items():
        drawn = np.array(render(codes, DRAWN))
        rows.append((name, *_apart(drawn, real), patches.measure(drawn).nn_accuracy, *_speed(render, codes)))
        if name in {"filter", "learned upscaler"}:
            sheet.append(drawn[:16])
    rows.append(("the artist's own", "", "", patches.measure(real).nn_accuracy, "", ""))
    columns = (
        "from 64 to 256 px",
        "PSNR, dB",
        "mean error of 255",
        "1-NN of patches",
        f"CPU ms to {SHOWN} px",
        "× article",
    )
    cells = [[f"{cell:.3f}" if isinstance(cell, float) else cell for cell in row] for row in rows]
    publish(chosen.out, f"{pairs} unseen pairs of {card.style} {card.short_hash}", columns, cells, pairs=pairs)
    if chosen.sheet is not None:
        cells_ = [icon for start in (0, 8) for row in (*sheet, real[:16]) for icon in row[start : start + 8]]
        chosen.sheet.write_bytes(encode_plain_png(contact_sheet(cells_, 8)))


def with_stage(weights: Path, stage: SecondStage | None) -> Sampler:
    """Return a model with another second stage than its own."""
    generator, card = load_generator(weights)
    generator.__dict__["second_stage"] = stage
    return Sampler(generator, card)


def _apart(drawn: np.ndarray, real: np.ndarray) -> tuple[float, float]:
    """PSNR of all pictures together, and the mean error."""
    apart = drawn.astype(np.float64) - real
    return float(10 * np.log10(255**2 / np.square(apart).mean())), float(np.abs(apart).mean())


def _speed(render: Callable[[list[IconCode], int], list[Pixels]], codes: list[IconCode]) -> tuple[float, float]:
    """Milliseconds of one core from a code to pixels, and how many times as long as the article's generator draws.

    Both are measured in turns and as time of the processor, so that what else runs counts for little.
    """
    article = Generator().eval()
    latent = torch.zeros(1, article.z_dim)
    ours: list[float] = []
    theirs: list[float] = []
    with torch.inference_mode():
        for code in codes[:12]:
            for times, work in ((ours, lambda c=code: render([c], SHOWN)), (theirs, lambda: article(latent))):
                begun = time.process_time()
                work()
                times.append(1000 * (time.process_time() - begun))
    return statistics.median(ours), statistics.median(ours) / statistics.median(theirs)


if __name__ == "__main__":
    main()
