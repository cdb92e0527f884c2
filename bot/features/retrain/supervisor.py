"""Runs the training jobs of one bot: one at a time, the others queued.

`trainers` starts the training process and finds it again; `notifier` posts the messages.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

import aiohttp
import discord

from bot.features.retrain.job_folder import SUPPORTED, JobFolder, Outcome
from bot.features.retrain.job_queue import JobQueue
from bot.features.retrain.messages import progress_text
from bot.features.retrain.notifier import Notifier
from bot.features.retrain.speed import SpeedMeter
from bot.features.retrain.training_processes import Trainers
from bot.features.styles import StyleKeeper
from bot.store.retrain_jobs import CANCELLED, FAILED, FINISHED, PROPOSED, QUEUED, RUNNING

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.store import RetrainJob

log = logging.getLogger(__name__)

TICK = 1.0  # seconds between polls
PROPOSAL_LIFETIME = timedelta(days=2)


class Supervisor:
    """The job runner of one bot. Of several processes on one database, the one with shard 0 runs it."""

    def __init__(self, bot: MeliconBot) -> None:
        self._bot = bot
        self._jobs = bot.store.retrain_jobs
        self._queue = bot.service(JobQueue)
        self._trainers = Trainers(bot.settings, bot.service(StyleKeeper), self._jobs)
        self._notifier = Notifier(bot)
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def start(cls, bot: MeliconBot) -> Self:
        """Start polling once the bot is connected."""
        supervisor = cls(bot)
        if SUPPORTED:
            supervisor._task = asyncio.create_task(supervisor._run(), name="retrain")
        return supervisor

    async def close(self) -> None:
        """Stop polling; also stop the training process if the settings say so."""
        self._stopping.set()
        self._queue.wake()
        if self._task is not None:
            _, late = await asyncio.wait([self._task], timeout=5)
            for task in late:
                task.cancel()
        if self._bot.settings.retrain_ends_with_bot:
            for job in await self._jobs.in_states(RUNNING):
                self._trainers.signal(self._queue.folder(job), signal.SIGTERM)

    async def _run(self) -> None:
        waits = [asyncio.create_task(self._bot.wait_until_ready()), asyncio.create_task(self._stopping.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await self._sweep()
        while not self._stopping.is_set():
            self._queue.changed.clear()
            try:
                await self._look()
            except (discord.DiscordException, aiohttp.ClientError, TimeoutError) as error:
                log.warning("could not show the training job: %s", error)
            except Exception:
                # e.g. a full disk or an unavailable database; the next poll retries
                log.exception("polling the training jobs failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._queue.changed.wait(), TICK)

    async def _sweep(self) -> None:
        """Delete expired proposals and orphaned folders."""
        try:
            for job in await self._jobs.in_states(PROPOSED):
                if job.created_at < datetime.now(UTC) - PROPOSAL_LIFETIME:
                    await self._jobs.remove(job.id)
            known = {job.folder for job in await self._jobs.in_states(PROPOSED, QUEUED, RUNNING, FINISHED)}
            runs = self._queue.runs
            for path in runs.iterdir() if runs.is_dir() else ():
                old = path.stat().st_mtime < time.time() - 3600  # the folder of a job being created
                if path.name not in known and old:
                    await asyncio.to_thread(JobFolder(path).remove)
        except Exception:
            log.exception("could not clean up old training jobs")

    async def _look(self) -> None:
        jobs = await self._jobs.in_states(RUNNING, QUEUED)
        for state in (RUNNING, QUEUED):
            self._bot.metrics.training_jobs.labels(state).set(sum(job.state == state for job in jobs))
        running = next((job for job in jobs if job.state == RUNNING), None)
        if running is None and jobs:
            running = await self._jobs.change(jobs[0].id, was=(QUEUED,), state=RUNNING)
        if running is not None:
            await self._tend(running)
        queued = [job for job in jobs if job.state == QUEUED and (running is None or job.id != running.id)]
        for position, job in enumerate(queued, start=1):
            words = self._bot.catalogues.words(job.locale)
            await self._notifier.show(job, words("retrain.queued", style=job.style, position=position), None)

    async def _tend(self, job: RetrainJob) -> None:
        folder = self._queue.folder(job)
        outcome = await self._trainers.poll(job, folder)
        if outcome is not None:
            await self._end(job, folder, outcome)
            return
        words = self._bot.catalogues.words(job.locale)
        await self._notifier.show(job, progress_text(words, job, folder.progress()), folder.latest_preview())

    async def _end(self, job: RetrainJob, folder: JobFolder, outcome: Outcome) -> None:
        """Post the result, then record it: after a crash in between, it is repeated with the same nonce."""
        await self._notifier.tell_end(job, folder, outcome)
        state = FINISHED if outcome.model else CANCELLED if outcome.status == "stopped" else FAILED
        await self._jobs.change(job.id, was=(RUNNING,), state=state, reason=outcome.reason, ended_at=datetime.now(UTC))
        start = outcome.start or job.start
        await self._bot.service(SpeedMeter).note(start, outcome.kimg * 1000, outcome.seconds)
        self._trainers.forget()
        self._notifier.forget(job)
        if state != FINISHED:
            await asyncio.to_thread(folder.remove)
        log.info("job %d: %s %s", job.id, state, outcome)
