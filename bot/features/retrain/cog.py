"""`/retrain` and "Learn from this message": train a new style; owner only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.features.retrain.buttons import cancel
from bot.features.retrain.collecting import fetched, posted_in
from bot.features.retrain.job_queue import JobQueue
from bot.features.retrain.messages import progress_text
from bot.features.retrain.proposal import MINUTES, accept_job, propose
from bot.features.styles import StyleKeeper
from bot.store.retrain_jobs import QUEUED, RUNNING
from bot.ui.attachments import attachments_of
from bot.ui.contexts import INSTALLED, OWNER_ONLY, WHERE
from bot.ui.posting import defer_ephemeral

if TYPE_CHECKING:
    from bot.client import MeliconBot

    Interaction = discord.Interaction[MeliconBot]

_MOST_ATTACHMENTS = 10
_MOST_CHOICES = 25  # Discord's limit
_STYLE = locale_str("Name of the style: lower-case letters, digits, - and _", key="command.retrain.style.description")
_MINUTES = locale_str("Training time in minutes; 15 if left out", key="command.retrain.minutes.description")
_START = locale_str("Initial weights: default, scratch or a style", key="command.retrain.start.description")
_MORE = locale_str("One more picture or zip", key="command.retrain.more.description")


class Retraining(commands.Cog):
    """Training commands."""

    group = app_commands.Group(
        name="retrain",
        description=locale_str("Train a new style on pictures", key="command.retrain.description"),
        default_permissions=OWNER_ONLY,
        allowed_contexts=WHERE,
        allowed_installs=INSTALLED,
        extras={"owner": True, "cost": SMALL},
    )

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot
        menu: app_commands.ContextMenu = app_commands.ContextMenu(
            name=locale_str("Learn from this message", key="menu.learn.name"), callback=self._learn
        )
        menu.default_permissions = OWNER_ONLY
        menu.allowed_contexts, menu.allowed_installs = WHERE, INSTALLED
        self._menu = menu

    async def cog_load(self) -> None:
        """Register the context menu, which cogs do not support, where the owner commands are."""
        admin = self.bot.settings.admin_guild_id
        guild = discord.Object(admin) if admin else None
        self.bot.tree.add_command(self._menu, guild=guild, override=True)

    async def cog_unload(self) -> None:
        """Remove the context menu."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def _learn(self, interaction: Interaction, message: discord.Message) -> None:
        begin = await accept_job(interaction, None, "default")
        attachments = attachments_of(message)[:_MOST_ATTACHMENTS]
        if not attachments:
            raise Refusal("retrain.nothing")
        await propose(
            interaction,
            fetched(attachments),
            style=None,
            minutes=MINUTES,
            start=begin,
            named=_zip_name(attachments),
        )

    @group.command(
        name="start",
        description=locale_str("Train on attached pictures or a zip", key="command.retrain.start_.description"),
    )
    @app_commands.describe(
        images=locale_str("A picture, or a zip of pictures", key="command.retrain.images.description"),
        style=_STYLE, minutes=_MINUTES, start=_START,
        images2=_MORE, images3=_MORE, images4=_MORE, images5=_MORE, images6=_MORE, images7=_MORE, images8=_MORE,
        images9=_MORE, images10=_MORE,
    )  # fmt: skip
    async def start(  # noqa: PLR0917 - the command's options
        self,
        interaction: Interaction,
        images: discord.Attachment,
        style: str | None = None,
        minutes: app_commands.Range[float, 0.05, 720.0] = MINUTES,
        start: str = "default",
        images2: discord.Attachment | None = None,
        images3: discord.Attachment | None = None,
        images4: discord.Attachment | None = None,
        images5: discord.Attachment | None = None,
        images6: discord.Attachment | None = None,
        images7: discord.Attachment | None = None,
        images8: discord.Attachment | None = None,
        images9: discord.Attachment | None = None,
        images10: discord.Attachment | None = None,
    ) -> None:
        """Propose a training job from attached files."""
        given = (images, images2, images3, images4, images5, images6, images7, images8, images9, images10)
        attachments = [attachment for attachment in given if attachment is not None]
        begin = await accept_job(interaction, style, start)
        await propose(
            interaction,
            fetched(attachments),
            style=style,
            minutes=minutes,
            start=begin,
            named=_zip_name(attachments),
        )

    @group.command(
        name="channel",
        description=locale_str("Train on the pictures posted in a channel", key="command.retrain.channel.description"),
    )
    @app_commands.describe(
        channel=locale_str("Where the pictures are", key="command.retrain.channel.channel.description"),
        limit=locale_str("How many, newest first; 200 if left out", key="command.retrain.channel.limit.description"),
        style=_STYLE,
        minutes=_MINUTES,
        start=_START,
    )
    async def channel(  # noqa: PLR0917 - the command's options
        self,
        interaction: Interaction,
        channel: discord.TextChannel,
        limit: app_commands.Range[int, 1, 1000] = 200,
        style: str | None = None,
        minutes: app_commands.Range[float, 0.05, 720.0] = MINUTES,
        start: str = "default",
    ) -> None:
        """Propose a training job from a channel's pictures."""
        begin = await accept_job(interaction, style, start)
        attachments = await posted_in(self.bot, channel, limit)
        await propose(interaction, fetched(attachments), style=style, minutes=minutes, start=begin, named=channel.name)

    @group.command(
        name="status", description=locale_str("Show the training jobs", key="command.retrain.status.description")
    )
    async def status(self, interaction: Interaction) -> None:
        """Show the running and queued jobs."""
        await self.bot.owners.check(interaction)
        await defer_ephemeral(interaction)
        words = self.bot.words(interaction)
        lines = []
        position = 0
        for job in await self.bot.store.retrain_jobs.in_states(RUNNING, QUEUED):
            if job.state == RUNNING:
                lines.append(progress_text(words, job, self.bot.service(JobQueue).folder(job).progress()))
            else:
                position += 1
                lines.append(words("retrain.queued", style=job.style, position=position))
        await interaction.edit_original_response(content="\n".join(lines) or words("retrain.idle"))

    @group.command(
        name="cancel", description=locale_str("Cancel a training job", key="command.retrain.cancel.description")
    )
    @app_commands.describe(
        style=locale_str("Which style, if not the running one", key="command.retrain.cancel.style.description")
    )
    async def cancel(self, interaction: Interaction, style: str | None = None) -> None:
        """Cancel the running job, or the one of the given style."""
        await self.bot.owners.check(interaction)
        await defer_ephemeral(interaction)
        jobs = await self.bot.store.retrain_jobs.in_states(RUNNING, QUEUED)
        jobs.sort(key=lambda job: job.state != RUNNING)
        job = next((job for job in jobs if style in (None, job.style)), None)
        if job is None:
            raise Refusal("retrain.idle")
        text = await cancel(self.bot, job.id, self.bot.words(interaction))
        await interaction.edit_original_response(content=text)

    @start.autocomplete("start")
    @channel.autocomplete("start")
    async def _starts(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:  # noqa: ARG002
        """Suggest initial weights."""
        names = ["default", "scratch", *self.bot.service(StyleKeeper).names]
        fitting = [name for name in names if typed.strip().casefold() in name]
        return [app_commands.Choice(name=name, value=name) for name in fitting[:_MOST_CHOICES]]


def _zip_name(attachments: list[discord.Attachment]) -> str:
    """Return the name of an attached zip, which probably describes the pictures."""
    return next((a.filename for a in attachments if a.filename.lower().endswith(".zip")), "")
