"""The data about one user in all tables: for `/data`, and for deletion."""

from __future__ import annotations

import base64
from datetime import date

from sqlalchemy import ColumnElement, delete, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.store.models import Base, DailyStar, DailySubscription, DrawnIcon, Favourite, RetrainJob

_PERSONAL = (DrawnIcon, Favourite, DailyStar)  # the tables with users' data
_IN_PARTS = {"yield_per": 20}  # rows in a batch; the event loop runs in between
_NOBODY = 0  # replaces the creator of a subscription after deletion; None would mean the owner's settings


class PersonalData:
    """Reads and deletes the data about a user."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = async_sessionmaker(engine, expire_on_commit=False)

    async def of_user(self, user_id: int) -> dict[str, list[dict[str, object]]]:
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

    async def delete(self, user_id: int) -> None:
        """Delete a user's rows; subscriptions and training jobs are anonymised."""
        async with self._session.begin() as session:
            for table in _PERSONAL:
                await session.execute(delete(table).where(table.user_id == user_id))
            mine = DailySubscription.set_by == user_id
            await session.execute(update(DailySubscription).where(mine).values(set_by=_NOBODY))
            await session.execute(update(RetrainJob).where(RetrainJob.user_id == user_id).values(user_id=_NOBODY))


def _rows_about(user_id: int) -> list[tuple[type[Base], ColumnElement[bool]]]:
    return [(table, table.user_id == user_id) for table in _PERSONAL] + [
        (DailySubscription, DailySubscription.set_by == user_id),
        (RetrainJob, RetrainJob.user_id == user_id),
    ]


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else value
