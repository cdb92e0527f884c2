"""What draws a model's icons at the size shown is what its card says."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gan.checkpoint import WeightsError, load_generator
from gan.codes import IconCode
from gan.model_hash import model_hash
from gan.rendering import upscale
from gan.rendering.upscaling import doubled, resized
from gan.sampling import Sampler
from gan.second_stage import LEARNED, PLAIN, PLAIN_FILE, beside, digest_of

WEIGHTS = Path(__file__).parents[2] / "weights" / "default.safetensors"
CODES = [IconCode.from_seed(seed) for seed in (1, 2)]


@pytest.fixture(scope="module")
def samplers() -> dict[str, Sampler]:
    generator, card = load_generator(WEIGHTS)
    parts = {"": {}, PLAIN: {PLAIN: digest_of(PLAIN_FILE)}, LEARNED: {LEARNED: digest_of(beside(WEIGHTS))}}
    return {name: Sampler(generator, replace(card, parts=part), WEIGHTS) for name, part in parts.items()}


@pytest.mark.parametrize("size", [32, 64, 100, 256, 512, 600])
def test_a_model_without_parts_keeps_its_pixels(samplers: dict[str, Sampler], size: int) -> None:
    expected = [upscale(icon, size) for icon in samplers[""].draw(CODES)]
    for drawn, icon in zip(samplers[""].render(CODES, size), expected, strict=True):
        np.testing.assert_array_equal(drawn, icon)


@pytest.mark.parametrize("name", [PLAIN, LEARNED])
def test_up_to_64_pixels_the_generator_draws(samplers: dict[str, Sampler], name: str) -> None:
    for size in (32, 64):
        for drawn, icon in zip(samplers[name].render(CODES, size), samplers[name].draw(CODES), strict=True):
            np.testing.assert_array_equal(drawn, upscale(icon, size))


@pytest.mark.parametrize("name", [PLAIN, LEARNED])
def test_every_size_is_made_from_the_same_drawing(samplers: dict[str, Sampler], name: str) -> None:
    [drawn] = samplers[name].render(CODES[:1], 256)
    for size, expected in ((512, doubled(drawn)), (100, resized(drawn, 100)), (640, resized(doubled(drawn), 640))):
        np.testing.assert_array_equal(samplers[name].render(CODES[:1], size)[0], expected)
    [icon] = samplers[name].draw(CODES[:1])
    shrunk = drawn.reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - icon).mean() < 12  # of 255: the same icon


@pytest.mark.parametrize("name", [PLAIN, LEARNED])
def test_an_icon_is_the_same_alone_and_among_others(samplers: dict[str, Sampler], name: str) -> None:
    together = samplers[name].render(CODES, 512)
    alone = [samplers[name].render([code], 512)[0] for code in reversed(CODES)]
    np.testing.assert_array_equal(together, alone[::-1])


def test_between_two_icons_the_picture_changes_gradually(samplers: dict[str, Sampler]) -> None:
    ends = samplers[LEARNED].resolved(CODES)
    ways = np.linspace(0, 1, 9)[:, None]
    frames = np.array(samplers[LEARNED].render_resolved(ends[0] * (1 - ways) + ends[1] * ways, 256)).astype(float)
    steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    whole = np.abs(frames[-1] - frames[0]).mean()
    assert steps.max() < whole / 2
    np.testing.assert_array_equal(frames[0], samplers[LEARNED].render(CODES[:1], 256)[0])


def test_another_file_than_the_cards_is_refused(tmp_path: Path) -> None:
    generator, card = load_generator(WEIGHTS)
    here = tmp_path / "default.safetensors"
    shutil.copy(beside(WEIGHTS), beside(here))
    with beside(here).open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    with pytest.raises(WeightsError, match="not the upscaler that the model's card names"):
        Sampler(generator, replace(card, parts={LEARNED: digest_of(beside(WEIGHTS))}), here)
    beside(here).unlink()
    with pytest.raises(WeightsError, match="cannot read"):
        Sampler(generator, replace(card, parts={LEARNED: digest_of(beside(WEIGHTS))}), here)


def test_parts_that_are_not_known_are_refused() -> None:
    generator, card = load_generator(WEIGHTS)
    with pytest.raises(WeightsError, match="this version knows"):
        Sampler(generator, replace(card, parts={"oil-paint": "0" * 64}), WEIGHTS)


def test_the_second_stage_is_part_of_the_models_hash() -> None:
    _, card = load_generator(WEIGHTS)
    card = replace(card, hash_version=2)
    hashes = {
        model_hash("0" * 64, replace(card, parts=parts)) for parts in ({}, {LEARNED: "1" * 64}, {LEARNED: "2" * 64})
    }
    assert len(hashes) == 3
