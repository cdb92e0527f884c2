"""The client: discord.py's AutoShardedBot with settings, database, studio and catalogues. It imports no feature."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from typing import Any, TypeVar

import discord
from discord import app_commands
from discord.ext import commands
from discord.http import Route

from bot.access.cooldown import Cooldowns
from bot.access.owners import Owners
from bot.connection import keepalive
from bot.connection.endpoints import Endpoints
from bot.connection.gateway import harden
from bot.connection.payloads import complete_application
from bot.errors import Refusal
from bot.i18n import Catalogues, Words
from bot.inference import Studio
from bot.metrics import Metrics
from bot.settings import Settings
from bot.store import Store
from bot.system.clock import utc_now
from bot.system.shutdown import CLOSING, serving_time

log = logging.getLogger(__name__)

T = TypeVar("T")

# what posting icons takes, and finding a post of the icon of the day again after an accident
PERMISSIONS = ("view_channel", "send_messages", "attach_files", "read_message_history")

# in interaction.extras: the language of an answer that everyone sees, if the server has set one
PUBLIC_LOCALE = "melicon.locale"

# do not wait for every guild at startup; nothing needs the full cache
_GUILD_READY_TIMEOUT = 0.1


class MeliconBot(commands.AutoShardedBot):
    """The context of every feature. Use it in `async with`, and call `start`.

    `close` first finishes pending drawings. `bot.app` adds the features, which register long-lived objects by
    `provide`.
    """

    studio: Studio
    store: Store

    def __init__(self, settings: Settings, *, tree_cls: type[app_commands.CommandTree[Any]]) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=tree_cls,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            activity=discord.CustomActivity("/melicon"),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=_GUILD_READY_TIMEOUT,
            shard_count=settings.shard_count,
        )
        if settings.shard_ids:
            self.shard_ids = list(settings.shard_ids)
        self.settings = settings
        self.catalogues = Catalogues.load()
        self.cooldowns = Cooldowns(settings)
        self.metrics = Metrics()
        self._endpoints = Endpoints(settings.discord_api_url, settings.discord_gateway_url, settings.discord_cdn_url)
        self.clock = utc_now
        self.owners = Owners(self, settings.owner_ids or ())
        self._services: dict[type, Any] = {}
        self._opened = AsyncExitStack()
        self._working = 0
        self._done = asyncio.Event()
        self._done.set()
        self._draining = False

    def words(self, interaction: discord.Interaction[Any]) -> Words:
        """Return the catalogue for the user's Discord language.

        For an answer that everyone sees, it is that for the server's language, if set (`bot.ui.posting.defer`).
        """
        return self.catalogues.words(interaction.extras.get(PUBLIC_LOCALE) or interaction.locale)

    @contextmanager
    def work(self) -> Iterator[None]:
        """Track a request that `close` waits for; raises `Refusal` when the bot is closing."""
        if self._draining:
            raise Refusal("draw.closing")
        self._working += 1
        self._done.clear()
        try:
            yield
        finally:
            self._working -= 1
            if not self._working:
                self._done.set()

    @property
    def leaving(self) -> bool:
        """Whether the bot is closing and accepts no new requests."""
        return self._draining

    async def login(self, token: str) -> None:
        """Log in to the configured server."""
        self._endpoints.apply()
        keepalive.install()
        harden(self._connection)
        await super().login(token)

    async def application_info(self) -> discord.AppInfo:
        """Fetch the application. Raises discord.HTTPException."""
        try:
            data: Any = await self.http.request(Route("GET", "/applications/@me"))
        except discord.NotFound:  # older servers lack the endpoint the library uses
            data = await self.http.application_info()
        assert self.user is not None  # noqa: S101 - logged in
        complete: Any = complete_application(data, self.user)
        return discord.AppInfo(self._connection, complete)

    async def setup_hook(self) -> None:
        """Open the database and load the model before connecting.

        Raises StoreError and gan.checkpoint.weights.WeightsError.
        """
        settings = self.settings
        url = settings.database_url.get_secret_value() if settings.database_url else None
        self.store = await Store.open(url, settings.data_dir)
        self._opened.push_async_callback(_at_most, CLOSING / 5, self.store.close, "the database")
        self.studio = await Studio.open(
            settings.weights,
            size=settings.icon_size,
            threads=settings.draw_threads,
            cache_bytes=settings.cache_mib * 2**20,
            observe=self.metrics.observe_batch,
        )
        self._opened.push_async_callback(self.studio.close, timeout=0)
        self._opened.push_async_callback(self._close_connection)
        self._opened.push_async_callback(self._close_services)
        if self.application is not None:
            self.owners.learn(self.application)

    def provide(self, service: T) -> T:
        """Register an object for `service`; if it has a `close`, it is closed before the connection."""
        self._services[type(service)] = service
        return service

    def service(self, kind: type[T]) -> T:
        """Return the registered object of a class."""
        found: T = self._services[kind]
        return found

    @property
    def has_first_shard(self) -> bool:
        """Whether this process runs shard 0 and so the singleton jobs."""
        return self.settings.shard_ids is None or 0 in self.settings.shard_ids

    async def choose_shard_count(self) -> None:
        """Fetch the shard count; the library would also switch to the gateway URL in the response."""
        if self._endpoints.gateway_given and self.shard_count is None:
            self.shard_count, _, _ = await self.http.get_bot_gateway()

    async def on_ready(self) -> None:
        """Log readiness; also called after a reconnect that could not be resumed."""
        log.info("ready as %s on %d servers; default style %s", self.user, len(self.guilds), self.studio.style)
        if not self.guilds and self.application_id is not None:
            log.info("invite the bot to a server: %s", invite_link(self.application_id))

    async def close(self) -> None:
        """Finish pending drawings, then close everything, within `shutdown_grace` seconds in all."""
        if self._draining:
            await self._close_connection()
            return
        self._draining = True
        if self._working:
            log.info("shutting down: finishing %d requests", self._working)
            try:
                await asyncio.wait_for(self._done.wait(), serving_time(self.settings.shutdown_grace))
            except TimeoutError:
                log.warning("shutting down with %d requests unanswered", self._working)
        await self._opened.aclose()
        await self._close_connection()  # repeated in case nothing was opened
        self._endpoints.restore()

    async def _close_services(self) -> None:
        closable = [service for service in self._services.values() if hasattr(service, "close")]
        # each on its own: one that fails must not cut the others short
        await asyncio.gather(*(_at_most(CLOSING / 2, each.close, type(each).__name__) for each in closable))

    async def __aexit__(self, *_: object) -> None:
        """Close, within the time limits."""
        await self.close()

    async def _close_connection(self) -> None:
        # shielded: the library reuses this task on a second call, so it must not be cancelled
        closing = super().close
        await _at_most(CLOSING / 5, lambda: asyncio.shield(closing()), "the connection")

    def hurry(self) -> None:
        """Close without waiting for pending drawings."""
        self._done.set()


def invite_link(application_id: int) -> str:
    """Return the address at which a server's manager adds the bot, with the scopes and permissions that it uses."""
    return discord.utils.oauth_url(
        application_id,
        permissions=discord.Permissions(**dict.fromkeys((*PERMISSIONS, "embed_links"), True)),  # /help is an embed
        scopes=("bot", "applications.commands"),
    )


async def _at_most(seconds: float, close: Callable[[], Awaitable[object]], what: str) -> None:
    """Await a close with a time limit; errors are logged so that the remaining closes still run."""
    try:
        await asyncio.wait_for(close(), seconds)
    except TimeoutError:
        log.warning("%s did not close within %g seconds", what, seconds)
    except Exception:
        log.exception("closing %s failed", what)
