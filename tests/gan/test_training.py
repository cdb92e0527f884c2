"""The trainer: single steps, and exact resumption."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from gan.errors import MeliconError
from gan.networks.fast import FastGenerator
from gan.training import PRESETS, Trainer, TrainingError, TrainingOptions, losses
from gan.training.forecast import kimg_after, measure_speed, minutes_for
from gan.training.networks import architecture
from gan.training.options import BEFORE
from gan.training.precision import fastest_precision
from tests.gan.tiny_runs import ARTICLE, FAST, HOUSE, PAIRED, assert_equal, labelled, pictures, trainer

pytestmark = pytest.mark.usefixtures("few_recalibration_latents")

ALL = pytest.mark.parametrize(
    "options", [ARTICLE, FAST, HOUSE, PAIRED], ids=["article", "adversarial only", "house", "fast"]
)
BFLOAT16 = replace(FAST, precision="bfloat16")


@pytest.mark.parametrize("options", [ARTICLE, FAST, HOUSE, PAIRED, BFLOAT16])
def test_a_run_taken_up_again_ends_with_exactly_the_weights_of_one_never_stopped(options: TrainingOptions) -> None:
    through = trainer(options)
    for step in range(6):
        through.step(step / 6)
    stopped = trainer(options)
    for step in range(3):
        stopped.step(step / 6)
    resumed = trainer(replace(options))
    torch.manual_seed(5)  # no other random numbers may play a part
    resumed.load_state(stopped.state())
    for step in range(3, 6):
        resumed.step(step / 6)
    assert_equal(resumed.state(), through.state())


@ALL
def test_a_step_moves_both_networks_and_the_average(options: TrainingOptions) -> None:
    player = trainer(replace(options, warm_up_kimg=0.0, warm_up_share=0.0))
    before = player.state()
    player.step()
    after = player.state()
    for name in ("G", "D", "average"):
        learned = [k for k in before if k.startswith(f"{name}.") and k.endswith(("weight", "original", "gamma"))]
        still = [k for k in learned if torch.equal(before[k], after[k])]
        # attention's query, key and value wait for gamma to leave 0
        assert [k for k in still if not any(part in k for part in ("query", "key", "value"))] == []


def test_the_article_is_trained_by_its_own_recipe() -> None:
    article = PRESETS["article"]
    assert (article.z_dim, article.batch, article.lr_g, article.lr_d) == (20, 5, 1e-4, 4e-4)
    assert (article.beta1, article.beta2, article.loss) == (0.0, 0.9, "hinge")
    assert (article.gamma, article.augment, article.ema_kimg, article.precision) == (0.0, (), 0.0, "float32")
    assert article.anneal_from == 1.0
    player = trainer(ARTICLE)
    assert [group["betas"] for group in player.optimiser_g.param_groups] == [(0.0, 0.9)]
    player.step(0.99)
    assert [player.optimiser_g.param_groups[0]["lr"], player.optimiser_d.param_groups[0]["lr"]] == [1e-4, 4e-4]
    assert_equal(player.G.state_dict(), player.average.state_dict())


def test_the_article_draws_anew_for_the_generators_step_and_ours_reuses_the_drawings() -> None:
    for options, drawings in ((ARTICLE, 2), (FAST, 1)):
        player = trainer(options)
        calls: list[int] = []
        player.G.register_forward_hook(lambda *_, calls=calls: calls.append(1))
        player.step()
        assert len(calls) == drawings


def test_the_article_runs_at_full_size() -> None:
    player = Trainer(PRESETS["article"], pictures())
    report = player.step()
    assert set(report) == {"d_loss", "d_real", "d_drawn", "g_loss"}
    assert player.seen == 5


def test_penalties_come_every_so_many_steps_and_count_for_the_steps_between() -> None:
    options = replace(FAST, d_reg_interval=3)
    player = trainer(options)
    assert ["penalty" in player.step() for _ in range(7)] == [True, False, False, True, False, False, True]
    assert "penalty" not in trainer(replace(FAST, gamma=0.0)).step()


def test_the_supervised_phase_trains_g_alone_and_ends_on_time() -> None:
    player = trainer(HOUSE)
    D = {name: p.clone() for name, p in player.D.state_dict().items()}
    group = player.optimiser_g.param_groups[0]
    rates, reports = [], []
    for _ in range(3):
        reports.append(player.step())
        rates.append(group["lr"])
        assert group["betas"] == (HOUSE.warm_up_beta1, HOUSE.beta2)
    assert [set(report) for report in reports] == [{"g_l1"}] * 3
    assert rates[:2] == [HOUSE.warm_up_lr] * 2
    assert HOUSE.lr_g < rates[2] < HOUSE.warm_up_lr
    assert_equal(D, player.D.state_dict())
    assert player.seen == 12
    assert {"d_loss", "g_loss", "d_classification", "g_classification", "g_l1"} <= set(player.step())
    assert group["lr"] == HOUSE.lr_g
    assert group["betas"] == (HOUSE.beta1, HOUSE.beta2)


@pytest.mark.parametrize("options", [HOUSE, PAIRED], ids=["house", "fast"])
def test_one_round_in_so_many_is_adversarial(options: TrainingOptions) -> None:
    player = trainer(replace(options, warm_up_kimg=0.001, warm_up_share=0.1, adversarial_every=3, d_reg_interval=2))
    player.step(0.0)
    player.steps = 0
    reports = [player.step(0.5) for _ in range(8)]
    assert ["d_loss" in report for report in reports] == [True, True, False, False, False, False, True, True]
    assert ["penalty" in report for report in reports] == [True] + 5 * [False] + [True, False]
    assert all("g_l1" in report for report in reports)


def test_without_supervision_every_round_is_adversarial() -> None:
    player = trainer(replace(FAST, adversarial_every=3, d_reg_interval=1))
    assert all("d_loss" in player.step(0.5) for _ in range(3))


def test_unlabelled_pictures_are_trained_adversarially_only() -> None:
    assert set(trainer(HOUSE, pictures()).step()) == {"d_loss", "d_real", "d_drawn", "penalty", "g_loss"}


def test_a_labelled_picture_is_drawn_from_its_conditions() -> None:
    player = trainer(HOUSE)
    batch = player._batch()
    assert isinstance(player.G, FastGenerator)
    assert batch.conditions is not None
    heard = []
    player.G.embed.mix.register_forward_pre_hook(lambda _module, inputs: heard.append(inputs[0]))
    player._draw(batch)
    assert torch.equal(heard[0][:, -5:], batch.conditions)
    assert batch.conditions.sum(dim=1).tolist() == [2.0] * 4


def test_pictures_labels_and_conditions_of_a_batch_match() -> None:
    data = labelled()
    player = trainer(HOUSE, data)
    batch = player._batch()
    assert batch.labels is not None
    assert batch.conditions is not None
    assert data.labels is not None
    assert data.conditions is not None
    images = data.images.reshape(len(data.images), -1)
    for i in range(4):
        shown = ((batch.real[i].permute(1, 2, 0) + 1) * 127.5).round().byte().numpy().ravel()
        (index,) = np.flatnonzero((images == shown).all(axis=1))
        assert batch.labels[i].tolist() == data.labels[index].tolist()
        assert batch.conditions[i].nonzero().flatten().tolist() == [
            data.conditions[index, 0],
            3 + data.conditions[index, 1],
        ]


def test_attributes_are_drawn_as_often_as_the_training_set_says() -> None:
    G = trainer(HOUSE).G
    assert isinstance(G, FastGenerator)
    assert G.embed.choose is not None
    assert G.embed.choose.prior.exp().tolist() == pytest.approx([0.5, 0.25, 0.25, 0.75, 0.25])


def test_learning_rates_fall_in_a_cosine_from_the_share_that_is_set() -> None:
    options = replace(FAST, anneal_from=0.5, anneal_to=0.1)
    player = trainer(options)
    for progress, factor in ((0.0, 1.0), (0.5, 1.0), (0.75, 0.55), (1.0, 0.1)):
        player._set_learning_rates(progress)
        assert player.optimiser_g.param_groups[0]["lr"] == pytest.approx(options.lr_g * factor)
        assert player.optimiser_d.param_groups[0]["lr"] == pytest.approx(options.lr_d * factor)


def test_the_seed_decides_everything() -> None:
    one, same, other = (trainer(replace(FAST, seed=seed)) for seed in (3, 3, 4))
    for player in (one, same, other):
        player.step()
    assert_equal(one.state(), same.state())
    assert not torch.equal(one.state()["G.stem.weight"], other.state()["G.stem.weight"])


def test_networks_of_other_widths_are_described_so_that_a_card_can_build_them() -> None:
    assert architecture(PRESETS["fast"], pictures()) == {
        "name": "fast",
        "z_dim": 8,
        "mapping": 128,
        "widths": [192, 128, 64, 32],
        "detail": 12,
    }
    assert architecture(ARTICLE, pictures()) == {"name": "article", "z_dim": 20, "width": 8}
    described = architecture(FAST, pictures())
    assert described == {"name": "fast", "z_dim": 8, "widths": [48, 32, 16, 8], "detail": 3, "mapping": 8}


# ---- what can go wrong


def test_a_loss_that_is_not_finite_stops_the_run_and_is_shown() -> None:
    player = trainer(FAST)
    player.step()
    nn.init.constant_(next(player.D.parameters()), float("nan"))
    with pytest.raises(TrainingError, match=r"no longer a finite number after 8 pictures \(.*d_loss nan"):
        player.step()


def test_weights_that_are_not_finite_are_no_state_to_keep_even_if_no_loss_has_told_yet() -> None:
    player = trainer(FAST)
    player.step()
    next(player.G.parameters()).data[0] = float("inf")
    with pytest.raises(
        TrainingError, match=r"G\.embed\.mix\.0\.weight holds numbers that are not finite after 4 pictures"
    ):
        player.state()


@pytest.mark.parametrize("harm", ["dice", "counters", "G.stem.weight", "optimiser_g.0.exp_avg"])
def test_a_state_that_lacks_something_does_not_fit(harm: str) -> None:
    player = trainer(FAST)
    player.step()
    state = player.state()
    del state[harm]
    with pytest.raises(TrainingError, match="the checkpoint does not fit the run's options"):
        trainer(FAST).load_state(state)


def test_a_state_of_other_networks_does_not_fit() -> None:
    with pytest.raises(TrainingError, match="does not fit the run's options"):
        trainer(FAST).load_state(trainer(replace(FAST, width=0.25)).state())
    with pytest.raises(TrainingError, match="does not fit the run's options"):
        trainer(FAST).load_state(trainer(ARTICLE).state())


def test_options_survive_json_and_a_strange_one_is_refused() -> None:
    for options in (*PRESETS.values(), FAST, HOUSE):
        assert TrainingOptions.from_json(options.to_json()) == options
    with pytest.raises(MeliconError, match="does not know: mood; start a new run"):
        TrainingOptions.from_json('{"mood": 1}')
    for text in ('{"batch": "5"}', '{"batch": 5.5}', '{"augment": "cutout"}', '{"lr_g": null}', '{"z_dim": true}'):
        with pytest.raises(ValueError, match="input should be"):
            TrainingOptions.from_json(text)


def test_options_of_a_run_from_before_an_option_was_there_keep_its_default() -> None:
    read = TrainingOptions.from_json('{"batch": 5, "lr_g": 1}')
    # no latents were learned then, and networks had one size and no mapping
    assert (read.learn_latents, read.warm_up_share, read.width, read.mapping) == (0, 0.0, 1.0, 0)
    assert read == replace(TrainingOptions(), **BEFORE, batch=5, lr_g=1)


def test_options_are_read_under_their_former_names() -> None:
    former = {
        "ema_ramp": 0.1,
        "emphasis": 0.2,
        "game_every": 3,
        "naming": 0.4,
        "penalty_every": 5,
        "reconstruction": 0.6,
        "seeing": 0.7,
        "squares": 0.8,
    }
    read = TrainingOptions.from_json(json.dumps(former))
    assert (read.ema_rampup, read.saliency, read.adversarial_every, read.classification) == (0.1, 0.2, 3, 0.4)
    assert (read.d_reg_interval, read.l1, read.perceptual, read.l2) == (5, 0.6, 0.7, 0.8)
    with pytest.raises(ValueError, match="JSON object"):
        TrainingOptions.from_json("[]")


def test_of_options_that_are_gone_only_what_nobody_used_is_passed_over() -> None:
    assert TrainingOptions.from_json('{"palette": 0}') == TrainingOptions.from_json("{}")
    with pytest.raises(MeliconError, match="does not know: palette"):
        TrainingOptions.from_json('{"palette": 16}')


# ---- speed


def test_the_fastest_precision_is_one_of_both() -> None:
    assert fastest_precision() in {"float32", "bfloat16"}


def test_a_forecast_times_each_phase_and_adds_them_up() -> None:
    assert set(measure_speed(trainer(FAST), 0.01)) == {"adversarial"}
    speed = measure_speed(trainer(HOUSE), 0.01)
    assert set(speed) == {"supervised", "adversarial"}
    speed = {"supervised": 100.0, "adversarial": 10.0}
    house, paired = trainer(replace(HOUSE, warm_up_kimg=6.0)), trainer(replace(PAIRED, warm_up_share=0.25))
    assert minutes_for(6.0, house, speed) == pytest.approx(1)
    assert minutes_for(9.0, house, speed) == pytest.approx(1 + 5)
    assert minutes_for(6.0, paired, speed) == pytest.approx((1.5 / 100 + 4.5 / 10) * 1000 / 60)
    assert kimg_after(4.0, paired, speed) == pytest.approx(6.0 + 1.8)
    for kimg in (3.0, 6.0, 9.0):
        assert kimg_after(minutes_for(kimg, house, speed), house, speed) == pytest.approx(kimg)


def test_a_forecast_times_both_phases_of_a_run_that_learns_latents() -> None:
    assert set(measure_speed(trainer(PAIRED), 0.01)) == {"supervised", "adversarial"}


def test_two_steps_with_hinge_loss_match_the_formulae() -> None:
    player = trainer(replace(ARTICLE, batch=3))
    twin = trainer(replace(ARTICLE, batch=3))
    report = player.step()
    batch = twin._batch()
    drawn = twin._draw(batch)
    loss = losses.hinge_d(twin.D(batch.real), twin.D(drawn.detach()))
    assert report["d_loss"] == pytest.approx(loss.item(), rel=1e-5)
