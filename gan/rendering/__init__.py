"""Rendering: from 64×64 icons to pictures at the size shown, PNG files that carry the code, contact sheets.

All computations are on integers or single float operations in NumPy and Pillow, so pixels are identical on every
machine.
"""

from gan.rendering.animation import encode_gif
from gan.rendering.avatar import rounded
from gan.rendering.png import encode_plain_png, encode_png, is_ours, read_code
from gan.rendering.sheets import contact_sheet
from gan.rendering.upscaling import MAX_SIZE, MIN_SIZE, upscale

__all__ = [
    "MAX_SIZE",
    "MIN_SIZE",
    "contact_sheet",
    "encode_gif",
    "encode_plain_png",
    "encode_png",
    "is_ours",
    "read_code",
    "rounded",
    "upscale",
]
