"""Time from a code to pixels and to a PNG, alone and in a batch, on one core as in the bot.

To compare processors, the article's generator is timed, too, in float32 as in the original. The last column gives
multiples of its time.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks.report import options, publish
from gan.checkpoint.weights import ModelCard, build_generator, save_generator
from gan.codes import IconCode
from gan.networks.sagan import Generator
from gan.rendering import encode_png
from gan.sampling.sampler import Sampler

SHIPPED = Path(__file__).parents[1] / "weights" / "default.safetensors"
SIZE, BATCH = 512, 32
ARTICLE = "the article's, float32, alone"


def main() -> None:
    """Measure, print and write."""
    parser = options("speed_drawing", __doc__)
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="the model; fresh weights where it is missing")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    chosen = parser.parse_args()
    seconds = 1.0 if chosen.quick else chosen.seconds
    torch.set_num_threads(1)

    sampler = Sampler.load(chosen.weights) if chosen.weights.exists() else _fresh()
    many = [IconCode.from_seed(i) for i in range(BATCH)]
    seeds = itertools.cycle(many)  # the photomontage of a trained style takes longer for some icons
    article = Generator().eval()
    latent = torch.zeros(1, article.z_dim)
    [shown] = sampler.render(many[:1], SIZE)
    what: dict[str, tuple[int, Callable[[], object]]] = {
        ARTICLE: (1, lambda: _draw(article, latent)),
        "code to 64 px, alone": (1, lambda: sampler.draw([next(seeds)])),
        f"code to 64 px, batch of {BATCH}": (BATCH, lambda: sampler.draw(many)),
        f"code to {SIZE} px, alone": (1, lambda: sampler.render([next(seeds)], SIZE)),
        f"{SIZE} px to PNG": (1, lambda: _png(sampler, many[0], shown)),
        f"code to PNG of {SIZE} px, alone": (1, lambda: _to_pngs(sampler, [next(seeds)])),
        f"code to PNG of {SIZE} px, batch of {BATCH}": (BATCH, lambda: _to_pngs(sampler, many)),
    }
    times = {name: _time(work, seconds) for name, (_, work) in what.items()}
    rows = []
    for name, (count, _) in what.items():
        middle, best = times[name]
        rows.append((name, middle, best, middle / count, middle / count / times[ARTICLE][0]))
    columns = ("what", "ms, median", "ms, best", "ms an icon", "times the article's")
    model = f"{sampler.card.style} {sampler.card.short_hash}"
    publish(chosen.out, f"Drawing speed of {model}, one core", columns, rows, model=model)


def _fresh() -> Sampler:
    architecture = {"name": "fast", "z_dim": 128}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.safetensors"
        save_generator(path, build_generator(architecture), ModelCard(style="fresh", architecture=architecture))
        return Sampler.load(path)


@torch.inference_mode()
def _draw(generator: Generator, latent: torch.Tensor) -> torch.Tensor:
    drawn: torch.Tensor = generator(latent)
    return drawn


def _to_pngs(sampler: Sampler, codes: list[IconCode]) -> list[bytes]:
    return [_png(sampler, code, p) for code, p in zip(codes, sampler.render(codes, SIZE), strict=True)]


def _png(sampler: Sampler, code: IconCode, pixels: object) -> bytes:
    return encode_png(pixels, code=str(code), style=sampler.card.style, model=sampler.card.short_hash)  # type: ignore[arg-type]  # an array of uint8


def _time(work: Callable[[], object], seconds: float) -> tuple[float, float]:
    """Milliseconds per call: median and minimum of as many calls as fit into ``seconds``."""
    work()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        begun = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times), min(times)


if __name__ == "__main__":
    main()
