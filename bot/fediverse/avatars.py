"""Bounded download of an avatar, from the account's server or public addresses only.

Some servers pass on the URL that a remote server gave them, which may point into the local network (SSRF).
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urljoin, urlsplit

import aiohttp
import aiohttp.abc

MOST = 8 * 2**20  # bytes
_REDIRECTS = 3
_CHUNK = 2**16


class BadAddress(ValueError):  # noqa: N818 - not an error of the program
    """A URL that must not be fetched."""


# IPv6 addresses that stand for an IPv4 address: NAT64 and 6to4. Behind a translator they may be local.
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))


def _is_public(address: str | ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    parsed = ipaddress.ip_address(address)
    return parsed.is_global and not parsed.is_multicast and not any(parsed in network for network in _TRANSLATED)


class _PublicOnly(aiohttp.ThreadedResolver):
    """Resolves to public addresses only."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        """Return the addresses of a host. Raises OSError."""
        found = await super().resolve(host, port, family)
        public = [address for address in found if _is_public(address["host"])]
        if not public:
            raise OSError(f"{host} has no public address")
        return public


async def download(url: str, own_server: str) -> bytes:
    """Fetch `url`. Raises aiohttp.ClientError, OSError and `BadAddress`."""
    for _ in range(_REDIRECTS):
        resolver = None if _is_own(url, own_server) else _PublicOnly()
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=resolver)) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            if answer.status not in {301, 302, 303, 307, 308}:
                answer.raise_for_status()
                return await _read(answer)
            url = urljoin(url, answer.headers.get("Location", ""))
    raise BadAddress("too many redirects")


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    data = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        data += chunk
        if len(data) > MOST:
            raise BadAddress(f"more than {MOST >> 20} MiB")
    return bytes(data)


def _is_own(url: str, own_server: str) -> bool:
    """Return whether a URL is on the account's server. Raises `BadAddress` for other local or invalid URLs."""
    parts, own = urlsplit(url), urlsplit(own_server)
    if (parts.scheme, parts.hostname, parts.port) == (own.scheme, own.hostname, own.port):
        return True
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadAddress("not a web address")
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return False  # a name: `_PublicOnly` checks its addresses
    if not _is_public(literal):
        raise BadAddress("not a public address")
    return False
