"""The stars on daily posts."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.models import DailyPost, DailyStar
from bot.store.sessions import Sessions


class Stars:
    """One star for each user and post."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def toggle(self, guild_id: int, day: date, user_id: int) -> tuple[int, bool] | None:
        """Toggle a user's star on a server's post; None if there is no post.

        Returns the post's number of stars, and whether the user has starred it.
        """
        async with self._sessions.write.begin() as session:
            query = select(DailyPost.id).where(DailyPost.guild_id == guild_id, DailyPost.date == day)
            # locks the row against a concurrent press of the same user
            post = await session.scalar(query.with_for_update())
            if post is None:
                return None
            mine = delete(DailyStar).where(DailyStar.post_id == post, DailyStar.user_id == user_id)
            given = (await session.execute(mine.returning(DailyStar.user_id))).first() is None
            if given:
                session.add(DailyStar(post_id=post, user_id=user_id))
                await session.flush()
            stars = select(func.count()).select_from(DailyStar).where(DailyStar.post_id == post)
            return await session.scalar(stars) or 0, given

    async def count(self, guild_id: int, day: date) -> int:
        """Return the number of stars of a server's post."""
        async with self._sessions.read() as session:
            query = select(func.count()).select_from(DailyStar).join(DailyPost, DailyPost.id == DailyStar.post_id)
            return await session.scalar(query.where(DailyPost.guild_id == guild_id, DailyPost.date == day)) or 0

    async def best(self, guild_id: int, first: date, last: date, limit: int) -> list[tuple[date, int]]:
        """Return a server's most starred dates from `first` to `last` with their stars, best first.

        Ties are ordered by date.
        """
        stars = func.count(DailyStar.user_id)
        query = (
            select(DailyPost.date, stars)
            .join(DailyStar, DailyPost.id == DailyStar.post_id)
            .where(DailyPost.guild_id == guild_id, DailyPost.date.between(first, last))
            .group_by(DailyPost.date)
            .order_by(stars.desc(), DailyPost.date)
            .limit(limit)
        )
        async with self._sessions.read() as session:
            return [(day, count) for day, count in await session.execute(query)]

    async def starred_dates(self, guild_id: int) -> list[date]:
        """Return a server's dates with stars, latest first."""
        query = (
            select(DailyPost.date)
            .join(DailyStar, DailyPost.id == DailyStar.post_id)
            .where(DailyPost.guild_id == guild_id)
            .distinct()
            .order_by(DailyPost.date.desc())
        )
        async with self._sessions.read() as session:
            return list(await session.scalars(query))
