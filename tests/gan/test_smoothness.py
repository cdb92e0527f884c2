"""The shipped model's morphs are gradual, and its mixes are sharp."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gan.codes import IconCode
from gan.latent.interpolation import steps, to_lab
from gan.metrics.sharpness import steepness
from gan.sampling.sampler import Sampler

SHIPPED = Path(__file__).parents[2] / "weights" / "default.safetensors"
PAIRS = [(IconCode.from_seed(n), IconCode.from_seed(1000 + n)) for n in range(8)]
PERCENTS = (0, 25, 50, 75, 100)


@pytest.fixture(scope="module")
def sampler() -> Sampler:
    return Sampler.load(SHIPPED)


@pytest.mark.parametrize("pair", PAIRS[:3])
def test_no_step_of_a_morph_is_more_than_twice_the_mean_one(pair: tuple[IconCode, ...], sampler: Sampler) -> None:
    frames = sampler.render_morph(pair, 128)
    between = steps(np.stack([*frames, frames[0]]))
    assert between.max() <= 2 * between.mean()


def test_mixes_are_as_crisp_as_icons_and_come_nearer_with_every_quarter(sampler: Sampler) -> None:
    """Half of one hair style and half of another would be gradual, and a blur: a mix shows whole attributes."""
    mixes = np.stack([sampler.draw([IconCode.mix(a, b, percent) for percent in PERCENTS]) for a, b in PAIRS])
    resolved = [sampler.resolved(pair) for pair in PAIRS]
    blends = sampler.sketch(np.stack([(a + b) / 2 for a, b in resolved]))
    icons, half = np.concatenate([mixes[:, 0], mixes[:, -1]]), mixes[:, len(PERCENTS) // 2]
    assert steepness(half) >= 0.95 * steepness(icons)
    assert steepness(blends) < steepness(half), "else this says nothing"
    away = np.square(to_lab(mixes) - to_lab(mixes[:, -1:])).sum(axis=-1).mean(axis=(2, 3)) ** 0.5
    assert (np.diff(away.mean(axis=0)) < 0).all()
    assert not away[:, -1].any()


def test_a_mix_chooses_one_value_of_every_attribute(sampler: Sampler) -> None:
    codes = [IconCode.mix(a, b, percent) for a, b in PAIRS for percent in PERCENTS]
    chosen = sampler.resolved(codes)[:, sampler.free :]
    groups = np.split(chosen, np.cumsum(sampler.card.architecture["attributes"])[:-1], axis=1)
    assert np.isin(chosen, (0, 1)).all()
    assert all((group.sum(axis=1) == 1).all() for group in groups)
