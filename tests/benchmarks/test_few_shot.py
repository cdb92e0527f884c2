"""The few-shot benchmark: which styles it takes, that it trains as `melicon train` does, and what it writes."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import few_shot
from benchmarks.few_shot import CELL, find_styles, main, train
from gan import artist
from gan.checkpoint.weights import load_generator
from tests.gan.models import SMALL, save


@pytest.fixture(scope="module")
def styles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("styles")
    for name in ("Plush", "lonely"):
        with zipfile.ZipFile(folder / f"{name}.zip", "w") as archive:
            for number, picture in enumerate(artist.icons(0, 24, 256, style="plush")):
                png = io.BytesIO()
                Image.fromarray(picture).save(png, "PNG")
                archive.writestr(f"{number:04}.png", png.getvalue())
    np.savez(folder / "Plush_eval.npz", images=artist.icons(20_000_000, 140, style="plush"))
    return folder


def run(monkeypatch: pytest.MonkeyPatch, *given: object) -> None:
    monkeypatch.setattr(sys, "argv", ["few_shot", *map(str, given)])
    main()


def test_a_style_that_is_not_whole_is_skipped(styles: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [style.name for style in find_styles(styles, [])] == ["Plush"]
    assert "lonely is skipped: there is no lonely_eval.npz" in capsys.readouterr().out


def test_a_style_that_is_not_there_is_an_error(styles: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="has no lonely: --only takes Plush"):
        find_styles(styles, ["lonely"])
    with pytest.raises(SystemExit, match="has no style"):
        find_styles(tmp_path, [])


def test_trained_weights_are_measured_raw_and_final(
    styles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs" / "Plush").mkdir(parents=True)
    weights = save(tmp_path / "runs" / "Plush", SMALL, kimg=1.5)
    for ending in (".safetensors", ".json"):
        weights.with_suffix(ending).rename(weights.with_name("generator" + ending))
    out = tmp_path / "few.json"
    run(monkeypatch, "--styles", styles, "--runs", tmp_path / "runs", "--quick", "--out", out, "--threads", 1)
    assert not (tmp_path / "runs" / "Plush" / "options.json").exists(), "it was trained again"
    told = json.loads(out.read_text())
    plush = told["styles"]["Plush"]
    for kind, least, most in (("raw", 0.95, 1.0), ("final", 0.95, 1.0), ("floor", 0.35, 0.65)):
        space = plush[kind]["spaces"]["layout_edges"]
        assert least <= space["nn_accuracy"] <= most, kind
        assert set(plush[kind]["spaces"]) == {"layout_edges", "random", "classifier"}
    assert plush["raw"] != plush["final"]
    assert plush["patches"]["nn_accuracy"] > 0.9
    assert 0.3 < plush["patches_floor"]["nn_accuracy"] < 0.7
    assert plush["verdict"]["verdict"] == "bad"
    assert plush["verdict"]["early"]
    assert [row["style"] for row in told["figures"]] == [
        f"{name}, {kind}" for name in ("Plush", "mean") for kind in ("raw", "final", "floor")
    ]
    with Image.open(tmp_path / "few" / "Plush.png") as sheet:
        assert sheet.size == (8 * (CELL + 4) + 4, 16 * (CELL + 4) + 4)


def test_it_trains_once_with_the_command_of_the_shell(
    styles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (style,) = find_styles(styles, ["Plush"])
    train(style, tmp_path / "run", minutes=0.01, threads=1, begin="scratch")
    card = load_generator(tmp_path / "run" / "generator.safetensors")[1]
    assert card.style == "plush"
    assert card.kimg > 0
    monkeypatch.setattr(few_shot.subprocess, "run", lambda *_, **__: pytest.fail("it is trained already"))
    train(style, tmp_path / "run", minutes=0.01, threads=1, begin="scratch")


def test_a_training_that_fails_ends_the_benchmark(tmp_path: Path) -> None:
    (tmp_path / "empty.zip").write_bytes(b"")
    style = few_shot.Style("empty", tmp_path / "empty.zip", tmp_path / "empty_eval.npz")
    with pytest.raises(SystemExit, match="training empty failed"):
        train(style, tmp_path / "run", minutes=0.01, threads=1, begin="scratch")
