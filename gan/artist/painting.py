"""Draw a character as SVG and rasterise it.

>>> draw(7).shape
(64, 64, 3)
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import resvg_py
from PIL import Image

from gan.artist.balanced_samples import balanced_sample, shown_for
from gan.artist.character import character
from gan.artist.drawing_style import COLOUR, DrawingStyle, load_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

HOUSE = "house"
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128" width="128" height="128">'
MIRROR = '<g transform="matrix(-1 0 0 1 128 0)">'


def labels(index: int, style: str = HOUSE) -> dict[str, str]:
    """The attributes of icon ``index``; ``ATTRIBUTES`` lists all values."""
    return character(index, load_style(style))


def svg(index: int, style: str = HOUSE, *, balanced: bool = False) -> str:
    """Icon ``index`` (0 … 2^63-1), or balanced sample ``index``, as an SVG document of 128×128 units."""
    loaded = load_style(style)
    return compose(balanced_sample(index, loaded)[0] if balanced else character(index, loaded), loaded)


def draw(index: int, size: int = 64, style: str = HOUSE, *, balanced: bool = False) -> NDArray[np.uint8]:
    """Icon ``index`` (0 … 2^63-1) as uint8 RGB (size, size, 3); ``size`` 16 … 2048 pixels.

    ``balanced`` draws a sample of gan/artist/balanced_samples.py.
    """
    return rasterised(svg(index, style, balanced=balanced), size)


def draw_conditions(requested: Mapping[str, str], size: int = 64, style: str = HOUSE) -> NDArray[np.uint8]:
    """Draw the balanced sample for ``requested``, which names a value for every slot, as ``draw`` returns it."""
    return rasterised(svg_conditions(requested, style), size)


def svg_conditions(requested: Mapping[str, str], style: str = HOUSE) -> str:
    """Return the SVG document of the same."""
    loaded = load_style(style)
    return compose(shown_for(requested, loaded), loaded)


def rasterised(document: str, size: int) -> NDArray[np.uint8]:
    """Draw an SVG document as uint8 RGB (size, size, 3). Raises ValueError for a size out of range."""
    if not 16 <= size <= 2048:
        raise ValueError(f"size {size} is out of range: choose 16 to 2048 pixels")
    png = resvg_py.svg_to_bytes(svg_string=document, width=size, height=size, skip_system_fonts=True)
    return np.array(Image.open(io.BytesIO(png)).convert("RGB"))


def compose(chosen: Mapping[str, str], style: DrawingStyle) -> str:
    """Stack the parts of a character and apply its colours."""
    colours: dict[str, str] = {}
    for slot, value in chosen.items():
        colours.update(style.palettes.get(slot, {}).get(value, {}))
    for tone in ("", "_shade", "_light"):  # both eyes alike, unless the second has its own colours
        if f"iris{tone}" in colours:
            colours.setdefault(f"iris_other{tone}", colours[f"iris{tone}"])
    colours = {name: colours.get(colour, colour) for name, colour in colours.items()}  # resolve references
    paint = {placeholder: colours[token] for token, placeholder in style.tokens.items() if token in colours}
    return f"{HEAD}{COLOUR.sub(lambda found: paint.get(found[0], found[0]), stacked(chosen, style))}</svg>"


def stacked(chosen: Mapping[str, str], style: DrawingStyle) -> str:
    """Stack the parts of a character in placeholder colours: the content of an SVG document."""
    sheets: dict[str, list[str]] = {"defs": [], **{layer: [] for layer in style.layers}}
    for slot, value in chosen.items():
        turned = chosen.get("side") == "right" and slot in style.mirrored
        for layer, drawing in style.drawings.get((slot, value), {}).items():
            sheets[layer].append(f"{MIRROR}{drawing}</g>" if turned else drawing)
    body = "".join(_placed("".join(sheets[layer]), style.proportions.get(layer)) for layer in style.layers)
    paper = f'<rect width="128" height="128" fill="{style.tokens["ground"]}"/>'
    return f"<defs>{''.join(sheets['defs'])}</defs>{paper}{body}"


def _placed(drawing: str, transform: str | None) -> str:
    return f'<g transform="{transform}">{drawing}</g>' if transform and drawing else drawing
