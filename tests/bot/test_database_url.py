"""DATABASE_URL as hosts of PostgreSQL hand it out: what of it is never shown, and that asyncpg can be given it."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.logs import RedactingFormatter
from bot.settings import load_settings
from bot.store import Store, StoreError, database_url
from tests import postgres


@pytest.fixture(scope="module")
def tls_server() -> Iterator[str]:
    """A PostgreSQL server that takes nothing but TLS: its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with postgres.server(tls_port=port):
        yield f"postgresql://melicon@127.0.0.1:{port}/postgres"


@pytest.mark.parametrize(
    "query",
    [
        "?sslmode=require",
        "?sslmode=require&channel_binding=require",
        "?sslmode=require&connect_timeout=10&application_name=melicon",
        "?application_name=melicon&options=-c%20statement_timeout%3D9000",  # asyncpg tries TLS by itself
    ],
)
async def test_addresses_with_libpqs_parameters_work(query: str, tls_server: str, tmp_path: Path) -> None:
    store = await Store.open(tls_server + query, tmp_path)
    await store.put("a", "1")
    async with store._engine.connect() as connection:
        secure = await connection.scalar(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
        named = await connection.scalar(text("SELECT current_setting('application_name')"))
        timeout = await connection.scalar(text("SELECT current_setting('statement_timeout')"))
    await store.close()
    assert secure
    assert named == ("melicon" if "application_name" in query else "")
    assert timeout == ("9s" if "options" in query else "0")


async def test_without_encryption_such_a_server_is_refused_in_one_line(tls_server: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no encryption") as error:
        await Store.open(f"{tls_server}?sslmode=disable", tmp_path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?sslmode=perhaps", "sslmode"),
        ("?nonsense=hunter22", "nonsense"),
        ("?connect_timeout=soon", "soon"),
        ("?sslmode=verify-full&sslrootcert=/no/such/file", "No such file"),
    ],
)
async def test_a_parameter_that_cannot_be_used_is_one_line(
    query: str, says: str, tls_server: str, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="DATABASE_URL") as error:
        await Store.open(tls_server + query, tmp_path)
    assert "\n" not in str(error.value)
    assert says in str(error.value)
    assert "hunter22" not in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me@127.0.0.1:1/db?password=hunter22",
        "postgresql://127.0.0.1:1/db?user=me&password=hunter%2022&sslpassword=hunter22",
        "postgresql://me:hunter22@127.0.0.1:1/db?sslmode=require&api_token=hunter22",
        "foo://host/db?whatever=hunter22",
        "sqlite+aiosqlite:////no/such/folder/x?secret=hunter22",
    ],
)
async def test_a_secret_in_the_query_is_masked_in_errors_and_in_the_log(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(StoreError) as error:
        await Store.open(url, tmp_path)
    assert "hunter" not in str(error.value)
    assert "***" in str(error.value)
    monkeypatch.setenv("DATABASE_URL", url)
    settings = load_settings(tmp_path / "none")
    assert "hunter" not in repr(settings)
    if "whatever" not in url:  # nobody could know
        record = logging.makeLogRecord({"msg": f"no way into {url} with hunter22"})
        line = RedactingFormatter("%(message)s", settings.secrets).format(record)
        assert line == "no way into [secret] with [secret]"


def test_an_address_is_shown_with_what_is_harmless() -> None:
    url = make_url("postgresql://me:hunter22@host:5/db?sslmode=require&password=x&foo=y")
    assert database_url.shown(url) == "postgresql://me:***@host:5/db?foo=***&password=***&sslmode=require"


def test_a_password_is_hidden_as_it_is_and_as_addresses_write_it() -> None:
    secrets = database_url.secrets_in("postgresql://me:p%40ss%20word@host/db?sslpassword=a%2Bb+c")
    assert {"p@ss word", "p%40ss%20word", "p%40ss+word", "a+b c", "a%2Bb%20c", "a%2Bb+c"} <= set(secrets)


def test_an_empty_address_hides_nothing() -> None:
    assert database_url.secrets_in("") == ()
    assert database_url.masked("as it is", "") == "as it is"


@pytest.mark.parametrize("url", ["nonsense", "http://[", "postgresql://me@host/db?pgbouncer=true"])
def test_what_is_no_secret_is_not_hidden(url: str) -> None:
    assert database_url.secrets_in(url) == (url,)
