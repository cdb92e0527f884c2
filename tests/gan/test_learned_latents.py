"""Learned latents (GLO)."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from gan.networks.fast import Embedding, FastGenerator
from gan.training import Trainer
from gan.training.learned_latents import OLD_PICTURES, PictureLatents
from tests.gan.tiny_runs import ARTICLE, HOUSE, PAIRED, labelled, pictures

GROUPS = (3, 2)


def embedding() -> Embedding:
    return Embedding(z_dim=9, attributes=GROUPS, width=0)


def test_a_point_has_free_numbers_and_the_shares_of_every_attributes_values() -> None:
    points = PictureLatents(6, embedding())(torch.tensor([0, 5, 5]))
    assert points.shape == (3, 9)
    torch.testing.assert_close(points[1], points[2])
    for group in torch.split(points[:, 4:], list(GROUPS), dim=1):
        torch.testing.assert_close(group.sum(dim=1), torch.ones(3))


def test_points_of_a_generator_without_attributes_are_free_numbers() -> None:
    points = PictureLatents(4, Embedding(z_dim=9, attributes=(), width=0))
    assert points(torch.arange(4)).shape == (4, 9)
    assert points.prior().shape == (0,)


def test_points_near_a_pictures_share_its_numbers_and_keep_its_choices() -> None:
    points = PictureLatents(2000, embedding(), noise=0.6)
    picks = torch.arange(2000)
    exact, near = points(picks), points(picks, near=torch.randn(2000, 12))
    torch.testing.assert_close(near[:, 4:], exact[:, 4:])
    free, moved = exact[:, :4], near[:, :4]
    assert torch.corrcoef(torch.stack([free.flatten(), moved.flatten()]))[0, 1].item() == pytest.approx(0.8, abs=0.03)
    assert moved.std().item() == pytest.approx(1.0, abs=0.03)  # still as a latent is drawn: standard normal


def test_standard_points_have_mean_0_and_spread_1_wherever_they_moved() -> None:
    points = PictureLatents(30, embedding(), standard=True)
    with torch.no_grad():
        points.free.mul_(torch.tensor([5.0, 0.1, 3.0, 1.0])).add_(2.0)
    std, mean = torch.std_mean(points(torch.arange(30))[:, :4], dim=0)
    torch.testing.assert_close(mean, torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(std, torch.ones(4))
    points(torch.tensor([3]))[:, :4].square().sum().backward()
    assert points.free.grad is not None
    assert points.free.grad.any(dim=1).nonzero().flatten().tolist() == [3], "a picture moves its own point alone"


def test_values_are_chosen_as_often_as_the_pictures_turned_out_to_and_a_little_as_before() -> None:
    points = PictureLatents(8, embedding())
    with torch.no_grad():
        points.choices.fill_(-50.0)
        points.choices[:, 1] = 50.0  # every picture shows the second of three values ...
        points.choices[:6, 3] = points.choices[6:, 4] = 50.0  # ... and three in four the first of two
    told = 8 / (8 + OLD_PICTURES)
    expected = [(1 - told) / 3, told + (1 - told) / 3, (1 - told) / 3]
    expected += [told * 0.75 + (1 - told) / 2, told * 0.25 + (1 - told) / 2]
    torch.testing.assert_close(points.prior().exp(), torch.tensor(expected))


def test_the_generator_first_learns_to_draw_each_picture_from_its_own_latent() -> None:
    player = Trainer(replace(PAIRED, warm_up_share=1.0), pictures(4))
    verdicts = {name: p.clone() for name, p in player.D.state_dict().items()}
    reports = [player.step(0.5) for _ in range(150)]
    assert {frozenset(report) for report in reports} == {frozenset({"g_l1"})}
    assert reports[-1]["g_l1"] < 0.6 * reports[0]["g_l1"]
    torch.testing.assert_close(player.D.state_dict(), verdicts)

    assert player.latents is not None
    assert isinstance(player.G, FastGenerator)
    with torch.no_grad():
        drawn = player.G.paint(player.G.embed.mix(player.latents(torch.arange(4))))
    real = torch.from_numpy(player.data.images).permute(0, 3, 1, 2) / 127.5 - 1
    distances = (drawn[:, None] - real[None]).abs().mean(dim=(2, 3, 4))
    assert distances.argmin(dim=1).tolist() == [0, 1, 2, 3]


def test_only_the_latents_of_the_pictures_in_the_batch_move() -> None:
    player = Trainer(PAIRED, pictures(40))
    assert player.latents is not None
    before = player.latents.free.detach().clone()
    player.step()
    player.step()
    moved = (player.latents.free != before).any(dim=1)
    assert 1 <= int(moved.sum()) <= 2 * PAIRED.batch


def test_half_of_an_adversarial_batch_uses_random_latents() -> None:
    player = Trainer(replace(PAIRED, warm_up_share=0.25), pictures())
    assert set(player.step(0.2)) == {"g_l1"}
    report = player.step(0.3)
    assert {"d_loss", "g_loss", "g_l1", "g_patches"} <= set(report)
    assert player._batch().paired == PAIRED.batch // 2
    # of one picture there is no telling how those from any latent differ
    assert "g_patches" not in Trainer(replace(PAIRED, batch=2, warm_up_share=0.0), pictures()).step()
    # a run that is given more time does not go back
    assert "d_loss" in player.step(0.1)


def test_latents_are_learned_where_they_are_unknown_and_the_pictures_few() -> None:
    assert Trainer(PAIRED, pictures(12)).latents is not None
    assert Trainer(replace(PAIRED, learn_latents=11), pictures(12)).latents is None
    assert Trainer(replace(HOUSE, z_dim=HOUSE.z_dim + 5), labelled()).latents is None
    assert Trainer(ARTICLE, pictures()).latents is None


def test_a_generator_that_chooses_learns_how_often_the_new_pictures_want_each_value() -> None:
    known = labelled()
    data = replace(pictures(), attributes=known.attributes)
    player = Trainer(replace(PAIRED, z_dim=PAIRED.z_dim + 5), data)
    assert isinstance(player.G, FastGenerator)
    assert player.G.embed.choose is not None
    before = player.G.embed.choose.prior.clone()
    for _ in range(8):
        player.step()
    assert player.latents is not None
    torch.testing.assert_close(player.G.embed.choose.prior, player.latents.prior())
    assert not torch.equal(player.G.embed.choose.prior, before)
    average = player.average
    assert isinstance(average, FastGenerator)
    assert average.embed.choose is not None
    torch.testing.assert_close(average.embed.choose.prior, player.latents.prior())
