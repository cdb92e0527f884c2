"""Near-duplicate detection agrees with exhaustive comparison, and scales to thousands of pictures."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from gan.dataset import lookalikes
from gan.dataset.lookalikes import THRESHOLD, close_pairs, find_lookalikes
from tests.gan.odd_pictures import drawing


def by_every_pair(images: np.ndarray) -> list[tuple[int, int]]:
    first: dict[int, int] = {}
    for earlier, later in close_pairs(images):
        first.setdefault(int(later), int(earlier))
    return sorted(first.items())


def film(frames: int) -> np.ndarray:
    """A dot that moves slowly over a ground, which changes every 200 frames."""
    y, x = np.mgrid[:64, :64]
    pictures = np.empty((frames, 64, 64, 3), np.uint8)
    for frame in range(frames):
        across, down = 32 + 20 * np.sin(frame * 0.02), 32 + 20 * np.cos(frame * 0.026)
        dot = ((x - across) ** 2 + (y - down) ** 2 < 120)[..., None]
        pictures[frame] = np.where(dot, (230, 40, 60), drawing(frame // 200))
    return pictures


def still(frames: int) -> np.ndarray:
    """One picture whose brightness flickers."""
    return np.clip(drawing(1) + np.random.RandomState(1).randint(-2, 3, (frames, 1, 1, 3)), 0, 255).astype(np.uint8)


def different(count: int) -> np.ndarray:
    patches = np.random.RandomState(1).randint(0, 256, (count, 8, 8, 3)).astype(np.uint8)
    return patches.repeat(8, axis=1).repeat(8, axis=2)


def portraits(count: int) -> np.ndarray:
    """Pictures of few kinds, most of which differ a little from others of their kind: some look alike, some not."""
    random = np.random.RandomState(2)
    kinds = np.stack([drawing(seed) for seed in range(12)]).astype(int)
    changes = np.kron(random.randint(-8, 9, (count, 8, 8, 3)), np.ones((1, 8, 8, 1))).astype(int)
    return np.clip(kinds[random.randint(0, 12, count)] + changes, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("make", [film, still, different, portraits])
@pytest.mark.parametrize("count", [0, 1, 2, 700])
def test_the_same_are_found_as_by_every_pair(make: Callable[[int], np.ndarray], count: int) -> None:
    images = make(count) if count else np.empty((0, 64, 64, 3), np.uint8)
    assert find_lookalikes(images) == by_every_pair(images)


def test_some_of_the_portraits_are_just_beyond_the_threshold() -> None:
    images = portraits(700)
    assert 20 < len(find_lookalikes(images)) < 600
    assert len(find_lookalikes(images, 1.1 * THRESHOLD)) > len(find_lookalikes(images))


def test_copies_are_found_in_any_order() -> None:
    images = different(500)
    smaller = [np.asarray(Image.fromarray(image).resize((48, 48)).resize((64, 64))) for image in images[::-1]]
    found = find_lookalikes(np.concatenate([images, np.stack(smaller)]))
    assert found == [(500 + n, 499 - n) for n in range(500)]


@pytest.mark.parametrize("make", [film, still, different])
def test_work_does_not_grow_with_the_square_of_the_number(
    make: Callable[[int], np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    work = 0
    original = lookalikes._Points.squared_distances

    def counted(self: lookalikes._Points, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        nonlocal work
        work += len(rows) * len(columns) * self.points.shape[1]
        return original(self, rows, columns)

    monkeypatch.setattr(lookalikes._Points, "squared_distances", counted)
    images = make(6_000)
    find_lookalikes(images[:1_500])
    few, work = work, 0
    find_lookalikes(images)
    every_pair = 6_000**2 / 2 * 768
    # Of pictures at random, a bucket and its neighbours hold a fixed share, in which the coarse comparison is enough.
    assert work < (0.03 * every_pair if make is different else 6 * few), "four times as many"
