"""The servers whose icon the bot changes: what is due, and each server's own icon.

One row for each server. Like a claim on a post, an attempt holds a lease until `wake_at`. A server whose subscription
no longer has `server_icon` gets its own icon back, and then its row is deleted.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.store.models import DailySubscription, ServerIcon
from bot.store.sessions import Sessions

ICON_LEASE = timedelta(seconds=90)
PERSIST = timedelta(days=1)  # how long a date's icon is tried; the next date brings the next icon
_LONGEST = 200  # longest stored error


@dataclass(frozen=True, slots=True)
class IconTask:
    """A lease for one attempt to change a server's icon."""

    guild_id: int
    date: dt.date | None  # whose icon to set; None: restore the server's own
    attempt: int  # 1, 2, …
    hash: str | None  # of the icon that the bot set last
    tried: dt.date | None  # whose icon an earlier attempt may have set without recording it


class ServerIcons:
    """The rows, shared by all processes of the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def take(self, now: datetime, limit: int, guild_id: int | None = None) -> list[IconTask]:
        """Claim up to `limit` due changes until `now` + `ICON_LEASE`, longest due first.

        guild_id: only this server, whose next attempt is made now unless another one is being made.
        """
        due: ColumnElement[bool] = (ServerIcon.wake_at <= now) | (ServerIcon.wake_at.is_(None) & ~_wanted())
        if guild_id is not None:
            free = ServerIcon.wake_at.is_(None) | (ServerIcon.wake_at <= now) | (ServerIcon.wake_at > now + ICON_LEASE)
            due = (ServerIcon.guild_id == guild_id) & free
        async with self._sessions.read() as session:  # the common case
            if (await session.scalars(select(ServerIcon.guild_id).where(due).limit(1))).first() is None:
                return []
        query = select(ServerIcon, _wanted()).where(due).order_by(ServerIcon.wake_at, ServerIcon.guild_id).limit(limit)
        tasks = []
        async with self._sessions.write.begin() as session:
            rows = (await session.execute(query.with_for_update(skip_locked=True, of=ServerIcon))).all()
            for row, wanted in rows:
                if not wanted and row.hash is None and row.tried is None:
                    await session.delete(row)  # never changed
                elif wanted and (row.shown == row.date or now >= row.wanted_at + PERSIST):
                    row.wake_at = None
                else:
                    row.wake_at = now + ICON_LEASE
                    row.attempt += 1
                    day = row.date if wanted else None
                    tasks.append(IconTask(row.guild_id, day, row.attempt, row.hash, row.tried))
                    row.tried = day or row.tried
        return tasks

    async def get(self, guild_id: int) -> ServerIcon | None:
        """Return a server's row, without the original."""
        async with self._sessions.read() as session:
            return await session.get(ServerIcon, guild_id)

    async def original(self, guild_id: int) -> bytes | None:
        """Return a server's own icon; None if it had none."""
        async with self._sessions.read() as session:
            return await session.scalar(select(ServerIcon.original).where(ServerIcon.guild_id == guild_id))

    async def keep_original(self, guild_id: int, icon: bytes | None) -> None:
        """Store a server's own icon, before it is changed."""
        async with self._sessions.write.begin() as session:
            row = update(ServerIcon).where(ServerIcon.guild_id == guild_id)
            await session.execute(row.values(original=icon, hash=None))

    async def recognise(self, guild_id: int, icon_hash: str) -> None:
        """Record the hash of an icon that an interrupted attempt has set."""
        async with self._sessions.write.begin() as session:
            await session.execute(update(ServerIcon).where(ServerIcon.guild_id == guild_id).values(hash=icon_hash))

    async def changed(self, task: IconTask, icon_hash: str | None) -> None:
        """Record that a date's icon is the server's icon."""
        async with self._sessions.write.begin() as session:
            # by whichever attempt: otherwise the icon would later be taken for the server's own
            row = await session.get(ServerIcon, task.guild_id, with_for_update=True)
            if row is None:
                return
            row.hash, row.shown, row.tried, row.error = icon_hash, task.date, None, None
            if row.date == task.date:
                row.wake_at = None

    async def retry(self, task: IconTask, at: datetime, error: str, *, refused: bool) -> None:
        """Release the lease until `at`. refused: Discord certainly changed nothing."""
        values: dict[str, object] = {"wake_at": at, "error": error[:_LONGEST]}
        if refused:
            values["tried"] = task.tried
        async with self._sessions.write.begin() as session:
            await session.execute(_attempt(task).values(values))

    async def forget(self, guild_id: int) -> None:
        """Delete a server's row."""
        async with self._sessions.write.begin() as session:
            await session.execute(delete(ServerIcon).where(ServerIcon.guild_id == guild_id))


async def request_icon(session: AsyncSession, guild_id: int, day: date, now: datetime) -> None:
    """Ask for a date's icon as the server's icon, in the transaction that records its post."""
    row = await session.get(ServerIcon, guild_id, with_for_update=True)
    if row is None:
        session.add(ServerIcon(guild_id=guild_id, date=day, wanted_at=now, wake_at=now, attempt=0))
    elif row.date < day:
        row.date, row.wanted_at, row.attempt = day, now, 0
        # an attempt for an earlier date may hold the lease; one that waits longer than that does not
        held = row.wake_at is not None and now < row.wake_at <= now + ICON_LEASE
        row.wake_at = row.wake_at if held else now


def _wanted() -> ColumnElement[bool]:
    subscription = select(DailySubscription.guild_id).where(
        DailySubscription.guild_id == ServerIcon.guild_id, DailySubscription.server_icon
    )
    return subscription.correlate(ServerIcon).exists()


def _attempt(task: IconTask) -> Update:
    return update(ServerIcon).where(ServerIcon.guild_id == task.guild_id, ServerIcon.attempt == task.attempt)
