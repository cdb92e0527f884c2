"""Starts the training process, one job at a time, finds it again after a restart, and tells the chat how it goes.

The process belongs to itself: it lives on when the bot is killed, and holds a lock in the job's folder by which the
next bot knows it. One that has died is started again and goes on from its checkpoint, unless memory or disk ran out.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import discord

from bot.retrain.buttons import cancel_button, result_buttons
from bot.retrain.intake import ROOT
from bot.retrain.jobfolder import SUPPORTED, JobFolder, Outcome, Spec
from bot.retrain.messages import picture, progress_text, result_text
from bot.retrain.training import DISK_FULL, LEFT_EARLY
from bot.store.retrain_jobs import CANCELLED, FAILED, FINISHED, PROPOSED, QUEUED, RUNNING
from bot.views import Buttons

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.store import RetrainJob

log = logging.getLogger(__name__)

TICK = 1.0  # seconds between two looks
EDIT_EVERY = 10.0  # seconds between two edits of a message
SAVES = 8  # checkpoints and sheets of samples in a short training ...
SAVE_EVERY = 60.0  # ... in a long one, seconds between them
NICENESS = 15  # the bot comes first, and whatever else the machine is for
MOST_DEATHS = 10  # of the training process in a row, with nothing saved in between
PROPOSALS_KEPT = timedelta(days=2)
_UNKNOWN_MESSAGE = 10008
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")


class Supervisor:
    """The retrainings of one bot. With several processes on one database, the one with shard 0 has it."""

    def __init__(self, bot: MeliconBot) -> None:
        self._bot = bot
        self._jobs = bot.store.retrain_jobs
        self._child: tuple[int, subprocess.Popen[bytes]] | None = None  # (job id, process) if it was started by us
        self._shown: dict[int, tuple[float, str, object]] = {}  # job id -> when, text and sheet of the last edit
        self._stopping = asyncio.Event()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def start(cls, bot: MeliconBot) -> Self:
        """Begin to look after the jobs, as soon as the bot is connected."""
        supervisor = cls(bot)
        if SUPPORTED:
            supervisor._task = asyncio.create_task(supervisor._run(), name="retrain")
        return supervisor

    async def close(self) -> None:
        """Look after them no more; the training process ends, too, where the settings say so."""
        self._stopping.set()
        self._wake.set()
        if self._task is not None:
            _, late = await asyncio.wait([self._task], timeout=5)
            for task in late:
                task.cancel()
        if self._bot.settings.retrain_ends_with_bot:
            for job in await self._jobs.in_states(RUNNING):
                self.signal(job, signal.SIGTERM)

    def poke(self) -> None:
        """Look at once: something has changed."""
        self._wake.set()

    def folder(self, job: RetrainJob) -> JobFolder:
        """Return a job's folder."""
        return JobFolder(self._bot.settings.data_dir.resolve() / "runs" / job.folder)

    @staticmethod
    def new_folder() -> str:
        """Return the name of a folder that is not there yet."""
        return f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(6)}"

    def signal(self, job: RetrainJob, number: int) -> None:
        """Send a signal to a job's training process, if it lives."""
        with contextlib.suppress(ProcessLookupError):
            if pid := self.folder(job).trainer():
                os.kill(pid, number)

    async def waiting(self) -> float:
        """Return for how many seconds a job that is queued now would wait."""
        seconds = 0.0
        for job in await self._jobs.in_states(RUNNING, QUEUED):
            done = self.folder(job).progress().get("seconds", 0.0) if job.state == RUNNING else 0.0
            seconds += max(0.0, job.minutes * 60 - float(done)) + 30
        return seconds

    async def _run(self) -> None:
        waits = [asyncio.create_task(self._bot.wait_until_ready()), asyncio.create_task(self._stopping.wait())]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        await self._sweep()
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                await self._look()
            except (discord.DiscordException, aiohttp.ClientError, TimeoutError) as error:
                log.warning("the retraining could not be shown: %s", error)
            except Exception:
                # the disk is full or the database away, for example; the next look tries again
                log.exception("looking after the retraining")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), TICK)

    async def _sweep(self) -> None:
        """Delete proposals that nobody wants any more, and folders that belong to no job."""
        try:
            for job in await self._jobs.in_states(PROPOSED):
                if job.created_at < datetime.now(UTC) - PROPOSALS_KEPT:
                    await self._jobs.remove(job.id)
            known = {job.folder for job in await self._jobs.in_states(PROPOSED, QUEUED, RUNNING, FINISHED)}
            runs = self._bot.settings.data_dir / "runs"
            for path in runs.iterdir() if runs.is_dir() else ():
                old = path.stat().st_mtime < time.time() - 3600  # one that is being made has no job yet
                if path.name not in known and old:
                    await asyncio.to_thread(JobFolder(path).remove)
        except Exception:
            log.exception("old retrainings could not be cleared away")

    async def _look(self) -> None:
        jobs = await self._jobs.in_states(RUNNING, QUEUED)
        running = next((job for job in jobs if job.state == RUNNING), None)
        if running is None and jobs:
            running = await self._jobs.change(jobs[0].id, was=(QUEUED,), state=RUNNING)
        if running is not None:
            await self._tend(running)
        queued = [job for job in jobs if job.state == QUEUED and (running is None or job.id != running.id)]
        for position, job in enumerate(queued, start=1):
            words = self._bot.catalogues.words(job.locale)
            await self._show(job, words("retrain.queued", style=job.style, position=position), None)

    async def _tend(self, job: RetrainJob) -> None:
        folder = self.folder(job)
        if await asyncio.to_thread(folder.trainer) is None and not self._is_being_born(job):
            outcome = folder.outcome()
            if outcome is None:
                outcome = await self._revive(job, folder)
            if outcome is not None:
                await self._end(job, folder, outcome)
                return
        words = self._bot.catalogues.words(job.locale)
        await self._show(job, progress_text(words, job, folder.progress()), folder.latest_samples())

    def _is_being_born(self, job: RetrainJob) -> bool:
        return self._child is not None and self._child[0] == job.id and self._child[1].poll() is None

    async def _revive(self, job: RetrainJob, folder: JobFolder) -> Outcome | None:
        """Start the training process, for the first time or again; return how it ended where that makes no sense."""
        code = self._child[1].returncode if self._child is not None and self._child[0] == job.id else None
        begun = folder.path / "pid"
        if not begun.exists() and code is None:
            await self._spawn(job, folder)
            return None
        if not folder.pictures.exists():
            return Outcome("failed", "other", "its pictures are gone")
        reason = "disk" if code == DISK_FULL else "memory" if _killed_for_memory(folder) else None
        checkpoint = folder.run / "checkpoint.safetensors"
        got_on = checkpoint.exists() and begun.exists() and checkpoint.stat().st_mtime > begun.stat().st_mtime
        deaths = job.deaths if code == LEFT_EARLY else 1 if got_on else job.deaths + 1
        if deaths >= MOST_DEATHS:
            reason = reason or "killed"
        log.warning("the training process of job %d has died (%s): death %d, %s", job.id, code, deaths, reason)
        if reason is not None and (folder.cancelled or not folder.has_network):
            return Outcome("failed", job.reason or reason, model=_model_of(folder))
        if reason is not None:
            folder.cancel()  # what was reached is judged, and nothing more is trained
            deaths = 0
        await self._jobs.change(job.id, was=(RUNNING,), deaths=deaths, reason=reason or job.reason or "resumed")
        await self._spawn(job, folder)
        return None

    async def _spawn(self, job: RetrainJob, folder: JobFolder) -> None:
        settings = self._bot.settings
        threads = settings.retrain_threads
        begin = await self._begin(job)
        save_every = min(SAVE_EVERY, max(1.0, job.minutes * 60 / SAVES))
        memory = settings.retrain_memory_mib * 2**20
        spec = Spec(job.style, begin, job.minutes, threads, memory, save_every, NICENESS)
        if not (folder.path / "spec.json").exists():
            await asyncio.to_thread(folder.describe, spec)
        (folder.path / "oom").write_text(str(_oom_kills()))
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"}
        self._child = (job.id, await asyncio.to_thread(_popen, folder, environment))
        log.info("training job %d in process %d", job.id, self._child[1].pid)

    async def _begin(self, job: RetrainJob) -> str | None:
        """Return the weights from which a job begins."""
        if job.start == "scratch":
            return None
        style, _, model = job.start.partition("#")
        file = None if style == "default" else self._bot.styles.find(style, model or None)
        return str((file.path if file else self._bot.settings.weights).resolve())

    async def _end(self, job: RetrainJob, folder: JobFolder, outcome: Outcome) -> None:
        """Tell how it ended, and only then note it: killed in between, it is told again under the same nonce."""
        if outcome.status == "stopped" and job.reason in {"memory", "disk", "killed"}:
            outcome = Outcome(**(outcome.__dict__ | {"status": "failed", "reason": job.reason}))
        words = self._bot.catalogues.words(job.locale)
        text = result_text(words, job, outcome)
        message: dict[str, Any] = {"content": text}
        if outcome.model is not None:
            message["view"] = Buttons(*result_buttons(job.id, words, outcome))
            if folder.result.exists():
                data = await asyncio.to_thread(folder.result.read_bytes)
                alt = words("retrain.result.alt", style=job.style)
                message["file"] = picture(data, f"melicon-{job.style}-before-after.png", alt)
        if job.message_id is not None:
            ended = words("retrain.ended", style=job.style)
            with contextlib.suppress(discord.HTTPException):
                await self._channel(job).get_partial_message(job.message_id).edit(content=ended, view=None)
        try:
            await self._channel(job).send(**message, nonce=f"retrain-{job.id}-end")
        except (discord.Forbidden, discord.NotFound) as error:
            log.error("the end of job %d cannot be told in channel %d: %s", job.id, job.channel_id, error)  # noqa: TRY400
        state = FINISHED if outcome.model else CANCELLED if outcome.status == "stopped" else FAILED
        await self._jobs.change(job.id, was=(RUNNING,), state=state, reason=outcome.reason, ended_at=datetime.now(UTC))
        self._child = None
        self._shown.pop(job.id, None)
        if state != FINISHED:
            await asyncio.to_thread(folder.remove)
        log.info("job %d: %s %s", job.id, state, outcome)

    async def _show(self, job: RetrainJob, text: str, samples: Path | None) -> None:
        """Bring the job's message up to date, at most every `EDIT_EVERY` seconds."""
        when, shown, sheet = self._shown.get(job.id, (0.0, "", None))
        if job.message_id is not None and (time.monotonic() - when < EDIT_EVERY or (text, samples) == (shown, sheet)):
            return
        words = self._bot.catalogues.words(job.locale)
        message: dict[str, Any] = {"content": text, "view": Buttons(cancel_button(job.id, words))}
        files = []
        if samples is not None:
            data = await asyncio.to_thread(samples.read_bytes)
            files = [picture(data, f"melicon-{job.style}-samples.png", words("retrain.samples.alt", style=job.style))]
        self._shown[job.id] = (time.monotonic(), text, samples)
        channel = self._channel(job)
        if job.message_id is not None:
            new_sheet: dict[str, Any] = {"attachments": files} if samples != sheet else {}
            try:
                await channel.get_partial_message(job.message_id).edit(**message, **new_sheet)
            except discord.NotFound as error:
                if error.code != _UNKNOWN_MESSAGE:
                    raise
                # deleted by somebody: there is to be one again
            else:
                return
        nonce = f"retrain-{job.id}" + ("" if job.message_id is None else f"-{job.message_id % 10**8}")
        sent = await channel.send(**message, files=files, nonce=nonce)
        await self._jobs.change(job.id, was=(QUEUED, RUNNING), message_id=sent.id)

    def _channel(self, job: RetrainJob) -> discord.PartialMessageable:
        return self._bot.get_partial_messageable(job.channel_id, guild_id=job.guild_id)


def _popen(folder: JobFolder, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    # not asyncio's: that kills its children when the loop ends
    with folder.log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "bot.retrain.training", str(folder.path)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env=environment, cwd=ROOT, start_new_session=True,
        )  # fmt: skip


def _oom_kills() -> int:
    """How many processes the system has killed for want of memory since it was started; 0 where that is not known."""
    try:
        lines = Path("/proc/vmstat").read_text("ascii").splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)
    except OSError:
        return 0


def _killed_for_memory(folder: JobFolder) -> bool:
    """Whether the system has killed somebody for want of memory since the process was started."""
    try:
        return _oom_kills() > int((folder.path / "oom").read_text())
    except (OSError, ValueError):
        return False


def _model_of(folder: JobFolder) -> str | None:
    """Return the hash of what was reached."""
    try:
        return str(json.loads(folder.generator.with_suffix(".json").read_text("utf-8"))["hash"])
    except (OSError, ValueError, KeyError):
        return None
