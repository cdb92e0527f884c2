"""Users' favourites."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Delete, Update, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.store.models import Favourite, HiddenIcon

MOST_FAVOURITES = 500  # for each user
_IN_PARTS = {"yield_per": 20}  # rows in a batch; the event loop runs in between


class GalleryFull(Exception):  # noqa: N818 - says what is the matter
    """The user already has `MOST_FAVOURITES` favourites."""


class Favourites:
    """The table of favourites."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = async_sessionmaker(engine, expire_on_commit=False)

    async def toggle(
        self, *, user_id: int, guild_id: int | None, code: str, style: str, model: str, picture: bytes
    ) -> bool:
        """Toggle an icon in the favourites; returns whether it is one now. Raises `GalleryFull`.

        `picture` is its PNG, 64×64.
        """
        return await self._upsert(delete(Favourite), user_id, guild_id, code, style, model, picture)

    async def add(
        self, *, user_id: int, guild_id: int | None, code: str, style: str, model: str, picture: bytes
    ) -> None:
        """Add an icon to the favourites; idempotent. Raises `GalleryFull`."""
        await self._upsert(update(Favourite).values(user_id=user_id), user_id, guild_id, code, style, model, picture)

    async def remove(self, *, user_id: int, code: str, style: str, model: str) -> None:
        """Remove an icon from the favourites; idempotent."""
        same = _same(user_id, code, style, model)
        async with self._session.begin() as session:
            await session.execute(delete(Favourite).where(*same))

    async def _upsert(  # noqa: PLR0917 - a row's columns
        self,
        first: Delete | Update,
        user_id: int,
        guild_id: int | None,
        code: str,
        style: str,
        model: str,
        picture: bytes,
    ) -> bool:
        """Apply `first` to an existing favourite, else add it; returns whether it is a favourite now."""
        same = _same(user_id, code, style, model)
        try:
            async with self._session.begin() as session:
                # write first, to lock out other SQLite writers
                found = await session.execute(first.where(*same).returning(Favourite.id))
                if found.first() is not None:
                    return isinstance(first, Update)
                count = await session.scalar(select(func.count()).where(Favourite.user_id == user_id))
                if (count or 0) >= MOST_FAVOURITES:
                    raise GalleryFull
                session.add(
                    Favourite(
                        user_id=user_id,
                        guild_id=guild_id,
                        code=code,
                        style=style,
                        model=model,
                        picture=picture,
                        added_at=datetime.now(UTC),
                    )
                )
        except IntegrityError:
            pass  # a concurrent press has added it
        return True

    async def of_user(self, user_id: int, *, offset: int = 0, limit: int = MOST_FAVOURITES) -> list[Favourite]:
        """Return a user's favourites, latest first."""
        query = (
            select(Favourite)
            .where(Favourite.user_id == user_id)
            .order_by(Favourite.added_at.desc(), Favourite.id.desc())
            .offset(offset)
            .limit(limit)
        )
        async with self._session() as session:
            return [icon async for icon in await session.stream_scalars(query, execution_options=_IN_PARTS)]

    async def rows_of_user(self, user_id: int, *, limit: int) -> list[tuple[str, str, str, str | None]]:
        """Return a user's favourites as (code, style, model, name), latest first."""
        query = (
            select(Favourite.code, Favourite.style, Favourite.model, Favourite.name)
            .where(Favourite.user_id == user_id)
            .order_by(Favourite.added_at.desc(), Favourite.id.desc())
            .limit(limit)
        )
        async with self._session() as session:
            return [(code, style, model, name) for code, style, model, name in await session.execute(query)]

    async def count(self, user_id: int) -> int:
        """Return the number of a user's favourites."""
        async with self._session() as session:
            count = await session.scalar(select(func.count()).where(Favourite.user_id == user_id))
        return count or 0

    async def remove_id(self, user_id: int, favourite_id: int) -> None:
        """Remove a favourite, if it exists and is the user's."""
        async with self._session.begin() as session:
            await session.execute(delete(Favourite).where(Favourite.user_id == user_id, Favourite.id == favourite_id))

    async def rename(self, user_id: int, favourite_id: int, name: str | None) -> bool:
        """Name a favourite, or remove its name; False if it does not exist or is not the user's."""
        mine = (Favourite.user_id == user_id, Favourite.id == favourite_id)
        async with self._session.begin() as session:
            named = await session.execute(update(Favourite).where(*mine).values(name=name).returning(Favourite.id))
            return named.first() is not None

    async def top(self, guild_id: int, *, limit: int) -> list[tuple[Favourite, int]]:
        """Return the icons favourited by the most users of a server, except hidden ones, with the number of users."""
        hidden = (
            select(HiddenIcon.id)
            .where(
                HiddenIcon.guild_id == guild_id,
                HiddenIcon.code == Favourite.code,
                HiddenIcon.style == Favourite.style,
                HiddenIcon.model == Favourite.model,
            )
            .exists()
        )
        first, people = func.min(Favourite.id), func.count(Favourite.user_id.distinct())
        ranking = (
            select(first.label("first"), people.label("people"))
            .where(Favourite.guild_id == guild_id, ~hidden)
            .group_by(Favourite.code, Favourite.style, Favourite.model)
            .order_by(people.desc(), first)
            .limit(limit)
            .subquery()
        )
        query = (
            select(Favourite, ranking.c.people)
            .join(ranking, Favourite.id == ranking.c.first)
            .order_by(ranking.c.people.desc(), Favourite.id)
        )
        async with self._session() as session:
            return [(icon, people) for icon, people in await session.execute(query)]


def _same(user_id: int, code: str, style: str, model: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for a user's favourite of an icon."""
    return (
        Favourite.user_id == user_id,
        Favourite.code == code,
        Favourite.style == style,
        Favourite.model == model,
    )
