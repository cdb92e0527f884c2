"""What becomes of a 64×64 icon before it is shown: upscaling, PNG bytes with the code inside, contact sheets.

Everything here is NumPy and Pillow on whole numbers or single operations, so that the same pixels come out on
every machine.
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
