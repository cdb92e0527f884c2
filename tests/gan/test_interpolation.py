"""Morphs: through every icon, back to the first, at perceptually constant speed."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.codes import CodeError, IconCode
from gan.latent.interpolation import path, steps, to_lab
from gan.rendering import encode_gif
from gan.sampling.sampler import Sampler
from tests.gan.models import SMALL, save

CHOOSING = {**SMALL, "z_dim": 24, "attributes": [5, 3], "mapping": 16}


@pytest.fixture(scope="module")
def sampler(tmp_path_factory: pytest.TempPathFactory) -> Sampler:
    return Sampler.load(save(tmp_path_factory.mktemp("morph"), CHOOSING))


def codes(*seeds: int) -> list[IconCode]:
    return [IconCode.from_seed(seed) for seed in seeds]


@pytest.mark.parametrize("seeds", [(1, 2), (3, 4), (5, 6, 7), tuple(range(8))])
def test_no_step_of_the_loop_is_much_larger_than_the_others(seeds: tuple[int, ...], sampler: Sampler) -> None:
    frames = sampler.sketch(path(sampler, codes(*seeds)))
    between = steps(np.concatenate([frames, frames[:1]]))
    assert between.max() <= 2 * between.mean()
    assert len(frames) == pytest.approx(48 + 12 * (len(seeds) - 2), abs=8)


def test_latents_taken_evenly_would_jump(sampler: Sampler) -> None:
    """Otherwise the test above says little: attributes flip between latents, and here they do not."""
    a, b = sampler.latents(codes(1, 2))
    frames = sampler.draw_latents(np.linspace(a, b, 25))
    assert steps(frames).max() > 2 * steps(frames).mean()


def test_every_icon_is_a_frame_and_two_icons_go_back_the_way_they_came(sampler: Sampler) -> None:
    frames = sampler.sketch(path(sampler, codes(1, 2)))
    icons = sampler.draw(codes(1, 2))
    for frame, icon in zip((frames[0], frames[24]), icons, strict=True):
        assert np.abs(frame.astype(int) - icon).max() <= 1, "float32 may round another way"
    assert np.array_equal(frames[1:24], frames[:24:-1])
    three = sampler.sketch(path(sampler, codes(1, 2, 3)))
    for icon in sampler.draw(codes(1, 2, 3)):
        assert min(np.abs(frame.astype(int) - icon).max() for frame in three) <= 1


def test_an_icon_and_itself_are_a_still_picture(sampler: Sampler) -> None:
    frames = sampler.sketch(path(sampler, codes(1, 1)))
    assert (frames == frames[0]).all()


def test_one_icon_or_nine_are_no_morph_and_styles_do_not_meet(sampler: Sampler) -> None:
    for count in (1, 9):
        with pytest.raises(ValueError, match="2 to 8"):
            path(sampler, codes(*range(count)))
    with pytest.raises(CodeError, match="lorelei"):
        path(sampler, [IconCode.parse("1"), IconCode.parse("2/lorelei")])


def test_a_model_without_attributes_is_morphed_too(tmp_path: Path) -> None:
    sampler = Sampler.load(save(tmp_path, SMALL))
    frames = sampler.sketch(path(sampler, codes(1, 2)))
    between = steps(frames)
    assert between.max() <= 2 * between.mean()


def test_colours_are_those_of_the_standard() -> None:
    # computed with the formulas of IEC 61966-2-1 and CIE 15, as every colour table has them
    seen = to_lab(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 0, 255]], np.uint8))
    known = [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20], [32.30, 79.19, -107.86]]
    assert np.abs(seen - known).max() < 0.02


def test_a_gif_plays_for_ever_with_its_frames_in_order() -> None:
    colours = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]
    gif = encode_gif([np.full((16, 16, 3), c, np.uint8) for c in colours], milliseconds=54, comment="1 2 é")
    image = Image.open(io.BytesIO(gif))
    assert (image.n_frames, image.info["loop"], image.info["duration"]) == (3, 0, 50)
    assert image.info["comment"] == b"1 2 ?"
    for n, colour in enumerate(colours):
        image.seek(n)
        assert np.abs(np.asarray(image.convert("RGB")).astype(int) - colour).max() < 8
    with pytest.raises(ValueError, match="one frame"):
        encode_gif([], milliseconds=50)
