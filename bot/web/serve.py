"""Runs the HTTP server until a signal."""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import AsyncExitStack

from aiohttp import web

from bot import headless
from bot.settings import ConfigError, Settings
from bot.system.shutdown import stop_event
from bot.web.handlers import IconServer

_UNUSABLE = {errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL}


async def run_server(
    settings: Settings, host: str, port: int, *, behind_proxy: bool = False, say: Callable[[str], None]
) -> None:
    """Serve icons until SIGTERM, SIGINT or SIGHUP; `say` prints the URL.

    The styles of the bot are served, too, if DATA_DIR exists; it is not created. Raises ConfigError if the port cannot
    be used, StoreError, and gan.checkpoint.weights.WeightsError.
    """
    async with AsyncExitStack() as stack:
        if settings.data_dir.is_dir():
            studio = (await stack.enter_async_context(headless.opened(settings))).studio
        else:
            studio = await headless.open_studio(settings)
            stack.push_async_callback(studio.close, timeout=0)
        runner = web.AppRunner(IconServer(studio, behind_proxy=behind_proxy).application(), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            if error.errno not in _UNUSABLE:
                raise
            raise ConfigError(f"{host}:{port} cannot be used ({error.strerror}): choose another --port.") from None
        name = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - compares
        with stop_event(None, settings.shutdown_grace) as stop:
            say(f"http://{f'[{name}]' if ':' in name else name}:{runner.addresses[0][1]}/")
            await stop.wait()
