"""What the database does for buttons and collections: long codes, and the icons that people keep."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.store.models import DrawnIcon, KeptIcon, LongCode

MOST_KEPT = 500  # icons of each user


class GalleryFull(Exception):  # noqa: N818 - says what is the matter
    """The user keeps `MOST_KEPT` icons already."""


class Keeping:
    """The part of `Store` that is about keeping."""

    _session: async_sessionmaker[AsyncSession]

    async def remember_code(self, key: str, code: str) -> None:
        """Remember a long code under its key, for ever."""
        if await self.remembered_code(key) is not None:
            return
        try:
            async with self._session.begin() as session:
                session.add(LongCode(key=key, code=code))
        except IntegrityError:
            pass  # another has just done so; a key belongs to one code

    async def remembered_code(self, key: str) -> str | None:
        """Return the code of a key."""
        async with self._session() as session:
            row = await session.get(LongCode, key)
            return row.code if row else None

    async def toggle_kept(
        self, *, user_id: int, guild_id: int | None, code: str, style: str, model: str, picture: bytes
    ) -> bool:
        """Keep an icon, or let it go if it was kept; returns whether it is kept now. Raises `GalleryFull`.

        `picture` is its PNG, 64×64.
        """
        same = (KeptIcon.user_id == user_id, KeptIcon.code == code, KeptIcon.style == style, KeptIcon.model == model)
        try:
            async with self._session.begin() as session:
                # written first, so that SQLite lets no other writer in between
                gone = await session.execute(delete(KeptIcon).where(*same).returning(KeptIcon.id))
                if gone.first() is not None:
                    return False
                kept = await session.scalar(select(func.count()).where(KeptIcon.user_id == user_id))
                if (kept or 0) >= MOST_KEPT:
                    raise GalleryFull
                session.add(
                    KeptIcon(
                        user_id=user_id,
                        guild_id=guild_id,
                        code=code,
                        style=style,
                        model=model,
                        picture=picture,
                        kept_at=datetime.now(UTC),
                    )
                )
        except IntegrityError:
            pass  # pressed twice at once: the other press has kept it
        return True

    async def codes_in_channel(self, channel_id: int, *, limit: int = 25) -> list[tuple[str, str]]:
        """Return what was drawn in a channel lately as (code, style), each once, the latest first."""
        query = (
            select(DrawnIcon.code, DrawnIcon.style)
            .where(DrawnIcon.channel_id == channel_id)
            .order_by(DrawnIcon.drawn_at.desc(), DrawnIcon.id.desc())
            .limit(4 * limit)  # enough, unless one icon was drawn again and again
        )
        async with self._session() as session:
            found = dict.fromkeys((code, style) for code, style in await session.execute(query))
        return list(found)[:limit]
