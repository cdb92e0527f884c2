"""The fast pair: shapes, layers, and the selection of attributes by latents."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from gan.networks.fast import (
    AttributeChoice,
    EqualConv,
    EqualLinear,
    FastDiscriminator,
    FastGenerator,
    UpBlock,
    minibatch_stddev,
)

WIDTHS = (16, 12, 8, 4)


def generator(**changes: object) -> FastGenerator:
    torch.manual_seed(0)
    return FastGenerator(z_dim=12, widths=WIDTHS, detail=4, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes", [{}, {"attributes": (3, 2)}, {"mapping": 10}, {"attributes": (3, 2), "mapping": 10}]
)
def test_a_latent_becomes_a_picture_of_64_by_64_within_minus_1_and_1(changes: dict[str, object]) -> None:
    picture = generator(**changes)(torch.randn(3, 12) * 5)
    assert picture.shape == (3, 3, 64, 64)
    assert picture.abs().max() <= 1


def test_a_fresh_generator_draws_near_grey_so_that_tanh_does_not_saturate() -> None:
    assert FastGenerator()(torch.randn(8, 128)).abs().mean() < 0.6


def test_a_fresh_generators_gradients_reach_every_parameter() -> None:
    network = generator(attributes=(3, 2), mapping=10)
    network(torch.randn(4, 12)).square().sum().backward()
    assert [name for name, p in network.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_an_upblock_doubles_the_side() -> None:
    assert UpBlock(6, 4)(torch.randn(2, 6, 8, 8)).shape == (2, 4, 16, 16)


# ---- attributes


def choice(*chances: list[float]) -> AttributeChoice:
    chosen = AttributeChoice([len(c) for c in chances])
    chosen.prior.copy_(torch.tensor([math.log(p) for c in chances for p in c]))
    return chosen


def test_attributes_are_chosen_as_often_as_the_prior_says() -> None:
    chances = [[0.7, 0.2, 0.1], [0.02, 0.98]]
    z = torch.randn(40_000, 5, generator=torch.Generator().manual_seed(3))
    shares = choice(*chances)(z).mean(dim=0)
    for share, p in zip(shares.tolist(), chances[0] + chances[1], strict=True):
        assert share == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 40_000))


def test_the_weights_of_an_attribute_sum_to_1_and_nearly_always_one_value_has_them_all() -> None:
    chosen = AttributeChoice([3, 7])
    groups = chosen.groups(chosen(torch.randn(5_000, 10, generator=torch.Generator().manual_seed(0))))
    for group in groups:
        torch.testing.assert_close(group.sum(dim=1), torch.ones(5_000))
        assert group.min() >= 0
        assert (group.max(dim=1).values < 0.9).double().mean() < 1 / 60


def test_a_choice_is_a_function_of_its_latent_alone() -> None:
    chosen, z = AttributeChoice([4, 4]), torch.randn(6, 8)
    alone = torch.cat([chosen(row[None]) for row in z])
    torch.testing.assert_close(chosen(z), alone, rtol=0, atol=1e-6)
    assert torch.equal(chosen(z), chosen(z))


def test_latents_far_out_are_still_choices() -> None:
    extremes = AttributeChoice([2])(torch.tensor([[50.0, -50.0], [-50.0, 50.0], [50.0, 50.0]]))
    torch.testing.assert_close(extremes, torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]))


def test_a_distinct_choice_is_the_value_with_the_greatest_weight_and_of_equal_ones_the_first() -> None:
    weights = torch.tensor([[0.4, 0.6, 0.5, 0.1, 0.4], [1.0, 0.0, 0.2, 0.4, 0.4]])
    expected = torch.tensor([[0.0, 1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0, 0.0]])
    assert torch.equal(AttributeChoice([2, 3]).distinct(weights), expected)


def test_the_free_numbers_of_a_latent_pass_the_choice_untouched() -> None:
    embed = generator(attributes=(3, 2)).embed
    z = torch.randn(4, 12)
    resolved = embed.resolve(z)
    assert embed.free == 7
    assert torch.equal(resolved[:, :7], z[:, :7])
    assert not torch.equal(resolved[:, 7:], z[:, 7:])


def test_a_choice_begins_uniform() -> None:
    assert AttributeChoice([4]).prior.exp().tolist() == pytest.approx([0.25] * 4)


# ---- the discriminator


def test_it_gives_one_logit_a_picture_and_logits_for_every_attribute() -> None:
    D = FastDiscriminator(WIDTHS, attributes=(3, 2))
    x = torch.randn(5, 3, 64, 64)
    features = D.features(x)
    assert features.shape == (5, 4, 4, 4)
    assert D(x).shape == (5,)
    assert [logits.shape for logits in D.classify(features)] == [(5, 3), (5, 2)]


def test_it_names_nothing_where_there_is_nothing_to_name() -> None:
    D = FastDiscriminator(WIDTHS)
    assert D.classify(D.features(torch.randn(2, 3, 64, 64))) == []
    assert not [name for name, _ in D.named_parameters() if "naming" in name]


def test_equalised_layers_use_their_weights_scaled_by_the_fan_in() -> None:
    convolution, linear = EqualConv(5, 3, 4, 2), EqualLinear(5, 3, gain=math.sqrt(2))
    x = torch.randn(2, 5, 8, 8)
    expected = F.conv2d(x, convolution.weight * math.sqrt(2 / (5 * 16)), stride=2, padding=1)
    torch.testing.assert_close(convolution(x), expected)
    torch.testing.assert_close(linear(x[:, :, 0, 0]), x[:, :, 0, 0] @ linear.weight.T * math.sqrt(2 / 5))
    assert EqualConv(64, 64, 3).weight.std().item() == pytest.approx(1, abs=0.05)


def test_the_spread_of_a_group_is_the_mean_standard_deviation_of_its_pictures() -> None:
    x = torch.randn(8, 3, 2, 2)
    out = minibatch_stddev(x, group=4)
    assert torch.equal(out[:, :3], x)
    for first in (0, 1):  # pictures 0, 2, 4, 6 are a group, and 1, 3, 5, 7
        spread = x[first::2].double().var(dim=0, unbiased=False).sqrt().mean().item()
        assert out[first::2, 3].flatten().tolist() == pytest.approx([spread] * 16, abs=1e-4)


def test_a_batch_of_one_face_has_no_spread_whatever_the_batch_size() -> None:
    for size in (1, 2, 6, 7, 16):
        same = torch.randn(1, 3, 4, 4).repeat(size, 1, 1, 1)
        assert minibatch_stddev(same)[:, 3].abs().max() < 1e-3
