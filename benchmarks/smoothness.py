"""Measure how gradual morphs are and how sharp mixes are, for docs/commands.md.

Steps are colour differences in CIE L*a*b* between neighbouring pictures, see `gan.latent.interpolation.steps`. A mix
shows whole attributes, so it cannot be gradual: "one by one" is a path on which every attribute changes once, by
itself, and even there the largest change is several times the mean. A blend is gradual but not sharp.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.report import options, publish
from gan.codes import IconCode
from gan.latent.interpolation import steps
from gan.latent.resolve import slerp
from gan.metrics.sharpness import grain, steepness
from gan.sampling.sampler import Sampler

SHIPPED = Path(__file__).parents[1] / "weights" / "default.safetensors"
PERCENTS = range(0, 101, 5)
SHOWN = 128  # pixels a side of a morph, which may come from the second stage


def main() -> None:
    """Measure, print and write."""
    parser = options("smoothness", __doc__)
    parser.add_argument("--weights", type=Path, default=SHIPPED, help="a model whose latents choose attributes")
    parser.add_argument("--pairs", type=int, default=24, help="pairs of icons")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    sampler = Sampler.load(chosen.weights)
    rng = np.random.RandomState(1)
    pairs = [
        tuple(map(IconCode.from_seed, row)) for row in rng.randint(0, 2**31, (3 if chosen.quick else chosen.pairs, 2))
    ]
    rows, sharpness = measure(sampler, pairs)
    columns = ("path from one icon to another", "largest step / mean: least", "median", "most")
    model = f"{sampler.card.style} {sampler.card.short_hash}"
    publish(chosen.out, f"Smoothness of {model}, {len(pairs)} pairs", columns, rows, model=model, sharpness=sharpness)
    for name, (steep, noise) in sharpness.items():
        print(f"{name}: outlines of {steep:.1f} levels a pixel, grain {noise:.2f}")


def measure(
    sampler: Sampler, pairs: list[tuple[IconCode, ...]]
) -> tuple[list[tuple[str, ...]], dict[str, tuple[float, float]]]:
    """Return the table's rows, and steepness and grain of icons, mixes and blends at half way."""
    ratios: dict[str, list[float]] = {
        "mix, in steps of 5 %": [],
        "one by one": [],
        "blend, in steps of 5 %": [],
        "morph": [],
    }
    icons, mixes, blends = [], [], []
    for a, b in pairs:
        mixed = sampler.draw([IconCode.mix(a, b, percent) for percent in PERCENTS])
        ends = sampler.resolved([a, b])
        blended = sampler.sketch(
            np.stack([blend(ends[0], ends[1], sampler.free, percent / 100) for percent in PERCENTS])
        )
        morph = np.stack(sampler.render_morph([a, b], SHOWN))
        for name, frames in zip(ratios, (mixed, one_by_one(sampler, a, b), blended, morph), strict=True):
            between = steps(frames)
            ratios[name].append(float(between.max() / between.mean()))
        icons += [mixed[0], mixed[-1]]
        mixes.append(mixed[len(mixed) // 2])
        blends.append(blended[len(blended) // 2])
    rows = [(name, *(f"{value:.2f}" for value in np.quantile(of, (0, 0.5, 1)))) for name, of in ratios.items()]
    kinds = {"icons": icons, "mixes, half way": mixes, "blends, half way": blends}
    return rows, {name: (steepness(np.stack(of)), grain(np.stack(of))) for name, of in kinds.items()}


def blend(a: NDArray[np.float64], b: NDArray[np.float64], free: int, t: float) -> NDArray[np.float64]:
    """Return the interpolation of two resolved latents, with blended attributes."""
    return np.concatenate([slerp(a[:free], b[:free], t), (1 - t) * a[free:] + t * b[free:]])


def one_by_one(sampler: Sampler, a: IconCode, b: IconCode) -> NDArray[np.uint8]:
    """Draw a path on which the attributes change one after the other: the most gradual one with whole attributes."""
    here, there = sampler.resolved([a, b])
    sizes = sampler.card.architecture.get("attributes", [])
    ends = sampler.free + np.cumsum(sizes)
    changed = [
        slice(end - size, end) for size, end in zip(sizes, ends, strict=True) if (here != there)[end - size : end].any()
    ]
    points = [here]
    for n, place in enumerate(changed, 1):
        point = points[-1].copy()
        point[place] = there[place]
        point[: sampler.free] = slerp(here[: sampler.free], there[: sampler.free], n / len(changed))
        points.append(point)
    return sampler.sketch(np.stack(points))


if __name__ == "__main__":
    main()
