"""Figures: layout, and incomplete run folders."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from typer import Typer
from typer.testing import CliRunner

from gan import artist
from gan.cli.figure import figure_command
from gan.errors import MeliconError
from gan.figures.charts import Axis, line_chart
from gan.figures.figures import (
    GAP,
    SIDE,
    compare_figure,
    mean_figure,
    nearest_figure,
    progress_figure,
    read_stats,
    untrained_figure,
)
from gan.rendering import contact_sheet, upscale
from gan.rendering.sheets import PAPER
from tests.gan.models import ARTICLE, SMALL, save

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

ICONS = np.stack([artist.draw(i) for i in range(12)])


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A training run of three sample sheets, with a line that a kill tore."""
    folder = tmp_path / "run"
    (folder / "samples").mkdir(parents=True)
    for kimg in (0, 40, 1200):
        Image.fromarray(contact_sheet(ICONS, 8)).save(folder / "samples" / f"{kimg:06}.png")
    records = [
        {"kimg": k, "seconds": k * 2, "d_loss": 1.4 - k / 9, "g_loss": 0.7, "images_per_s": 30} for k in range(5)
    ]
    lines = [json.dumps(record) for record in records]
    (folder / "stats.jsonl").write_text("\n".join([*lines[:3], '{"kimg": 2.5, "d_lo', *lines[3:]]) + "\n")
    return folder


def test_real_icons_stand_above_generated_ones() -> None:
    figure = compare_figure(ICONS[:6], ICONS[6:])
    step = SIDE + GAP
    assert figure.shape == (2 * step + GAP, 5 * step + GAP, 3)
    for column in range(5):
        left = GAP + column * step
        real, generated = upscale(ICONS[column], SIDE), upscale(ICONS[6 + column], SIDE)
        np.testing.assert_array_equal(figure[GAP : GAP + SIDE, left : left + SIDE], real)
        np.testing.assert_array_equal(figure[GAP + step : GAP + step + SIDE, left : left + SIDE], generated)


def test_below_an_icon_stands_the_training_icon_most_like_it() -> None:
    paler = np.clip(ICONS[[7, 2, 9]].astype(int) + 6, 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(nearest_figure(paler, ICONS), compare_figure(paler, ICONS[[7, 2, 9]], 3))


def test_the_mean_icon_is_the_mean() -> None:
    black, grey = np.zeros((1, 64, 64, 3), np.uint8), np.full((1, 64, 64, 3), 101, np.uint8)
    assert (mean_figure(np.concatenate([black, grey])) == 51).all()  # 50.5, rounded up
    assert mean_figure(ICONS).shape == (256, 256, 3)


@pytest.mark.parametrize("architecture", [SMALL, ARTICLE], ids=["fast", "article"])
def test_an_untrained_network_draws_the_same_figure_each_time_but_for_its_seed(architecture: dict[str, object]) -> None:
    figure = untrained_figure(architecture)
    np.testing.assert_array_equal(untrained_figure(architecture), figure)
    assert not np.array_equal(untrained_figure(architecture, seed=1), figure)
    assert figure.shape == (2 * (SIDE + GAP) + GAP, 5 * (SIDE + GAP) + GAP, 3)


def test_progress_shows_the_samples_and_the_curves(run: Path) -> None:
    figure = progress_figure(run, columns=10)
    without = progress_figure(run, rows=2, columns=10)
    assert figure.shape[1] >= 10 * 64
    assert len(without) < len(figure)
    np.testing.assert_array_equal(figure[4:68, 4:68], ICONS[0])
    np.testing.assert_array_equal(figure[4:68, 4 + 9 * 68 : 4 + 9 * 68 + 64], ICONS[9])


def test_progress_is_drawn_from_what_there_is(run: Path) -> None:
    (run / "stats.jsonl").unlink()
    assert progress_figure(run).shape[1] == 10 * 68 + 4
    for sheet in run.glob("samples/*"):
        sheet.unlink()
    with pytest.raises(MeliconError, match=r"no samples and no stats\.jsonl"):
        progress_figure(run)


def test_a_broken_sample_sheet_is_named(run: Path) -> None:
    (run / "samples" / "000040.png").write_bytes(b"\x89PNG\r\n\x1a\nrubbish")
    with pytest.raises(MeliconError, match=r"cannot read the sample sheet .*000040\.png"):
        progress_figure(run)


def test_torn_and_strange_lines_of_the_stats_are_left_out(run: Path) -> None:
    assert [record["kimg"] for record in read_stats(run / "stats.jsonl")] == [0, 1, 2, 3, 4]
    (run / "stats.jsonl").write_text('[1]\nnull\n{"kimg": "a"}\n{"kimg": 1, "note": "x", "loss": NaN}\n\xff\n')
    (record,) = read_stats(run / "stats.jsonl")
    assert record.keys() == {"kimg", "loss"}


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 97.5], (0, 20, 40, 60, 80, 100)),
        ([0.3, 1.7], (0, 0.5, 1, 1.5, 2)),
        ([float("nan"), 1, 6, float("inf")], (1, 2, 3, 4, 5, 6)),
    ],
)
def test_ticks_are_round_numbers_around_the_values(values: list[float], ticks: tuple[float, ...]) -> None:
    assert Axis.around(values).ticks == pytest.approx(ticks)


@pytest.mark.parametrize("values", [[], [5.0], [0.0, 0.0], [float("nan")], [1e-300, 2e-300], [-1e9, 1e9]])
def test_any_values_make_a_chart(values: list[float]) -> None:
    chart = line_chart(range(len(values)), {"a": values}, title="t", x_label="x")
    assert chart.shape == (240, 640, 3)


def test_a_curve_runs_where_its_values_are() -> None:
    chart = line_chart([0, 1], {"a": [0, 10]}, title="", x_label="").astype(int)
    blue = (chart[..., 2] - chart[..., 0] > 60)[34:202]  # the plot without the legend
    rows, columns = np.nonzero(blue)
    assert np.corrcoef(rows, columns)[0, 1] < -0.99


# --- the command


def invoke(*arguments: object) -> Result:
    app = Typer()
    app.command()(figure_command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("kind", ["compare", "mean", "untrained"])
def test_the_command_draws_each_kind_of_figure_from_weights(tmp_path: Path, kind: str) -> None:
    weights = save(tmp_path, SMALL, dataset={"source": "artist:8"})
    out = tmp_path / "new" / "figure.png"
    result = invoke(weights, "--kind", kind, "--out", out, "--json")
    assert result.exit_code == 0, result.output
    with Image.open(out) as image:
        assert json.loads(result.stdout) == {
            "file": str(out), "kind": kind, "width": image.width, "height": image.height
        }  # fmt: skip


def test_the_command_draws_the_progress_of_a_run(run: Path, tmp_path: Path) -> None:
    assert invoke(run, "--kind", "progress", "--out", tmp_path / "p.png").exit_code == 0
    with Image.open(tmp_path / "p.png") as image:
        assert image.width >= 640


@pytest.mark.parametrize(
    ("kind", "source", "out", "message"),
    [
        ("compare", "weights", "a.jpg", r"written as PNG; name it a\.png"),
        ("compare", "missing", "a.png", "is not there"),
        ("compare", "weights", "a.png", "add --data"),
        ("progress", "weights", "a.png", "of a run's folder"),
        ("compare", "run", "a.png", "cannot read weights from .*run"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(
    run: Path, tmp_path: Path, *, kind: str, source: str, out: str, message: str
) -> None:
    sources = {"weights": save(tmp_path, SMALL), "missing": tmp_path / "missing", "run": run}
    result = invoke(sources[source], "--kind", kind, "--out", tmp_path / out)
    assert isinstance(result.exception, MeliconError)
    with pytest.raises(MeliconError, match=message):
        raise result.exception
    assert "\n" not in str(result.exception)


def test_a_band_is_shaded_between_its_edges_and_the_chart_reaches_as_far() -> None:
    """The space between the edges has another colour than the paper; the axis covers the upper edge."""
    plain = line_chart([0, 1], {"a": [0, 1]}, title="", x_label="").astype(int)
    banded = line_chart([0, 1], {"a": [0, 1]}, bands={"a": ([0, 0], [10, 10])}, title="", x_label="").astype(int)
    assert not np.array_equal(plain, banded)
    middle = banded[80:160, 300:400].reshape(-1, 3)
    assert (middle.min(axis=1) < 235).mean() > 0.9


def test_every_curve_of_a_chart_looks_different() -> None:
    x = list(range(100))
    descriptors = []
    for place in range(20):
        lines = {f"loss{n}": [float(n == place)] * 100 if n == place else [np.nan] * 100 for n in range(20)}
        chart = line_chart(x, lines, title="", x_label="", width=4000)
        rows = chart[60:190, 200:3900].astype(int)
        inked = np.abs(rows - np.array(PAPER)).sum(axis=2) > 150
        descriptors.append((tuple(np.median(rows[inked], axis=0)), int(inked.any(axis=0).mean() * 20)))
    assert len(set(descriptors)) == 20


def test_a_legend_that_does_not_fit_beside_the_title_takes_more_rows() -> None:
    few, many = ({f"a long name {n}": [0.0, n] for n in range(count)} for count in (2, 9))
    one_row, rows = (line_chart([0, 1], lines, title="Losses of a run", x_label="x") for lines in (few, many))
    assert one_row.shape == (240, 640, 3)
    assert rows.shape[0] > 240
    title = one_row[:34, 64:180]
    np.testing.assert_array_equal(rows[:26, 64:180], title[:26])
    paper = rows[0, 0]
    assert (rows[:, :30] == paper)[:40].all(), "nothing runs over the left edge"
