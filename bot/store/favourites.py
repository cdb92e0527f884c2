"""Long codes, favourites, and a user's data."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, Delete, Update, delete, func, inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.store.models import Base, DailyStar, DailySubscription, DrawnIcon, Favourite, LongCode, RetrainJob
from gan.codes import IconCode

MOST_FAVOURITES = 500  # for each user
_PERSONAL = (DrawnIcon, Favourite, DailyStar)  # the tables with users' data
_IN_PARTS = {"yield_per": 20}  # rows in a batch; the event loop runs in between
_NOBODY = 0  # replaces the creator of a subscription after deletion; None would mean the owner's settings


class GalleryFull(Exception):  # noqa: N818 - says what is the matter
    """The user already has `MOST_FAVOURITES` favourites."""


class Favourites:
    """The favourites and other per-user data of `Store`."""

    _session: async_sessionmaker[AsyncSession]

    async def remember_code(self, key: str, code: str) -> None:
        """Store a long code under its key, permanently."""
        if await self.remembered_code(key) is not None:
            return
        try:
            async with self._session.begin() as session:
                session.add(LongCode(key=key, code=code))
        except IntegrityError:
            pass  # stored by a concurrent request; a key belongs to one code

    async def remembered_code(self, key: str) -> str | None:
        """Return the code of a key."""
        async with self._session() as session:
            row = await session.get(LongCode, key)
            return row.code if row else None

    async def toggle_favourite(
        self, *, user_id: int, guild_id: int | None, code: str, style: str, model: str, picture: bytes
    ) -> bool:
        """Toggle an icon in the favourites; returns whether it is one now. Raises `GalleryFull`.

        `picture` is its PNG, 64×64.
        """
        return await self._upsert(delete(Favourite), user_id, guild_id, code, style, model, picture)

    async def add_favourite(
        self, *, user_id: int, guild_id: int | None, code: str, style: str, model: str, picture: bytes
    ) -> None:
        """Add an icon to the favourites; idempotent. Raises `GalleryFull`."""
        await self._upsert(update(Favourite).values(user_id=user_id), user_id, guild_id, code, style, model, picture)

    async def remove_favourite(self, *, user_id: int, code: str, style: str, model: str) -> None:
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

    async def favourites(self, user_id: int, *, offset: int = 0, limit: int = MOST_FAVOURITES) -> list[Favourite]:
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

    async def favourite_rows(self, user_id: int, *, limit: int) -> list[tuple[str, str, str, str | None]]:
        """Return a user's favourites as (code, style, model, name), latest first."""
        query = (
            select(Favourite.code, Favourite.style, Favourite.model, Favourite.name)
            .where(Favourite.user_id == user_id)
            .order_by(Favourite.added_at.desc(), Favourite.id.desc())
            .limit(limit)
        )
        async with self._session() as session:
            return [(code, style, model, name) for code, style, model, name in await session.execute(query)]

    async def count_favourites(self, user_id: int) -> int:
        """Return the number of a user's favourites."""
        async with self._session() as session:
            count = await session.scalar(select(func.count()).where(Favourite.user_id == user_id))
        return count or 0

    async def remove_favourite_id(self, user_id: int, favourite_id: int) -> None:
        """Remove a favourite, if it exists and is the user's."""
        async with self._session.begin() as session:
            await session.execute(delete(Favourite).where(Favourite.user_id == user_id, Favourite.id == favourite_id))

    async def rename_favourite(self, user_id: int, favourite_id: int, name: str | None) -> bool:
        """Name a favourite, or remove its name; False if it does not exist or is not the user's."""
        mine = (Favourite.user_id == user_id, Favourite.id == favourite_id)
        async with self._session.begin() as session:
            named = await session.execute(update(Favourite).where(*mine).values(name=name).returning(Favourite.id))
            return named.first() is not None

    async def top(self, guild_id: int, *, limit: int) -> list[tuple[Favourite, int]]:
        """Return the icons favourited by the most users of a server, with the number of users."""
        first, people = func.min(Favourite.id), func.count(Favourite.user_id.distinct())
        ranking = (
            select(first.label("first"), people.label("people"))
            .where(Favourite.guild_id == guild_id)
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

    async def data_of(self, user_id: int) -> dict[str, list[dict[str, object]]]:
        """Return all rows about a user by table, as JSON types; pictures in base64."""
        data = {}
        async with self._session() as session:
            for table, mine in _rows_about(user_id):
                query = select(table).where(mine).order_by(*inspect(table).primary_key)
                rows = await session.stream_scalars(query, execution_options=_IN_PARTS)
                names = {attr.columns[0].name: attr.key for attr in inspect(table).column_attrs}
                data[table.__tablename__] = [
                    {name: _plain(getattr(row, key)) for name, key in names.items()} async for row in rows
                ]
        return data

    async def forget(self, user_id: int) -> None:
        """Delete a user's rows; subscriptions and training jobs are anonymised."""
        async with self._session.begin() as session:
            for table in _PERSONAL:
                await session.execute(delete(table).where(table.user_id == user_id))
            mine = DailySubscription.set_by == user_id
            await session.execute(update(DailySubscription).where(mine).values(set_by=_NOBODY))
            await session.execute(update(RetrainJob).where(RetrainJob.user_id == user_id).values(user_id=_NOBODY))


def _same(user_id: int, code: str, style: str, model: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for a user's favourite of an icon."""
    return (
        Favourite.user_id == user_id,
        Favourite.code == code,
        Favourite.style == style,
        Favourite.model == model,
    )


def _rows_about(user_id: int) -> list[tuple[type[Base], ColumnElement[bool]]]:
    return [(table, table.user_id == user_id) for table in _PERSONAL] + [
        (DailySubscription, DailySubscription.set_by == user_id),
        (RetrainJob, RetrainJob.user_id == user_id),
    ]


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value
