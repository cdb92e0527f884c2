"""Runs in the studio's threads: draws, enlarges and encodes icons."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.inference import long_tasks
from bot.inference.drawings import Drawing, Finished, Request, Sampler

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gan.search.attribute_classifier import IconClassifier
    from gan.second_stages.second_stage import GeneratorOutput


def draw_batch(sampler: Sampler, batch: Sequence[Request], classifier: IconClassifier) -> list[Finished | Exception]:
    """Draw a batch; on failure, bisect it to isolate the failing icons."""
    try:
        outputs = sampler.generate([request.code for request in batch])
    except Exception as error:  # noqa: BLE001 - a model may fail in any way; one icon must not take the others along
        if len(batch) == 1:
            return [error]
        middle = len(batch) // 2
        return draw_batch(sampler, batch[:middle], classifier) + draw_batch(sampler, batch[middle:], classifier)
    return [_finish(request, output, classifier) for request, output in zip(batch, outputs, strict=True)]


def _finish(request: Request, output: GeneratorOutput, classifier: IconClassifier) -> Finished | Exception:
    """Enlarge and encode one icon."""
    from gan.rendering import encode_png, rounded  # noqa: PLC0415

    card = request.sampler.card
    try:
        shown = request.sampler.enlarge(output, request.size)
        if request.round:
            shown = rounded(shown)
        png = encode_png(shown, code=str(request.code), style=card.style, model=card.short_hash)
        return Finished(png, long_tasks.describe(request.sampler, request.code, output, classifier))
    except Exception as error:  # noqa: BLE001 - as above
        return error


def enlarge_png(drawing: Drawing, size: int) -> bytes:
    """Return a 64×64 drawing of a deleted model as a PNG at `size` pixels a side."""
    from gan.rendering import encode_png, upscale  # noqa: PLC0415

    shown = upscale(read_pixels(drawing.png), size)
    return encode_png(shown, code=str(drawing.pinned), style=drawing.style, model=drawing.model)


def read_pixels(png: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a PNG, uint8 RGB (size, size, 3)."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))
