"""The choice between pretrained weights and none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.monsters import monster
from gan import artist
from gan.checkpoint.weights import load_card
from gan.training.start_choice import ICONS, compare
from tests.gan.tiny_runs import PAIRED, begin, finish


@pytest.fixture(scope="module")
def house() -> np.ndarray:
    return artist.icons(0, ICONS, 64)


def test_pictures_of_the_same_kind_start_from_the_pretrained_weights(house: np.ndarray) -> None:
    for style in ("house", "inkling"):
        choice = compare(artist.icons(20_000, 60, 64, style=style), house)
        assert choice.pretrained, (style, choice.distance)


def test_other_pictures_start_from_scratch(house: np.ndarray) -> None:
    monsters = np.stack([np.asarray(monster(seed, 64)) for seed in range(60)])
    assert not compare(monsters, house).pretrained


def test_equal_pictures_are_compared_too(house: np.ndarray) -> None:
    assert not compare(np.repeat(house[:1] // 2, 8, axis=0), house).pretrained


@pytest.mark.usefixtures("few_recalibration_latents")
@pytest.mark.parametrize("similar", [True, False])
def test_a_run_starts_as_was_chosen(similar: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = begin(tmp_path / "first")
    finish(first)
    monkeypatch.setattr("gan.training.start_choice.ICONS", 8)
    monkeypatch.setattr("gan.training.start_choice.SIMILAR", 1e9 if similar else 0.0)
    session = begin(tmp_path / "run", PAIRED, begin=str(first.run.generator), choose=True, continuing=PAIRED)
    assert session.choice is not None
    assert session.choice.pretrained == session.continued == similar
    assert session.choice.icons.shape == (8, 64, 64, 3)
    finish(session, 1)
    notes = load_card(session.run.generator).notes
    assert notes == (f"continued from tiny {load_card(first.run.generator).short_hash}" if similar else "")
