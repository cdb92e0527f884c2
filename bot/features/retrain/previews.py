"""Previews: icons drawn during training as users will see them, and a time-lapse of them."""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bot.features.retrain.job_folder import JobFolder
from gan.errors import MeliconError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

COUNT, COLUMNS = 8, 4  # icons of a preview, with the seeds from 0
CELL = 128  # pixels a side of each
GAP = 4
MOST_TIME = 0.05  # share of the training time that drawing may take
FIRST_GUESS = 0.5  # seconds that the first one takes
FEWEST_FRAMES = 3  # of a time-lapse
FRAME, LAST_FRAME = 400, 2_500  # milliseconds
# a job goes on without pictures that cannot be made; PyTorch reports a lack of memory as a RuntimeError
_HARMLESS = (MeliconError, OSError, MemoryError, RuntimeError)


class Previews:
    """Draws a job's previews from its saved generators."""

    def __init__(self, folder: JobFolder, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._cost = FIRST_GUESS  # seconds, of the last one
        self._after = 0.0  # seconds of training at which the last one was drawn

    def draw(self, seconds: float) -> bool:
        """Draw one after so many seconds of training, unless it would take too large a share; whether it was drawn."""
        if self._cost > MOST_TIME * (seconds - self._after):
            return False
        begun = self._clock()
        try:
            self._write(seconds)
        except _HARMLESS:
            log.exception("no preview could be drawn")
            return False
        finally:
            self._cost, self._after = self._clock() - begun, seconds
        return True

    def _write(self, seconds: float) -> None:
        from gan.atomic import write_atomically  # noqa: PLC0415
        from gan.codes import IconCode  # noqa: PLC0415
        from gan.rendering import encode_plain_png  # noqa: PLC0415
        from gan.sampling.sampler import Sampler  # noqa: PLC0415 - imports PyTorch

        sampler = Sampler.load(self._folder.generator)
        icons = sampler.render([IconCode.from_seed(seed) for seed in range(COUNT)], 2 * CELL)
        self._folder.previews.mkdir(exist_ok=True)
        write_atomically(self._folder.previews / f"{round(seconds):06d}.png", encode_plain_png(frame(icons)))


def frame(icons: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Lay out icons uint8 (side, side, 3) in two rows: uint8 (H, W, 3)."""
    from gan.rendering import contact_sheet  # noqa: PLC0415
    from gan.rendering.upscaling import resized, upscale  # noqa: PLC0415

    cells = [resized(icon, CELL) if len(icon) > CELL else upscale(icon, CELL) for icon in icons[:COUNT]]
    return contact_sheet(cells, COLUMNS, gap=GAP)


def write_time_lapse(folder: JobFolder, before: NDArray[np.uint8] | None, after: Sequence[NDArray[np.uint8]]) -> bool:
    """Write an animated WebP of the icons `before` training, the previews and the icons `after`.

    Icons are uint8 (side, side, 3). Return False, and write nothing, if there are too few frames or it fails.
    """
    try:
        return _write_time_lapse(folder, before, after)
    except _HARMLESS:
        log.exception("no time-lapse could be made")
        return False


def _write_time_lapse(folder: JobFolder, before: NDArray[np.uint8] | None, after: Sequence[NDArray[np.uint8]]) -> bool:
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    from gan.atomic import write_atomically  # noqa: PLC0415

    frames = [] if before is None else [frame(list(before))]
    for path in sorted(folder.previews.glob("*.png")):
        with Image.open(path) as picture:
            frames.append(np.asarray(picture.convert("RGB")))
    frames.append(frame(after))
    if len(frames) < FEWEST_FRAMES:
        return False
    first, *others = (Image.fromarray(pixels) for pixels in frames)
    data = io.BytesIO()
    durations = [FRAME] * len(others) + [LAST_FRAME]
    first.save(data, "WEBP", save_all=True, append_images=others, duration=durations, loop=0, quality=85)
    write_atomically(folder.time_lapse, data.getvalue())
    return True
