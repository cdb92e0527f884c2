"""Icons that a server's moderators do not want in `/top`."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.models import HiddenIcon
from bot.store.sessions import Sessions
from gan.codes import IconCode

MOST_HIDDEN = 200  # of each server; the oldest are shown again beyond that


class HiddenIcons:
    """The table of hidden icons."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._sessions = Sessions(engine)

    async def of_server(self, guild_id: int, *, limit: int) -> list[IconCode]:
        """Return the pinned codes of a server's hidden icons, latest first."""
        query = (
            select(HiddenIcon.code, HiddenIcon.style, HiddenIcon.model)
            .where(HiddenIcon.guild_id == guild_id)
            .order_by(HiddenIcon.id.desc())
            .limit(limit)
        )
        async with self._sessions.read() as session:
            found = await session.execute(query)
            return [IconCode.parse(code).pinned(style, model) for code, style, model in found]

    async def hide(self, guild_id: int, code: str, style: str, model: str) -> None:
        """Hide an icon, `code` bare; idempotent."""
        try:
            async with self._sessions.write.begin() as session:
                session.add(
                    HiddenIcon(guild_id=guild_id, code=code, style=style, model=model, hidden_at=datetime.now(UTC))
                )
                await session.flush()
                mine = HiddenIcon.guild_id == guild_id
                newest = select(HiddenIcon.id).where(mine).order_by(HiddenIcon.id.desc()).limit(MOST_HIDDEN)
                await session.execute(delete(HiddenIcon).where(mine, HiddenIcon.id.not_in(newest)))
        except IntegrityError:
            pass  # hidden already

    async def show(self, guild_id: int, code: str, style: str, model: str) -> None:
        """Show an icon again, `code` bare; idempotent."""
        same = (HiddenIcon.code == code, HiddenIcon.style == style, HiddenIcon.model == model)
        async with self._sessions.write.begin() as session:
            await session.execute(delete(HiddenIcon).where(HiddenIcon.guild_id == guild_id, *same))

    async def count(self, guild_id: int) -> int:
        """Return the number of a server's hidden icons."""
        async with self._sessions.read() as session:
            query = select(func.count()).select_from(HiddenIcon).where(HiddenIcon.guild_id == guild_id)
            return await session.scalar(query) or 0
