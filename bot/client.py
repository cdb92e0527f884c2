"""The bot: discord.py's AutoShardedBot with a studio, a database and a language."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any

import discord
from discord.ext import commands
from discord.http import Route

from bot import keepalive
from bot.buttons import FORMS, PRESSABLES
from bot.charging import Charges
from bot.cogs import COGS, OWNERS
from bot.commandsync import sync_commands
from bot.daily.job import DailyJob, utc_now
from bot.daily.message import Star
from bot.endpoints import Endpoints
from bot.gateway import harden
from bot.leaving import CLOSING, serving_time
from bot.locales import Catalogues, CommandTranslator, Words
from bot.owners import Owners
from bot.payloads import complete_application
from bot.posting import DEFAULT_LIMIT, draw_within, icon_message
from bot.problems import Refusal
from bot.retrain.buttons import Decision
from bot.retrain.supervisor import Supervisor
from bot.settings import Settings
from bot.store import Store
from bot.studio import Studio
from bot.styles import StyleKeeper
from bot.tree import Tree
from bot.views import answer_form, answer_unclaimed
from gan.codes import IconCode

log = logging.getLogger(__name__)

# guilds are not waited for one by one: nothing the bot does needs all of them in its cache
_GUILD_READY_TIMEOUT = 0.1


class MeliconBot(commands.AutoShardedBot):
    """Draws icons. Use it in `async with`, and `start` it; `close` finishes what is being drawn first."""

    studio: Studio
    store: Store
    daily: DailyJob
    styles: StyleKeeper
    retraining: Supervisor

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
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
        self._endpoints = Endpoints(settings.discord_api_url, settings.discord_gateway_url, settings.discord_cdn_url)
        self.clock = utc_now
        self.owners = Owners(self)
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
        """Make ready what a connection needs: database, model, commands, buttons.

        Raises StoreError and gan.checkpoint.WeightsError.
        """
        settings = self.settings
        url = settings.database_url.get_secret_value() if settings.database_url else None
        self.store = await Store.open(url, settings.data_dir)
        self.studio = await Studio.open(
            settings.weights,
            size=settings.icon_size,
            threads=settings.draw_threads,
            cache_bytes=settings.cache_mib * 2**20,
        )
        self.styles = StyleKeeper(self.store, self.studio, settings.data_dir)
        await self.styles.start(settings.weights)
        admin = [discord.Object(settings.admin_guild_id)] if settings.admin_guild_id else discord.utils.MISSING
        for cog in COGS:
            await self.add_cog(cog(self), guilds=admin if cog in OWNERS else discord.utils.MISSING)
        self.add_dynamic_items(*PRESSABLES, Star, Decision)
        if self.application is not None:
            self.owners.learn(self.application)
        await self.tree.set_translator(CommandTranslator(self.catalogues))
        first = settings.shard_ids is None or 0 in settings.shard_ids
        if first:  # once, however many processes there are
            await sync_commands(
                self.tree, self.store, admin_guild_id=settings.admin_guild_id, when=settings.sync_commands
            )
        if self._endpoints.gateway_given and self.shard_count is None:
            # the library would connect to the gateway that comes with the recommended count of shards
            self.shard_count, _, _ = await self.http.get_bot_gateway()
        self.daily = DailyJob.start(self)
        self.retraining = Supervisor.start(self) if first else Supervisor(self)

    async def on_ready(self) -> None:
        """Say so in the log; comes again after a reconnect that could not be resumed."""
        log.info("ready as %s on %d servers; drawing in the style %s", self.user, len(self.guilds), self.studio.style)

    async def on_interaction(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Answer forms, and presses that no button of ours answers."""
        await answer_form(interaction, FORMS)
        await answer_unclaimed(interaction)

    async def greet(self, channel_id: int) -> None:
        """Post an icon in a channel without having been asked. Raises DrawError and discord.HTTPException."""
        words = self.catalogues.words(None)
        drawing = await draw_within(self.studio, IconCode.random(), DEFAULT_LIMIT)
        code = self.studio.shown(drawing.pinned)
        text = words("icon.welcome", code=code, style=drawing.style)
        await self.get_partial_messageable(channel_id).send(**icon_message(drawing, words, text))

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
        jobs = [getattr(self, name).close() for name in ("daily", "retraining", "styles") if hasattr(self, name)]
        await _at_most(CLOSING / 2, asyncio.gather(*jobs), "the jobs in the background")
        await self._close_connection()
        if hasattr(self, "studio"):
            await self.studio.close(timeout=0)
        if hasattr(self, "store"):
            await _at_most(CLOSING / 5, self.store.close(), "the database")
        self._endpoints.restore()

    async def __aexit__(self, *_: object) -> None:
        """Close, as the library does, but within limits."""
        await self.close()

    async def _close_connection(self) -> None:
        # shielded: the library keeps the task for a second call, which is not to find it cancelled
        await _at_most(CLOSING / 5, asyncio.shield(super().close()), "the connection")

    def hurry(self) -> None:
        """Leave without waiting for what is being drawn."""
        self._done.set()


async def _at_most(seconds: float, closing: Awaitable[object], what: str) -> None:
    """Wait for the end of something, but no longer; what goes wrong must not keep the rest from being closed."""
    try:
        await asyncio.wait_for(closing, seconds)
    except TimeoutError:
        log.warning("%s could not be closed within %g seconds", what, seconds)
    except Exception:
        log.exception("closing %s failed", what)


def build_bot(settings: Settings) -> MeliconBot:
    """Make the bot; nothing is read or connected yet."""
    return MeliconBot(settings)
