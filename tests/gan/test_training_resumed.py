"""Resuming stopped or killed runs, and refusing locked, damaged or contradictory ones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from safetensors.torch import load_file

from gan.errors import MeliconError
from gan.training import Budget, Session
from tests.gan.tiny_runs import ARTICLE, FAST, HOUSE, assert_equal, begin, checkpoint, finish, folder_of, stats

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("few_recalibration_latents")


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
    for steps in (2, 4):  # the adversarial phase begins after 3
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
