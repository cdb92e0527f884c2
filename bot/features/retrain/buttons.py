"""The buttons of a training job: Start, Cancel, ✖ while running, then Use, Keep, Discard and More; owner only."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.features.retrain.job_queue import JobQueue
from bot.features.retrain.messages import is_doubtful
from bot.features.styles import StyleKeeper
from bot.store.retrain_jobs import CANCELLED, DISCARDED, FINISHED, KEPT, PROPOSED, QUEUED, RUNNING, USED
from bot.ui.persistent_items import PersistentItem
from gan.errors import MeliconError

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.features.retrain.job_folder import Outcome
    from bot.i18n import Words
    from bot.store import RetrainJob

    Interaction = discord.Interaction[MeliconBot]

log = logging.getLogger(__name__)

_DECIDABLE = (FINISHED, RUNNING)  # the result is posted shortly before that is recorded
_EMOJI = {"start": "▶️", "drop": "✖️", "cancel": "✖️", "use": "✅", "keep": "📦", "discard": "🗑️", "more": "⏱️"}
MORE_MINUTES = 15


class Decision(
    PersistentItem, template=r"mel:v1:retrain:(?P<what>start|drop|cancel|use|keep|discard|more):(?P<job>[0-9]{1,18})"
):
    """An owner's decision on a job."""

    cost = SMALL

    def __init__(
        self, what: str, job_id: int, label: str | None = None, style: discord.ButtonStyle | None = None
    ) -> None:
        self.what, self.job_id = what, job_id
        button: ui.Button[ui.View] = ui.Button(
            emoji=_EMOJI[what],
            label=label,
            custom_id=f"mel:v1:retrain:{what}:{job_id}",
            style=style or discord.ButtonStyle.secondary,
        )
        super().__init__(button)

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the button from its custom id."""
        return cls(values["what"] or "", int(values["job"] or 0))

    async def acknowledge(self, interaction: Interaction) -> None:
        """Refuse non-owners; else defer the update."""
        await interaction.client.owners.check(interaction)
        await interaction.response.defer()

    async def press(self, interaction: Interaction) -> None:
        """Carry out the decision."""
        if self.what == "start":
            await start(interaction, self.job_id)
        elif self.what == "more":
            await train_more(interaction, self.job_id)
        elif self.what in {"drop", "cancel"}:
            text = await cancel(interaction.client, self.job_id, interaction.client.words(interaction))
            if self.what == "drop":
                await interaction.edit_original_response(content=text, view=None, attachments=[])
            else:
                await interaction.followup.send(text, ephemeral=True)
        else:
            await decide(interaction, self.what, self.job_id)


def proposal_buttons(job_id: int, words: Words) -> list[PersistentItem]:
    """Return Start and Cancel."""
    return [
        Decision("start", job_id, words("retrain.button.start"), discord.ButtonStyle.success),
        Decision("drop", job_id, words("retrain.button.cancel")),
    ]


def cancel_button(job_id: int, words: Words, label: str | None = None) -> PersistentItem:
    """Return ✖."""
    return Decision("cancel", job_id, label or words("retrain.button.cancel"))


def result_buttons(job_id: int, words: Words, outcome: Outcome, *, can_continue: bool) -> list[PersistentItem]:
    """Return Use, Keep, Discard and, if possible, More; Use carries a warning if the result is doubtful."""
    doubtful = is_doubtful(outcome)
    use = words("retrain.button.use_anyway") if doubtful else words("retrain.button.use")
    style = discord.ButtonStyle.danger if doubtful else discord.ButtonStyle.success
    buttons: list[PersistentItem] = [
        Decision("use", job_id, use, style),
        Decision("keep", job_id, words("retrain.button.keep")),
        Decision("discard", job_id, words("retrain.button.discard")),
    ]
    if can_continue:
        buttons.insert(1, Decision("more", job_id, words("retrain.button.more", minutes=MORE_MINUTES)))
    return buttons


async def start(interaction: Interaction, job_id: int) -> None:
    """Queue a proposed job, with the pictures that are not left out."""
    bot = interaction.client
    jobs = bot.store.retrain_jobs
    async with bot.service(JobQueue).deciding:
        job = await jobs.get(job_id)
        if job is None or job.state != PROPOSED:
            raise Refusal("retrain.gone")
        try:
            pictures = await asyncio.to_thread(bot.service(JobQueue).folder(job).drop_left_out)
        except OSError as error:
            raise Refusal("retrain.unwritten", reason=error.strerror or type(error).__name__) from error
        fresh: dict[str, Any] = {"pictures": pictures, "queued_at": datetime.now(UTC)}
        if await jobs.change(job_id, was=(PROPOSED,), state=QUEUED, **fresh) is None:
            raise Refusal("retrain.gone")
    bot.service(JobQueue).wake()
    text = (interaction.message.content if interaction.message else "") or ""
    await interaction.edit_original_response(
        content=f"{text}\n{bot.words(interaction)('retrain.started', count=pictures)}"[:2000], view=None
    )


async def train_more(interaction: Interaction, job_id: int) -> None:
    """Queue a finished job again, to continue from its last checkpoint."""
    bot = interaction.client
    jobs = bot.store.retrain_jobs
    async with bot.service(JobQueue).deciding:
        job = await _finished(bot, job_id)
        minutes = job.minutes + MORE_MINUTES
        try:
            await asyncio.to_thread(bot.service(JobQueue).folder(job).reopen, minutes)
        except OSError as error:
            raise Refusal("retrain.unwritten", reason=error.strerror or type(error).__name__) from error
        now = datetime.now(UTC)
        fresh: dict[str, Any] = {"message_id": None, "reason": None, "crashes": 0, "queued_at": now, "ended_at": None}
        if await jobs.change(job_id, was=(FINISHED,), state=QUEUED, minutes=minutes, **fresh) is None:
            raise Refusal("retrain.gone")
    bot.service(JobQueue).wake()
    old = (interaction.message.content if interaction.message else "") or ""
    text = bot.words(interaction)("retrain.more", style=job.style, minutes=MORE_MINUTES)
    await interaction.edit_original_response(content=f"{old}\n\n{text}"[:2000], view=None)


async def _finished(bot: MeliconBot, job_id: int) -> RetrainJob:
    """Return a finished job; raises Refusal. The result is posted shortly before its state is recorded."""
    for _ in range(20):
        job = await bot.store.retrain_jobs.get(job_id)
        if job is None or job.state != RUNNING or bot.service(JobQueue).folder(job).outcome() is None:
            break
        await asyncio.sleep(0.1)
    if job is None or job.state != FINISHED:
        raise Refusal("retrain.gone")
    return job


async def cancel(bot: MeliconBot, job_id: int, words: Words) -> str:
    """Cancel a proposed, queued or running job; return the reply. Raises Refusal if it has ended."""
    jobs = bot.store.retrain_jobs
    job = await jobs.change(job_id, was=(PROPOSED, QUEUED), state=CANCELLED, ended_at=datetime.now(UTC))
    if job is not None:
        await asyncio.to_thread(bot.service(JobQueue).folder(job).remove)
        if job.message_id is not None:
            channel = bot.get_partial_messageable(job.channel_id, guild_id=job.guild_id)
            with suppress(discord.NotFound, discord.Forbidden):  # the message or the channel was deleted
                await channel.get_partial_message(job.message_id).edit(
                    content=words("retrain.cancelled", style=job.style), view=None
                )
        return words("retrain.cancelled", style=job.style)
    job = await jobs.get(job_id)
    if job is None or job.state != RUNNING:
        raise Refusal("retrain.gone")
    await asyncio.to_thread(bot.service(JobQueue).folder(job).cancel)
    return words("retrain.cancelling", style=job.style)


async def decide(interaction: Interaction, what: str, job_id: int) -> None:
    """Use, keep or discard a result."""
    bot = interaction.client
    words = bot.words(interaction)
    jobs = bot.store.retrain_jobs
    job = await jobs.get(job_id)
    if job is None or job.state not in _DECIDABLE:
        raise Refusal("retrain.gone")
    folder = bot.service(JobQueue).folder(job)
    if job.state == RUNNING and folder.outcome() is None:
        raise Refusal("retrain.gone")
    if what == "discard":
        changed = await jobs.change(job_id, was=_DECIDABLE, state=DISCARDED)
        text = words("retrain.discarded", style=job.style)
    else:
        try:
            file = await asyncio.to_thread(
                bot.service(StyleKeeper).library.install,
                job.style,
                folder.generator,
                folder.run / "discriminator.safetensors",
            )
        except MeliconError as error:
            log.error("cannot use the result of job %d: %s", job.id, error)  # noqa: TRY400 - one line says it
            raise Refusal("retrain.damaged") from error
        except OSError as error:
            raise Refusal("retrain.unwritten", reason=error.strerror or type(error).__name__) from error
        await bot.service(StyleKeeper).refresh()
        if what == "use":
            await bot.service(StyleKeeper).use(file)
        changed = await jobs.change(job_id, was=_DECIDABLE, state=USED if what == "use" else KEPT)
        text = words(f"retrain.{what}", style=file.style, model=file.model)
    if changed is not None:  # else another press came first, which may train it further
        await asyncio.to_thread(folder.remove)
    old = (interaction.message.content if interaction.message else "") or ""
    await interaction.edit_original_response(content=f"{old}\n\n{text}"[:2000], view=None)
