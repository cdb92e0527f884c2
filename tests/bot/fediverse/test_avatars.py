"""Avatars: from the own server or from public addresses, and no more than is wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.fediverse import avatars
from bot.fediverse.avatars import BadAddress, download


async def _redirect(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.query["to"])


async def _picture(_: web.Request) -> web.StreamResponse:
    return web.Response(body=b"x" * 1000)


@pytest.fixture
async def site() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/picture", _picture)
    app.router.add_get("/redirect", _redirect)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("")).rstrip("/")


async def test_the_own_server_may_be_anywhere(site: str) -> None:
    assert len(await download(f"{site}/picture", site)) == 1000
    assert len(await download(f"{site}/redirect?to=/picture", site)) == 1000


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x",
        "http://[::1]/x",
        "http://10.0.0.1/x",
        "http://[64:ff9b::7f00:1]/x",  # 127.0.0.1 by NAT64
        "http://[2002:7f00:1::]/x",  # and by 6to4
        "file:///etc/passwd",
        "",
    ],
)
async def test_nothing_is_fetched_from_the_network_around_the_bot(url: str) -> None:
    with pytest.raises(BadAddress):
        await download(url, "https://here.example")


async def test_a_name_that_leads_into_that_network_is_refused(site: str) -> None:
    port = site.rpartition(":")[2]
    with pytest.raises(aiohttp.ClientConnectorError):
        await download(f"http://localhost:{port}/picture", "https://here.example")


async def test_a_redirect_is_checked_too(site: str) -> None:
    with pytest.raises(BadAddress):
        await download(f"{site}/redirect?to=http://10.0.0.1/x", site)
    with pytest.raises(BadAddress, match="redirects"):
        await download(f"{site}/redirect?to={site}/redirect%3Fto=/redirect%3Fto=/redirect", site)


async def test_what_is_too_large_is_not_read_to_its_end(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avatars, "MOST", 500)
    with pytest.raises(BadAddress, match="MiB"):
        await download(f"{site}/picture", site)
