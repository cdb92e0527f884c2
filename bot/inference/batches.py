"""Single icons: what waits is drawn together, owners taking turns, once for all who want it, and kept for a while."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from cachetools import LRUCache

from bot.inference.drawings import DrawError, Finished, Request, Sampler
from bot.inference.fair_queue import FairQueue
from bot.inference.rendering import paint

if TYPE_CHECKING:
    from bot.inference.threads import Threads
    from gan.search.attribute_classifier import IconClassifier

log = logging.getLogger(__name__)

Observe = Callable[[float, int], None]

MAX_BATCH = 4  # float64 icons gain little from larger batches, and the first of them would wait for the last


class Batches:
    """The icons that wait, are being drawn or were drawn lately. A draw that fails fails alone."""

    def __init__(
        self,
        threads: Threads,
        classifier: IconClassifier,
        *,
        at_once: int,
        cache_bytes: int,
        observe: Observe | None = None,
    ) -> None:
        """`observe` is told of each batch: how many seconds it took, and how many icons it had."""
        self._threads = threads
        self._classifier = classifier
        self._cache: LRUCache[Hashable, Finished] = LRUCache(cache_bytes, getsizeof=len)
        self._waiting: FairQueue[Request] = FairQueue()
        self._results: dict[Request, asyncio.Future[Finished]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = at_once  # threads
        self._called = False
        self._observe = observe

    def __len__(self) -> int:
        """How many different icons are waiting or being drawn."""
        return len(self._results)

    def ahead(self, owner: Hashable) -> int:
        """Return how many icons would be drawn before one that `owner` asked for now, those at work not counted."""
        return self._waiting.ahead(owner)

    def kept(self, request: Request) -> Finished | None:
        """Return what was drawn before, where it is still remembered."""
        return self._cache.get((request.code, request.size, request.round))

    async def draw(self, request: Request, owner: Hashable) -> Finished:
        """Draw an icon when it is the owner's turn. Raises `DrawError`, logged with its code, where that failed."""
        # shielded: one who stops waiting must not take the picture from another who still does
        return await asyncio.shield(self._results.get(request) or self._enqueue(request, owner))

    async def finish(self, timeout: float | None) -> bool:  # noqa: ASYNC109 - what is late goes on in its thread
        """Wait until everything that was asked for is drawn; False: that took more than `timeout` seconds."""
        late: set[asyncio.Future[Finished]] = set()
        if self._results:
            _, late = await asyncio.wait(list(self._results.values()), timeout=timeout)
        return not late

    def _enqueue(self, request: Request, owner: Hashable) -> asyncio.Future[Finished]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Finished] = loop.create_future()
        future.add_done_callback(_retrieve)
        self._results[request] = future
        self._waiting.put(owner, request)
        if not self._called:
            # not at once: what arrives in the same turn of the loop joins the same batch
            self._called = True
            loop.call_soon(self._start)
        return future

    def _start(self) -> None:
        """Hand batches to the threads that are idle."""
        self._called = False
        while self._waiting and self._idle:
            sampler = self._waiting.peek().sampler
            batch: list[Request] = []
            while self._waiting and len(batch) < MAX_BATCH and self._waiting.peek().sampler is sampler:
                batch.append(self._waiting.take())
            self._idle -= 1
            task = asyncio.get_running_loop().create_task(self._run(sampler, batch))
            self._tasks.add(task)  # the loop itself keeps only a weak reference
            task.add_done_callback(self._tasks.discard)

    async def _run(self, sampler: Sampler, batch: list[Request]) -> None:
        results: Sequence[Finished | Exception]
        began = time.monotonic()
        try:
            results = await self._threads.draw(paint, sampler, batch, self._classifier)
        except Exception as failure:  # noqa: BLE001 - whatever it was, those who wait must hear of it
            results = [failure] * len(batch)
        self._idle += 1
        if self._observe is not None:
            self._observe(time.monotonic() - began, len(batch))
        for request, result in zip(batch, results, strict=True):
            future = self._results.pop(request)
            if isinstance(result, Finished):
                with suppress(ValueError):  # larger than the whole cache
                    self._cache[request.code, request.size, request.round] = result
                future.set_result(result)
            else:
                log.error("drawing %s at %d pixels failed", request.code, request.size, exc_info=result)
                error = DrawError(request.code, f"Drawing {request.code} failed: {result}")
                error.__cause__ = result
                future.set_exception(error)
        self._start()


def _retrieve(future: asyncio.Future[Finished]) -> None:
    """Look at a failure, so that asyncio does not complain about one nobody waits for any more."""
    if not future.cancelled():
        future.exception()
