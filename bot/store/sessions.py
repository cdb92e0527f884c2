"""Sessions for tables that several processes write concurrently."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker


class Sessions:
    """`read` for queries, `write` for read-modify-write transactions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.read: async_sessionmaker[AsyncSession] = async_sessionmaker(engine, expire_on_commit=False)
        # take SQLite's write lock at the start; later, the snapshot may be stale
        self.write: async_sessionmaker[AsyncSession] = async_sessionmaker(
            engine.execution_options(immediate=True), expire_on_commit=False
        )
