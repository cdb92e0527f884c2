"""The database: a real SQLite file."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateTable

from bot.store import DrawnIcon, Store, StoreError, database
from bot.store.database import may_pass
from bot.store.drawn_icons import MOST_RECENT
from bot.store.hidden_icons import MOST_HIDDEN
from bot.store.models import Base
from gan.errors import MAY_PASS

USUAL_PATIENCE = database.BUSY_SECONDS  # before a fixture makes it longer


async def note(store: Store, code: str, user: int = 1, channel: int = 7, instead_of: str | None = None) -> None:
    icon = {"code": code, "style": "house", "model": "0a1b2c3d"}
    await store.drawn_icons.add(user_id=user, guild_id=None, channel_id=channel, **icon, instead_of=instead_of)


@pytest.fixture
async def store(tmp_path: Path):
    store = await Store.open(None, tmp_path)
    yield store
    await store.close()


async def test_the_migrations_make_what_the_models_describe(tmp_path: Path) -> None:
    await (await Store.open(None, tmp_path)).close()
    with create_engine(f"sqlite:///{tmp_path / 'melicon.db'}").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    store = await Store.open(None, tmp_path)
    await store.put("a", "1")
    await store.put("a", "2")
    await note(store, "123")
    await store.close()
    store = await Store.open(None, tmp_path)
    assert await store.get("a") == "2"
    assert await store.get("b") is None
    assert [str(code) for code in await store.drawn_icons.recent_codes(1)] == ["123/house#0a1b2c3d"]
    await store.close()


async def test_recent_codes_are_the_users_own_each_once_the_latest_first(store: Store) -> None:
    for code in ("1", "2", "3", "1"):
        await note(store, code)
    await note(store, "99", user=2)
    assert [str(code.bare) for code in await store.drawn_icons.recent_codes(1)] == ["1", "3", "2"]
    assert [str(code.bare) for code in await store.drawn_icons.recent_codes(1, limit=2)] == ["1", "3"]
    assert await store.drawn_icons.recent_codes(3) == []


@pytest.mark.parametrize(
    ("typed", "found"), [("2", ["123", "200"]), ("%", []), ("_", []), ("hou", ["123", "200"]), ("~", [])]
)
async def test_recent_codes_are_searched_literally(store: Store, typed: str, found: list[str]) -> None:
    for code in ("200", "123"):
        await note(store, code)
    assert [str(code.bare) for code in await store.drawn_icons.recent_codes(1, containing=typed)] == found


async def test_only_the_latest_icons_of_a_user_are_kept(store: Store) -> None:
    await note(store, "7", user=2)
    for n in range(MOST_RECENT + 5):
        await note(store, str(n))
    codes = [str(code.bare) for code in await store.drawn_icons.recent_codes(1, limit=1000)]
    assert codes == [str(n) for n in reversed(range(5, MOST_RECENT + 5))]
    assert len(await store.drawn_icons.recent_codes(2)) == 1


async def test_hidden_icons_are_missing_from_the_ranking_of_their_server_alone(store: Store) -> None:
    for guild in (1, 2):
        for code in ("5", "6"):
            await store.favourites.add(user_id=guild, guild_id=guild, code=code, style="s", model="0" * 8, picture=b"x")
    await asyncio.gather(*(store.hidden_icons.hide(1, "5", "s", "0" * 8) for _ in range(3)))
    assert [icon.code for icon, _ in await store.favourites.top(1, limit=9)] == ["6"]
    assert len(await store.favourites.top(2, limit=9)) == 2
    assert [str(code.bare) for code in await store.hidden_icons.of_server(1, limit=9)] == ["5"]
    await store.hidden_icons.show(1, "5", "s", "0" * 8)
    await store.hidden_icons.show(1, "5", "s", "0" * 8)
    assert len(await store.favourites.top(1, limit=9)) == 2


async def test_a_server_hides_no_more_icons_than_the_limit(store: Store) -> None:
    for number in range(MOST_HIDDEN + 3):
        await store.hidden_icons.hide(1, str(number), "s", "0" * 8)
    assert await store.hidden_icons.count(1) == MOST_HIDDEN
    assert [str(code.bare) for code in await store.hidden_icons.of_server(1, limit=1)] == [str(MOST_HIDDEN + 2)]


async def test_an_icon_takes_the_place_of_the_latest_of_a_code_in_its_channel_alone(store: Store) -> None:
    for channel in (7, 7, 8):
        await note(store, "1+a:1", channel=channel)
    await note(store, "1+a:1", user=2)
    await note(store, "1+a:2", instead_of="1+a:1")
    async with store._engine.connect() as connection:
        rows = await connection.execute(text("SELECT id, code FROM drawn_icons ORDER BY id"))
        assert rows.all() == [(1, "1+a:1"), (3, "1+a:1"), (4, "1+a:1"), (5, "1+a:2")]


async def test_many_may_write_at_once(store: Store) -> None:
    await asyncio.gather(*(note(store, str(n)) for n in range(50)), *(store.put("k", str(n)) for n in range(20)))
    assert len(await store.drawn_icons.recent_codes(1, limit=100)) == 50


async def test_two_processes_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    for attempt in ("first", "second", "third"):
        folder = tmp_path / attempt
        folder.mkdir()
        stores = await asyncio.gather(*(Store.open(None, folder) for _ in range(8)))
        for store in stores:
            await store.put("k", "v")
            await store.close()


async def test_ids_of_discord_fit(store: Store) -> None:
    await note(store, "1", user=2**63 - 1)
    assert len(await store.drawn_icons.recent_codes(2**63 - 1)) == 1


async def test_a_database_that_is_locked_or_away_may_be_there_later_and_a_broken_one_not(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as away:
        await Store.open("postgresql://127.0.0.1:1/melicon", tmp_path)
    assert away.value.exit_code == MAY_PASS
    (tmp_path / "melicon.db").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError) as broken:
        await Store.open(None, tmp_path)
    assert broken.value.exit_code == 2
    stopping = OperationalError("", {}, Exception("wrapped"))
    stopping.orig.__cause__ = asyncpg.AdminShutdownError()  # type: ignore[union-attr]  # as its driver does
    assert may_pass(stopping)
    full = asyncpg.TooManyConnectionsError()
    assert may_pass(full)
    assert not may_pass(asyncpg.InvalidPasswordError())
    with closing(sqlite3.connect(tmp_path / "other.db", timeout=0)) as one:
        one.execute("CREATE TABLE t (x)")
        one.execute("BEGIN EXCLUSIVE")
        with closing(sqlite3.connect(tmp_path / "other.db", timeout=0)) as other:
            with pytest.raises(sqlite3.OperationalError) as locked:
                other.execute("INSERT INTO t VALUES (1)")
            assert may_pass(OperationalError("", {}, locked.value))


async def test_sqlite_is_set_up_to_be_safe(tmp_path: Path) -> None:
    store = await Store.open(None, tmp_path)
    async with store._engine.connect() as connection:
        values = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    await store.close()
    assert values == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 1000 * database.BUSY_SECONDS}
    assert USUAL_PATIENCE == 5, "seconds"


async def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    await (await Store.open(None, tmp_path)).close()
    file = tmp_path / "melicon.db"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match=r"newer Melicon \(schema 9999\)") as error:
        await Store.open(None, tmp_path)
    assert "\n" not in str(error.value)
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


async def test_a_file_that_is_no_database_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "melicon.db").write_text("not a database, " * 100)
    with pytest.raises(StoreError, match=r"melicon\.db cannot be used: file is not a database\. ") as error:
        await Store.open(None, tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("url", ["nonsense", "foo://me:hunter2@host/db", "postgresql://me:hunter2@host/db"])
async def test_a_bad_url_is_refused_in_one_line_without_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="DATABASE_URL") as error:
        await Store.open(url, tmp_path)
    assert "\n" not in str(error.value)
    assert "hunter2" not in str(error.value)


async def test_a_failed_migration_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def half(connection) -> None:
        connection.execute(text("CREATE TABLE half (id INTEGER)"))
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("bot.store.database.upgrade", half)
    with pytest.raises(RuntimeError):
        await Store.open(None, tmp_path)
    with sqlite3.connect(tmp_path / "melicon.db") as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


async def test_times_come_back_in_utc_whatever_zone_they_were_written_in(tmp_path: Path) -> None:
    await (await Store.open(None, tmp_path)).close()
    tokyo = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'melicon.db'}")
    async with engine.begin() as connection:
        row = {"user_id": 1, "code": "1", "style": "s", "model": "m", "drawn_at": tokyo}
        await connection.execute(DrawnIcon.__table__.insert(), row)
        assert (await connection.execute(DrawnIcon.__table__.select())).one().drawn_at == datetime(
            2026, 1, 1, tzinfo=UTC
        )
    await engine.dispose()


def test_the_tables_can_be_made_in_postgresql() -> None:
    ddl = "".join(str(CreateTable(t).compile(dialect=postgresql.dialect())) for t in Base.metadata.sorted_tables)
    assert "id BIGSERIAL" in ddl
    assert "TIMESTAMP WITH TIME ZONE" in ddl
