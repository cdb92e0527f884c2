"""`melicon fediverse`: the account without Discord, with a database and a model of its own process."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack

from bot.features.daily.icons import DateIcons
from bot.features.styles import StyleKeeper
from bot.fediverse.account import NotLoggedIn, Refused, Unavailable
from bot.fediverse.service import Fediverse
from bot.fediverse.services import Services
from bot.i18n import Catalogues
from bot.inference import Studio
from bot.inference.encoders import Encoders
from bot.settings import ConfigError, Settings
from bot.store import Store
from bot.system.clock import utc_now
from bot.system.shutdown import CLOSING, ExitDeadline, serving_time, stop_signals, whole_time

log = logging.getLogger(__name__)


async def run_fediverse(settings: Settings, deadline: ExitDeadline | None = None) -> None:
    """Work until SIGTERM, SIGINT or SIGHUP; a signal starts the `deadline` of the process.

    Raises ConfigError, StoreError and gan.checkpoint.weights.WeightsError where it cannot start.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    asked = 0

    def ask() -> None:  # in a thread
        nonlocal asked
        asked += 1
        if deadline is not None:
            deadline.start(whole_time(settings.shutdown_grace) if asked == 1 else CLOSING)
        loop.call_soon_threadsafe(stop.set)

    with stop_signals(ask):
        async with AsyncExitStack() as opened:
            url = settings.database_url.get_secret_value() if settings.database_url else None
            store = await Store.open(url, settings.data_dir)
            opened.push_async_callback(store.close)
            studio = await Studio.open(
                settings.weights,
                size=settings.icon_size,
                threads=settings.draw_threads,
                cache_bytes=settings.cache_mib * 2**20,
            )
            opened.push_async_callback(studio.close, timeout=0)
            keeper = StyleKeeper(store, studio, settings.data_dir)
            await keeper.start(settings.weights)
            opened.push_async_callback(keeper.close)
            services = Services(
                settings=settings,
                store=store,
                studio=studio,
                keeper=keeper,
                icons=DateIcons(store, studio, utc_now),
                encoders=Encoders(settings.data_dir / "likeness"),
                catalogues=Catalogues.load(),
                clock=utc_now,
            )
            service = Fediverse(services)
            await _check(service)
            service.begin()
            opened.push_async_callback(service.close, serving_time(settings.shutdown_grace))
            await stop.wait()
            log.info("asked to leave")
    log.info("left")


async def _check(service: Fediverse) -> None:
    """Raise ConfigError where the server turns the account away; a server that is away is waited for later."""
    try:
        await service.account.introduce()
    except NotLoggedIn:
        raise ConfigError(
            "FEDIVERSE_TOKEN is not valid at FEDIVERSE_URL: create an access token there anew (docs/fediverse.md)."
        ) from None
    except Refused as error:
        url = service.account.url
        raise ConfigError(f"{url} did not let the account in: {error}. Is FEDIVERSE_URL right?") from None
    except Unavailable as error:
        log.debug("the server is away at the start: %s", error)
