"""DATABASE_URL: its secrets, its display form, and libpq's parameters for asyncpg."""

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
# parameters that are safe to display; others may be secret
_HARMLESS = frozenset({
    "host", "port", "user", "dbname", "database", "ssl", "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl",
    "application_name", "target_session_attrs", "connect_timeout", "channel_binding", "timeout", "command_timeout",
    "mode", "cache", "uri",
})  # fmt: skip
# libpq parameters that asyncpg supports, but only inside an address
_IN_DSN = frozenset({
    "sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "sslnegotiation",
    "ssl_min_protocol_version", "ssl_max_protocol_version", "target_session_attrs", "krbsrvname", "gsslib",
    "application_name", "options", "client_encoding", "dbname",
})  # fmt: skip
# common libpq parameters that asyncpg rejects as unknown
_LEFT_OUT = frozenset({
    "channel_binding", "sslcompression", "sslsni", "gssencmode", "requirepeer", "keepalives", "keepalives_idle",
    "keepalives_interval", "keepalives_count", "tcp_user_timeout", "pgbouncer", "connection_limit", "pool_timeout",
})  # fmt: skip


def secrets_in(url: str) -> tuple[str, ...]:
    """Return the secrets of `url`: itself and each password, raw and percent-encoded; none of an empty one."""
    if not url:
        return ()
    try:
        parts = urlsplit(url)
        passwords = [parts.password or ""]
    except ValueError:  # not a valid URL
        return (url,)
    passwords += [value for name, value in parse_qsl(parts.query) if _SECRET.search(name)]
    passwords += [unquote(password) for password in passwords]
    forms = [form for password in passwords for form in (password, quote(password, safe=""), quote_plus(password))]
    # masking shorter ones would garble the log, and they are guessable anyway
    return (url, *dict.fromkeys(form for form in forms if len(form) >= 4))


def shown(url: URL) -> str:
    """Return a URL without its password and possibly secret parameters."""
    query = {name: value if name in _HARMLESS else MASK for name, value in url.query.items()}
    return url.set(query=query).render_as_string(hide_password=True).replace("%2A%2A%2A", MASK)


def masked(text: str, url: str) -> str:
    """Return a text with the secrets of `url` masked."""
    for secret in sorted(secrets_in(url), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def for_asyncpg(url: URL) -> tuple[URL, dict[str, Any]]:
    """Split a libpq URL into one for SQLAlchemy and connect arguments for asyncpg.

    PostgreSQL hosts provide such URLs: postgresql://me:password@host/melicon?sslmode=require
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
