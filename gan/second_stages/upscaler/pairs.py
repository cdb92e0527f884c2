"""Unlimited training pairs: a generator's conditions, and the artist's drawing of the same conditions.

A balanced sample is determined by its conditions (gan/artist/balanced_samples.py), and so are the attributes of a
latent of the shipped style. Every latent therefore has a target drawing, aligned to the pixel.
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
from gan.second_stages.upscaler.features import rounded_conditions
from gan.second_stages.upscaler.house_palette import house_labels
from gan.second_stages.upscaler.label_map import PAINTED
from gan.second_stages.upscaler.spec import DRAWN

Job = TypeVar("Job")

FIRST_SEED = 10_000_000  # apart from the seeds used by people and benchmarks
FIRST_BALANCED = 10_000_000  # apart from the balanced samples that generators are trained on
AT_ONCE = 16  # drawings per task of a worker process


@dataclass(frozen=True)
class Orders:
    """Conditions uint8 (N, values), as an upscaler's input, and the corresponding values by slot."""

    conditions: NDArray[np.uint8]
    requested: list[dict[str, str]]

    def __len__(self) -> int:
        return len(self.requested)


def seed_orders(sampler: Sampler, seeds: Iterable[int]) -> Orders:
    """The conditions of plain seeds."""
    latents = seed_latents(seeds, sampler.card.z_dim)
    chosen = sampler.points(latents)[:, sampler.free :]
    conditions = rounded_conditions(torch.from_numpy(chosen)).numpy().astype(np.uint8)
    return Orders(conditions, [_named(sampler, row) for row in sampler.choices(latents)])


def balanced_orders(sampler: Sampler, indices: Iterable[int]) -> Orders:
    """The conditions of balanced samples."""
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
    """``count`` orders, alternating between seeds and balanced samples."""
    seeds = seed_orders(sampler, range(FIRST_SEED + first, FIRST_SEED + first + (count + 1) // 2))
    balanced = balanced_orders(sampler, range(FIRST_BALANCED + first, FIRST_BALANCED + first + count // 2))
    conditions = np.empty((count, seeds.conditions.shape[1]), np.uint8)
    conditions[::2], conditions[1::2] = seeds.conditions, balanced.conditions
    requested = [(balanced if row % 2 else seeds).requested[row // 2] for row in range(count)]
    return Orders(conditions, requested)


def drawings(requested: Iterable[dict[str, str]], workers: int | None = 1) -> Iterator[NDArray[np.uint8]]:
    """Yield the artist's drawings of conditions, uint8 (256, 256, 3), in order.

    ``workers`` processes share the work, None: one for each core.
    """
    yield from _in_parallel(partial(artist.draw_conditions, size=DRAWN), requested, workers)


def label_maps(requested: Iterable[dict[str, str]], workers: int | None = 1) -> Iterator[NDArray[np.uint8]]:
    """Yield the artist's label maps of conditions, uint8 (512, 512), in order: rows of `house_palette.Colours`."""
    yield from _in_parallel(partial(artist.label_map, labels=house_labels(), size=PAINTED), requested, workers)


def icons(style: str, indices: Iterable[int], workers: int | None = 1) -> Iterator[NDArray[np.uint8]]:
    """Yield icons in one of the artist's drawing styles, uint8 (256, 256, 3)."""
    yield from _in_parallel(partial(artist.draw, size=DRAWN, style=style), indices, workers)


def _in_parallel(
    draw: Callable[[Job], NDArray[np.uint8]], jobs: Iterable[Job], workers: int | None
) -> Iterator[NDArray[np.uint8]]:
    workers = workers or os.cpu_count() or 1
    if workers == 1:
        yield from map(draw, jobs)
        return
    # spawn: forking a process with running threads may deadlock
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(draw, jobs, chunksize=AT_ONCE)


def _named(sampler: Sampler, choices: NDArray[np.int64]) -> dict[str, str]:
    return {
        attribute["name"]: attribute["values"][choice]
        for attribute, choice in zip(sampler.card.attributes, choices, strict=True)
    }
