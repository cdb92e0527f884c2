"""Upscaler training: pairs match, quantisation equals that of inference, and the loss decreases."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest
import torch

from gan import artist
from gan.checkpoint.weights import load_card
from gan.codes import IconCode
from gan.sampling.sampler import Sampler
from gan.second_stages.upscaler import train
from gan.second_stages.upscaler.degrading import degraded
from gan.second_stages.upscaler.exact import ExactUpscaler, read_upscaler
from gan.second_stages.upscaler.network import LEVELS, quantised, rounded, steps
from gan.second_stages.upscaler.pairs import balanced_orders, drawings, mixed_orders, seed_orders
from gan.second_stages.upscaler.palette import house_colours
from gan.second_stages.upscaler.sources import PairSource
from gan.second_stages.upscaler.spec import LEARNED_STAGES, PLAIN, Spec, Stage

WEIGHTS = Path(__file__).parents[4] / "weights" / "default.safetensors"


@pytest.fixture(scope="module")
def sampler() -> Sampler:
    return Sampler.load(WEIGHTS)


def test_a_seed_asks_for_what_its_icon_shows(sampler: Sampler) -> None:
    orders = seed_orders(sampler, range(4))
    for seed, requested in enumerate(orders.requested):
        assert requested == sampler.describe(IconCode.from_seed(seed))
    np.testing.assert_allclose(orders.conditions.sum(axis=1), 255 * len(sampler.card.attributes), atol=24)


def test_a_balanced_sample_is_drawn_as_by_the_artist(sampler: Sampler) -> None:
    orders = balanced_orders(sampler, [7, 8])
    for index, drawn in zip((7, 8), drawings(orders.requested), strict=True):
        np.testing.assert_array_equal(drawn, artist.draw(index, 256, balanced=True))
    assert set(np.unique(orders.conditions)) == {0, 255}


def test_the_generators_picture_is_the_drawing_of_its_order(sampler: Sampler) -> None:
    """Of eight drawings the one that belongs to an icon is the most like it, so inputs and targets are aligned."""
    icons = sampler.draw([IconCode.from_seed(seed) for seed in range(8)]).astype(float)
    drawn = np.array(list(drawings(seed_orders(sampler, range(8)).requested))).astype(float)
    small = drawn.reshape(8, 64, 4, 64, 4, 3).mean(axis=(2, 4))
    apart = np.abs(icons[:, None] - small[None]).mean(axis=(2, 3, 4))
    np.testing.assert_array_equal(apart.argmin(axis=1), np.arange(8))


def test_orders_alternate_between_seeds_and_balanced_samples(sampler: Sampler) -> None:
    orders = mixed_orders(sampler, 5)
    assert len(orders) == len(orders.requested) == 5
    assert orders.requested[1] == artist.balanced_conditions(train_first(), artist.load_style(artist.HOUSE))


def train_first() -> int:
    from gan.second_stages.upscaler.pairs import FIRST_BALANCED  # noqa: PLC0415

    return FIRST_BALANCED


def test_the_palette_holds_the_colours_that_fill_a_drawing(sampler: Sampler) -> None:
    colours = house_colours(load_card(WEIGHTS))
    orders = balanced_orders(sampler, range(3))
    for row, drawn in zip(orders.conditions, drawings(orders.requested), strict=True):
        palette = (row.astype(int) // 255) @ colours.chosen.reshape(len(row), -1) + colours.still.reshape(-1)
        known = {tuple(colour) for colour in palette.reshape(-1, 3).tolist()}
        filled, counts = np.unique(drawn.reshape(-1, 3), axis=0, return_counts=True)
        assert {tuple(colour) for colour in filled[counts > 1500].tolist()} <= known


def test_a_weight_becomes_the_nearest_multiple_of_a_power_of_two() -> None:
    torch.manual_seed(0)
    weight = torch.randn(5, 3, 3, 3) * torch.tensor([1e-3, 0.1, 1.0, 3.0, 0.0]).view(5, 1, 1, 1)
    step = steps(weight)
    whole = quantised(weight, step) / step
    assert torch.equal(whole, whole.round())
    assert whole.abs().max() <= LEVELS
    assert whole[:4].abs().flatten(1).amax(dim=1).min() > LEVELS / 2 - 1  # no level is given away
    assert ((whole * step - weight).abs() <= step / 2).all()


def test_gradients_pass_the_rounding_where_nothing_is_cut_off() -> None:
    x = torch.tensor([-3.0, 0.4, 100.6, 300.0], requires_grad=True)
    y = rounded(x)
    assert y.tolist() == [0, 0, 101, 255]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 1, 1, 0]


def test_degraded_drawings_keep_their_place() -> None:
    torch.manual_seed(0)
    drawn = torch.from_numpy(artist.draw(3, 256)).permute(2, 0, 1).float()[None].repeat(6, 1, 1, 1)
    worse = degraded(drawn)
    small = torch.nn.functional.avg_pool2d(drawn, 4)
    assert worse.shape == (6, 3, 64, 64)
    assert (worse - small).abs().mean(dim=(1, 2, 3)).min() > 0
    assert (worse - small).abs().mean() < 12


def thin(stages: tuple[Stage, ...], conditions: int = 0, colours: int = 0) -> Spec:
    """Return the shape that takes the same inputs with few channels."""
    few = [Stage(stage.side, stage.inputs, width=16, convolutions=1, grows=16) for stage in stages]
    return Spec(tuple(few), conditions, map_channels=8 if conditions else 0, colours=colours)


@pytest.mark.parametrize("plain", [False, True])
def test_a_few_steps_bring_the_loss_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, plain: bool) -> None:
    # the usual shapes take some hundred steps before they draw more than one grey
    monkeypatch.setattr(train, "learned", lambda *conditions: thin(LEARNED_STAGES, *conditions))
    monkeypatch.setattr(train, "PLAIN", thin(PLAIN.stages))
    out = tmp_path / "up.safetensors"
    options = ["--generator", str(WEIGHTS), "--out", str(out), "--device", "cpu", "--pictures", "8", "--first", "4"]
    options += ["--held", "2", "--batch", "4", "--lr", "0.002", *(["--plain"] if plain else [])]
    train.main([*options, "--steps", "1"])
    before = ExactUpscaler(*read_upscaler(out))
    train.main([*options, "--steps", "32"])
    chosen = argparse.Namespace(generator=WEIGHTS, held=2, pictures=2, skip=0, workers=1)
    source = PairSource(chosen, torch.device("cpu"))
    source.wait(0)
    inputs, conditions = source.held_out([0, 1])
    if plain:
        pixels = source.held_pixels([0, 1])
        inputs, conditions = {32: torch.nn.functional.pixel_unshuffle(pixels, 2), 64: pixels}, None
    real = source.held_real([0, 1]).permute(0, 2, 3, 1).numpy().astype(float)

    def error(network: ExactUpscaler) -> float:
        drawn = [
            network(
                {side: x[i].permute(1, 2, 0).contiguous() for side, x in inputs.items()},
                None if conditions is None else conditions[i],
            )
            for i in range(2)
        ]
        return float(np.abs(np.array(drawn) - real).mean())

    assert error(ExactUpscaler(*read_upscaler(out))) < 0.9 * error(before)
