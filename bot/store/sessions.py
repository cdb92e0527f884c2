"""Sessions for tables on which several processes work at the same time."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker


class Sessions:
    """`read` for looking, `write` for transactions that read and then write by what they read."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.read: async_sessionmaker[AsyncSession] = async_sessionmaker(engine, expire_on_commit=False)
        # SQLite takes its one write lock at the beginning; begun later, the transaction could find its snapshot aged
        self.write: async_sessionmaker[AsyncSession] = async_sessionmaker(
            engine.execution_options(immediate=True), expire_on_commit=False
        )
