"""The losses, compared with manually computed numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from gan.training import losses

REAL, FAKE = torch.tensor([2.0, 0.5, -1.0]), torch.tensor([-2.0, 0.0, 0.5])


def test_hinge_d_is_the_mean_of_what_lacks_to_1_and_to_minus_1() -> None:
    # real: 0, 0.5, 2 → 2.5/3; fake: 0, 1, 1.5 → 2.5/3
    assert losses.hinge_d(REAL, FAKE).item() == pytest.approx(5 / 3)


def test_hinge_g_is_minus_the_mean_logit_of_what_was_drawn() -> None:
    assert losses.hinge_g(FAKE).item() == pytest.approx(0.5)


def test_relativistic_d_compares_each_real_picture_with_its_drawn_one() -> None:
    # differences 4, 0.5, -1.5: ln(1 + e^-4) = 0.018150, ln(1 + e^-0.5) = 0.474077, ln(1 + e^1.5) = 1.701413
    assert losses.relativistic_d(REAL, FAKE).item() == pytest.approx((0.018150 + 0.474077 + 1.701413) / 3, abs=1e-6)


def test_relativistic_g_is_d_with_the_roles_exchanged() -> None:
    # ln(1 + e^4) = 4.018150, ln(1 + e^0.5) = 0.974077, ln(1 + e^-1.5) = 0.201413
    assert losses.relativistic_g(REAL, FAKE).item() == pytest.approx((4.018150 + 0.974077 + 0.201413) / 3, abs=1e-6)
    assert torch.equal(losses.relativistic_g(REAL, FAKE), losses.relativistic_d(FAKE, REAL))


def test_equal_logits_cost_both_relativistic_players_ln_2() -> None:
    assert losses.relativistic_d(REAL, REAL).item() == pytest.approx(math.log(2))
    assert losses.relativistic_g(REAL, REAL).item() == pytest.approx(math.log(2))


def test_the_gradient_penalty_of_a_linear_judge_is_the_squared_length_of_its_weights() -> None:
    weights = torch.randn(3, 4, 4)
    penalty = losses.gradient_penalty(lambda x: (x * weights).sum(dim=(1, 2, 3)), torch.randn(5, 3, 4, 4))
    assert penalty.item() == pytest.approx(weights.square().sum().item(), rel=1e-5)


def test_the_gradient_penalty_is_a_mean_over_pictures_of_sums_over_their_pixels() -> None:
    images = torch.stack([torch.full((3, 2, 2), 1.0), torch.full((3, 2, 2), 3.0)])
    # D(x) = Σx² has the gradient 2x: 12 · 2² = 48 and 12 · 6² = 432
    penalty = losses.gradient_penalty(lambda x: x.square().sum(dim=(1, 2, 3)), images)
    assert penalty.item() == pytest.approx((48 + 432) / 2)


def test_the_gradient_penalty_can_be_learned_from() -> None:
    w = torch.tensor(3.0, requires_grad=True)
    losses.gradient_penalty(lambda x: w * x.sum(dim=(1, 2, 3)), torch.randn(2, 3, 2, 2)).backward()
    assert w.grad is not None
    assert w.grad.item() == pytest.approx(2 * 3 * 12)  # d/dw of 12·w²


def test_the_gradient_penalty_leaves_its_pictures_alone() -> None:
    images = torch.randn(2, 3, 2, 2, requires_grad=True)
    losses.gradient_penalty(lambda x: x.square().sum(dim=(1, 2, 3)), images).backward()
    assert images.grad is None


def test_classification_loss_is_the_mean_cross_entropy() -> None:
    first = torch.tensor([[0.0, math.log(3)], [0.0, math.log(3)]])  # 1/4 and 3/4
    second = torch.zeros(2, 5)  # a fifth each
    labels = torch.tensor([[1, 0], [0, 4]])
    expected = ((-math.log(3 / 4) - math.log(1 / 4)) / 2 + math.log(5)) / 2
    assert losses.classification_loss([first, second], labels).item() == pytest.approx(expected, rel=1e-6)


def test_l1_is_the_mean_absolute_difference() -> None:
    drawn, real = torch.tensor([[0.5, -1.0]]), torch.tensor([[1.0, 1.0]])
    assert losses.l1(drawn, real).item() == pytest.approx(1.25)


def test_l2_is_the_mean_squared_difference() -> None:
    drawn, real = torch.tensor([[0.5, -1.0]]), torch.tensor([[1.0, 1.0]])
    assert losses.l2(drawn, real).item() == pytest.approx((0.25 + 4) / 2)


def test_a_feature_in_four_of_ten_pictures_vanishes_under_l1_but_not_under_l2() -> None:
    real = torch.tensor([1.0] * 4 + [0.0] * 6)
    tries = torch.linspace(0, 1, 101)
    best = {
        loss.__name__: tries[int(torch.stack([loss(t.expand(10), real) for t in tries]).argmin())].item()
        for loss in (losses.l1, losses.l2)
    }
    assert best == pytest.approx({"l1": 0.0, "l2": 0.4})


def test_perceptual_loss_is_the_divergence_of_each_attribute() -> None:
    real = [torch.tensor([[0.0, math.log(3)]]), torch.zeros(1, 4)]
    drawn = [torch.tensor([[math.log(3), 0.0]]), torch.zeros(1, 4)]
    there = 0.25 * math.log(0.25 / 0.75) + 0.75 * math.log(0.75 / 0.25)
    assert losses.perceptual_loss(drawn, real).numpy() == pytest.approx(np.array([[there, 0.0]]), abs=1e-6)
    assert losses.perceptual_loss(real, real).numpy() == pytest.approx(np.zeros((1, 2)), abs=1e-6)


def flat(*levels: float) -> torch.Tensor:
    """Pictures (N, 3, 16, 16) of one level each."""
    return torch.tensor(levels, dtype=torch.float32).view(-1, 1, 1, 1).expand(-1, 3, 16, 16)


def test_patch_energy_is_twice_how_far_from_real_ones_less_how_far_from_each_other() -> None:
    # drawn 0 and 1, real 0 and 2: distances 0, 2, 1, 1, and 1 from each other
    assert losses.patch_energy(flat(0, 1), flat(0, 2)).item() == pytest.approx(2 * 1 - 1, abs=0.02)


def test_patch_energy_would_rather_have_drawn_ones_differ_as_real_ones_do_than_be_their_average() -> None:
    real = flat(-1, -1, 1, 1)
    alike, averages, wider = flat(1, -1, 1, -1), flat(0, 0, 0, 0), flat(2, -2, 2, -2)
    least = losses.patch_energy(alike, real)
    assert least < losses.patch_energy(averages, real) - 0.5
    assert least < losses.patch_energy(wider, real) - 0.5


def test_patch_energy_compares_what_is_at_one_place() -> None:
    left = flat(0, 0).clone()
    left[:, :, :, :8] = 1
    right = left.flip(3)
    mixed = torch.cat([left[:1], right[:1]])
    assert losses.patch_energy(left, left).item() == pytest.approx(0, abs=0.02)
    assert losses.patch_energy(left, right).item() == pytest.approx(2, abs=0.02)
    # each square of them is as often black as white, as in pictures that are all black or all white
    assert losses.patch_energy(mixed, flat(0, 1)).item() == pytest.approx(0.01 + 2 * 0.5 - 1, abs=0.02)


def test_patch_energy_cuts_from_its_corner_on_and_around_the_border() -> None:
    generator = torch.Generator().manual_seed(0)
    drawn, real = torch.rand(3, 3, 16, 16, generator=generator), torch.rand(4, 3, 16, 16, generator=generator)
    shifted = losses.patch_energy(drawn, real, (3, 5))
    assert shifted.item() != pytest.approx(losses.patch_energy(drawn, real).item(), abs=1e-6)
    rolled = [x.roll((-3, -5), dims=(2, 3)) for x in (drawn, real)]
    assert shifted.item() == pytest.approx(losses.patch_energy(*rolled).item(), abs=1e-6)


def test_patch_energy_has_a_slope_where_drawn_ones_are_equal() -> None:
    drawn = flat(0, 0).clone().requires_grad_(True)
    losses.patch_energy(drawn, flat(0, 1)).backward()
    assert drawn.grad is not None
    assert drawn.grad.isfinite().all()
