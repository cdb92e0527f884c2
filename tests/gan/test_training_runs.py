"""Runs and their folders: begun, stopped, resumed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file

from gan.checkpoint import load_card
from gan.codes import IconCode
from gan.errors import MeliconError
from gan.sampling import Sampler
from gan.training import PRESETS, Budget, RunFolder, Session, TrainingSet
from gan.training import session as session_module
from tests.gan.tiny_runs import (
    ARTICLE,
    FAST,
    HOUSE,
    assert_equal,
    begin,
    checkpoint,
    finish,
    folder_of,
    labelled,
    pictures,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("few_pictures_settle")


def stats(run: RunFolder) -> list[dict[str, float]]:
    return [json.loads(line) for line in run.stats.read_text().splitlines()]


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
    assert data.wishes is not None
    assert data.labels.shape == data.wishes.shape == (8, len(data.attributes))
    assert ours.trainer.options.z_dim == HOUSE.z_dim + sum(len(a["values"]) for a in data.attributes)
    finish(ours, 1)
    assert len(Sampler.load(ours.run.generator).describe(IconCode.from_seed(0))) == len(data.attributes)
    theirs = begin(tmp_path / "article", ARTICLE, source="artist:house:8")
    finish(theirs, 1)
    assert load_card(theirs.run.generator).attributes == []
    Sampler.load(theirs.run.generator).draw([IconCode.from_seed(1)])


def test_the_hand_named_in_full_is_the_house_hand_and_another_has_no_labels() -> None:
    assert TrainingSet.load("artist:house:8")[0].attributes == TrainingSet.load("artist:8")[0].attributes != []


def test_a_training_set_survives_its_file(tmp_path: Path) -> None:
    for data in (pictures(), labelled()):
        data.save(tmp_path / "set.npz")
        again = TrainingSet.open(tmp_path / "set.npz")
        np.testing.assert_array_equal(again.images, data.images)
        for one, other in ((again.labels, data.labels), (again.wishes, data.wishes)):
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                np.testing.assert_array_equal(one, other)
        assert (again.source, again.attributes, again.label_sizes) == (data.source, data.attributes, data.label_sizes)


# ---- resumed


@pytest.mark.parametrize("options", [ARTICLE, FAST, replace(FAST, precision="bfloat16")], ids=lambda o: o.precision)
def test_a_resumed_run_ends_in_the_same_checkpoint_as_one_never_stopped(tmp_path: Path, options: Any) -> None:
    through = begin(tmp_path / "through", options, kimg=0.024)
    finish(through)
    stopped = begin(tmp_path / "stopped", options, kimg=0.024, source=tmp_path / "through-data")
    assert finish(stopped, 2)[-1].event == "stopped"
    finish(Session.resume(tmp_path / "stopped"), 1)
    resumed = Session.resume(tmp_path / "stopped")
    assert finish(resumed)[-1].event == "done"
    assert_equal(checkpoint(resumed), checkpoint(through))
    assert_equal(load_file(resumed.run.generator), load_file(through.run.generator))


@pytest.mark.usefixtures("known")
def test_a_resumed_labelled_run_ends_in_the_same_checkpoint_whether_stopped_warming_up_or_playing(
    tmp_path: Path,
) -> None:
    through = begin(tmp_path / "through", HOUSE, kimg=0.024)
    finish(through)
    for steps in (2, 4):  # the game begins after 3
        finish(begin(tmp_path / f"{steps}", HOUSE, kimg=0.024), steps)
        resumed = Session.resume(tmp_path / f"{steps}")
        finish(resumed)
        assert_equal(checkpoint(resumed), checkpoint(through))


def test_a_run_that_never_saved_begins_again(tmp_path: Path) -> None:
    begin(tmp_path / "run", kimg=0.008)
    resumed = Session.resume(tmp_path / "run")
    finish(resumed)
    other = begin(tmp_path / "other", kimg=0.008, source=tmp_path / "run-data")
    finish(other)
    assert_equal(checkpoint(resumed), checkpoint(other))


def test_curves_have_each_point_once_however_often_a_run_is_stopped_killed_and_finished(tmp_path: Path) -> None:
    finish(begin(tmp_path / "run", kimg=0.032), 2, save_every=0)
    with (tmp_path / "run" / "stats.jsonl").open("a") as file:  # what a kill leaves: a line too many, and half a line
        file.write('{"kimg": 0.012, "seconds": 9}\n{"kimg": 0.0')
    for _ in range(2):
        finish(Session.resume(tmp_path / "run"), 1, save_every=0)
    for _ in range(2):
        session = Session.resume(tmp_path / "run")
        finish(session, save_every=0)
    assert [record["kimg"] for record in stats(session.run)] == [n / 1000 for n in range(4, 36, 4)]


def test_half_written_files_of_a_killed_process_are_cleared_away_on_resume(tmp_path: Path) -> None:
    session = begin(tmp_path / "run")
    finish(session, 1)
    (tmp_path / "run" / ".checkpoint.safetensors.abc.part").write_bytes(b"half")
    (tmp_path / "run" / "samples" / ".000000.png.abc.part").write_bytes(b"half")
    finish(Session.resume(tmp_path / "run"), 1)
    assert not list((tmp_path / "run").rglob("*.part"))


def test_a_new_budget_replaces_the_old_one_also_for_the_next_resume(tmp_path: Path) -> None:
    finish(begin(tmp_path / "run", kimg=0.004))
    finish(Session.resume(tmp_path / "run", kimg=0.012), 1)
    session = Session.resume(tmp_path / "run")
    assert session.budget == Budget(kimg=0.012)
    finish(session)
    assert session.trainer.seen == 12


def test_a_resumed_run_goes_on_without_its_source_and_counts_its_time(tmp_path: Path) -> None:
    data = folder_of(tmp_path / "data")
    first = finish(begin(tmp_path / "run", kimg=0.012, source=data), 1)[-1]
    for path in data.iterdir():
        path.unlink()
    last = finish(Session.resume(tmp_path / "run"))[-1]
    assert last.kimg == 0.012
    assert last.seconds > first.seconds > 0


def test_a_run_is_not_trained_by_two_at_once(tmp_path: Path) -> None:
    session = begin(tmp_path / "run", kimg=1.0)
    going = session.train(save_every=0)
    next(going)
    with pytest.raises(MeliconError, match="is being trained by another process"):
        finish(Session.resume(tmp_path / "run"))
    going.close()
    finish(Session.resume(tmp_path / "run"), 1)


def test_what_is_being_trained_is_neither_described_anew_nor_begun_again(tmp_path: Path) -> None:
    going = begin(tmp_path / "run", kimg=1.0).train(save_every=0)
    next(going)
    there = (tmp_path / "run" / "options.json").read_text()
    with pytest.raises(MeliconError, match="is being trained by another process"):
        Session.resume(tmp_path / "run", minutes=7.0)
    (tmp_path / "run" / "options.json").unlink()
    (tmp_path / "run" / "checkpoint.safetensors").unlink(missing_ok=True)
    with pytest.raises(MeliconError, match="is being trained by another process"):
        begin(tmp_path / "run")  # as one would that began to read its pictures before the other one wrote
    assert not (tmp_path / "run" / "options.json").exists()
    (tmp_path / "run" / "options.json").write_text(there)
    going.close()


def test_two_that_begin_in_the_same_place_are_not_mixed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = Session.prepare
    first: list[Session] = []

    def late(out: Path, *arguments: Any, **more: Any) -> Any:
        prepared = prepare(out, *arguments, **more)
        if not first:
            first.append(prepared[0])
            begin(out)
        return prepared

    monkeypatch.setattr(Session, "prepare", late)
    with pytest.raises(MeliconError, match="holds a run already"):
        begin(tmp_path / "run", source="artist:9@100")
    assert len(Session.resume(tmp_path / "run").trainer.data.images) == 12


def test_a_mapping_hears_every_choice_of_labelled_pictures(tmp_path: Path) -> None:
    session = begin(tmp_path / "run", PRESETS["fast"], source="artist:8")
    choices = sum(len(a["values"]) for a in session.trainer.data.attributes)
    assert PRESETS["fast"].mapping < choices <= session.trainer.options.mapping == 320


def test_a_run_is_not_written_over(tmp_path: Path) -> None:
    begin(tmp_path / "run")
    with pytest.raises(MeliconError, match="holds a run already: add --resume to go on with it"):
        begin(tmp_path / "run")


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("options.json", None, "it has no options.json"),
        ("options.json", "{", "cannot read options.json"),
        ("options.json", "[]", "cannot read options.json"),
        ("options.json", '{"options": []}', "cannot read options.json"),
        ("pictures.npz", None, "cannot read the run's pictures"),
        ("pictures.npz", "x", "cannot read the run's pictures"),
        ("checkpoint.safetensors", "x", "is damaged or not a safetensors file"),
    ],
)
def test_a_damaged_run_is_refused_in_one_line(tmp_path: Path, file: str, content: str | None, said: str) -> None:
    finish(begin(tmp_path / "run"), 1)
    path = tmp_path / "run" / file
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(MeliconError) as caught:
        Session.resume(tmp_path / "run")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("budget", [{}, {"minutes": "soon"}, {"hours": 3}, {"minutes": None, "kimg": None}])
def test_a_budget_that_is_none_is_refused(tmp_path: Path, budget: dict[str, Any]) -> None:
    begin(tmp_path / "run")
    path = tmp_path / "run" / "options.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"budget": budget}))
    with pytest.raises(MeliconError, match="its budget is"):
        Session.resume(tmp_path / "run")


def test_a_checkpoint_of_other_options_is_not_mixed_in(tmp_path: Path) -> None:
    finish(begin(tmp_path / "run"), 1)
    path = tmp_path / "run" / "options.json"
    described = json.loads(path.read_text())
    described["options"]["width"] = 0.25
    path.write_text(json.dumps(described))
    with pytest.raises(MeliconError, match="the checkpoint does not fit the run's options"):
        Session.resume(tmp_path / "run")
