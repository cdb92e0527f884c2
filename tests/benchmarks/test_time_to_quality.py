"""The time-to-quality benchmark: which recipe is ahead, the intervals, and that an interrupted benchmark continues."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from benchmarks import recipe_comparison, time_to_quality
from benchmarks.quality_report import SPACES, Interval, ahead_from, chart
from benchmarks.recipe_comparison import RecipeRun, Record
from tests.clocks import Ticking
from tests.gan import tiny_runs

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


@pytest.fixture(autouse=True)
def few_recalibration_latents(monkeypatch: pytest.MonkeyPatch) -> None:
    """What draws takes its statistics over fewer pictures than in earnest."""
    monkeypatch.setattr("gan.training.trainer.RECALIBRATION_LATENTS", 32)


def record(minutes: float, kid: float, coverage: float) -> Record:
    space = {"kid": kid, "coverage": coverage, "nn_accuracy": 0.5, "novelty": 1.0}
    figures = {"spaces": dict.fromkeys(SPACES, space), "near_duplicates": 0.0, "combinations": 9}
    return Record(minutes, 60 * minutes, minutes, figures)


def test_an_interval_is_students_and_one_seed_has_none() -> None:
    interval = Interval.of([1.0, 2.0, 3.0])
    assert interval.mean == 2
    assert interval.high == pytest.approx(2 + 4.30 / math.sqrt(3))
    assert interval.low == pytest.approx(2 - 4.30 / math.sqrt(3))
    assert str(Interval.of([0.25])) == "0.250"
    assert str(interval) == "2.000 ±2.483"


def test_ours_is_ahead_once_every_seed_beats_the_best_that_theirs_ever_reached_in_every_figure() -> None:
    theirs = [[record(1, 9, 0.1), record(2, 4, 0.2), record(3, 5, 0.1)]]
    better = [record(1, 3, 0.1), record(2, 3, 0.3), record(3, 3, 0.3)]
    slower = [record(1, 3, 0.3), record(2, 4, 0.3), record(3, 3, 0.3)]
    assert ahead_from({"a": theirs, "b": [better]}, "b", "a") == 2
    assert ahead_from({"a": theirs, "b": [better, slower]}, "b", "a") == 3
    assert ahead_from({"a": theirs, "b": [slower]}, "b", "a", ["coverage, random"]) == 1
    assert ahead_from({"a": theirs, "b": [[record(1, 4, 0.9)]]}, "b", "a") is None


def test_the_chart_has_kid_and_coverage_in_all_spaces() -> None:
    seeds = [[record(1, 9, 0.1), record(2, 4, 0.2)], [record(1, 8, 0.1), record(2, 3, 0.3)]]
    assert chart({"article": seeds, "fast": seeds}).shape == (480, 1440, 3)


class InterruptionError(Exception):
    """What stops the benchmark in the test."""


def test_an_interrupted_run_goes_on_and_ends_with_every_mark_once(tmp_path: Path) -> None:
    pictures = tiny_runs.folder_of(tmp_path / "pictures")
    looks: list[float] = []

    def measure(icons: NDArray[np.uint8]) -> dict[str, Any]:
        if len(looks) == 1:
            looks.append(0)
            raise InterruptionError
        looks.append(float(icons.mean()))
        return {"mean": looks[-1], "count": len(icons)}

    def start() -> RecipeRun:
        recipe_run = RecipeRun.start("fast", tiny_runs.FAST, tmp_path, pictures, minutes=0.03)
        recipe_run.clock = Ticking(0.02)
        return recipe_run

    first = start()
    assert first.advance(0.01, 70, measure).seconds >= 0.6
    with pytest.raises(InterruptionError):
        first.advance(0.02, 70, measure)
    there = json.loads((tmp_path / "fast-0.json").read_text())
    assert [r["minutes"] for r in there] == [0.01]

    again = start()
    records = [again.advance(mark, 70, measure) for mark in (0.01, 0.02, 0.03)]
    assert again.records == records
    assert [r.figures["count"] for r in records] == [70] * 3
    assert len(looks) == 4  # the first mark was not measured again
    assert records[0].kimg < records[1].kimg < records[2].kimg
    assert 1.2 <= records[1].seconds < 1.8 <= records[2].seconds < 3
    restarted = recipe_comparison.RecipeRun.start("fast", tiny_runs.FAST, tmp_path, pictures, minutes=0.03)
    assert restarted.records == records


def test_the_whole_benchmark_prints_writes_and_draws_and_refuses_to_mix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(time_to_quality, "PRESETS", {"fast": tiny_runs.FAST, "article": tiny_runs.ARTICLE})
    monkeypatch.setattr(time_to_quality, "SHARES", (0.5, 1.0))
    monkeypatch.setattr(time_to_quality, "PICTURES", 16)
    out, plot = tmp_path / "out.json", tmp_path / "plot.png"
    arguments = ["x", "--count", "32", "--runs", str(tmp_path / "runs"), "--out", str(out), "--plot", str(plot)]
    monkeypatch.setattr("sys.argv", [*arguments, "--minutes", "0.01", "--seeds", "2"])
    time_to_quality.main()
    printed = capsys.readouterr().out
    assert "all of them: every seed of fast beats the best that article ever reached" in printed
    assert "±" in printed
    told = json.loads(out.read_text())
    assert [len(told["records"][recipe]) for recipe in ("article", "fast")] == [2, 2]
    assert [r["minutes"] for r in told["records"]["fast"][1]] == [0.005, 0.01]
    assert told["settings"]["precision"] in {"float32", "bfloat16"}
    with Image.open(plot) as image:
        assert image.size == (1440, 480)  # a panel for each space

    monkeypatch.setattr("sys.argv", [*arguments, "--minutes", "0.02", "--seeds", "2"])
    with pytest.raises(SystemExit):
        time_to_quality.main()
    assert "holds a benchmark with another minutes" in capsys.readouterr().err
