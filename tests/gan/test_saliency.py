"""Saliency weights, on pictures with known informative pixels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from gan.training import PRESETS
from gan.training.batches import PictureTensors, labelled_pictures
from gan.training.reconstruction import ReconstructionLoss
from gan.training.saliency import SaliencyWeights
from gan.training.training_set import TrainingSet

COUNT = 600
MARK = (40, 20)  # the one pixel where the first attribute shows
AREA = np.s_[:32]  # the half where the second one does


@pytest.fixture(scope="module")
def marked() -> TrainingSet:
    """Noise in which a mark is there or not and one half is dark or light; a third attribute shows nowhere.

    That one is mostly the same as the second.
    """
    rng = np.random.RandomState(0)
    labels = rng.randint(0, 2, (COUNT, 3))
    labels[:, 2] = np.where(rng.random_sample(COUNT) < 0.75, labels[:, 1], labels[:, 2])
    images = rng.randint(100, 150, (COUNT, 64, 64, 3)).astype(np.uint8)
    images[labels[:, 0] == 1, MARK[0], MARK[1]] = 0
    for image, dark in zip(images, labels[:, 1], strict=True):
        image[AREA] -= 60 * dark.astype(np.uint8)
    return TrainingSet(images, labels=labels.astype(np.int64), label_sizes=[2, 2, 2])


def test_weight_goes_to_where_an_attribute_shows(marked: TrainingSet) -> None:
    mark, area, nothing = SaliencyWeights(marked, 1.0).maps.view(3, 2, 64, 64).mean(dim=1)
    assert mark[MARK] > 0.99
    assert area[AREA].sum() > 0.99
    assert area[AREA].max() < 3 / (32 * 64)  # spread over all of it
    assert nothing == pytest.approx(torch.full((64, 64), 1 / 64**2))  # neither by chance nor by the company it keeps


def test_every_attribute_has_the_same_share_and_all_together_weigh_as_before(marked: TrainingSet) -> None:
    labels = torch.tensor([[1, 0, 0], [0, 1, 1]])
    weights = SaliencyWeights(marked, 0.5)(labels)
    assert weights.shape == (2, 1, 64, 64)
    assert weights.mean(dim=(1, 2, 3)) == pytest.approx(torch.ones(2), abs=1e-5)
    told = (weights[:, 0] - 0.5).sum(dim=(1, 2)) / 64**2
    assert told == pytest.approx(torch.full((2,), 0.5), abs=1e-5)
    assert ((weights[:, 0] - 0.5)[:, *MARK] / 64**2).numpy() == pytest.approx([0.5 / 3] * 2, rel=0.02)


def test_what_is_drawn_otherwise_is_looked_at_more(marked: TrainingSet) -> None:
    labels, right = torch.tensor([[1, 0, 0]]), torch.tensor([[0.0, 0.0, 0.0]])
    mark_missing = torch.tensor([[2.0, 0.0, 0.0]], requires_grad=True)
    saliency = SaliencyWeights(marked, 0.5)
    even, focused = saliency(labels, right), saliency(labels, mark_missing)
    assert torch.equal(even, saliency(labels))
    assert focused[0, 0, *MARK] > 2.5 * even[0, 0, *MARK]
    assert focused.mean() == pytest.approx(1, abs=1e-5)
    assert not focused.requires_grad  # the weights are no way out


def test_of_what_is_not_known_every_pixel_tells_as_much(marked: TrainingSet) -> None:
    few = replace(marked, images=marked.images[:3], labels=np.zeros((3, 3), np.int64))
    assert SaliencyWeights(few, 0.5)(torch.zeros(1, 3, dtype=torch.int64)) == pytest.approx(torch.ones(1, 1, 64, 64))


def test_without_labels_there_is_nothing_to_go_by(marked: TrainingSet) -> None:
    with pytest.raises(ValueError, match="no labels"):
        SaliencyWeights(marked.unlabelled(), 0.5)


def test_a_mark_that_was_left_out_costs_more(marked: TrainingSet) -> None:
    """Beside the same fault anywhere else, and beside what it costs where every pixel counts the same."""
    options = replace(
        PRESETS["house"], z_dim=8 + 6, width=0.05, mapping=16, batch=4, precision="float32", perceptual=0.0
    )
    picks = torch.arange(4)
    attributes = [{"name": name, "values": ["no", "yes"]} for name in ("mark", "area", "nothing")]
    data = replace(marked, conditions=marked.labels, attributes=attributes)

    def cost(share: float, at: tuple[int, int]) -> float:
        batch = labelled_pictures(PictureTensors.of(data), picks)
        drawn = batch.real.clone()
        drawn[:, :, at[0], at[1]] += 0.5
        return ReconstructionLoss(replace(options, saliency=share), data)(batch, drawn)[0].item()

    assert cost(0.5, MARK) > 100 * cost(0.5, (50, 50))
    assert cost(0.5, MARK) > 100 * cost(0.0, MARK)
    assert cost(0.0, MARK) == pytest.approx(cost(0.0, (50, 50)))
