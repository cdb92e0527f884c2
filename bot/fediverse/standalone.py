"""`melicon fediverse`: the account in a process of its own, without Discord."""

from __future__ import annotations

import logging

from bot import headless
from bot.features.daily.icons import DateIcons
from bot.fediverse.account import NotLoggedIn, Refused, Unavailable
from bot.fediverse.services import Services
from bot.fediverse.worker import Fediverse
from bot.i18n import Catalogues
from bot.inference.encoders import Encoders
from bot.settings import ConfigError, Settings
from bot.system.clock import utc_now
from bot.system.shutdown import ExitDeadline, serving_time, stop_event

log = logging.getLogger(__name__)


async def run_fediverse(settings: Settings, deadline: ExitDeadline | None = None) -> None:
    """Run until SIGTERM, SIGINT or SIGHUP, which starts the `deadline` of the process.

    Raises ConfigError, StoreError and gan.checkpoint.weights.WeightsError if it cannot start.
    """
    with stop_event(deadline, settings.shutdown_grace) as stop:
        async with headless.opened(settings) as opened:
            services = Services(
                settings=settings,
                store=opened.store,
                studio=opened.studio,
                keeper=opened.styles,
                icons=DateIcons(opened.store, opened.studio, utc_now),
                encoders=Encoders(settings.data_dir / "likeness"),
                catalogues=Catalogues.load(),
                clock=utc_now,
            )
            worker = Fediverse(services)
            await _check(worker)
            worker.begin()
            try:
                await stop.wait()
                log.info("shutdown requested")
            finally:
                await worker.close(serving_time(settings.shutdown_grace))
    log.info("left")


async def _check(worker: Fediverse) -> None:
    """Raise ConfigError if the server rejects the account; an unreachable server is retried later."""
    try:
        await worker.account.introduce()
    except NotLoggedIn:
        raise ConfigError(
            "FEDIVERSE_TOKEN is not valid at FEDIVERSE_URL: create a new access token there (docs/fediverse.md)."
        ) from None
    except Refused as error:
        url = worker.account.url
        raise ConfigError(f"{url} rejected the account: {error}. Is FEDIVERSE_URL right?") from None
    except Unavailable as error:
        log.debug("the server is unavailable at startup: %s", error)
