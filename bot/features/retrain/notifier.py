"""Posts a training job's messages: a progress message, edited repeatedly, and the result.

They are ordinary messages, as an interaction token expires after 15 minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import time
from typing import TYPE_CHECKING, Any

import discord

from bot.features.retrain.buttons import cancel_button, result_buttons
from bot.features.retrain.messages import picture, result_text
from bot.store.retrain_jobs import QUEUED, RUNNING
from bot.ui.persistent_items import Buttons

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.client import MeliconBot
    from bot.features.retrain.job_folder import JobFolder, Outcome
    from bot.i18n import Words
    from bot.store import RetrainJob

log = logging.getLogger(__name__)

EDIT_EVERY = 10.0  # seconds between edits of a message
_UNKNOWN_MESSAGE = 10008


class Notifier:
    """Posts in the channels in which the jobs were started."""

    def __init__(self, bot: MeliconBot, clock: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        self._clock = clock
        self._jobs = bot.store.retrain_jobs
        self._shown: dict[int, tuple[float, str, object]] = {}  # job id -> time, text and sheet of the last edit
        self._ended: set[int] = set()  # jobs whose result was posted but not yet recorded

    def forget(self, job: RetrainJob) -> None:
        """Drop the state of a finished job."""
        self._shown.pop(job.id, None)
        self._ended.discard(job.id)

    async def show(self, job: RetrainJob, text: str, preview: Path | None) -> None:
        """Update the job's progress message, at most every `EDIT_EVERY` seconds."""
        when, shown, sheet = self._shown.get(job.id, (0.0, "", None))
        if job.message_id is not None and (self._clock() - when < EDIT_EVERY or (text, preview) == (shown, sheet)):
            return
        words = self._bot.catalogues.words(job.locale)
        message: dict[str, Any] = {"content": text, "view": Buttons(cancel_button(job.id, words))}
        files = []
        if preview is not None:
            with contextlib.suppress(OSError):  # just deleted: see JobFolder.train_no_more
                data = await asyncio.to_thread(preview.read_bytes)
                alt = words("retrain.preview.alt", style=job.style)
                files = [picture(data, f"melicon-{job.style}-preview.png", alt)]
        self._shown[job.id] = (self._clock(), text, preview)
        channel = self._channel(job)
        if job.message_id is not None:
            new_sheet: dict[str, Any] = {"attachments": files} if files and preview != sheet else {}
            try:
                await channel.get_partial_message(job.message_id).edit(**message, **new_sheet)
            except discord.NotFound as error:
                if error.code != _UNKNOWN_MESSAGE:
                    raise
                # deleted by somebody: post a new one
            else:
                return
        sent = await channel.send(**message, files=files, nonce=_nonce(job, f"progress {job.message_id}"))
        await self._jobs.change(job.id, was=(QUEUED, RUNNING), message_id=sent.id)

    async def tell_end(self, job: RetrainJob, folder: JobFolder, outcome: Outcome) -> None:
        """Post the result and finish the progress message; idempotent, as a repeat has the same nonce."""
        if job.id in self._ended:
            return
        words = self._bot.catalogues.words(job.locale)
        pictured = outcome.model is not None and folder.result.exists()
        message: dict[str, Any] = {
            "content": _mention(job) + result_text(words, job, outcome, pictured=pictured),
            "allowed_mentions": discord.AllowedMentions(users=[discord.Object(job.user_id)]),
        }
        if outcome.model is not None:
            message["view"] = Buttons(*result_buttons(job.id, words, outcome, can_continue=folder.can_continue))
            if pictured:
                message["files"] = await asyncio.to_thread(_result_pictures, job, folder, words)
        if job.message_id is not None:
            ended = words("retrain.ended", style=job.style)
            with contextlib.suppress(discord.HTTPException):
                await self._channel(job).get_partial_message(job.message_id).edit(content=ended, view=None)
        try:
            await self._channel(job).send(**message, nonce=_nonce(job, "end"))
        except (discord.Forbidden, discord.NotFound) as error:
            log.error("cannot post the result of job %d in channel %d: %s", job.id, job.channel_id, error)  # noqa: TRY400
        self._ended.add(job.id)

    def _channel(self, job: RetrainJob) -> discord.PartialMessageable:
        return self._bot.get_partial_messageable(job.channel_id, guild_id=job.guild_id)


def _result_pictures(job: RetrainJob, folder: JobFolder, words: Words) -> list[discord.File]:
    """Return the sheet, and the time-lapse if there is one."""
    name = f"melicon-{job.style}"
    files = [
        picture(folder.result.read_bytes(), f"{name}-before-after.png", words("retrain.result.alt", style=job.style))
    ]
    if folder.time_lapse.exists():
        alt = words("retrain.time_lapse.alt", style=job.style)
        files.append(picture(folder.time_lapse.read_bytes(), f"{name}-time-lapse.webp", alt))
    return files


def _mention(job: RetrainJob) -> str:
    """Return a mention of the requester, unless they had themselves forgotten."""
    return f"<@{job.user_id}> " if job.user_id else ""


def _nonce(job: RetrainJob, what: str) -> str:
    """Return the nonce of a job's message, stable across restarts; 24 characters.

    It uses the folder's random name, as job ids repeat between databases of one application, and the minutes, as a job
    may be continued.
    """
    return hashlib.sha256(f"melicon retrain {job.folder} {job.minutes:g} {what}".encode()).hexdigest()[:24]
