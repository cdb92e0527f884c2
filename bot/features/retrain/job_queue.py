"""The training jobs of one bot: their folders, how long a new one would wait, and word that one has changed."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.features.retrain.job_folder import JobFolder
from bot.store.retrain_jobs import QUEUED, RUNNING

if TYPE_CHECKING:
    from bot.store import RetrainJob
    from bot.store.retrain_jobs import RetrainJobs

_OVERHEAD = 30  # seconds that a job takes beside its training


class JobQueue:
    """What buttons and commands need of the jobs; `bot.features.retrain.supervisor` runs them."""

    def __init__(self, jobs: RetrainJobs, data_dir: Path) -> None:
        self._jobs = jobs
        self.runs = data_dir.resolve() / "runs"
        self.changed = asyncio.Event()

    def wake(self) -> None:
        """Let the supervisor look at once: something has changed."""
        self.changed.set()

    def folder(self, job: RetrainJob) -> JobFolder:
        """Return a job's folder."""
        return JobFolder(self.runs / job.folder)

    @staticmethod
    def new_folder() -> str:
        """Return the name of a folder that is not there yet."""
        return f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(6)}"

    async def waiting(self) -> float:
        """Return for how many seconds a job that is queued now would wait."""
        seconds = 0.0
        for job in await self._jobs.in_states(RUNNING, QUEUED):
            done = self.folder(job).progress().get("seconds", 0.0) if job.state == RUNNING else 0.0
            seconds += max(0.0, job.minutes * 60 - float(done)) + _OVERHEAD
        return seconds
