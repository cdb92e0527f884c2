"""Pairs without end: conditions of a generator, and the artist's own drawing of the same conditions.

A practice icon is decided by what was wished for (gan/artist/balanced_samples.py), and a latent of the shipped style
chooses just that. So every point of the generator's space has a drawing that it should have become, aligned to the
pixel.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from gan import artist
from gan.latent.resolve import seed_latents
from gan.sampling.sampler import Sampler
from gan.upscaling.features import rounded_conditions
from gan.upscaling.spec import DRAWN

Job = TypeVar("Job")

FIRST_SEED = 10_000_000  # far from the seeds that people try and benchmarks measure
FIRST_BALANCED = 10_000_000  # far from the practice icons that a generator learned from
AT_ONCE = 16  # drawings handed to a worker at a time


@dataclass(frozen=True)
class Orders:
    """What to draw: conditions uint8 (N, values) as an upscaler sees them, and the values they stand for by slot."""

    conditions: NDArray[np.uint8]
    requested: list[dict[str, str]]

    def __len__(self) -> int:
        return len(self.requested)


def seed_orders(sampler: Sampler, seeds: Iterable[int]) -> Orders:
    """What plain seeds ask for."""
    latents = seed_latents(seeds, sampler.card.z_dim)
    chosen = sampler.points(latents)[:, sampler.free :]
    conditions = rounded_conditions(torch.from_numpy(chosen)).numpy().astype(np.uint8)
    return Orders(conditions, [_named(sampler, row) for row in sampler.choices(latents)])


def balanced_orders(sampler: Sampler, indices: Iterable[int]) -> Orders:
    """What practice icons ask for: rare values more often, colours without regard to one another."""
    style = artist.load_style(artist.HOUSE)
    requested = [artist.balanced_conditions(index, style) for index in indices]
    rows = np.zeros((len(requested), sum(len(a["values"]) for a in sampler.card.attributes)), np.uint8)
    first = 0
    for attribute in sampler.card.attributes:
        for row, condition in zip(rows, requested, strict=True):
            row[first + attribute["values"].index(condition[attribute["name"]])] = 255
        first += len(attribute["values"])
    return Orders(rows, requested)


def mixed_orders(sampler: Sampler, count: int, first: int = 0) -> Orders:
    """``count`` orders, every second a seed's and every second a practice icon's."""
    seeds = seed_orders(sampler, range(FIRST_SEED + first, FIRST_SEED + first + (count + 1) // 2))
    balanced = balanced_orders(sampler, range(FIRST_BALANCED + first, FIRST_BALANCED + first + count // 2))
    conditions = np.empty((count, seeds.conditions.shape[1]), np.uint8)
    conditions[::2], conditions[1::2] = seeds.conditions, balanced.conditions
    requested = [(balanced if row % 2 else seeds).requested[row // 2] for row in range(count)]
    return Orders(conditions, requested)


def drawings(requested: Iterable[dict[str, str]], workers: int | None = 1) -> Iterator[NDArray[np.uint8]]:
    """Yield in order what the artist draws of wishes, uint8 (256, 256, 3).

    ``workers`` processes share the work, None: one for each core.
    """
    yield from _in_parallel(partial(artist.draw_conditions, size=DRAWN), requested, workers)


def icons(style: str, indices: Iterable[int], workers: int | None = 1) -> Iterator[NDArray[np.uint8]]:
    """Yield icons of any of the artist's hands, uint8 (256, 256, 3)."""
    yield from _in_parallel(partial(artist.draw, size=DRAWN, style=style), indices, workers)


def _in_parallel(
    draw: Callable[[Job], NDArray[np.uint8]], jobs: Iterable[Job], workers: int | None
) -> Iterator[NDArray[np.uint8]]:
    workers = workers or os.cpu_count() or 1
    if workers == 1:
        yield from map(draw, jobs)
        return
    # spawn: a fork of a process with running threads may hang
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(draw, jobs, chunksize=AT_ONCE)


def _named(sampler: Sampler, choices: NDArray[np.int64]) -> dict[str, str]:
    return {
        attribute["name"]: attribute["values"][choice]
        for attribute, choice in zip(sampler.card.attributes, choices, strict=True)
    }
