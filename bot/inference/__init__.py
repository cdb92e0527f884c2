"""Access to the model: drawing in worker threads, with batching, fair scheduling and caching.

    studio = await Studio.open(Path("weights/default.safetensors"))
    drawing = await studio.draw(IconCode.parse("123"))
    drawing.png

`studio` is the interface and `drawings` its results and exceptions. `model_registry` finds the model of a code;
`batches` draws queued icons together, fairly between owners (`fair_queue`), and caches them (`cache`); `search` runs
attribute search and projection under a `fair_lock`. `rendering` and `sheet_rendering` run on the `threads`.
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
from bot.inference.long_tasks import THUMBNAIL
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
