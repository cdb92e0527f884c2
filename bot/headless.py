"""Database, model and styles without Discord: what `melicon serve` and `melicon fediverse` draw with."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot.features.styles import StyleKeeper
from bot.inference import Studio
from bot.settings import Settings
from bot.store import Store


@dataclass(frozen=True, slots=True)
class Headless:
    """The open services."""

    store: Store
    studio: Studio
    styles: StyleKeeper


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Headless]:
    """Open the services in DATA_DIR, and close them at the end.

    Raises StoreError and gan.checkpoint.weights.WeightsError.
    """
    async with contextlib.AsyncExitStack() as stack:
        url = settings.database_url.get_secret_value() if settings.database_url else None
        store = await Store.open(url, settings.data_dir)
        stack.push_async_callback(store.close)
        studio = await open_studio(settings)
        stack.push_async_callback(studio.close, timeout=0)
        styles = StyleKeeper(store, studio, settings.data_dir)
        await styles.start(settings.weights)
        stack.push_async_callback(styles.close)
        yield Headless(store, studio, styles)


async def open_studio(settings: Settings) -> Studio:
    """Load the model alone. Raises gan.checkpoint.weights.WeightsError."""
    return await Studio.open(
        settings.weights,
        size=settings.icon_size,
        threads=settings.draw_threads,
        cache_bytes=settings.cache_mib * 2**20,
    )
