"""The icon of each date: chosen once, the same for every server and every process."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.models import DailyIcon
from bot.store.sessions import Sessions


class DailyIcons:
    """The icons of the dates so far."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def get(self, day: date) -> DailyIcon | None:
        """Return the icon of a date, if it has been chosen."""
        async with self._sessions.read() as session:
            return await session.get(DailyIcon, day)

    async def around(self, day: date, days: int) -> list[DailyIcon]:
        """Return the icons of the `days` dates before `day` and of those after it, without its own."""
        async with self._sessions.read() as session:
            return list(await session.scalars(_around(day, days)))

    async def add(self, icon: DailyIcon, days: int, compared: AbstractSet[date]) -> DailyIcon | None:
        """Keep the icon that was chosen for a date, and return the one that counts: another may have been quicker.

        `compared` are the dates it was compared with. Returns None, and keeps nothing, where there are others by now
        within `days`: two processes that choose neighbouring dates at the same moment must see each other's icon.
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
        """Return the icons of some dates."""
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
