"""The averaged generator: weight averaging and batch normalisation recalibration."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn

from gan.training.ema import recalibrate_batchnorm, update_average
from tests.gan.tiny_runs import ARTICLE, FAST, HOUSE, PAIRED, assert_equal, trainer

if TYPE_CHECKING:
    from gan.training import TrainingOptions

pytestmark = pytest.mark.usefixtures("few_recalibration_latents")

ALL = pytest.mark.parametrize(
    "options", [ARTICLE, FAST, HOUSE, PAIRED], ids=["article", "adversarial only", "house", "fast"]
)


def test_the_average_follows_weights_and_buffers_alike_by_its_half_life() -> None:
    average, current = nn.BatchNorm2d(2), nn.BatchNorm2d(2)
    current.running_mean.fill_(1.0)  # type: ignore[union-attr]
    current.num_batches_tracked.fill_(7)  # type: ignore[union-attr]
    nn.init.constant_(current.weight, 3.0)
    update_average(average, current, 0.25)
    assert average.running_mean.tolist() == [0.25, 0.25]  # type: ignore[union-attr]
    assert average.weight.tolist() == [1.5, 1.5]
    assert average.num_batches_tracked == 7


def test_the_average_is_a_ramp_at_first_and_then_has_the_half_life_that_is_set() -> None:
    player = trainer(replace(FAST, ema_kimg=0.02, ema_rampup=0.5))
    weights: list[float] = []
    for _ in range(12):
        before = player.average.state_dict()["to_rgb.bias"].clone()
        player.step()
        moved = player.average.state_dict()["to_rgb.bias"] - before
        weights.append((moved / (player.G.state_dict()["to_rgb.bias"] - before)).mean().item())
    # half-lives of half of what was seen, at most 20 pictures; 4 pictures a step
    expected = [1 - 0.5 ** (4 / min(20, 0.5 * seen)) for seen in range(4, 52, 4)]
    assert weights == pytest.approx(expected, rel=1e-2)


@ALL
def test_what_draws_gives_the_same_picture_alone_and_in_a_batch(options: TrainingOptions) -> None:
    player = trainer(options)
    for _ in range(2):
        player.step()
    network = player.ema_generator().double()
    assert not any(module.training for module in network.modules())
    z = torch.randn(5, player.options.z_dim, dtype=torch.float64)
    with torch.no_grad():
        together, alone = network(z), torch.cat([network(row[None]) for row in z])
        again = network(z)
    torch.testing.assert_close(alone, together, rtol=0, atol=1e-9)
    assert torch.equal(again, together)


@ALL
def test_making_what_draws_leaves_the_run_as_it_was(options: TrainingOptions) -> None:
    player = trainer(options)
    player.step()
    before = player.state()
    first = player.ema_generator().state_dict()
    assert_equal(before, player.state())
    assert_equal(first, player.ema_generator().state_dict())


def test_recalibrated_statistics_are_those_over_all_latents() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(4, 8), nn.Unflatten(1, (2, 2, 2)), nn.BatchNorm2d(2))
    z = torch.randn(96, 4) + 3
    norm = recalibrate_batchnorm(network, z)[2]
    assert isinstance(norm, nn.BatchNorm2d)
    x = network[1](network[0](z))
    torch.testing.assert_close(norm.running_mean, x.mean(dim=(0, 2, 3)).detach())
    per_batch = torch.stack([chunk.transpose(0, 1).flatten(1).var(dim=1) for chunk in x.split(32)])
    torch.testing.assert_close(norm.running_var, per_batch.mean(dim=0).detach())
    assert norm.momentum == 0.1
    assert network[2].running_mean.tolist() == [0.0, 0.0]
