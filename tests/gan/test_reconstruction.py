"""The reconstruction loss: L1, L2 and the perceptual loss of paired pictures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gan.training import PRESETS, TrainingOptions
from gan.training.batches import PictureTensors, labelled_pictures, pictures, requested_choices
from gan.training.ema import recalibrate_batchnorm
from gan.training.reconstruction import ReconstructionLoss
from gan.training.trainer import Trainer
from gan.training.training_set import TrainingSet

OPTIONS = replace(
    PRESETS["house"], z_dim=8 + 287, width=0.05, mapping=16, batch=4, precision="float32", warm_up_kimg=0.1
)


@pytest.fixture(scope="module")
def data() -> TrainingSet:
    return TrainingSet.load("artist:practice:24")[0]


def loss_of(data: TrainingSet, options: TrainingOptions, drawn: torch.Tensor) -> tuple[float, dict[str, float]]:
    """Return the loss of the first four pictures as `drawn`, and what it reports."""
    loss, report = ReconstructionLoss(options, data)(labelled_pictures(PictureTensors.of(data), torch.arange(4)), drawn)
    return loss.item(), report


def test_the_pictures_themselves_are_without_fault(data: TrainingSet) -> None:
    real = pictures(PictureTensors.of(data), torch.arange(4)).real
    loss, report = loss_of(data, OPTIONS, real)
    assert loss == pytest.approx(0, abs=1e-6)
    assert report == {"g_l1": 0.0, "g_perceptual": pytest.approx(0, abs=1e-6)}


def test_each_part_of_the_loss_has_its_weight(data: TrainingSet) -> None:
    drawn = pictures(PictureTensors.of(data), torch.arange(4, 8)).real
    alone = {
        name: loss_of(data, replace(OPTIONS, **{"l1": 0.0, "l2": 0.0, "perceptual": 0.0, name: 1.0}), drawn)
        for name in ("l1", "l2", "perceptual")
    }
    values = {name: loss for name, (loss, _) in alone.items()}
    whole, report = loss_of(data, replace(OPTIONS, l1=2.0, l2=3.0, perceptual=4.0), drawn)
    assert whole == pytest.approx(2 * values["l1"] + 3 * values["l2"] + 4 * values["perceptual"], rel=1e-5)
    assert report == pytest.approx({"g_l1": values["l1"], "g_perceptual": values["perceptual"]})


def test_perceptual_loss_reacts_to_another_face_but_not_to_a_shade(data: TrainingSet) -> None:
    real = pictures(PictureTensors.of(data), torch.arange(4)).real
    _, shade = loss_of(data, OPTIONS, (real - 0.02).clamp(-1, 1))
    _, other = loss_of(data, OPTIONS, pictures(PictureTensors.of(data), torch.arange(4, 8)).real)
    assert shade["g_perceptual"] < 0.1
    assert other["g_perceptual"] > 1


def test_the_perceptual_classifier_is_frozen_and_not_saved(data: TrainingSet) -> None:
    trainer = Trainer(OPTIONS, data)
    assert trainer.pair_loss.classifier is not None
    before = {name: tensor.clone() for name, tensor in trainer.pair_loss.classifier.state_dict().items()}
    trainer.step()
    trainer.step(1.0)
    assert all(torch.equal(before[name], tensor) for name, tensor in trainer.pair_loss.classifier.state_dict().items())
    assert not [name for name in trainer.state() if "eye" in name]


def test_unlabelled_pictures_have_no_perceptual_loss(data: TrainingSet) -> None:
    assert ReconstructionLoss(OPTIONS, data.unlabelled()).classifier is None
    assert ReconstructionLoss(replace(OPTIONS, perceptual=0.0), data).classifier is None


def test_statistics_are_those_of_the_conditions_trained_on(data: TrainingSet) -> None:
    """A generator that was shown beards half the time must not draw by statistics of hardly any beards."""
    trainer = Trainer(OPTIONS, data)
    trainer.step()
    network = trainer.ema_generator()
    rng = torch.Generator().manual_seed(1)
    latents = torch.randn(512, OPTIONS.z_dim, generator=rng)
    conditions = requested_choices(PictureTensors.of(data), torch.randint(24, (512,), generator=rng))
    own = recalibrate_batchnorm(
        trainer.average, torch.cat([latents[:, :8], conditions], dim=1), type(trainer.average).draw_resolved
    )
    by_chance = recalibrate_batchnorm(trainer.average, latents)
    norms = [net.stem_norm.running_mean for net in (network, own, by_chance)]
    assert torch.equal(norms[0], norms[1])
    assert not torch.allclose(norms[0], norms[2], atol=1e-3)


def test_conditions_are_one_value_of_each_attribute(data: TrainingSet) -> None:
    chosen = requested_choices(PictureTensors.of(data), torch.arange(24)).numpy()
    sizes = [len(attribute["values"]) for attribute in data.attributes]
    assert chosen.shape == (24, sum(sizes))
    groups = np.split(chosen, np.cumsum(sizes)[:-1], axis=1)
    assert data.conditions is not None
    assert np.array_equal(np.stack([group.argmax(axis=1) for group in groups], axis=1), data.conditions)
    assert all((group.sum(axis=1) == 1).all() for group in groups)
    with pytest.raises(ValueError, match="no conditions"):
        requested_choices(PictureTensors.of(data.unlabelled()), torch.arange(2))
