"""An optional HTTP port for load balancers and Prometheus: /healthz, /readyz and /metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from aiohttp import web

from bot.operations.health import Health
from bot.settings import ConfigError

if TYPE_CHECKING:
    from bot.client import MeliconBot


class OperationsServer:
    """The server. Its responses contain no secrets; by default it listens on 127.0.0.1 only."""

    def __init__(self, bot: MeliconBot) -> None:
        self._bot = bot
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(app, access_log=None)

    @classmethod
    async def start(cls, bot: MeliconBot, host: str, port: int) -> Self:
        """Listen. Raises ConfigError if the port cannot be used."""
        server = cls(bot)
        await server._runner.setup()
        try:
            await web.TCPSite(server._runner, host, port).start()
        except OSError as error:
            await server._runner.cleanup()
            raise ConfigError(
                f"HTTP_PORT {host}:{port} cannot be used ({error.strerror}): choose another port."
            ) from None
        return server

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        """Answer 200: the event loop is running."""
        return web.Response(text="ok\n")

    async def _readyz(self, _: web.Request) -> web.Response:
        """Answer 200 if the gateway is connected, else 503."""
        health = Health.of(self._bot)
        problem = health.problem(health.at)
        return web.Response(status=503 if problem else 200, text=f"{problem or 'ready'}\n")

    async def _metrics(self, _: web.Request) -> web.Response:
        bot, metrics = self._bot, self._bot.metrics
        health = Health.of(bot)
        metrics.gateway_ready.set(health.ready)
        metrics.gateway_latency.set(health.latency if health.latency is not None else float("nan"))
        metrics.servers.set(len(bot.guilds))
        metrics.queue.set(bot.studio.busy)
        return web.Response(body=metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})
