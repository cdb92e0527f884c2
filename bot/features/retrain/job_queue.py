"""The job queue of one bot: job folders, waiting times and change notification."""

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

_OVERHEAD = 30  # seconds of overhead for each job


class JobQueue:
    """The queue's interface for buttons and commands; `bot.features.retrain.supervisor` runs the jobs."""

    def __init__(self, jobs: RetrainJobs, data_dir: Path) -> None:
        self._jobs = jobs
        self.runs = data_dir.resolve() / "runs"
        self.changed = asyncio.Event()
        self.deciding = asyncio.Lock()  # of two presses, one sees what the other has done to a job and its folder

    def wake(self) -> None:
        """Wake the supervisor after a change."""
        self.changed.set()

    def folder(self, job: RetrainJob) -> JobFolder:
        """Return a job's folder."""
        return JobFolder(self.runs / job.folder)

    @staticmethod
    def new_folder() -> str:
        """Return an unused folder name."""
        return f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(6)}"

    async def waiting(self) -> float:
        """Return the expected waiting time of a new job in seconds."""
        seconds = 0.0
        for job in await self._jobs.in_states(RUNNING, QUEUED):
            done = self.folder(job).progress().get("seconds", 0.0) if job.state == RUNNING else 0.0
            seconds += max(0.0, job.minutes * 60 - float(done)) + _OVERHEAD
        return seconds
