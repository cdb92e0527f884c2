"""The house artist: drawn parts and palettes that make any number of labelled icons.

A *hand* (styles/NAME.toml) is an artist as data: the line, the palettes, the weights and the rules of what goes with
what. The drawings are SVG files in parts/ (of the house hand) and parts_NAME/, one for each value of an attribute, made
to be opened in an editor; parts/README.md says how. ``character`` decides which character an index stands for,
``painting`` lays the parts over one another and rasterises them with resvg, ``folder`` makes many icons at once. An
icon is a pure function of its index, and stays so: what decides it is frozen. What ``practice`` makes of a character is
not: networks are trained on it, and nobody asks for one again.
"""

from gan.artist.balanced_samples import balanced_conditions, balanced_sample, fulfilment_probability
from gan.artist.conditions import condition_shares, sample_conditions
from gan.artist.drawing_style import load_style
from gan.artist.folder import icons, write_icons
from gan.artist.painting import HOUSE, draw, draw_conditions, labels, svg

ATTRIBUTES: dict[str, tuple[str, ...]] = load_style(HOUSE).attributes

__all__ = [
    "ATTRIBUTES",
    "HOUSE",
    "balanced_conditions",
    "balanced_sample",
    "condition_shares",
    "draw",
    "draw_conditions",
    "fulfilment_probability",
    "icons",
    "labels",
    "load_style",
    "sample_conditions",
    "svg",
    "write_icons",
]
