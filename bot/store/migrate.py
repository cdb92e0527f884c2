"""Migrates the database's schema at startup."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x6D656C69636F6E  # "melicon": the id of PostgreSQL's advisory lock


class SchemaTooNew(Exception):  # noqa: N818 - says what is the matter
    """The database has the unknown, newer revision `found`."""

    def __init__(self, found: str) -> None:
        super().__init__(found)
        self.found = found


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Run the missing migrations in the transaction of `connection`. Raises `SchemaTooNew`."""
    if connection.dialect.name == "postgresql":
        # serialise concurrent starts (SQLite's transactions already do)
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    config = alembic_config(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    for found in MigrationContext.configure(connection).get_current_heads():
        if found not in known:
            raise SchemaTooNew(found)
    command.upgrade(config, "head")
