"""`/retrain` and "Learn from this message": train a new style; owner only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.errors import Refusal
from bot.features.retrain.buttons import cancel_button
from bot.features.retrain.collecting import fetched, posted_in
from bot.features.retrain.job_queue import JobQueue
from bot.features.retrain.messages import cut, progress_text
from bot.features.retrain.proposal import AUTO, MINUTES, accept_job, propose
from bot.features.styles import StyleKeeper
from bot.store.retrain_jobs import QUEUED, RUNNING
from bot.ui.attachments import attachments_of
from bot.ui.contexts import OWNER_EXTRAS, for_owner
from bot.ui.persistent_items import Buttons
from bot.ui.posting import defer_ephemeral

if TYPE_CHECKING:
    from bot.client import MeliconBot

    Interaction = discord.Interaction[MeliconBot]

_MOST_ATTACHMENTS = 10
_MOST_CHOICES = 25  # Discord's limits
_MOST_BUTTONS = 25
_MORE = locale_str("One more picture or zip", key="command.retrain.more.description")


class Retraining(commands.Cog):
    """Training commands."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot
        name = locale_str("Learn from this message", key="menu.learn.name")
        self._menu = for_owner(app_commands.ContextMenu(name=name, callback=self._learn))

    async def cog_load(self) -> None:
        """Register the context menu, which cogs do not support, where the owner commands are."""
        admin = self.bot.settings.admin_guild_id
        guild = discord.Object(admin) if admin else None
        self.bot.tree.add_command(self._menu, guild=guild, override=True)

    async def cog_unload(self) -> None:
        """Remove the context menu."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def _learn(self, interaction: Interaction, message: discord.Message) -> None:
        begin = await accept_job(interaction, None, AUTO)
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

    @for_owner
    @app_commands.command(
        description=locale_str(
            "Train a new style on pictures; without pictures, show the training jobs",
            key="command.retrain.description",
        ),
        extras=OWNER_EXTRAS,
    )
    @app_commands.rename(start="from")
    @app_commands.describe(
        images=locale_str("A picture, or a zip of pictures", key="command.retrain.images.description"),
        images2=_MORE, images3=_MORE, images4=_MORE, images5=_MORE, images6=_MORE, images7=_MORE, images8=_MORE,
        images9=_MORE, images10=_MORE,
        channel=locale_str("Use the pictures posted there", key="command.retrain.channel.description"),
        limit=locale_str(
            "How many of the channel’s pictures, newest first; 200 if left out", key="command.retrain.limit.description"
        ),
        style=locale_str(
            "Name of the style: lower-case letters, digits, - and _", key="command.retrain.style.description"
        ),
        minutes=locale_str("Training time in minutes; 15 if left out", key="command.retrain.minutes.description"),
        start=locale_str(
            "Initial weights: auto, default, scratch or a style", key="command.retrain.from.description"
        ),
    )  # fmt: skip
    async def retrain(  # noqa: PLR0917 - the command's options
        self,
        interaction: Interaction,
        images: discord.Attachment | None = None,
        images2: discord.Attachment | None = None,
        images3: discord.Attachment | None = None,
        images4: discord.Attachment | None = None,
        images5: discord.Attachment | None = None,
        images6: discord.Attachment | None = None,
        images7: discord.Attachment | None = None,
        images8: discord.Attachment | None = None,
        images9: discord.Attachment | None = None,
        images10: discord.Attachment | None = None,
        channel: discord.TextChannel | None = None,
        limit: app_commands.Range[int, 1, 1000] = 200,
        style: str | None = None,
        minutes: app_commands.Range[float, 0.05, 720.0] = MINUTES,
        start: str = AUTO,
    ) -> None:
        """Propose a training job from attached files and a channel's pictures, or show the jobs."""
        given = (images, images2, images3, images4, images5, images6, images7, images8, images9, images10)
        attachments = [attachment for attachment in given if attachment is not None]
        if not attachments and channel is None:
            await self._show_jobs(interaction)
            return
        begin = await accept_job(interaction, style, start)
        named = _zip_name(attachments)
        if channel is not None:
            attachments += await posted_in(self.bot, channel, limit)
            named = named or channel.name
        await propose(interaction, fetched(attachments), style=style, minutes=minutes, start=begin, named=named)

    async def _show_jobs(self, interaction: Interaction) -> None:
        """Show the running and queued jobs, each with ✖."""
        await self.bot.owners.check(interaction)
        await defer_ephemeral(interaction)
        words = self.bot.words(interaction)
        lines, buttons = [], []
        position = 0
        for job in await self.bot.store.retrain_jobs.in_states(RUNNING, QUEUED):
            if job.state == RUNNING:
                lines.append(progress_text(words, job, self.bot.service(JobQueue).folder(job).progress()))
            else:
                position += 1
                lines.append(words("retrain.queued", style=job.style, position=position))
            buttons.append(cancel_button(job.id, words, job.style))
        await interaction.edit_original_response(
            content=cut(lines) or words("retrain.idle"), view=Buttons(*buttons[:_MOST_BUTTONS]) if buttons else None
        )

    @retrain.autocomplete("start")
    async def _starts(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:  # noqa: ARG002
        """Suggest initial weights."""
        names = [AUTO, "default", "scratch", *self.bot.service(StyleKeeper).names]
        fitting = [name for name in names if typed.strip().casefold() in name]
        return [app_commands.Choice(name=name, value=name) for name in fitting[:_MOST_CHOICES]]


def _zip_name(attachments: list[discord.Attachment]) -> str:
    """Return the name of an attached zip, which probably describes the pictures."""
    return next((a.filename for a in attachments if a.filename.lower().endswith(".zip")), "")
