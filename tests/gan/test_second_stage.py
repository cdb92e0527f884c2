"""A model's second stage is the one named in its card."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import save

from gan.atomic import write_atomically
from gan.checkpoint.weights import WeightsError, load_generator, read_tensors, save_generator
from gan.codes import IconCode
from gan.rendering import upscale
from gan.rendering.upscaling import doubled, resized
from gan.sampling.sampler import Sampler
from gan.second_stages.upscaler.stage import PLAIN_FILE, ConditionedUpscaler, PlainUpscaler

WEIGHTS = Path(__file__).parents[2] / "weights" / "default.safetensors"
CODES = [IconCode.from_seed(seed) for seed in (1, 2)]


PLAIN, LEARNED = PlainUpscaler.part, ConditionedUpscaler.part


@pytest.fixture(scope="module")
def samplers() -> dict[str, Sampler]:
    made = {LEARNED: Sampler.load(WEIGHTS)}
    for name, stage in (("", None), (PLAIN, PlainUpscaler.load(PLAIN_FILE))):
        generator, card = load_generator(WEIGHTS)
        generator.__dict__["second_stage"] = stage
        made[name] = Sampler(generator, card)
    return made


@pytest.mark.parametrize("size", [32, 64, 100, 256, 512, 600])
def test_a_model_without_parts_keeps_its_pixels(samplers: dict[str, Sampler], size: int) -> None:
    expected = [upscale(icon, size) for icon in samplers[""].draw(CODES)]
    for drawn, icon in zip(samplers[""].render(CODES, size), expected, strict=True):
        np.testing.assert_array_equal(drawn, icon)


@pytest.mark.parametrize("name", [PLAIN, LEARNED])
def test_at_64_pixels_the_generator_draws(samplers: dict[str, Sampler], name: str) -> None:
    for drawn, icon in zip(samplers[name].render(CODES, 64), samplers[name].draw(CODES), strict=True):
        np.testing.assert_array_equal(drawn, icon)


@pytest.mark.parametrize("name", [PLAIN, LEARNED])
def test_every_size_is_made_from_the_same_drawing(samplers: dict[str, Sampler], name: str) -> None:
    [output] = samplers[name].generate(CODES[:1])
    drawn = samplers[name]._stage.enlarge(output)  # type: ignore[union-attr]
    larger = drawn
    while len(larger) < 640:
        larger = doubled(larger)
    for size, expected in ((100, resized(drawn, 100)), (640, resized(larger, 640))):
        np.testing.assert_array_equal(samplers[name].render(CODES[:1], size)[0], expected)
    [icon] = samplers[name].draw(CODES[:1])
    shrunk = drawn.reshape(64, len(drawn) // 64, 64, len(drawn) // 64, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - icon).mean() < 12  # of 255: the same icon


@pytest.mark.parametrize("name", [PLAIN, LEARNED])
def test_an_icon_is_the_same_alone_and_among_others(samplers: dict[str, Sampler], name: str) -> None:
    together = samplers[name].render(CODES, 512)
    alone = [samplers[name].render([code], 512)[0] for code in reversed(CODES)]
    np.testing.assert_array_equal(together, alone[::-1])


@pytest.mark.parametrize("name", ["", PLAIN, LEARNED])
def test_a_morph_leads_through_the_icons_and_back_in_small_steps(samplers: dict[str, Sampler], name: str) -> None:
    frames = np.array(samplers[name].render_morph(CODES, 256)).astype(float)
    assert len(frames) == 48
    icons = samplers[name].render(CODES, 256)
    np.testing.assert_array_equal(frames[[0, 24]], icons)
    np.testing.assert_array_equal(frames[1:24], frames[:24:-1])
    steps = np.abs(np.diff(frames[:25], axis=0)).mean(axis=(1, 2, 3))
    assert steps.max() < np.abs(frames[24] - frames[0]).mean() / 4
    assert steps.min() > 0


def test_a_morph_of_three_icons_has_each_once(samplers: dict[str, Sampler]) -> None:
    codes = [*CODES, IconCode.from_seed(3)]
    frames = samplers[LEARNED].render_morph(codes, 128)
    assert len(frames) == 60
    for place, icon in zip((0, 20, 40), samplers[LEARNED].render(codes, 128), strict=True):
        assert [number for number, frame in enumerate(frames) if np.array_equal(frame, icon)] == [place]


@pytest.mark.parametrize("count", [1, 9])
@pytest.mark.parametrize("name", ["", LEARNED])
def test_a_morph_of_too_few_or_too_many_icons_is_refused(samplers: dict[str, Sampler], name: str, count: int) -> None:
    with pytest.raises(ValueError, match=f"2 to 8 icons, not {count}"):
        samplers[name].render_morph([IconCode.from_seed(n) for n in range(count)], 64)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """Copy the shipped model."""
    for path in (WEIGHTS, WEIGHTS.with_suffix(".json")):
        shutil.copy(path, tmp_path)
    return tmp_path / WEIGHTS.name


def test_another_stage_than_the_cards_is_refused(shipped: Path) -> None:
    name = "upscaler.16_0.bias"
    changed = read_tensors(shipped)[name] + 1
    write_atomically(shipped, save(read_tensors(shipped) | {name: changed}))
    with pytest.raises(WeightsError, match="does not match the hash"):
        load_generator(shipped)


def test_a_stage_comes_back_and_goes_where_its_model_goes(tmp_path: Path) -> None:
    generator, card = load_generator(WEIGHTS)
    saved = save_generator(tmp_path / "copy.safetensors", generator, card)
    assert (saved.hash, saved.parts) == (card.hash, card.parts)
    np.testing.assert_array_equal(
        Sampler.load(tmp_path / "copy.safetensors").render(CODES, 256), Sampler.load(WEIGHTS).render(CODES, 256)
    )


def test_parts_that_are_not_known_are_refused(shipped: Path) -> None:
    card = json.loads(shipped.with_suffix(".json").read_text())
    shipped.with_suffix(".json").write_text(json.dumps(card | {"parts": {"oil-paint": "0" * 64}}))
    with pytest.raises(WeightsError, match="parts that this version does not know"):
        load_generator(shipped)


def test_the_second_stage_is_part_of_the_models_hash(tmp_path: Path) -> None:
    generator, card = load_generator(WEIGHTS)
    plain = save_generator(tmp_path / "plain.safetensors", generator, card, PlainUpscaler.load(PLAIN_FILE))
    assert plain.hash != card.hash
    assert list(plain.parts) == [PLAIN]
