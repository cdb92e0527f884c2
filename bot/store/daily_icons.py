"""The icon of each date: selected once for all servers and processes."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.models import DailyIcon
from bot.store.sessions import Sessions


class DailyIcons:
    """The icons by date."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def get(self, day: date) -> DailyIcon | None:
        """Return a date's icon, if selected."""
        async with self._sessions.read() as session:
            return await session.get(DailyIcon, day)

    async def around(self, day: date, days: int) -> list[DailyIcon]:
        """Return the icons of the `days` dates before and after `day`."""
        async with self._sessions.read() as session:
            return list(await session.scalars(_around(day, days)))

    async def add(self, icon: DailyIcon, days: int, compared: AbstractSet[date]) -> DailyIcon | None:
        """Store a date's icon, and return the effective one: another process may have been first.

        `compared` are the dates it was compared with. Returns None, storing nothing, if other dates within `days` have
        icons by now: concurrent choices for neighbouring dates must see each other.
        """
        async with self._sessions.write.begin() as session:
            if session.get_bind().dialect.name == "postgresql":
                await session.execute(text("LOCK TABLE daily_icons IN SHARE ROW EXCLUSIVE MODE"))
            earlier = await session.get(DailyIcon, icon.date)
            if earlier is not None:
                return earlier
            if {found.date for found in await session.scalars(_around(icon.date, days))} - compared:
                return None
            session.add(icon)
            return icon

    async def of(self, days: list[date]) -> dict[date, DailyIcon]:
        """Return the icons of the given dates."""
        async with self._sessions.read() as session:
            found = await session.scalars(select(DailyIcon).where(DailyIcon.date.in_(days)))
            return {icon.date: icon for icon in found}


def _around(day: date, days: int) -> Select[DailyIcon]:
    span = timedelta(days=days)
    return (
        select(DailyIcon)
        .where(DailyIcon.date.between(day - span, day + span), DailyIcon.date != day)
        .order_by(DailyIcon.date)
    )
