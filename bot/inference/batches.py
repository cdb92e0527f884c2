"""Single icons: batched, deduplicated, cached and scheduled fairly between owners."""

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
from bot.inference.rendering import draw_batch

if TYPE_CHECKING:
    from bot.inference.threads import Threads
    from gan.search.attribute_classifier import IconClassifier

log = logging.getLogger(__name__)

Observe = Callable[[float, int], None]

MAX_BATCH = 4  # float64 inference gains little from larger batches, and the first icon would wait for the last


class Batches:
    """The queued, running and recently drawn icons. Failures are isolated to one icon."""

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
        self._idle = at_once  # number of threads
        self._called = False
        self._observe = observe

    def __len__(self) -> int:
        """The number of distinct icons queued or being drawn."""
        return len(self._results)

    def ahead(self, owner: Hashable) -> int:
        """Return how many queued icons precede a new one of `owner`, excluding those being drawn."""
        return self._waiting.ahead(owner)

    def cached(self, request: Request) -> Finished | None:
        """Return a cached drawing, if any."""
        return self._cache.get((request.code, request.size, request.round))

    async def draw(self, request: Request, owner: Hashable) -> Finished:
        """Draw an icon in the owner's turn. Raises `DrawError`, logged with its code, on failure."""
        # shielded: cancelling one waiter must not cancel the drawing for the others
        return await asyncio.shield(self._results.get(request) or self._enqueue(request, owner))

    async def finish(self, timeout: float | None) -> bool:  # noqa: ASYNC109 - what is late goes on in its thread
        """Wait until the queue is empty; False if that took more than `timeout` seconds."""
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
            # deferred: requests of the same loop iteration join the batch
            self._called = True
            loop.call_soon(self._start)
        return future

    def _start(self) -> None:
        """Submit batches to idle threads."""
        self._called = False
        while self._waiting and self._idle:
            sampler = self._waiting.peek().sampler
            batch: list[Request] = []
            while self._waiting and len(batch) < MAX_BATCH and self._waiting.peek().sampler is sampler:
                batch.append(self._waiting.take())
            self._idle -= 1
            task = asyncio.get_running_loop().create_task(self._run(sampler, batch))
            self._tasks.add(task)  # the loop keeps only a weak reference
            task.add_done_callback(self._tasks.discard)

    async def _run(self, sampler: Sampler, batch: list[Request]) -> None:
        results: Sequence[Finished | Exception]
        began = time.monotonic()
        try:
            results = await self._threads.draw(draw_batch, sampler, batch, self._classifier)
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
    """Retrieve an exception, so that asyncio does not report it as never retrieved."""
    if not future.cancelled():
        future.exception()
