"""Upscaler training: pairs match, quantisation equals that of inference, and the loss decreases."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from gan import artist
from gan.checkpoint.weights import WeightsError, load_card
from gan.codes import IconCode
from gan.sampling.sampler import Sampler
from gan.second_stages.upscaler import train
from gan.second_stages.upscaler.degrading import degraded
from gan.second_stages.upscaler.exact import ExactUpscaler, read_upscaler
from gan.second_stages.upscaler.house_palette import colour_slots, house_colours
from gan.second_stages.upscaler.losses import BORDER, label_loss
from gan.second_stages.upscaler.network import LEVELS, UNIT, Upscaler, quantised, rounded, steps
from gan.second_stages.upscaler.pair_source import WINDOW
from gan.second_stages.upscaler.pair_source import _inner as inner_of
from gan.second_stages.upscaler.pairs import balanced_orders, drawings, mixed_orders, seed_orders
from gan.second_stages.upscaler.spec import PLAIN, Spec, learned

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


def thin(spec: Spec) -> Spec:
    """Return the architecture that takes the same inputs with few channels."""
    stages = [
        replace(stage, width=16, convolutions=1, grows=spec.colours if spec.labels and stage is spec.stages[-1] else 16)
        for stage in spec.stages
    ]
    return replace(spec, stages=tuple(stages), map_channels=8 if spec.conditions else 0)


@pytest.mark.parametrize("plain", [False, True])
def test_a_few_steps_improve_what_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, plain: bool) -> None:
    # the usual architectures take some hundred steps before they draw more than one colour
    monkeypatch.setattr(train, "learned", lambda *conditions: thin(learned(*conditions)))
    monkeypatch.setattr(train, "PLAIN", thin(PLAIN))
    out, figures = tmp_path / "up.safetensors", []
    options = ["--generator", str(WEIGHTS), "--out", str(out), "--device", "cpu", "--pictures", "8", "--first", "4"]
    options += ["--held", "2", "--batch", "4" if plain else "2", "--lr", "0.004", *(["--plain"] if plain else [])]
    for steps_ in ("1", "32" if plain else "24"):
        train.main([*options, "--steps", steps_])
        ExactUpscaler(*read_upscaler(out))  # its sums are exact
        figures.append(json.loads(out.with_suffix(".history.json").read_text())[-1])
    first, last = figures
    if plain:
        assert last["psnr"] > first["psnr"] + 1
    else:
        assert last["wrong"] < 0.9 * first["wrong"]
    with Image.open(out.with_suffix(".sheet.png")) as sheet:
        assert sheet.size == (2 * 256, 2 * 256)


def test_attributes_that_only_select_colours_share_their_maps() -> None:
    assert colour_slots() == ["skin", "hair_colour", "eye_colour", "background", "clothes_colour", "accent_colour"]
    maps = torch.arange(24.0).view(2, 3, 2, 2)
    train.share([maps], [torch.tensor([0, 2])])
    assert torch.equal(maps[:, 0], maps[:, 2])
    assert maps[0, 0, 0, 0] == 4
    assert maps[0, 1, 0, 0] == 4
    assert maps[0, 1, 0, 1] == 5


def test_training_continues_from_whole_numbers_without_a_change() -> None:
    torch.manual_seed(0)
    trained, continued = Upscaler(thin(learned(20, 6))), Upscaler(thin(learned(20, 6)))
    continued.load_whole(trained.whole())
    for name, tensor in trained.whole().items():
        assert torch.equal(continued.whole()[name], tensor), name


def test_an_upscaler_of_another_architecture_is_no_start() -> None:
    with pytest.raises(WeightsError, match="has no upscaler of this architecture"):
        train.begin_from(Upscaler(thin(PLAIN)), WEIGHTS)


def test_a_window_is_drawn_as_the_whole_picture_apart_from_its_edge() -> None:
    torch.manual_seed(0)
    network = Upscaler(thin(learned(20, 6)))
    x = torch.randint(0, 255, (1, 16, 64, 64)).float()
    whole = network.fine(x)
    for corner in ((0, 0), (7, 24), (24, 11)):
        y, left = corner
        part = network.fine(x[:, :, y : y + WINDOW, left : left + WINDOW])
        inner = torch.nn.functional.max_pool2d(inner_of([corner])[None], 2)[0, 0].bool()
        same = whole[:, :, 2 * y : 2 * (y + WINDOW), 2 * left : 2 * (left + WINDOW)]
        assert torch.allclose(part[0][:, inner], same[0][:, inner], atol=1e-2)
        assert inner.float().mean() > 0.7


def test_the_loss_is_the_cross_entropy_of_the_shuffled_scores() -> None:
    torch.manual_seed(0)
    scores = (torch.randn(2, 20, 6, 6) * 30).requires_grad_()
    labels, shares = torch.randint(0, 5, (2, 2, 24, 24)).to(torch.uint8), torch.tensor([[1, 0], [0.3, 0.7]])
    inner = torch.ones(2, 12, 12)
    inner[:, :2] = 0
    ours = label_loss(scores, labels, shares, inner)
    [slope] = torch.autograd.grad(ours, scores)
    first, pool = labels[:, :1].float(), torch.nn.functional.max_pool2d
    meet = pool(first, 3, 1, 1) != -pool(-first, 3, 1, 1)  # also diagonally, unlike ours
    weight = inner * (1 + BORDER * pool(pool(meet.float(), 2), 3, 1, 1)[:, 0])
    shuffled, theirs = torch.nn.functional.pixel_shuffle(scores, 2) / UNIT, torch.zeros(())
    for number in range(2):
        for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)):
            target = labels[:, number, y::2, x::2].long()
            each = torch.nn.functional.cross_entropy(shuffled, target, reduction="none")
            theirs = theirs + (each * shares[:, number, None, None] / 4 * weight / weight.sum()).sum()
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-5)
    torch.testing.assert_close(slope, torch.autograd.grad(theirs, scores)[0], atol=1e-8, rtol=1e-3)
