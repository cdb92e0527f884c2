"""Codes that are too long for a button's id, by a key that replaces them there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.store.models import LongCode

SELDOM = timedelta(days=30)  # how often the time of the last use is updated


class LongCodes:
    """The table of long codes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = async_sessionmaker(engine, expire_on_commit=False)

    async def remember(self, key: str, code: str) -> None:
        """Store a long code under its key, until it has not been used for long (`bot.store.retention`)."""
        if await self.find(key) is not None:
            return
        try:
            async with self._session.begin() as session:
                session.add(LongCode(key=key, code=code, used_at=datetime.now(UTC)))
        except IntegrityError:
            pass  # stored by a concurrent request; a key belongs to one code

    async def find(self, key: str) -> str | None:
        """Return the code of a key, which counts as a use."""
        async with self._session() as session:
            row = await session.get(LongCode, key)
        if row is None:
            return None
        now = datetime.now(UTC)
        if now - row.used_at > SELDOM:
            async with self._session.begin() as session:
                await session.execute(update(LongCode).where(LongCode.key == key).values(used_at=now))
        return row.code
