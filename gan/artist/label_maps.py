"""Draw a character as a label map: for each pixel, which of the drawing's colours it has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from gan.artist.balanced_samples import shown_for
from gan.artist.drawing_style import COLOUR, load_style
from gan.artist.painting import HEAD, HOUSE, rasterised, stacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

UNBLENDED = HEAD.replace("<svg ", '<svg shape-rendering="crispEdges" ')  # no antialiasing
TINT = re.compile(r'fill="[^"]*"([^>]*?) fill-opacity="0\.[0-4]\d*"')  # of lenses: what is below keeps its label
TRANSLUCENT = re.compile(r' (?:fill|stroke)-opacity="[^"]*"')


def label_map(
    requested: Mapping[str, str], labels: Mapping[str, int], size: int = 512, style: str = HOUSE
) -> NDArray[np.uint8]:
    """Draw the balanced sample for ``requested``, a value for every slot, as labels, uint8 (size, size).

    ``labels`` has the label of each token of the style's palettes, and of each other colour, as #rrggbb, of its parts.
    A second eye with the colours of the first has the labels of the first. Raises KeyError for a colour without one.
    """
    loaded = load_style(style)
    chosen = shown_for(requested, loaded)
    token_of = {placeholder: token for token, placeholder in loaded.tokens.items()}
    own = {token for slot, value in chosen.items() for token in loaded.palettes.get(slot, {}).get(value, {})}

    def coded(colour: str) -> str:
        token = token_of.get(colour, colour)
        if token.startswith("iris_other") and token not in own:
            token = token.replace("iris_other", "iris")
        return f"#{_code(labels[token] if token in labels else labels[colour]):06x}"

    drawing = TRANSLUCENT.sub("", TINT.sub(r'fill="none"\1', stacked(chosen, loaded)))
    coloured = COLOUR.sub(lambda found: coded(found[0]), drawing)
    picture = rasterised(f"{UNBLENDED}{coloured}</svg>", size).astype(np.uint32)
    return _label_of(picture[..., 0] << np.uint32(16) | picture[..., 1] << np.uint32(8) | picture[..., 2])


def _code(label: int) -> int:
    """A colour for a label below 125: its digits in base 5, spread over the range of each channel."""
    return (30 + 50 * (label // 25)) << 16 | (30 + 50 * (label // 5 % 5)) << 8 | (30 + 50 * (label % 5))


def _label_of(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    digits = [((codes >> shift & 255) - 30) // 50 for shift in (16, 8, 0)]
    labels: NDArray[np.uint8] = (digits[0] * 25 + digits[1] * 5 + digits[2]).astype(np.uint8)
    if not np.array_equal(np.array([_code(label) for label in range(125)], np.uint32)[labels], codes):
        raise ValueError("a label map has a colour between two labels: a part was blended or antialiased")
    return labels
