"""The composition root: the client with every feature. The only module that knows all features."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import MeliconBot
from bot.features.daily.cog import Daily
from bot.features.daily.job import DailyJob
from bot.features.daily.star_button import StarButton
from bot.features.describe.cog import Describing
from bot.features.gallery.buttons import PageButton, RemoveFavouriteButton, Rename, RenameForm
from bot.features.gallery.cog import Gallery
from bot.features.gallery.export import Export
from bot.features.gallery.favourite_button import FavouriteButton
from bot.features.gallery.hiding import HideButton, HideMenu
from bot.features.help.cog import Help
from bot.features.icons.another import Another
from bot.features.icons.cog import Icons
from bot.features.icons.deleting import Delete
from bot.features.icons.downloads import Download, DownloadMenu
from bot.features.icons.uploads import Add
from bot.features.lookalike.cog import Resembling
from bot.features.lookalike.identify import Identifying
from bot.features.lookalike.pictures import Pictures
from bot.features.mix.buttons import Mix, MixForm
from bot.features.mix.cog import Mixing
from bot.features.morph.cog import Morphing
from bot.features.privacy.buttons import Forget
from bot.features.privacy.cog import Privacy
from bot.features.retrain.buttons import Decision
from bot.features.retrain.cog import Retraining
from bot.features.retrain.job_queue import JobQueue
from bot.features.retrain.leaving_out import LeaveOut
from bot.features.retrain.speed import SpeedMeter
from bot.features.retrain.supervisor import Supervisor
from bot.features.server_settings.cog import ServerSettings
from bot.features.sheets.buttons import Pick, Variations
from bot.features.sheets.cog import Sheets
from bot.features.styles import StyleKeeper
from bot.features.styles.cog import Styles
from bot.features.tweak.buttons import AxisSelect, StepButton, Tweak
from bot.features.tweak.cog import Tweaking
from bot.fediverse.services import Services
from bot.fediverse.worker import Fediverse
from bot.inference.encoders import Encoders
from bot.inference.formats import FormatConverter
from bot.metrics import COMPLETED
from bot.operations.health import HealthReporter
from bot.operations.http import OperationsServer
from bot.operations.pruning import Pruner
from bot.settings import Settings
from bot.ui import icon_row
from bot.ui.command_sync import sync_commands
from bot.ui.command_translator import CommandTranslator
from bot.ui.command_tree import Tree, count_command
from bot.ui.persistent_items import PersistentItem, answer_form, answer_unclaimed
from bot.ui.posting import DEFAULT_LIMIT, draw_within, icon_message
from gan.codes import IconCode

# in the order of /help
COGS: tuple[type[commands.Cog], ...] = (
    Icons, Sheets, Mixing, Tweaking, Morphing, Describing, Resembling, Identifying, Gallery, Privacy, Daily,
    ServerSettings, Retraining, Styles, Help,
)  # fmt: skip
OWNER_COGS = (Retraining, Styles)  # with an admin server, owner commands are registered only there
BUTTONS: tuple[type[PersistentItem], ...] = (
    Another, Variations, Pick, Mix, Tweak, StepButton, AxisSelect, FavouriteButton, Download, DownloadMenu, Add, Delete,
    PageButton, RemoveFavouriteButton, Rename, Export, HideButton, HideMenu, Forget, StarButton, Decision, LeaveOut,
)  # fmt: skip
FORMS = (MixForm, RenameForm)

icon_row.fill(Another, Variations, Mix, Tweak, FavouriteButton, Download, Delete)


class Melicon(MeliconBot):
    """The complete bot."""

    daily: DailyJob
    styles: StyleKeeper
    retraining: Supervisor

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, tree_cls=Tree)

    async def setup_hook(self) -> None:
        """Set up the database, model, commands, buttons and jobs before connecting.

        Raises StoreError and gan.checkpoint.weights.WeightsError.
        """
        await super().setup_hook()
        settings = self.settings
        self.styles = self.provide(StyleKeeper(self.store, self.studio, settings.data_dir))
        await self.styles.start(settings.weights)
        self.provide(Encoders(settings.data_dir / "likeness"))
        self.provide(Pictures())
        admin = [discord.Object(settings.admin_guild_id)] if settings.admin_guild_id else discord.utils.MISSING
        for cog in COGS:
            made: Any = cog
            await self.add_cog(made(self), guilds=admin if cog in OWNER_COGS else discord.utils.MISSING)
        self.add_dynamic_items(*BUTTONS)
        await self.tree.set_translator(CommandTranslator(self.catalogues))
        if self.has_first_shard:
            await sync_commands(
                self.tree, self.store, admin_guild_id=settings.admin_guild_id, when=settings.sync_commands
            )
        await self.choose_shard_count()
        self.daily = self.provide(DailyJob.start(self))
        self.provide(self.daily.icons)
        self.provide(self.daily.locks)
        self.provide(self.daily.server_icons)
        self.provide(JobQueue(self.store.retrain_jobs, settings.data_dir))
        self.provide(SpeedMeter(settings))
        self.provide(FormatConverter())
        if self.has_first_shard and settings.fediverse_url and settings.fediverse_token:
            self.provide(Fediverse(self._fediverse_services()).begin())
        self.provide(HealthReporter(self))
        if self.has_first_shard:
            self.provide(Pruner.start(self.store, self.clock))
        if settings.http_port is not None:
            self.provide(await OperationsServer.start(self, settings.http_host, settings.http_port))
        self.retraining = self.provide(Supervisor.start(self) if self.has_first_shard else Supervisor(self))

    def _fediverse_services(self) -> Services:
        return Services(
            settings=self.settings,
            store=self.store,
            studio=self.studio,
            keeper=self.styles,
            icons=self.daily.icons,
            encoders=self.service(Encoders),
            catalogues=self.catalogues,
            clock=self.clock,
        )

    async def on_interaction(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Handle forms and components that no registered button handles."""
        await answer_form(interaction, FORMS)
        await answer_unclaimed(interaction)

    async def on_app_command_completion(
        self,
        interaction: discord.Interaction[MeliconBot],
        command: app_commands.Command[Any, ..., Any] | app_commands.ContextMenu,
    ) -> None:
        """Count a command that was answered."""
        count_command(interaction, COMPLETED, command.qualified_name)

    async def greet(self, channel_id: int) -> None:
        """Post an unrequested icon in a channel. Raises DrawError and discord.HTTPException."""
        words = self.catalogues.words(None)
        drawing = await draw_within(self.studio, IconCode.random(), DEFAULT_LIMIT)
        code = self.studio.shown(drawing.pinned)
        text = words("icon.welcome", code=code, style=drawing.style)
        await self.get_partial_messageable(channel_id).send(**icon_message(drawing, words, text))


def build_bot(settings: Settings) -> Melicon:
    """Create the bot; performs no I/O."""
    return Melicon(settings)
