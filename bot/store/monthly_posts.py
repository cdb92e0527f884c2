"""The posts of a month's best icons, one for each server and month.

Like a claim on a daily post, an attempt holds a lease until `wake_at`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.store.models import MonthlyPost
from bot.store.sessions import Sessions

CATCH_UP_DAYS = 7  # the first post of a month is followed by the best of the month before, up to this day
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MonthlyTask:
    """A lease for one attempt at a monthly post, until `lease`."""

    id: int
    guild_id: int
    month: date  # its first day
    channel_id: int  # of earlier attempts
    requested_at: datetime
    lease: datetime
    attempt: int  # 1, 2, …


class MonthlyPosts:
    """The rows, shared by all processes of the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def take(self, now: datetime, lease: datetime, limit: int) -> list[MonthlyTask]:
        """Claim up to `limit` due posts, longest due first."""
        due = MonthlyPost.wake_at <= now
        async with self._sessions.read() as session:  # the common case
            if (await session.scalars(select(MonthlyPost.id).where(due).limit(1))).first() is None:
                return []
        query = select(MonthlyPost).where(due).order_by(MonthlyPost.wake_at, MonthlyPost.id).limit(limit)
        async with self._sessions.write.begin() as session:
            rows = list(await session.scalars(query.with_for_update(skip_locked=True)))
            for row in rows:
                row.wake_at = lease
                row.attempt += 1
            return [
                MonthlyTask(row.id, row.guild_id, row.month, row.channel_id, row.requested_at, lease, row.attempt)
                for row in rows
            ]

    async def move(self, task: MonthlyTask, channel_id: int) -> None:
        """Record that this attempt uses another channel than earlier ones."""
        await self._update(task, {"channel_id": channel_id})

    async def done(self, task: MonthlyTask, message_id: int | None) -> None:
        """Record that nothing is left to do (`message_id` None: nothing was posted, or it has been deleted)."""
        await self._update(task, {"wake_at": None, "message_id": message_id})

    async def retry(self, task: MonthlyTask, at: datetime) -> None:
        """Release the lease until `at`."""
        await self._update(task, {"wake_at": at})

    async def _update(self, task: MonthlyTask, values: dict[str, object]) -> None:
        mine = (MonthlyPost.id == task.id) & (MonthlyPost.attempt == task.attempt)
        async with self._sessions.write.begin() as session:
            await session.execute(update(MonthlyPost).where(mine).values(values))


async def request_month(session: AsyncSession, guild_id: int, channel_id: int, day: date, now: datetime) -> None:
    """Ask for the best of the month before `day`, in the transaction that records the post of `day`.

    Only the first post within `CATCH_UP_DAYS` asks.
    """
    if day.day > CATCH_UP_DAYS:
        return
    month = (day.replace(day=1) - _DAY).replace(day=1)
    query = select(MonthlyPost.id).where(MonthlyPost.guild_id == guild_id, MonthlyPost.month == month)
    if await session.scalar(query) is None:
        times = {"requested_at": now, "wake_at": now}
        session.add(MonthlyPost(guild_id=guild_id, month=month, channel_id=channel_id, attempt=0, **times))
