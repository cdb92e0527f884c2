"""Runs and their folders."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from gan.checkpoint.weights import load_card
from gan.codes import IconCode
from gan.sampling.sampler import Sampler
from gan.training import PRESETS, Budget, Session, TrainingSet
from gan.training import session as session_module
from tests.gan.tiny_runs import ARTICLE, FAST, HOUSE, begin, finish, labelled, pictures, stats

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("few_recalibration_latents")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_run_leaves_its_recipe_pictures_curves_samples_checkpoint_and_networks(tmp_path: Path) -> None:
    session = begin(tmp_path / "run")
    assert names(tmp_path / "run") == {"options.json", "pictures.npz", "reals.png"}
    reports = finish(session)
    assert names(tmp_path / "run") == {
        "options.json",
        "pictures.npz",
        "reals.png",
        "stats.jsonl",
        "samples",
        "checkpoint.safetensors",
        "generator.safetensors",
        "generator.json",
        "discriminator.safetensors",
    }
    assert reports[-1].event == "done"
    assert (reports[-1].share, reports[-1].kimg) == (1.0, 0.016)
    *_, record = stats(session.run)  # one, unless the machine was busy for long
    assert {"kimg", "seconds", "images_per_s", "d_loss", "g_loss", "penalty"} <= record.keys()
    assert record["images_per_s"] > 0
    with Image.open(tmp_path / "run" / "samples" / "000000.png") as sheet:
        assert sheet.size == (512, 512)


def test_the_generator_of_a_run_is_ready_to_draw_and_its_card_tells_where_it_is_from(tmp_path: Path) -> None:
    session = begin(tmp_path / "run", style_of_options := FAST)
    finish(session)
    sampler = Sampler.load(session.run.generator)
    assert sampler.draw([IconCode.from_seed(1)]).shape == (1, 64, 64, 3)
    card = sampler.card
    assert (card.style, card.kimg) == ("tiny", 0.016)
    assert card.dataset["count"] == 12
    assert card.dataset["source"] == str(tmp_path / "run-data")
    assert len(card.dataset["fingerprint"]) == 64
    assert card.options["gamma"] == style_of_options.gamma
    assert card.created.startswith("20")


def test_samples_are_what_the_generator_of_the_run_draws(tmp_path: Path) -> None:
    session = begin(tmp_path / "run")
    finish(session)
    with Image.open(tmp_path / "run" / "samples" / "000000.png") as image:
        sheet = np.asarray(image).astype(int)
    drawn = Sampler.load(session.run.generator).draw([IconCode.from_seed(9)])[0].astype(int)
    assert np.abs(sheet[64:128, 64:128] - drawn).max() <= 3  # stored in half precision


@pytest.mark.parametrize(("kimg", "batch", "seen"), [(0.016, 4, 16), (0.017, 4, 20), (0.07, 35, 70), (0.001, 4, 4)])
def test_a_budget_in_kimg_is_kept_to_a_batch(tmp_path: Path, kimg: float, batch: int, seen: int) -> None:
    session = begin(tmp_path / "run", replace(FAST, batch=batch), kimg=kimg)
    finish(session)
    assert session.trainer.seen == seen


def test_a_budget_in_minutes_ends_a_run_in_time() -> None:
    budget = Budget(minutes=2, kimg=10)
    assert budget.share(60, 0) == 0.5
    assert budget.share(60, 7_500) == 0.75  # whichever comes first
    assert budget.share(500, 0) == 1.0
    for limits in ((None, None), (0.0, None), (-1.0, None), (float("nan"), None), (None, float("inf"))):
        with pytest.raises(ValueError, match="minutes"):
            Budget(*limits)


def test_the_precision_that_was_measured_is_kept_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "fastest_precision", lambda: "bfloat16")
    session = begin(tmp_path / "run", replace(FAST, precision="auto"))
    assert session.trainer.options.precision == "bfloat16"
    monkeypatch.setattr(session_module, "fastest_precision", lambda: "float32")
    assert Session.resume(tmp_path / "run").trainer.options.precision == "bfloat16"


def test_artist_icons_are_learned_with_their_labels_by_ours_and_without_by_the_article(tmp_path: Path) -> None:
    ours = begin(tmp_path / "ours", HOUSE, source="artist:8")
    data = ours.trainer.data
    assert data.labels is not None
    assert data.conditions is not None
    assert data.labels.shape == data.conditions.shape == (8, len(data.attributes))
    assert ours.trainer.options.z_dim == HOUSE.z_dim + sum(len(a["values"]) for a in data.attributes)
    finish(ours, 1)
    assert len(Sampler.load(ours.run.generator).describe(IconCode.from_seed(0))) == len(data.attributes)
    theirs = begin(tmp_path / "article", ARTICLE, source="artist:house:8")
    finish(theirs, 1)
    assert load_card(theirs.run.generator).attributes == []
    Sampler.load(theirs.run.generator).draw([IconCode.from_seed(1)])


def test_only_the_house_style_has_labels() -> None:
    assert TrainingSet.load("artist:house:8")[0].attributes == TrainingSet.load("artist:8")[0].attributes != []


def test_a_training_set_survives_its_file(tmp_path: Path) -> None:
    for data in (pictures(), labelled()):
        data.save(tmp_path / "set.npz")
        again = TrainingSet.open(tmp_path / "set.npz")
        np.testing.assert_array_equal(again.images, data.images)
        for one, other in ((again.labels, data.labels), (again.conditions, data.conditions)):
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                np.testing.assert_array_equal(one, other)
        assert (again.source, again.attributes, again.label_sizes) == (data.source, data.attributes, data.label_sizes)


def test_a_mapping_hears_every_choice_of_labelled_pictures(tmp_path: Path) -> None:
    session = begin(tmp_path / "run", PRESETS["fast"], source="artist:8")
    choices = sum(len(a["values"]) for a in session.trainer.data.attributes)
    assert PRESETS["fast"].mapping < choices <= session.trainer.options.mapping == 320
