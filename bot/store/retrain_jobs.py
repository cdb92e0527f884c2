"""The training jobs and their states."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.models import RetrainJob
from bot.store.sessions import Sessions

# proposed -> queued -> running -> finished -> used, kept or discarded; failed and cancelled are final too
PROPOSED, QUEUED, RUNNING, FINISHED = "proposed", "queued", "running", "finished"
USED, KEPT, DISCARDED, FAILED, CANCELLED = "used", "kept", "discarded", "failed", "cancelled"
OPEN = (PROPOSED, QUEUED, RUNNING, FINISHED)


class RetrainJobs:
    """The training jobs' rows."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def add(self, job: RetrainJob) -> RetrainJob:
        """Insert a new job and return it with its id."""
        job.state = job.state or PROPOSED
        job.created_at = job.created_at or datetime.now(UTC)
        job.crashes = job.crashes or 0
        async with self._sessions.write.begin() as session:
            session.add(job)
        return job

    async def get(self, job_id: int) -> RetrainJob | None:
        """Return a job."""
        async with self._sessions.read() as session:
            return await session.get(RetrainJob, job_id)

    async def change(self, job_id: int, *, was: Iterable[str], **values: Any) -> RetrainJob | None:
        """Change a job if its state is in `was`, and return it; else None, as another process was first."""
        async with self._sessions.write.begin() as session:
            mine = (RetrainJob.id == job_id, RetrainJob.state.in_(list(was)))
            changed = await session.execute(update(RetrainJob).where(*mine).values(**values).returning(RetrainJob.id))
            if changed.first() is None:
                return None
            return await session.get(RetrainJob, job_id, populate_existing=True)

    async def in_states(self, *states: str) -> list[RetrainJob]:
        """Return the jobs in the given states, in queue order."""
        query = select(RetrainJob).where(RetrainJob.state.in_(states))
        async with self._sessions.read() as session:
            jobs = list(await session.scalars(query))
        return sorted(jobs, key=lambda job: (job.queued_at or job.created_at, job.id))

    async def remove(self, job_id: int) -> None:
        """Delete a job."""
        async with self._sessions.write.begin() as session:
            await session.execute(delete(RetrainJob).where(RetrainJob.id == job_id))
