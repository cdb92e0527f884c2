"""The bot's client: discord.py's AutoShardedBot with settings, database, studio and catalogues. It knows no feature."""

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

from bot.access.charging import Charges
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

# guilds are not waited for one by one: nothing the bot does needs all of them in its cache
_GUILD_READY_TIMEOUT = 0.1


class MeliconBot(commands.AutoShardedBot):
    """What every feature works with. Use it in `async with`, and `start` it.

    `close` first finishes what is being drawn. `bot.app` adds the features. A feature's long-lived object is one of the
    client's services.
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
        self.charges = Charges(settings)
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
        """Return the words of the language in which the user has Discord."""
        return self.catalogues.words(interaction.locale)

    @contextmanager
    def work(self) -> Iterator[None]:
        """Something that `close` waits for; raises `Refusal` once the bot is closing."""
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
        """Whether the bot is closing: nothing new is to be begun."""
        return self._draining

    async def login(self, token: str) -> None:
        """Log in at the server that the settings name."""
        self._endpoints.apply()
        keepalive.install()
        harden(self._connection)
        await super().login(token)

    async def application_info(self) -> discord.AppInfo:
        """Ask Discord about the application. Raises discord.HTTPException."""
        try:
            data: Any = await self.http.request(Route("GET", "/applications/@me"))
        except discord.NotFound:  # an older server knows it under the name that the library uses
            data = await self.http.application_info()
        assert self.user is not None  # noqa: S101 - logged in
        complete: Any = complete_application(data, self.user)
        return discord.AppInfo(self._connection, complete)

    async def setup_hook(self) -> None:
        """Open the database and the model, before there is a connection.

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
        """Keep a feature's object for `service`, and close it, if it has a `close`, before the connection."""
        self._services[type(service)] = service
        return service

    def service(self, kind: type[T]) -> T:
        """Return the object of this class that a feature has provided."""
        found: T = self._services[kind]
        return found

    @property
    def has_first_shard(self) -> bool:
        """Whether this process, of those that share the bot, does what is to be done once."""
        return self.settings.shard_ids is None or 0 in self.settings.shard_ids

    async def choose_shard_count(self) -> None:
        """Ask for the number of shards, where the library would connect to the gateway that comes with the answer."""
        if self._endpoints.gateway_given and self.shard_count is None:
            self.shard_count, _, _ = await self.http.get_bot_gateway()

    async def on_ready(self) -> None:
        """Say so in the log; comes again after a reconnect that could not be resumed."""
        log.info("ready as %s on %d servers; drawing in the style %s", self.user, len(self.guilds), self.studio.style)
        if not self.guilds and self.application_id is not None:
            log.info("invite the bot to a server: %s", invite_link(self.application_id))

    async def close(self) -> None:
        """Finish what is being drawn, then close what is open: both together take `shutdown_grace` seconds at most."""
        if self._draining:
            await self._close_connection()
            return
        self._draining = True
        if self._working:
            log.info("finishing %d requests before leaving", self._working)
            try:
                await asyncio.wait_for(self._done.wait(), serving_time(self.settings.shutdown_grace))
            except TimeoutError:
                log.warning("leaving with %d requests unanswered", self._working)
        await self._opened.aclose()
        await self._close_connection()  # once more, in case nothing was opened
        self._endpoints.restore()

    async def _close_services(self) -> None:
        closing = [service.close() for service in self._services.values() if hasattr(service, "close")]
        await _at_most(CLOSING / 2, lambda: asyncio.gather(*closing), "the jobs in the background")

    async def __aexit__(self, *_: object) -> None:
        """Close, as the library does, but within limits."""
        await self.close()

    async def _close_connection(self) -> None:
        # shielded: the library keeps the task for a second call, which is not to find it cancelled
        closing = super().close
        await _at_most(CLOSING / 5, lambda: asyncio.shield(closing()), "the connection")

    def hurry(self) -> None:
        """Leave without waiting for what is being drawn."""
        self._done.set()


def invite_link(application_id: int) -> str:
    """Return the address at which a server's manager adds the bot, with the scopes and permissions that it uses."""
    return discord.utils.oauth_url(
        application_id,
        permissions=discord.Permissions(**dict.fromkeys(PERMISSIONS, True)),
        scopes=("bot", "applications.commands"),
    )


async def _at_most(seconds: float, close: Callable[[], Awaitable[object]], what: str) -> None:
    """Wait for the end of something, but no longer; what goes wrong must not keep the rest from being closed."""
    try:
        await asyncio.wait_for(close(), seconds)
    except TimeoutError:
        log.warning("%s could not be closed within %g seconds", what, seconds)
    except Exception:
        log.exception("closing %s failed", what)
