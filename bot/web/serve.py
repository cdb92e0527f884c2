"""Runs the HTTP server until it is asked to leave."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Callable

from aiohttp import web

from bot.inference import Studio
from bot.settings import ConfigError, Settings
from bot.system.shutdown import stop_signals
from bot.web.handlers import IconServer

log = logging.getLogger(__name__)


async def run_server(
    settings: Settings, host: str, port: int, *, behind_proxy: bool = False, say: Callable[[str], None]
) -> None:
    """Serve icons until SIGTERM, SIGINT or SIGHUP; `say` prints the address.

    Raises ConfigError where the port is taken, and gan.checkpoint.weights.WeightsError.
    """
    studio = await Studio.open(
        settings.weights,
        size=settings.icon_size,
        threads=settings.draw_threads,
        cache_bytes=settings.cache_mib * 2**20,
    )
    runner = web.AppRunner(IconServer(studio, behind_proxy=behind_proxy).application(), access_log=None)
    await runner.setup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL}:
                raise
            raise ConfigError(f"{host}:{port} cannot be used ({error.strerror}): choose another --port.") from None
        bound = runner.addresses[0][1]
        say(f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{bound}/")  # noqa: S104 - compares

        def ask() -> None:  # in a thread
            loop.call_soon_threadsafe(stop.set)

        with stop_signals(ask):
            await stop.wait()
    finally:
        await runner.cleanup()
        await studio.close(timeout=settings.shutdown_grace)
