"""The colours of the house artist's drawings, and which of them the conditions select."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gan import artist
from gan.checkpoint.weights import ModelCard

# Colours outside the palettes, as in the part files.
STILL = (
    "#3b2733",  # the line
    *("#f7c948", "#d19a1d"),  # metal
    *("#fffefe", "#fffaf2", "#f7f8fb"),  # white
    *("#8c2f3f", "#f58a8f", "#d9586c"),  # a mouth inside, tongue, lips
    "#f7a6bf",  # inside an animal's ear
    *("#cfd3de", "#6d6785", "#37303f", "#2d2838"),  # greys
    *("#f8dcae", "#d9a05a", "#c99560", "#6b4b3a"),  # plasters, wood, leather
    *("#86c95c", "#7fb069"),  # leaves
    *("#a9dcf5", "#bfe8ff"),  # tears and lenses
)


@dataclass(frozen=True)
class Colours:
    """K colours: first those selected by attributes, then `STILL`.

    ``chosen`` uint8 (values of all attributes, K, 3): each value's contribution to each colour, 0 for none; ``still``
    uint8 (K, 3): the constant colours, 0 for selected ones.
    """

    chosen: NDArray[np.uint8]
    still: NDArray[np.uint8]


def house_colours(card: ModelCard) -> Colours:
    """The colours of the house artist's drawings, for the attributes of ``card``."""
    style = artist.load_style(artist.HOUSE)
    tokens = [(slot, token) for slot in style.palettes for token in _tokens_of(style.palettes[slot])]
    values = [(str(a["name"]), str(value)) for a in card.attributes for value in a["values"]]
    chosen = np.zeros((len(values), len(tokens) + len(STILL), 3), np.uint8)
    for number, (slot, value) in enumerate(values):
        for k, (owner, token) in enumerate(tokens):
            if owner == slot and token in style.palettes[slot].get(value, {}):
                chosen[number, k] = _rgb(style.palettes[slot][value][token])
    still = np.zeros(chosen.shape[1:], np.uint8)
    still[len(tokens) :] = [_rgb(colour) for colour in STILL]
    return Colours(chosen, still)


def colour_slots() -> list[str]:
    """The attributes that only select colours: a label map does not depend on their values."""
    style = artist.load_style(artist.HOUSE)
    drawn = {slot for slot, _ in style.drawings}
    return [slot for slot, values in style.palettes.items() if slot not in drawn and all(values.values())]


def house_labels() -> dict[str, int]:
    """The row of `Colours` for each token of the palettes, and for each other colour in the part files."""
    style = artist.load_style(artist.HOUSE)
    tokens = [token for slot in style.palettes for token in _tokens_of(style.palettes[slot])]
    fixed = np.array([_rgb(colour) for colour in STILL])
    labels = {token: number for number, token in enumerate(tokens)}
    for colour in style.fixed_colours:
        nearest = np.square(fixed - _rgb(colour)).sum(axis=1).argmin()
        labels[colour] = len(tokens) + int(nearest)
    return labels


def _tokens_of(palette: Mapping[str, Mapping[str, str]]) -> list[str]:
    return list(dict.fromkeys(token for colours in palette.values() for token in colours))


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))
