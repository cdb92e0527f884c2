"""The bilateral filter removes noise in flat areas and keeps edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gan import artist
from gan.checkpoint.weights import ModelCard
from gan.codes import IconCode
from gan.metrics.sharpness import grain, steepness
from gan.sampling.bilateral_filter import bilateral_filter
from gan.sampling.sampler import Sampler, to_8_bits
from gan.training import PRESETS, TrainingOptions
from gan.training.session import _resolved
from gan.training.training_set import TrainingSet
from tests.gan.models import SMALL, build

ICONS = artist.icons(70_000_000, 12)


def even(icons: np.ndarray) -> np.ndarray:
    """Flatten 8-bit icons."""
    return to_8_bits(bilateral_filter(torch.from_numpy(icons / 127.5 - 1)).numpy())


def test_clouds_go_and_outlines_stay() -> None:
    rng = np.random.RandomState(0)
    clouds = rng.normal(0, 2.5, (len(ICONS), 32, 32, 3)).repeat(2, axis=1).repeat(2, axis=2)
    clouded = np.clip(ICONS + clouds, 0, 255).astype(np.uint8)
    assert grain(even(clouded)) < 0.5 * grain(clouded)
    assert steepness(even(clouded)) == pytest.approx(steepness(ICONS), rel=0.03)
    farther, nearer = (np.abs(x.astype(float) - ICONS).mean() for x in (clouded, even(clouded)))
    assert nearer < 0.7 * farther


def test_what_is_flat_already_hardly_changes() -> None:
    change = np.abs(even(ICONS).astype(int) - ICONS)
    assert change.mean() < 0.8
    assert (change.max(axis=3) > 8).mean() < 0.01


def test_a_faint_dot_of_one_pixel_stays() -> None:
    dotted = np.full((1, 9, 9, 3), 200.0)
    dotted[0, 4, 4] += (13, 15, 18)  # as the artist's faintest patterns
    after = bilateral_filter(torch.from_numpy(dotted / 127.5 - 1)).numpy() * 127.5 + 127.5
    assert after == pytest.approx(dotted, abs=0.5)


@pytest.mark.parametrize("shape", [(1, 3, 3, 3), (2, 3, 8, 3), (1, 16, 16, 3)])
def test_every_direction_is_alike_and_each_picture_is_by_itself(shape: tuple[int, ...]) -> None:
    x = torch.from_numpy(np.random.RandomState(1).uniform(-0.03, 0.03, shape))
    before, after = x.clone(), bilateral_filter(x)
    assert torch.equal(x, before)
    for axes in ((1,), (2,), (1, 2)):
        torch.testing.assert_close(bilateral_filter(x.flip(axes)).flip(axes), after, rtol=0, atol=1e-12)
    torch.testing.assert_close(bilateral_filter(x.transpose(1, 2)).transpose(1, 2), after, rtol=0, atol=1e-12)
    torch.testing.assert_close(torch.cat([bilateral_filter(one[None]) for one in x]), after, rtol=0, atol=1e-12)
    assert after.std() < 0.5 * x.std()


def test_a_model_of_flat_pictures_draws_so_and_others_as_they_are() -> None:
    generator, codes = build(SMALL), [IconCode.from_seed(1), IconCode.from_seed(2)]
    plain = Sampler(generator, ModelCard(style="a", architecture=SMALL))
    flat = Sampler(generator, ModelCard(style="a", architecture=SMALL, options={"flat": True}))
    with torch.inference_mode():
        raw = build(SMALL).double().eval()(torch.from_numpy(plain.latents(codes))).permute(0, 2, 3, 1)
    np.testing.assert_array_equal(plain.draw(codes), to_8_bits(raw.numpy()))
    np.testing.assert_array_equal(flat.draw(codes), to_8_bits(bilateral_filter(raw).numpy()))
    assert (flat.draw(codes) != plain.draw(codes)).any()
    drawn, sketched = flat.draw(codes).astype(int), flat.sketch(flat.resolved(codes)).astype(int)
    assert np.abs(drawn - sketched).max() <= 1


@pytest.mark.parametrize("preset", ["fast", "house"])
def test_a_run_looks_whether_its_pictures_are_flat(preset: str) -> None:
    options = replace(PRESETS[preset], precision="float32")
    grainy = np.clip(ICONS + np.random.RandomState(0).normal(0, 6, ICONS.shape), 0, 255).astype(np.uint8)
    assert _resolved(options, TrainingSet(ICONS)).flat
    assert not _resolved(options, TrainingSet(grainy)).flat
    assert not _resolved(replace(options, flat=False), TrainingSet(ICONS)).flat


def test_the_article_and_runs_from_before_draw_as_they_did() -> None:
    assert not PRESETS["article"].flat
    assert not TrainingOptions.from_json('{"batch": 16}').flat
