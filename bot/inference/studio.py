"""The interface for drawing and searching."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from cachetools import LRUCache

from bot.inference import long_tasks
from bot.inference.batches import Batches, Observe
from bot.inference.drawings import (
    DrawError,
    Drawing,
    Fit,
    NoSuchTweak,
    Request,
    Sampler,
    Sheet,
    StudioClosed,
    UnknownModel,
    UnknownStyle,
)
from bot.inference.fair_lock import FairLock
from bot.inference.model_registry import ModelRegistry
from bot.inference.rendering import enlarge_png
from bot.inference.search import ModelSearch
from bot.inference.threads import Threads
from gan.codes import IconCode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gan.latent.edits import Setting
    from gan.search.projection.encoder import Encoder

log = logging.getLogger(__name__)

_MOST_DESCRIBED = 4096  # descriptions in memory, some 500 bytes each


class Studio(ModelRegistry):
    """Draws icons with the registered models; create and use it in one event loop. Call `close` when done.

    Queued requests are batched fairly between owners; equal requests are drawn once. NumPy and PyTorch run in `threads`
    worker threads, so the event loop never blocks. Failures are isolated to one icon.
    """

    def __init__(
        self,
        sampler: Sampler,
        *,
        size: int = 512,
        threads: int = 1,
        cache_bytes: int = 64 * 2**20,
        observe: Observe | None = None,
    ) -> None:
        """`observe` is told of each batch of icons: how many seconds it took, and how many icons it had."""
        super().__init__(sampler)
        self.size = size
        classifier = long_tasks.new_classifier()
        self._threads = Threads(threads)
        self._batches = Batches(self._threads, classifier, at_once=threads, cache_bytes=cache_bytes, observe=observe)
        # for tasks of seconds, so that one owner's many requests do not delay others
        self._fair_lock = FairLock()
        self._search = ModelSearch(self, self._threads, classifier, self._fair_lock)
        self._described: LRUCache[IconCode, Mapping[str, str]] = LRUCache(_MOST_DESCRIBED)
        self._describing = threading.Lock()

    @classmethod
    async def open(
        cls,
        weights: Path,
        *,
        size: int = 512,
        threads: int = 1,
        cache_bytes: int = 64 * 2**20,
        observe: Observe | None = None,
    ) -> Self:
        """Load `weights` in a thread. Raises gan.checkpoint.weights.WeightsError if missing or damaged."""
        sampler = await asyncio.to_thread(_load, weights)
        return cls(sampler, size=size, threads=threads, cache_bytes=cache_bytes, observe=observe)

    @property
    def busy(self) -> int:
        """The number of distinct icons queued or being drawn."""
        return len(self._batches)

    def ahead(self, owner: Hashable) -> int:
        """Return how many queued icons precede a new one of `owner`; those being drawn are not counted."""
        return self._batches.ahead(owner)

    async def draw(
        self,
        code: IconCode,
        *,
        size: int | None = None,
        round: bool = False,  # noqa: A002 - reads well
        owner: Hashable = None,
    ) -> Drawing:
        """Draw `code` at `size` pixels a side; `round`: circular crop; `owner`: for fair scheduling.

        Raises `UnknownStyle`, `UnknownModel`, `NoSuchTweak`, `StudioClosed`, or `DrawError` if drawing failed (logged
        with its code).
        """
        sampler = self.sampler_for(code)
        card = sampler.card
        request = Request(sampler, code.pinned(card.style, card.short_hash), size or self.size, round)
        finished = self._batches.cached(request)
        if finished is None:
            self._threads.check_open(code)
            finished = await self._batches.draw(request, owner)
        return Drawing(code.bare, card.style, card.short_hash, request.size, finished.png, finished.attributes)

    async def enlarge(self, drawing: Drawing, size: int | None = None) -> Drawing:
        """Return a 64×64 drawing at `size` pixels a side, even if its model is gone.

        Without the model's upscaler, the 64×64 pixels are enlarged. Raises `StudioClosed`.
        """
        size = size or self.size
        with suppress(UnknownStyle, UnknownModel, NoSuchTweak):
            return await self.draw(drawing.pinned, size=size)
        self._threads.check_open(drawing.code)
        png = await self._threads.draw(enlarge_png, drawing, size)
        return replace(drawing, size=size, png=png)

    async def settings(self, code: IconCode) -> list[Setting]:
        """Return the edit axes of the code's model and the position of `code`. Raises as `draw`."""
        pinned = self.pin(code)
        self._threads.check_open(code)
        return await self._threads.draw(self.sampler_for(pinned).settings, pinned)

    async def describe(self, codes: Sequence[IconCode]) -> list[Mapping[str, str]]:
        """Return the attributes that each icon should show, such as hair: bob; {} if its style names none.

        Nothing is drawn, and a style without named attributes is not loaded. Raises as `draw`.
        """
        if not codes:
            return []
        self._threads.check_open(codes[0])
        return await self._threads.draw(lambda: [self._describe(code) for code in codes])

    def _describe(self, code: IconCode) -> Mapping[str, str]:
        """Return the attributes of one icon; thread-safe."""
        sampler = self.sampler_for(code)
        if not sampler.card.attributes:
            return {}
        pinned = code.pinned(sampler.card.style, sampler.card.short_hash)
        with self._describing:
            found = self._described.get(pinned)
        if found is None:
            found = long_tasks.expected(sampler, pinned)
            with self._describing:
                self._described[pinned] = found
        return found

    async def sheet(
        self, codes: Sequence[IconCode], *, owner: Hashable = None, first: NDArray[np.uint8] | None = None
    ) -> Sheet:
        """Draw `codes`, at least one, as a sheet numbered from 1; raises as `draw`.

        `first` is a reference picture, (64, 64, 3), shown before them.
        """
        cell = long_tasks.cell_of(len(codes))
        drawings = await asyncio.gather(*(self.draw(code, size=cell, owner=owner) for code in codes))
        png = await self._threads.aside(long_tasks.lay_out, [drawing.png for drawing in drawings], (), first)
        return Sheet([drawing.pinned for drawing in drawings], png)

    async def lay_out(self, icons: Sequence[bytes], labels: Sequence[str] = ()) -> bytes:
        """Lay out drawn icons, PNGs of any size, as `sheet` does; labels default to numbers.

        Raises `StudioClosed`.
        """
        return await self._threads.aside(long_tasks.lay_out, icons, labels)

    async def pack(self, files: Mapping[str, bytes]) -> bytes:
        """Return a zip of `files` by name."""
        return await self._threads.aside(long_tasks.pack, files)

    async def morph(self, codes: Sequence[IconCode], *, limit: int, owner: Hashable = None) -> bytes | None:
        """Return a looped GIF through two to eight `codes` of one model, or None if over `limit` bytes.

        It waits for the fair lock. Raises as `draw`, and `DrawError` with the first code on failure.
        """
        pinned = [self.pin(code) for code in codes]
        self._threads.check_open(pinned[0])
        sampler = self.sampler_for(pinned[0])
        try:
            async with self._fair_lock.take(owner):
                return await self._threads.aside(long_tasks.morph, sampler, pinned, limit)
        except StudioClosed:
            raise
        except Exception as error:
            log.exception("morphing %s failed", " ".join(map(str, pinned)))
            raise DrawError(pinned[0], f"Morphing {pinned[0]} failed: {error}") from error

    async def search(self, query: Mapping[str, Sequence[str]], *, owner: Hashable = None) -> Fit:
        """Find an icon of the default style that meets `query` (acceptable values by attribute), or the nearest.

        It waits for the fair lock. Raises `StudioClosed`, and ValueError for unknown attributes or values.
        """
        return await self._search.search(query, owner)

    async def resemble(
        self, picture: NDArray[np.uint8], encoder: Encoder | None, *, count: int = 3, owner: Hashable = None
    ) -> list[IconCode]:
        """Find `count` icons of the default style that resemble a picture (64, 64, 3): pinned, best first.

        `encoder` should know the model in use; without one, fewer icons are compared. It takes about
        `search.RESEMBLING` seconds under the fair lock. Raises `StudioClosed`, and DrawError on failure.
        """
        return await self._search.resemble(picture, encoder, count, owner)

    async def close(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - what is late goes on in its thread
        """Refuse new requests, finish pending ones and release the threads.

        Returns False if that took more than `timeout` seconds; Python then waits for the threads at exit.
        """
        self._threads.refuse()
        done = await self._batches.finish(timeout)
        self._threads.release()
        return done


def _load(weights: Path) -> Sampler:
    from gan.sampling.sampler import Sampler as GanSampler  # noqa: PLC0415 - imports PyTorch, which takes seconds

    return GanSampler.load(weights)
