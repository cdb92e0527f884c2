"""Attribute search and projection in the default style."""

from __future__ import annotations

import logging
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.inference import long_tasks
from bot.inference.drawings import DrawError, Fit, Sampler, StudioClosed
from gan.codes import IconCode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from bot.inference.fair_lock import FairLock
    from bot.inference.model_registry import ModelRegistry
    from bot.inference.threads import Threads
    from gan.search.attribute_classifier import IconClassifier
    from gan.search.attribute_search import SeedSearch
    from gan.search.projection.encoder import Encoder
    from gan.search.projection.search import Projector

log = logging.getLogger(__name__)

RESEMBLING = 2.5  # seconds for a projection; about four with decoding, drawing and posting


class ModelSearch:
    """Runs searches on a separate thread, and caches per-model state while a model is in use."""

    def __init__(
        self, models: ModelRegistry, threads: Threads, classifier: IconClassifier, fair_lock: FairLock
    ) -> None:
        self._models = models
        self._threads = threads
        self._classifier = classifier
        self._searched: tuple[Sampler, SeedSearch] | None = None  # with its cached state
        self._projector: tuple[Sampler, Encoder | None, Projector] | None = None
        self._fair_lock = fair_lock

    async def search(self, query: Mapping[str, Sequence[str]], owner: Hashable) -> Fit:
        """See `Studio.search`."""
        async with self._fair_lock.take(owner):
            sampler = self._models.in_use
            if self._searched is None or self._searched[0] is not sampler:
                self._searched = (sampler, await self._threads.aside(long_tasks.seed_search, sampler))
            found, has = await self._threads.aside(
                long_tasks.search, sampler, self._searched[1], self._classifier, query
            )
        met = {
            name: [has[name] if has[name] in values else values[0]]
            for name, values in query.items()
            if name not in found.unmet
        }
        return Fit(found.code, met, {name: list(query[name]) for name in found.unmet})

    async def resemble(
        self, picture: NDArray[np.uint8], encoder: Encoder | None, count: int, owner: Hashable
    ) -> list[IconCode]:
        """See `Studio.resemble`."""
        async with self._fair_lock.take(owner):
            sampler = self._models.in_use
            if encoder is not None and not encoder.knows(sampler.card):
                encoder = None  # the style changed while waiting
            if self._projector is None or self._projector[:2] != (sampler, encoder):
                self._projector = (
                    sampler,
                    encoder,
                    await self._threads.aside(long_tasks.projector, sampler, encoder),
                )
            try:
                found = await self._threads.aside(long_tasks.resemble, self._projector[2], picture, count, RESEMBLING)
            except StudioClosed:
                raise
            except Exception as error:
                log.exception("the projection failed")
                raise DrawError(IconCode.from_seed(0), f"The projection failed: {error}") from error
        card = sampler.card
        return [match.code.pinned(card.style, card.short_hash) for match in found]
