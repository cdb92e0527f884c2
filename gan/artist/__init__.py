"""The house artist: drawn parts and palettes that generate any number of labelled icons.

A *drawing style* (styles/NAME.toml) is data: line width, palettes, weights, and rules for what goes with what. The
drawings are SVG files in parts/ (of the house style) and parts_NAME/, one for each value of an attribute, editable in
any SVG editor; see parts/README.md. ``character`` maps an index to attribute values, ``painting`` composes and
rasterises the parts with resvg, ``folder`` draws many icons at once. An icon is a pure function of its index and must
never change. Balanced samples may change: they serve only as training data.
"""

from gan.artist.balanced_samples import balanced_conditions, balanced_sample, fulfilment_probability, shown_for
from gan.artist.conditions import condition_shares, sample_conditions
from gan.artist.drawing_style import load_style
from gan.artist.folder import icons, write_icons
from gan.artist.label_maps import label_map
from gan.artist.painting import HOUSE, draw, draw_conditions, labels, svg, svg_conditions

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
    "label_map",
    "labels",
    "load_style",
    "sample_conditions",
    "shown_for",
    "svg",
    "svg_conditions",
    "write_icons",
]
