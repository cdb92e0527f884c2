"""The artist's label maps show what its drawings show."""

from __future__ import annotations

import numpy as np
import pytest

from gan import artist
from gan.artist import label_maps
from gan.checkpoint.weights import load_card
from gan.second_stages.upscaler.house_palette import house_colours, house_labels
from gan.shipped import DEFAULT_WEIGHTS


@pytest.mark.parametrize("index", range(12))
def test_a_label_map_in_its_colours_is_the_drawing(index: int) -> None:
    requested = artist.balanced_conditions(index, artist.load_style(artist.HOUSE))
    card = load_card(DEFAULT_WEIGHTS)
    colours = house_colours(card)
    chosen = np.zeros(len(colours.chosen), np.int64)
    first = 0
    for attribute in card.attributes:
        chosen[first + attribute["values"].index(requested[attribute["name"]])] = 1
        first += len(attribute["values"])
    palette = np.tensordot(chosen, colours.chosen.astype(int), 1) + colours.still
    drawn = artist.draw_conditions(requested, 256).astype(float)
    coloured = palette[artist.label_map(requested, house_labels(), 512)]
    apart = np.abs(coloured.reshape(256, 2, 256, 2, 3).mean(axis=(1, 3)) - drawn).max(axis=2)
    assert apart.mean() < 4  # of 255: antialiasing, and the tint of lenses, which a label map leaves out
    assert (apart > 64).mean() < 0.02


def test_every_part_of_the_style_has_labels() -> None:
    labels = house_labels()
    style = artist.load_style(artist.HOUSE)
    assert set(style.fixed_colours) <= set(labels)
    assert len(set(labels.values())) > 35


def test_a_colour_without_a_label_is_an_error() -> None:
    requested = artist.balanced_conditions(0, artist.load_style(artist.HOUSE))
    with pytest.raises(KeyError):
        artist.label_map(requested, {}, 64)


def test_a_blended_colour_is_an_error() -> None:
    codes = np.array([[label_maps._code(3), label_maps._code(3) + 7]], np.uint32)
    with pytest.raises(ValueError, match="between two labels"):
        label_maps._label_of(codes)
