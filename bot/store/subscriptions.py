"""The subscriptions to the icon of the day."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.claims import MISSED
from bot.store.models import DailyPost, DailySubscription
from bot.store.sessions import Sessions

# a day and at most two hours of clock change
PLAUSIBLE = timedelta(hours=26)
_DAY = timedelta(days=1)
_SKEW = timedelta(minutes=5)  # clock skew between processes sharing the database

Following = Callable[[date], tuple[date, datetime]]  # the next local date after one, and when it is due
Earliest = Callable[["DailySubscription", Collection[date]], tuple[date, datetime] | None]  # dates already claimed


class Subscriptions:
    """The subscriptions, one for each server."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def get(self, guild_id: int) -> DailySubscription | None:
        """Return a server's subscription."""
        async with self._sessions.read() as session:
            return await session.get(DailySubscription, guild_id)

    async def put(self, subscription: DailySubscription, following: Following) -> None:
        """Replace the server's subscription, not paused.

        If its next date already has a post, as after a change of time zone, the next free date is used.
        """
        async with self._sessions.write.begin() as session:
            dates = select(DailyPost.date).where(
                DailyPost.guild_id == subscription.guild_id, DailyPost.date >= subscription.next_date
            )
            taken = set(await session.scalars(dates))
            while subscription.next_date in taken:
                subscription.next_date, subscription.next_at = following(subscription.next_date)
            subscription.failed_days, subscription.paused_at, subscription.pause_reason = 0, None, None
            await session.merge(subscription)

    async def remove(self, guild_id: int) -> bool:
        """Delete a server's subscription; return whether there was one."""
        async with self._sessions.write.begin() as session:
            gone = delete(DailySubscription).where(DailySubscription.guild_id == guild_id)
            return (await session.execute(gone.returning(DailySubscription.guild_id))).first() is not None

    async def remove_set_by_owner(self, *, but: int | None) -> None:
        """Delete the subscriptions set by the owner's settings, except that of the server `but`."""
        async with self._sessions.write.begin() as session:
            gone = delete(DailySubscription).where(DailySubscription.set_by.is_(None))
            if but is not None:
                gone = gone.where(DailySubscription.guild_id != but)
            await session.execute(gone)

    async def reschedule(self, due: Callable[[int, str, date], datetime | None]) -> int:
        """Recompute all due times from (minute, timezone, date); return how many changed.

        A new time zone database can change them.
        """
        table = DailySubscription
        kinds = select(table.minute, table.timezone, table.next_date, table.next_at).where(table.next_at.is_not(None))
        changed = 0
        async with self._sessions.write.begin() as session:
            for minute, timezone, next_date, next_at in (await session.execute(kinds.distinct())).all():
                moment = due(minute, timezone, next_date)
                if moment is None or moment == next_at:
                    continue
                same = (table.minute == minute, table.timezone == timezone, table.next_date == next_date)
                rows = update(table).where(*same, table.next_at == next_at).values(next_at=moment)
                changed += len((await session.execute(rows.returning(table.guild_id))).all())
        return changed

    async def bring_forward(self, now: datetime, earliest: Earliest) -> list[tuple[DailySubscription, datetime]]:
        """Reschedule subscriptions that wait for a later date than necessary, as after a wrong clock.

        `earliest` gives the right date. Returns the changed ones with their previous due times.
        """
        table, changed = DailySubscription, []
        ahead = table.next_at > now + _DAY
        # settled as missed before it was due
        hasty = (DailyPost.state == MISSED, DailyPost.wake_at > now, DailyPost.due_at > now + _SKEW)
        async with self._sessions.read() as session:  # the common case
            if not (await session.scalars(select(table.guild_id).where(ahead).limit(1))).first():
                return []
        async with self._sessions.write.begin() as session:
            await session.execute(delete(DailyPost).where(*hasty))
            rows = list(await session.scalars(select(table).where(ahead).with_for_update(skip_locked=True)))
            since = now.date() - 3 * _DAY  # whatever the time zone
            posts = select(DailyPost.guild_id, DailyPost.date).join(table, table.guild_id == DailyPost.guild_id)
            taken: dict[int, set[date]] = {}
            for guild_id, day in await session.execute(posts.where(ahead, DailyPost.date >= since)):
                taken.setdefault(guild_id, set()).add(day)
            for row in rows:
                found = earliest(row, taken.get(row.guild_id, set()))
                if found is not None and row.next_at is not None and found[0] < row.next_date:
                    changed.append((row, row.next_at))
                    row.next_date, row.next_at = found
        return changed
