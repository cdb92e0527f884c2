"""Train a projection encoder for a model.

    nice python -m gan.search.projection.train weights/default.safetensors --out
    gan/search/projection/default.safetensors

This draws icons of the model, augments them (`gan.search.projection.augmentations`) and trains the two-tower encoder
contrastively: each icon must be matched to its latent among all others of the batch and many more. With the default
options it takes about five minutes on one core; half of the icons and steps give a usable result.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional as F

from gan.batch_rng import BatchRng
from gan.errors import MeliconError
from gan.metrics.classifier import as_input
from gan.process_priority import lower_priority
from gan.search.projection.augmentations import augmented
from gan.search.projection.descriptors import SIZE, descriptors, grounds, reach
from gan.search.projection.encoder import Encoder
from gan.search.projection.two_tower import PARTS, TwoTowerEncoder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gan.sampling.sampler import Sampler

FIRST_SEED = 3_000_000_000  # of the training icons
BATCH, MORE = 128, 1024  # pictures per step, and additional negative latents
RATE, DECAY = 2e-3, 1e-2
NICENESS = 10  # with --nice
_AT_A_TIME = 64

Say = Callable[[str], None]


def draw(
    sampler: Sampler, count: int, say: Say, first: int = FIRST_SEED
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Return resolved latents (N, z_dim) and their icons (N, 64, 64, 3)."""
    points = sampler.seed_points(range(first, first + count))
    begun = time.monotonic()
    icons = [sampler.sketch(points[at : at + _AT_A_TIME]) for at in range(0, count, _AT_A_TIME)]
    say(f"{count:,} icons drawn in {time.monotonic() - begun:.0f} s")
    return points, np.concatenate(icons)


def principal(seen: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the mean of descriptors (N, SIZE) and their first principal components, (SIZE, PARTS)."""
    mean = seen.mean(axis=0)
    centred = (seen - mean).astype(np.float64)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    return mean, vectors[:, ::-1][:, :PARTS].astype(np.float32).copy()


def train(
    points: NDArray[np.float64],
    icons: NDArray[np.uint8],
    others: Callable[[int], NDArray[np.float64]],
    *,
    steps: int,
    seed: int = 0,
    say: Say,
) -> TwoTowerEncoder:
    """Return an encoder trained on icons and latents; `others(n)` returns n further latents as negatives."""
    torch.manual_seed(seed)
    rng, random = BatchRng(seed), np.random.RandomState(seed)
    towers = TwoTowerEncoder(points.shape[1], SIZE)
    towers.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack it
    seen = descriptors(icons)
    mean, basis = principal(seen)
    towers.mean.copy_(torch.from_numpy(mean))
    towers.basis.copy_(torch.from_numpy(basis))
    low, high = reach(seen)
    towers.low.copy_(torch.from_numpy(low))
    towers.high.copy_(torch.from_numpy(high))
    towers.grounds.copy_(torch.from_numpy(np.stack(reach(grounds(icons)))))
    wanted = (torch.from_numpy(seen) - towers.mean) @ towers.basis  # (N, PARTS)
    towers.spread.copy_(wanted.square().mean().sqrt().clamp(min=1e-3))
    wanted /= towers.spread
    where = torch.from_numpy(points).float()
    towers.point.centre.copy_(where.mean(dim=0))
    towers.point.scale.copy_(1 / where.std(dim=0).clamp(min=0.1))
    more = torch.from_numpy(others(8 * MORE)).float()
    optimiser = torch.optim.AdamW(towers.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    truth = torch.arange(BATCH)
    begun = time.monotonic()
    for step in range(steps):
        rows = random.choice(len(icons), BATCH, replace=len(icons) < BATCH)
        pictures = augmented(as_input(icons[rows]), rng)
        at = torch.cat([where[rows], more[random.choice(len(more), MORE, replace=False)]])
        directions, _ = towers.point(at)
        scores = towers.picture(pictures) @ directions.T * towers.sharpness.exp().clamp(max=50)
        found = F.cross_entropy(scores, truth) + F.cross_entropy(scores[:, :BATCH].T, truth)
        rows = random.choice(len(icons), MORE)
        _, told = towers.point(where[rows])
        predicted = F.mse_loss(told, wanted[rows])
        optimiser.zero_grad()
        (found + predicted).backward()  # type: ignore[no-untyped-call]  # torch's own stubs
        optimiser.step()
        schedule.step()
        if step % 100 == 99 or step == steps - 1:
            right = float((scores.argmax(dim=1) == truth).float().mean())
            say(
                f"step {step + 1}/{steps}: {right:.0%} of {BATCH} found among {BATCH + MORE}, "
                f"descriptors predicted to {predicted.item():.3f} of their variance, {time.monotonic() - begun:.0f} s"
            )
    return towers


def teach(sampler: Sampler, *, icons: int, steps: int, seed: int = 0, say: Say) -> Encoder:
    """Return an encoder for a model, trained on `icons` of its icons for `steps` steps."""
    points, pictures = draw(sampler, icons, say)
    further = FIRST_SEED + icons

    def others(count: int) -> NDArray[np.float64]:
        return sampler.seed_points(range(further, further + count))

    towers = train(points, pictures, others, steps=steps, seed=seed, say=say)
    card = {
        "model": sampler.card.hash,
        "style": sampler.card.style,
        "z_dim": sampler.card.z_dim,
        "icons": icons,
        "steps": steps,
        "seed": seed,
        "licence": "CC0-1.0",
    }
    return Encoder(towers, card)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw, train, write; returns 2 where the weights cannot be read."""
    from gan.sampling.sampler import Sampler  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="the model's .safetensors file, with its card beside it")
    parser.add_argument("--out", type=Path, required=True, help="the .safetensors file; a card goes beside it")
    parser.add_argument("--icons", type=int, default=8_000, help="training icons (default 8,000)")
    parser.add_argument("--steps", type=int, default=1_000, help="training steps (default 1,000)")
    parser.add_argument("--seed", type=int, default=0, help="of initial weights and sampling")
    parser.add_argument("--nice", action="store_true", help="lower the process priority")
    options = parser.parse_args(arguments)
    if options.nice:
        lower_priority(NICENESS)
    begun = time.monotonic()
    try:
        encoder = teach(
            Sampler.load(options.weights), icons=options.icons, steps=options.steps, seed=options.seed, say=_say
        )
        encoder.save(options.out)
    except (MeliconError, OSError) as error:
        _say(str(error))
        return 2
    _say(f"{options.out} is written after {(time.monotonic() - begun) / 60:.1f} minutes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
