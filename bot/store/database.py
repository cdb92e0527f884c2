"""The open database."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from pathlib import Path
from typing import Any, Self

import asyncpg
from sqlalchemy import Connection, delete, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bot.store import database_url
from bot.store.claims import Claims
from bot.store.daily_icons import DailyIcons
from bot.store.drawn_icons import DrawnIcons
from bot.store.favourites import Favourites
from bot.store.hidden_icons import HiddenIcons
from bot.store.long_codes import LongCodes
from bot.store.migrate import SchemaTooNew, upgrade
from bot.store.models import KeyValue
from bot.store.monthly_posts import MonthlyPosts
from bot.store.personal_data import PersonalData
from bot.store.retention import Retention
from bot.store.retrain_jobs import RetrainJobs
from bot.store.server_icons import ServerIcons
from bot.store.server_settings import ServerSettingsTable
from bot.store.stars import Stars
from bot.store.subscriptions import Subscriptions
from bot.system.disks import disk_is_full
from gan.errors import MAY_PASS, MeliconError

log = logging.getLogger(__name__)

BUSY_SECONDS = 5.0  # to wait for another process's lock on the SQLite file
WAL_TRIES, _WAL_PAUSE = 200, 0.05  # some 6 seconds, as for other locks
# the default async drivers
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


# the server is absent, starting, stopping or full
_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)


# locked, disk full, or network disk unavailable
_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR")


class StoreError(MeliconError):
    """The database cannot be opened; the message is one line with the remedy."""


def may_pass(error: BaseException | None) -> bool:
    """Whether a database error is transient; wrapped errors are examined."""
    while error is not None:
        if getattr(error, "sqlite_errorname", "").startswith(_PASSING) or isinstance(error, _AWAY):
            return True
        error = getattr(error, "orig", None) or error.__cause__
    return False


class Store:
    """An open database, safe for concurrent use."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._session = async_sessionmaker(engine, expire_on_commit=False)
        self.favourites = Favourites(engine)
        self.drawn_icons = DrawnIcons(engine)
        self.hidden_icons = HiddenIcons(engine)
        self.long_codes = LongCodes(engine)
        self.server_settings = ServerSettingsTable(engine)
        self.personal_data = PersonalData(engine)
        self.subscriptions = Subscriptions(engine)
        self.claims = Claims(engine)
        self.daily_icons = DailyIcons(engine)
        self.monthly_posts = MonthlyPosts(engine)
        self.server_icons = ServerIcons(engine)
        self.stars = Stars(engine)
        self.retrain_jobs = RetrainJobs(engine)
        self.retention = Retention(engine)

    @classmethod
    async def open(cls, url: str | None, data_dir: Path) -> Self:
        """Open `url`, or else the SQLite file in `data_dir`, and migrate the schema.

        Raises `StoreError`.
        """
        parsed = _parse(url) if url else URL.create("sqlite+aiosqlite", database=str(data_dir / "melicon.db"))
        shown = database_url.shown(parsed)
        arguments: dict[str, Any] = {}
        try:
            if parsed.drivername == "postgresql+asyncpg":
                parsed, arguments = database_url.for_asyncpg(parsed)
            # pre_ping: replace connections that the server has dropped
            engine = create_async_engine(parsed, pool_pre_ping=True, connect_args=arguments)
        except ModuleNotFoundError as error:
            raise StoreError(
                f"DATABASE_URL {shown} needs the Python package {error.name}: pip install {error.name}"
            ) from None
        except (ArgumentError, NoSuchModuleError, ValueError) as error:
            raise StoreError(
                f"DATABASE_URL {shown} is not valid: {database_url.masked(str(error), url or '')}"
            ) from None
        if engine.dialect.name == "sqlite":
            event.listen(engine.sync_engine, "connect", _set_up_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_sqlite)
        if url:
            try:
                await (await engine.connect()).close()
            except (TypeError, ValueError) as error:  # an unknown parameter of the driver, or an invalid value
                await engine.dispose()
                raise _refusal(error, url, shown, data_dir) from error
            except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                pass  # reported below
        try:
            async with engine.execution_options(immediate=True).begin() as connection:
                await connection.run_sync(upgrade)
        except SchemaTooNew as error:
            await engine.dispose()
            raise StoreError(
                f"The database {shown} was written by a newer Melicon (schema {error.found}): update this one, or name "
                "another by DATABASE_URL."
            ) from None
        except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            await engine.dispose()
            raise _refusal(error, url, shown, data_dir) from error
        return cls(engine)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    async def get(self, key: str) -> str | None:
        """Return the value of `key`."""
        async with self._session() as session:
            row = await session.get(KeyValue, key)
            return row.value if row else None

    async def put(self, key: str, value: str) -> None:
        """Store `value` under `key`."""
        async with self._session.begin() as session:
            # write first: a read before the write may leave SQLite with a stale snapshot
            await session.execute(delete(KeyValue).where(KeyValue.key == key))
            session.add(KeyValue(key=key, value=value))


def _refusal(error: Exception, url: str | None, shown: str, data_dir: Path) -> StoreError:
    """Return a one-line error for a database that cannot be opened."""
    named = f"The database {shown}" + (", named by DATABASE_URL," if url else "")
    reason = getattr(error, "orig", None) or error
    said = database_url.masked((str(reason) or repr(reason)).splitlines()[0], url or "")
    full = disk_is_full(error, None if url else data_dir)
    hint = "The disk is full: free some space." if full else "Is the address correct, the file writable and undamaged?"
    refusal = StoreError(f"{named} cannot be used: {said}. {hint}")
    if full or may_pass(error):
        refusal.exit_code = MAY_PASS
    return refusal


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        # the error text may contain a password, so omit it
        raise StoreError(
            "DATABASE_URL is not a database URL: for example postgresql+asyncpg://user:password@host/melicon"
        ) from None
    return parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # disable the driver's transactions: see _begin_sqlite
    cursor = connection.cursor()
    # first, so that concurrent starts wait for the lock
    cursor.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
    _switch_to_wal(connection, cursor)
    cursor.execute("PRAGMA synchronous = NORMAL")  # consistent after a crash; the last transactions may be lost
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _switch_to_wal(connection: Any, cursor: Any) -> None:
    """Switch to write-ahead logging. Raises sqlite3.OperationalError if the file stays locked."""
    for left in reversed(range(WAL_TRIES)):
        try:
            cursor.execute("PRAGMA journal_mode")
            if cursor.fetchone()[0] != "wal":  # persistent: needed once
                cursor.execute("PRAGMA journal_mode = WAL")
                cursor.fetchone()
        except sqlite3.OperationalError as error:
            # two concurrent switches could deadlock, so SQLite does not wait; retry here
            if not left or error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise
            connection.run_async(lambda _: asyncio.sleep(random.uniform(0.01, _WAL_PAUSE)))
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # Python's driver begins transactions only before the first INSERT, leaving migrations without one. With concurrent
    # starts, the second process must wait for the first one's migration.
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
