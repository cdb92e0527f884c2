"""Databases as older versions left them."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from bot.store.migrate import alembic_config


async def make(url: str | None, folder: Path, revision: str, *statements: str) -> None:
    """Create the tables of `revision` in an empty database, SQLite in `folder` by default, and run SQL statements."""

    def build(connection: Connection) -> None:
        command.upgrade(alembic_config(connection), revision)
        for statement in statements:
            connection.execute(text(statement))

    engine = create_async_engine(url or f"sqlite+aiosqlite:///{folder / 'melicon.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(build)
    await engine.dispose()
