"""Runs that start from pretrained weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from safetensors.torch import load_file, save_file

from gan.checkpoint.weights import load_card, load_generator
from gan.codes import IconCode
from gan.errors import MeliconError
from gan.networks.fast import FastGenerator
from gan.sampling.sampler import Sampler
from gan.training import RunFolder, Session, TrainingSet
from tests.gan.tiny_runs import (
    ARTICLE,
    FAST,
    HOUSE,
    PAIRED,
    assert_equal,
    begin,
    finish,
    labelled,
    pictures,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("few_recalibration_latents")


@pytest.fixture
def learned(tmp_path: Path) -> RunFolder:
    session = begin(tmp_path / "learned")
    finish(session)
    return session.run


def test_a_continued_run_begins_with_both_networks(tmp_path: Path, learned: RunFolder) -> None:
    session = begin(tmp_path / "run", begin=str(learned.generator))
    generator = load_generator(learned.generator)[0].state_dict()
    for network in (session.trainer.G, session.trainer.average):
        assert_equal({k: v.to(generator[k].dtype) for k, v in network.state_dict().items()}, generator)
    discriminator = {k: v.float() for k, v in load_file(learned.discriminator).items()}
    assert_equal(session.trainer.D.state_dict(), discriminator)
    finish(session, 1)
    card = load_card(session.run.generator)
    assert card.notes == f"continued from tiny {load_card(learned.generator).short_hash}"
    assert card.kimg == 0.004


def test_a_continued_run_that_never_saved_still_knows_what_it_began_with(tmp_path: Path, learned: RunFolder) -> None:
    begun = begin(tmp_path / "run", begin=str(learned.generator))
    assert_equal(Session.resume(tmp_path / "run").trainer.state(), begun.trainer.state())


def test_a_continued_run_takes_the_size_of_the_learned_networks(tmp_path: Path, learned: RunFolder) -> None:
    session = begin(tmp_path / "run", replace(FAST, width=1.0, z_dim=99, mapping=5), begin=str(learned.generator))
    options = session.trainer.options
    assert (options.width, options.z_dim, options.mapping, options.latent_noise) == (0.125, 8, 8, 0.0)


@pytest.mark.usefixtures("known")
def test_a_generator_that_chooses_attributes_goes_on_choosing_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begin(tmp_path / "house", HOUSE)
    finish(first, 4)
    again = begin(tmp_path / "again", HOUSE, begin=str(first.run.generator))
    assert again.trainer.data.labels is not None
    assert_equal(again.trainer.D.state_dict(), {k: v.float() for k, v in load_file(first.run.discriminator).items()})
    monkeypatch.setattr(TrainingSet, "load", lambda *_: (pictures(), None))
    other = begin(tmp_path / "other", FAST, begin=str(first.run.generator))
    finish(other, 1)
    card = load_card(other.run.generator)
    assert card.attributes == labelled().attributes
    assert "naming.weight" not in other.trainer.D.state_dict()
    assert Sampler.load(other.run.generator).describe(IconCode.from_seed(1)).keys() == {"hair", "hat"}


@pytest.mark.usefixtures("known")
def test_the_card_tells_how_often_attributes_are_chosen_after_that_was_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begin(tmp_path / "house", HOUSE)
    finish(first, 4)
    monkeypatch.setattr(TrainingSet, "load", lambda *_: (pictures(), None))
    other = begin(tmp_path / "other", PAIRED, begin=str(first.run.generator))
    finish(other, 3)
    network, card = load_generator(other.run.generator)
    assert isinstance(network, FastGenerator)
    assert network.embed.choose is not None
    told = [p for attribute in card.attributes for p in attribute["probabilities"]]
    assert network.embed.choose.prior.exp().tolist() == pytest.approx(told, abs=1e-5)
    assert told != [p for attribute in labelled().attributes for p in attribute["probabilities"]]


def test_weights_of_another_architecture_are_refused_before_anything_is_written(
    tmp_path: Path, learned: RunFolder
) -> None:
    with pytest.raises(MeliconError, match="--from weights of a fast network do not fit --preset article"):
        begin(tmp_path / "run", ARTICLE, begin=str(learned.generator))
    assert not (tmp_path / "run").exists()


def test_a_generator_without_its_discriminator_or_with_anothers_cannot_be_continued(
    tmp_path: Path, learned: RunFolder
) -> None:
    tensors = load_file(learned.discriminator)
    save_file({k: v for k, v in tensors.items() if "mix" not in k}, learned.discriminator)
    with pytest.raises(MeliconError, match=r"of other networks than the ones to be trained: .*mix\.weight"):
        begin(tmp_path / "run", begin=str(learned.generator))
    learned.discriminator.unlink()
    with pytest.raises(MeliconError, match=r"no discriminator\.safetensors beside .*: continuing takes both networks"):
        begin(tmp_path / "run", begin=str(learned.generator))
    with pytest.raises(MeliconError, match="cannot read weights from nowhere"):
        begin(tmp_path / "run", begin="nowhere.safetensors")
