"""DATABASE_URL: the secrets in it, how it is shown without them, and what asyncpg takes of libpq's parameters."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

log = logging.getLogger(__name__)

MASK = "***"
_SECRET = re.compile(r"pass|pwd|secret|token", re.IGNORECASE)
# parameters whose values may be shown; of all others nobody knows what they hold
_HARMLESS = frozenset({
    "host", "port", "user", "dbname", "database", "ssl", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl",
    "application_name", "target_session_attrs", "connect_timeout", "channel_binding", "timeout", "command_timeout",
    "mode", "cache", "uri",
})  # fmt: skip
# PostgreSQL's C library understands these in an address, and asyncpg does so too, but only in an address
_IN_DSN = frozenset({
    "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation",
    "ssl_min_protocol_version", "ssl_max_protocol_version", "target_session_attrs", "krbsrvname", "gsslib",
    "application_name", "options", "client_encoding", "dbname",
})  # fmt: skip
# hosts hand these out too; asyncpg has nothing like them, and refuses what it does not know
_LEFT_OUT = frozenset({
    "channel_binding", "sslcompression", "sslsni", "gssencmode", "requirepeer", "keepalives", "keepalives_idle",
    "keepalives_interval", "keepalives_count", "tcp_user_timeout", "pgbouncer", "connection_limit", "pool_timeout",
})  # fmt: skip


def secrets_in(url: str) -> tuple[str, ...]:
    """Return what must not be shown of `url`: itself and each password in it, as it is and as an address writes it."""
    try:
        parts = urlsplit(url)
        passwords = [parts.password or ""]
    except ValueError:  # no address at all
        return (url,)
    passwords += [value for name, value in parse_qsl(parts.query) if _SECRET.search(name)]
    passwords += [unquote(password) for password in passwords]
    forms = [form for password in passwords for form in (password, quote(password, safe=""), quote_plus(password))]
    # shorter ones would blot out half of every log, and can be guessed in a second anyway
    return (url, *dict.fromkeys(form for form in forms if len(form) >= 4))


def shown(url: URL) -> str:
    """Return an address without its password, and without parameters that may hold one."""
    query = {name: value if name in _HARMLESS else MASK for name, value in url.query.items()}
    return url.set(query=query).render_as_string(hide_password=True).replace("%2A%2A%2A", MASK)


def masked(text: str, url: str) -> str:
    """Return a text in which none of the secrets of `url` stands."""
    for secret in sorted(secrets_in(url), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def for_asyncpg(url: URL) -> tuple[URL, dict[str, Any]]:
    """Split an address with libpq's parameters into one that SQLAlchemy takes and asyncpg's own arguments.

    Hosts of PostgreSQL hand out such addresses: postgresql://me:password@host/melicon?sslmode=require
    """
    query = dict(url.query)
    arguments: dict[str, Any] = {}
    if left_out := sorted(_LEFT_OUT & query.keys()):
        log.info("DATABASE_URL: asyncpg has no %s; left out", ", ".join(left_out))
    if (timeout := query.get("connect_timeout")) is not None:
        arguments["timeout"] = float(str(timeout)) or None
    if dsn := {name: str(query[name]) for name in sorted(_IN_DSN & query.keys())}:
        arguments["dsn"] = f"postgresql://?{urlencode(dsn, quote_via=quote)}"
    return url.difference_update_query([*dsn, *left_out, "connect_timeout"]), arguments
