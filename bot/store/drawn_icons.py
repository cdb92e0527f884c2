"""The icons that were posted, for suggestions and menus."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.store.models import DrawnIcon
from gan.codes import IconCode

MOST_RECENT = 200  # of each user


class DrawnIcons:
    """The table of drawn icons."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = async_sessionmaker(engine, expire_on_commit=False)

    async def add(
        self,
        *,
        user_id: int,
        guild_id: int | None,
        channel_id: int | None,
        code: str,
        style: str,
        model: str,
        instead_of: str | None = None,
    ) -> None:
        """Record that `code` (bare) was posted for a user; keep the latest `MOST_RECENT`.

        `instead_of` is a code in the same style whose latest record in the same channel is replaced.
        """
        async with self._session.begin() as session:
            if instead_of is not None:
                latest = select(func.max(DrawnIcon.id)).where(
                    DrawnIcon.user_id == user_id,
                    DrawnIcon.channel_id == channel_id,
                    DrawnIcon.style == style,
                    DrawnIcon.code == instead_of,
                )
                await session.execute(delete(DrawnIcon).where(DrawnIcon.id == latest.scalar_subquery()))
            session.add(
                DrawnIcon(
                    user_id=user_id,
                    guild_id=guild_id,
                    channel_id=channel_id,
                    code=code,
                    style=style,
                    model=model,
                    drawn_at=datetime.now(UTC),
                )
            )
            await session.flush()
            newest = (
                select(DrawnIcon.id)
                .where(DrawnIcon.user_id == user_id)
                .order_by(DrawnIcon.drawn_at.desc(), DrawnIcon.id.desc())
                .limit(MOST_RECENT)
            )
            await session.execute(delete(DrawnIcon).where(DrawnIcon.user_id == user_id, DrawnIcon.id.not_in(newest)))

    async def recent_codes(self, user_id: int, *, containing: str = "", limit: int = 25) -> list[IconCode]:
        """Return the pinned codes of a user's recent icons, distinct, latest first."""
        rows = await self.recent_rows(user_id, containing=containing, limit=limit)
        return [IconCode.parse(code).pinned(style, model) for code, style, model in rows]

    async def recent_rows(self, user_id: int, *, containing: str = "", limit: int = 25) -> list[tuple[str, str, str]]:
        """Return the same as (code, style, model), which costs less."""
        query = (
            select(DrawnIcon.code, DrawnIcon.style, DrawnIcon.model)
            .where(DrawnIcon.user_id == user_id)
            .group_by(DrawnIcon.code, DrawnIcon.style, DrawnIcon.model)
            .order_by(func.max(DrawnIcon.drawn_at).desc(), func.max(DrawnIcon.id).desc())
            .limit(limit)
        )
        if containing:
            query = query.where((DrawnIcon.code + "/" + DrawnIcon.style).contains(containing, autoescape=True))
        async with self._session() as session:
            return [(code, style, model) for code, style, model in await session.execute(query)]

    async def codes_in_channel(self, channel_id: int, *, limit: int = 25) -> list[IconCode]:
        """Return the pinned codes of a channel's recent icons, distinct, latest first."""
        query = (
            select(DrawnIcon.code, DrawnIcon.style, DrawnIcon.model)
            .where(DrawnIcon.channel_id == channel_id)
            .order_by(DrawnIcon.drawn_at.desc(), DrawnIcon.id.desc())
            .limit(4 * limit)  # enough, unless one icon was drawn repeatedly
        )
        async with self._session() as session:
            found = dict.fromkeys((code, style, model) for code, style, model in await session.execute(query))
        return [IconCode.parse(code).pinned(style, model) for code, style, model in list(found)[:limit]]
