"""Downloads an avatar: within limits, and only from the account's own server or from public addresses.

Some servers hand on the address that another server gave them, which may be any.
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


class BadAddress(ValueError):  # noqa: N818 - says what is the matter
    """An address from which nothing is fetched."""


class _PublicOnly(aiohttp.ThreadedResolver):
    """Finds public addresses alone, so that no name leads into the network around this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        """Return the addresses of a host. Raises OSError."""
        found = await super().resolve(host, port, family)
        public = [address for address in found if ipaddress.ip_address(address["host"]).is_global]
        if not public:
            raise OSError(f"{host} has no public address")
        return public


async def download(url: str, own_server: str) -> bytes:
    """Return what is at `url`. Raises aiohttp.ClientError, OSError, and ValueError for what may not be fetched."""
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
    """Whether an address is one of the account's own server; raises `BadAddress` for what is nobody's."""
    parts, own = urlsplit(url), urlsplit(own_server)
    if (parts.scheme, parts.hostname, parts.port) == (own.scheme, own.hostname, own.port):
        return True
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise BadAddress("not a web address")
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return False  # a name: the resolver sees to it
    if not literal.is_global:
        raise BadAddress("not a public address")
    return False
