"""Which server gets the icon of the day, where and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.models import DailyPost, DailySubscription
from bot.store.sessions import Sessions

Following = Callable[[date], tuple[date, datetime]]  # the next local date after one, and when it is due


class Subscriptions:
    """The subscriptions, one for each server."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def get(self, guild_id: int) -> DailySubscription | None:
        """Return a server's subscription."""
        async with self._sessions.read() as session:
            return await session.get(DailySubscription, guild_id)

    async def put(self, subscription: DailySubscription, following: Following) -> None:
        """Keep `subscription` in place of what its server had, not paused.

        Where its next date has had its post already, as after a change of the time zone, the next free one is taken.
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
        """Forget a server's subscription; return whether there was one."""
        async with self._sessions.write.begin() as session:
            gone = delete(DailySubscription).where(DailySubscription.guild_id == guild_id)
            return (await session.execute(gone.returning(DailySubscription.guild_id))).first() is not None

    async def remove_set_by_owner(self, *, but: int | None) -> None:
        """Forget the subscriptions that come from the owner's settings, except that of the server `but`."""
        async with self._sessions.write.begin() as session:
            gone = delete(DailySubscription).where(DailySubscription.set_by.is_(None))
            if but is not None:
                gone = gone.where(DailySubscription.guild_id != but)
            await session.execute(gone)

    async def reschedule(self, due: Callable[[int, str, date], datetime | None]) -> int:
        """Work out anew when each is due, from (minute, timezone, date); return how many moments have changed.

        Countries change their clocks, and a new time zone database tells of it while dates are waiting.
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
