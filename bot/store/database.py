"""The open database and what the bot asks of it."""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import asyncpg
from sqlalchemy import Connection, delete, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine

from bot.store import database_url
from bot.store.claims import Claims
from bot.store.daily_icons import DailyIcons
from bot.store.favourites import Favourites
from bot.store.migrate import SchemaTooNew, upgrade
from bot.store.models import DrawnIcon, KeyValue
from bot.store.retrain_jobs import RetrainJobs
from bot.store.stars import Stars
from bot.store.subscriptions import Subscriptions
from bot.system.disks import disk_is_full
from gan.codes import IconCode
from gan.errors import MAY_PASS, MeliconError

log = logging.getLogger(__name__)

KEPT_ICONS = 200  # of each user
BUSY_SECONDS = 5.0  # that a lock of another process on the SQLite file is waited for
WAL_TRIES, _WAL_PAUSE = 200, 0.05  # some 6 seconds, as long as the other locks are waited for
# a driver that can be awaited, for a URL that names none
_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}


# there is no server, or it is starting, stopping or full
_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)


# others have it, the disk is full, or a disk of the network is away
_PASSING = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR")


class StoreError(MeliconError):
    """The database cannot be opened; one line says why and what to do."""


def may_pass(error: BaseException | None) -> bool:
    """Whether a database that cannot be opened may be there by itself later; errors that wrap others are opened."""
    while error is not None:
        if getattr(error, "sqlite_errorname", "").startswith(_PASSING) or isinstance(error, _AWAY):
            return True
        error = getattr(error, "orig", None) or error.__cause__
    return False


class Store(Favourites):
    """An open database. Its methods may be called at the same time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._session = async_sessionmaker(engine, expire_on_commit=False)
        self.subscriptions = Subscriptions(engine)
        self.claims = Claims(engine)
        self.daily_icons = DailyIcons(engine)
        self.stars = Stars(engine)
        self.retrain_jobs = RetrainJobs(engine)

    @classmethod
    async def open(cls, url: str | None, data_dir: Path) -> Self:
        """Open `url`, or the SQLite file in `data_dir` if it is None, and bring its schema up to date.

        Raises `StoreError`.
        """
        parsed = _parse(url) if url else URL.create("sqlite+aiosqlite", database=str(data_dir / "melicon.db"))
        shown = database_url.shown(parsed)
        arguments: dict[str, Any] = {}
        try:
            if parsed.drivername == "postgresql+asyncpg":
                parsed, arguments = database_url.for_asyncpg(parsed)
            # pre_ping: a connection that the server has dropped is replaced before it is used
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
            except (TypeError, ValueError) as error:  # a parameter that the driver does not know, a value that is none
                await engine.dispose()
                raise _refusal(error, url, shown, data_dir) from error
            except (SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                pass  # said below
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

    async def add_drawn(
        self,
        *,
        user_id: int,
        guild_id: int | None,
        channel_id: int | None,
        code: str,
        style: str,
        model: str,
        instead_of: str | None = None,
    ) -> None:
        """Note that `code` (bare) was posted for a user; the oldest beyond `KEPT_ICONS` are forgotten.

        `instead_of` is another code in the same style, whose latest note in the same channel gives way to this one.
        """
        async with self._session.begin() as session:
            if instead_of is not None:
                latest = select(func.max(DrawnIcon.id)).where(
                    DrawnIcon.user_id == user_id,
                    DrawnIcon.channel_id == channel_id,
                    DrawnIcon.style == style,
                    DrawnIcon.code == instead_of,
                )
                await session.execute(delete(DrawnIcon).where(DrawnIcon.id == latest.scalar_subquery()))
            session.add(
                DrawnIcon(
                    user_id=user_id,
                    guild_id=guild_id,
                    channel_id=channel_id,
                    code=code,
                    style=style,
                    model=model,
                    drawn_at=datetime.now(UTC),
                )
            )
            await session.flush()
            kept = (
                select(DrawnIcon.id)
                .where(DrawnIcon.user_id == user_id)
                .order_by(DrawnIcon.drawn_at.desc(), DrawnIcon.id.desc())
                .limit(KEPT_ICONS)
            )
            await session.execute(delete(DrawnIcon).where(DrawnIcon.user_id == user_id, DrawnIcon.id.not_in(kept)))

    async def recent_codes(self, user_id: int, *, containing: str = "", limit: int = 25) -> list[IconCode]:
        """Return the pinned codes of what a user was drawn lately, each once, the latest first."""
        query = (
            select(DrawnIcon.code, DrawnIcon.style, DrawnIcon.model)
            .where(DrawnIcon.user_id == user_id)
            .group_by(DrawnIcon.code, DrawnIcon.style, DrawnIcon.model)
            .order_by(func.max(DrawnIcon.drawn_at).desc(), func.max(DrawnIcon.id).desc())
            .limit(limit)
        )
        if containing:
            query = query.where((DrawnIcon.code + "/" + DrawnIcon.style).contains(containing, autoescape=True))
        async with self._session() as session:
            return [IconCode.parse(code).pinned(style, model) for code, style, model in await session.execute(query)]

    async def get(self, key: str) -> str | None:
        """Return what was put under `key`."""
        async with self._session() as session:
            row = await session.get(KeyValue, key)
            return row.value if row else None

    async def put(self, key: str, value: str) -> None:
        """Remember `value` under `key`."""
        async with self._session.begin() as session:
            # written first: a transaction that reads and then writes may find that SQLite's snapshot has aged
            await session.execute(delete(KeyValue).where(KeyValue.key == key))
            session.add(KeyValue(key=key, value=value))


def _refusal(error: Exception, url: str | None, shown: str, data_dir: Path) -> StoreError:
    """Return one line for a database that cannot be opened."""
    named = f"The database {shown}" + (", named by DATABASE_URL," if url else "")
    reason = getattr(error, "orig", None) or error
    said = database_url.masked((str(reason) or repr(reason)).splitlines()[0], url or "")
    full = disk_is_full(error, None if url else data_dir)
    hint = "The disk is full: make room." if full else "Is the address right, may it be written to, is the file whole?"
    refusal = StoreError(f"{named} cannot be used: {said}. {hint}")
    if full or may_pass(error):
        refusal.exit_code = MAY_PASS
    return refusal


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        # the text may hold a password, so it is not repeated
        raise StoreError(
            "DATABASE_URL is not a database URL: for example postgresql+asyncpg://user:password@host/melicon"
        ) from None
    return parsed.set(drivername=_DRIVERS.get(parsed.drivername, parsed.drivername))


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver begins no transactions of its own: see _begin_sqlite
    cursor = connection.cursor()
    # first, so that a second process that starts at the same time waits for the others
    cursor.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
    _switch_to_wal(connection, cursor)
    cursor.execute("PRAGMA synchronous = NORMAL")  # with WAL: whole after a crash, the last moments may be missing
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _switch_to_wal(connection: Any, cursor: Any) -> None:
    """Make readers not wait for the writer. Raises sqlite3.OperationalError where others never let go of the file."""
    for left in reversed(range(WAL_TRIES)):
        try:
            cursor.execute("PRAGMA journal_mode")
            if cursor.fetchone()[0] != "wal":  # the file remembers it: once is enough
                cursor.execute("PRAGMA journal_mode = WAL")
                cursor.fetchone()
        except sqlite3.OperationalError as error:
            # two that switch at once would wait for each other for ever, so SQLite does not begin to wait
            if not left or error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise
            connection.run_async(lambda _: asyncio.sleep(random.uniform(0.01, _WAL_PAUSE)))
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    # Python's driver would begin only before the first INSERT, which leaves migrations without a transaction.
    # Two processes that start together must not both migrate: the second waits for the first.
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
