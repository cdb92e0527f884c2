"""The one door to the model: icons are asked for here, drawn in worker threads, and kept for a while.

    studio = await Studio.open(Path("weights/default.safetensors"))
    drawing = await studio.draw(IconCode.parse("123"))
    drawing.png

`studio` has what one may ask for, and `drawings` what one gets or hears instead. Behind it, `repertoire` knows which
model draws a code; `batches` draws what waits together, owners in turn (`fairqueue`), and remembers it (`cache`);
`finding` looks for icons, in `turns`. `painting` and `brushwork` are the work itself, which `threads` do.
"""

from bot.inference.drawings import (
    DrawError,
    Drawing,
    Fit,
    NoSuchTweak,
    Sampler,
    Sheet,
    StudioClosed,
    UnknownModel,
    UnknownStyle,
)
from bot.inference.sheet_rendering import THUMBNAIL
from bot.inference.studio import Studio

__all__ = [
    "THUMBNAIL",
    "DrawError",
    "Drawing",
    "Fit",
    "NoSuchTweak",
    "Sampler",
    "Sheet",
    "Studio",
    "StudioClosed",
    "UnknownModel",
    "UnknownStyle",
]
