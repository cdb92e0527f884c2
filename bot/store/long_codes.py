"""Codes that are too long for a button's id, by a key that replaces them there."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.store.models import LongCode


class LongCodes:
    """The table of long codes."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._session = async_sessionmaker(engine, expire_on_commit=False)

    async def remember(self, key: str, code: str) -> None:
        """Store a long code under its key, permanently."""
        if await self.find(key) is not None:
            return
        try:
            async with self._session.begin() as session:
                session.add(LongCode(key=key, code=code))
        except IntegrityError:
            pass  # stored by a concurrent request; a key belongs to one code

    async def find(self, key: str) -> str | None:
        """Return the code of a key."""
        async with self._session() as session:
            row = await session.get(LongCode, key)
            return row.code if row else None
