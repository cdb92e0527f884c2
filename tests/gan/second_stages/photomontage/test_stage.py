"""Photomontages use several source pictures without visible seams, deterministically."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image

from gan import artist
from gan.second_stages.photomontage import Photomontage, Recipe, SourcePictures
from gan.second_stages.photomontage.costs import GRID, seam_costs, shrink
from gan.second_stages.second_stage import GeneratorOutput, digest_of, fitted, shown


@cache
def pictures() -> np.ndarray:
    """Return 24 drawings in another style than the house's, (24, 256, 256, 3)."""
    return np.stack([artist.draw(index, 256, "inkling") for index in range(24)])


@cache
def stage() -> Photomontage:
    """Return the second stage of that style."""
    return Photomontage(SourcePictures.from_pictures(list(pictures())))


def guide(index: int) -> np.ndarray:
    """Return what a generator might draw: two pictures in one, blurred."""
    both = np.stack([artist.draw(index, 64, "inkling"), artist.draw(index + 500, 64, "inkling")])
    mean = Image.fromarray(both.mean(axis=0).astype(np.uint8))
    return np.asarray(mean.resize((24, 24)).resize((64, 64), Image.Resampling.BICUBIC))


def test_every_pixel_comes_from_the_place_in_the_picture_that_is_named() -> None:
    made = stage().compose(guide(900))
    where = made.sources.repeat(4, axis=0).repeat(4, axis=1)
    for number in np.unique(made.sources):
        here = where == number
        assert np.array_equal(made.pixels[here], pictures()[number][here])


def test_no_icon_is_mostly_one_picture_even_if_the_guide_is_that_picture() -> None:
    guides = [shrink(pictures()[i : i + 1], GRID)[0] for i in range(8)]
    shares = [stage().compose(guide_).share for guide_ in guides]
    assert np.mean(shares) < 0.7
    freely = Photomontage(SourcePictures.from_pictures(list(pictures())), Recipe(largest_share=100))
    assert min(freely.compose(guide_).share for guide_ in guides) > 0.9


def test_seams_run_where_the_pictures_agree() -> None:
    """Cut at random, the same pictures would show five times as much of their seams."""
    costs = seam_costs(shrink(pictures(), 128)).reshape(24, 24, GRID, GRID)
    seen, expected = 0.0, 0.0
    for index in range(900, 906):
        sources = stage().compose(guide(index)).sources
        left, right = sources[:, :-1], sources[:, 1:]
        rows, columns = np.nonzero(left != right)
        a, b = left[rows, columns], right[rows, columns]
        seen += float(costs[a, b, rows, columns].sum())
        expected += float(costs[a, b].mean(axis=(1, 2)).sum())
    assert seen < expected / 5


def test_the_icon_looks_like_the_guide() -> None:
    """It is nearer to its own guide than to nearly all others."""
    guides = shrink(pictures(), GRID)[:8]
    small = np.stack([fitted(stage().compose(g).pixels, 64) for g in guides]).astype(np.int64)
    apart = np.abs(small[:, None] - guides[None].astype(np.int64)).mean(axis=(2, 3, 4))
    ranks = (apart < apart.diagonal()[:, None]).sum(axis=1)
    assert ranks.mean() < 1


def test_it_comes_back_from_its_tensors_with_its_recipe() -> None:
    own = Photomontage(SourcePictures.from_pictures(list(pictures())), Recipe(weight=64, candidates=8))
    again = Photomontage.from_tensors(own.tensors())
    assert digest_of(again.tensors()) == digest_of(own.tensors())
    assert np.array_equal(again.compose(guide(901)).pixels, own.compose(guide(901)).pixels)


def test_a_recipe_out_of_bounds_is_refused() -> None:
    tensors = stage().tensors()
    tensors["recipe"] = tensors["recipe"].clone()
    tensors["recipe"][0] = 10_000
    with pytest.raises(ValueError, match="candidates is 10000"):
        Photomontage.from_tensors(tensors)
    tensors.pop("recipe")
    with pytest.raises(ValueError, match="recipe"):
        Photomontage.from_tensors(tensors)


@pytest.mark.parametrize("size", [16, 64, 128, 256, 300, 512, 1024, 2048])
def test_icons_are_shown_at_every_size(size: int) -> None:
    raw = guide(902)
    icon = shown(GeneratorOutput({}, torch.empty(0), lambda: raw), size, stage())
    assert icon.shape == (size, size, 3)
    if size == 64:
        assert np.array_equal(icon, raw)  # the generator's own output


def test_a_single_picture_or_a_flat_guide_is_no_trouble() -> None:
    alone = Photomontage(SourcePictures.from_pictures([pictures()[0]]))
    assert np.array_equal(alone.compose(guide(903)).pixels, pictures()[0])
    assert stage().compose(np.full((64, 64, 3), 128, np.uint8)).pixels.shape == (256, 256, 3)


def test_the_pixels_are_the_same_in_another_process_without_compiled_code() -> None:
    """The interpreter and the compiler agree, so the arithmetic leaves nothing to the processor."""
    script = (
        "import numpy as np\n"
        "from gan.second_stages.photomontage.labelling import Energy, Graph\n"
        "rng = np.random.RandomState(5)\n"
        "side, k = 8, 4\n"
        "ties = (np.arange(8, dtype=np.int32), np.arange(40, 48, dtype=np.int32), np.full(8, 50, np.int32))\n"
        "seams = rng.randint(0, 160, (k, k, side * side)).astype(np.int16)\n"
        "energy = Energy(Graph.build(side, ties), rng.randint(0, 90, (k, side * side)).astype(np.int32),\n"
        "    seams + seams.transpose(1, 0, 2), rng.randint(0, 255, (k, side * side, 3)).astype(np.int16),\n"
        "    rng.randint(0, 2, (k, 8)).astype(bool), rng.randint(0, 99, side * side).astype(np.int32),\n"
        "    np.array([0, 3, 0, 9], np.int32), 3)\n"
        "labels = np.zeros(side * side, np.int32)\n"
        "energy.reduce(labels, 0.0)\n"
        "print(labels.tolist())\n"
    )
    drawn = {
        subprocess.run(
            [sys.executable, "-c", script], env=os.environ | way, check=True, capture_output=True, text=True
        ).stdout
        for way in ({"NUMBA_DISABLE_JIT": "1"}, {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}, {})
    }
    assert len(drawn) == 1
    assert len(set(drawn.pop())) > 3  # several sources, or it would say nothing
