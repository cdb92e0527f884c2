"""Nobody but this machine's own programs and the emulator's own page gets in, and no upload becomes a page."""

from __future__ import annotations

import asyncio
import shutil
import socket
from pathlib import Path

import aiohttp
import pytest

from discord_emulator import Emulator, Limits, assets
from discord_emulator.attachments import clean_filename
from tests.discord_emulator.raw import PNG, RawBot
from tests.patience import ENOUGH


async def test_it_listens_on_the_loopback_address_alone(emulator: Emulator) -> None:
    assert [site.name for site in emulator._runner.sites] == [f"http://127.0.0.1:{emulator.port}"]


@pytest.mark.parametrize("path", ["/", "/chat/state", "/api/v10/gateway", "/gw", "/avatars/1.png"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "[::1]", ""])
async def test_another_host_is_refused(path: str, host: str, emulator: Emulator, http: aiohttp.ClientSession) -> None:
    async with http.get(emulator.url + path, headers={"Host": host}) as response:
        assert response.status == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1"])
async def test_another_origin_changes_nothing(origin: str, emulator: Emulator, http: aiohttp.ClientSession) -> None:
    body = {"user": str(emulator.owner.id), "channel_id": str(emulator.channel), "content": "forged"}
    before = emulator.messages()
    async with http.post(emulator.url + "/chat/messages", json=body, headers={"Origin": origin}) as response:
        assert response.status == 403
    for path in ("/chat/ws", "/gw"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(emulator.url + path, origin=origin)
        assert refused.value.status == 403
    assert emulator.messages() == before


async def test_a_cross_site_form_without_origin_is_refused(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    async with http.post(emulator.url + "/chat/messages", json={}, headers=headers) as response:
        assert response.status == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_page_s_own_origin_is_welcome(host: str, emulator: Emulator, http: aiohttp.ClientSession) -> None:
    own = f"http://{host}:{emulator.port}"
    body = {"user": str(emulator.owner.id), "channel_id": str(emulator.channel), "content": "hello"}
    headers = {"Origin": own, "Host": f"{host}:{emulator.port}", "Sec-Fetch-Site": "same-origin"}
    headers["Cookie"] = emulator.cookie
    async with http.post(emulator.url + "/chat/messages", json=body, headers=headers) as response:
        assert response.status == 200
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_key_in_the_address_opens_the_page_and_leaves_the_address(
    emulator: Emulator, http: aiohttp.ClientSession
) -> None:
    assert len(emulator.core.key) >= 20
    async with http.get(emulator.page_url + "&user=7", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/?user=7")
        cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(emulator.cookie + ";")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    async with http.get(emulator.url + "/?user=7", headers={"Cookie": emulator.cookie}) as response:
        assert response.status == 200
        assert "/static/js/app.js" in await response.text()


@pytest.mark.parametrize("cookie", [None, "melicon-1=x", "{name}=", "{name}=wrong", "{name}=\xe9", "{name}"])
async def test_nobody_without_the_key_sees_or_does_anything(
    cookie: str | None, emulator: Emulator, http: aiohttp.ClientSession
) -> None:
    name = emulator.cookie.split("=")[0]
    headers = {} if cookie is None else {"Cookie": cookie.format(name=name)}
    for path in ("/", "/?key=wrong", "/?key=%ff", "/?key="):
        async with http.get(emulator.url + path, headers=headers, allow_redirects=False) as response:
            assert response.status == 403
            assert "Set-Cookie" not in response.headers
            text = await response.text()
            assert "terminal" in text
            assert emulator.core.key not in text
    body = {"user": str(emulator.owner.id), "channel_id": str(emulator.channel), "content": "forged"}
    before = emulator.messages()
    for route in emulator._runner.app.router.routes():
        path = route.resource.canonical
        if path.startswith("/chat/"):
            async with http.request(route.method, emulator.url + path, json=body, headers=headers) as response:
                assert response.status == 401, path
                assert emulator.core.key not in await response.text()
    assert emulator.messages() == before


async def test_a_key_that_is_given_is_kept() -> None:
    emulator = await Emulator.start(key="mine")
    try:
        assert emulator.page_url == f"http://127.0.0.1:{emulator.port}/?key=mine"
    finally:
        await emulator.close()


async def test_an_uploaded_file_opens_by_its_whole_address_alone(
    stranger_bot: RawBot, http: aiohttp.ClientSession
) -> None:
    url = (await stranger_bot.post({}, files={"files[0]": ("a b.png", PNG)})).json["attachments"][0]["url"]
    plain, _, signature = url.partition("?hm=")
    assert len(signature) == 32
    for wrong in (plain, f"{plain}?hm=", f"{plain}?hm={signature[:-1]}0x", url.replace("a_b", "a_c")):
        async with http.get(wrong) as response:
            assert response.status == 404, wrong
    async with http.get(url) as response:
        assert await response.read() == PNG


START = b"POST /chat/messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
UPGRADE = b"GET /gw HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
HANDSHAKE = b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
PARTS = b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 99\r\n\r\n--b\r\n"


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", START, START + b"Content-Length: 9\r\n\r\n{", START + PARTS, UPGRADE + HANDSHAKE]
)
async def test_a_request_that_never_comes_whole_does_not_stay(sent: bytes) -> None:
    limits = Limits(head_seconds=0.05, body_seconds=0.05, identify_seconds=0.05)
    emulator = await Emulator.start(limits=limits)
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
        port, cookie = str(emulator.port).encode(), emulator.cookie.encode()
        writer.write(sent.replace(b"{port}", port).replace(b"{cookie}", cookie))
        async with asyncio.timeout(ENOUGH):
            await reader.read()  # to the end: the server has closed
        writer.close()
    finally:
        await emulator.close()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.png", PNG, "image/png"),
        ("a.html", b"<script>alert(1)</script>", "application/octet-stream"),
        ("a.svg", b"<svg onload='alert(1)'/>", "application/octet-stream"),
        ("a.png", b"<html><script>alert(1)</script>", "application/octet-stream"),
        ("a.txt", b"text", "application/octet-stream"),
    ],
)
async def test_an_upload_never_acts_as_a_page(
    name: str, data: bytes, kind: str, stranger_bot: RawBot, http: aiohttp.ClientSession
) -> None:
    message = (await stranger_bot.post({}, files={"files[0]": (name, data)})).json
    async with http.get(message["attachments"][0]["url"]) as response:
        assert response.headers["Content-Type"] == kind
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        way = "inline" if kind == "image/png" else "attachment"
        assert response.headers["Content-Disposition"].startswith(way)
        assert await response.read() == data


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/..%2fserver.py",
        "/static/....//server.py",
        "/static//etc/passwd",
        "/static/%2fetc/passwd",
        "/attachments/1/1/..%2f..%2fserver.py",
        "/avatars/..%2f1.png",
    ],
)
async def test_no_path_leads_out_of_the_page_s_folder(path: str, emulator: Emulator) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{emulator.port}\r\nConnection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    writer.write(request.encode())
    answer = await reader.read()
    writer.close()
    assert answer.split(b" ")[1] in (b"404", b"403", b"400")
    assert b"root:" not in answer
    assert b"import" not in answer


async def test_a_checkout_below_a_dot_folder_has_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, http: aiohttp.ClientSession
) -> None:
    folder = tmp_path / ".worktrees" / "page"
    shutil.copytree(assets.PAGE, folder)
    (folder / ".hidden").write_text("x")
    monkeypatch.setattr(assets, "PAGE", folder)
    emulator = await Emulator.start()
    try:
        for path, status in (("js/app.js", 200), ("favicon.svg", 200), (".hidden", 404), ("js", 404)):
            async with http.get(f"{emulator.url}/static/{path}") as response:
                assert response.status == status, path
    finally:
        await emulator.close()


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\icon.png", "icon.png"),
        (".htaccess", "htaccess"),
        ("a b\r\nX: y.png", "a_b__X__y.png"),
        ("", "unknown"),
        ("...", "unknown"),
        ("絵.png", "絵.png"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
    ],
)
def test_file_names_are_made_safe(given: str, clean: str) -> None:
    assert clean_filename(given) == clean


async def test_a_body_without_end_is_cut_off(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bot {emulator.token}", "Content-Type": "application/json"}
    url = f"{emulator.api_url}/channels/{emulator.channel}/messages"
    async with http.post(url, data=b" " * (2 * 1024 * 1024), headers=headers) as response:
        assert response.status == 413
    nested = "[" * 100_000
    async with http.post(url, data=nested, headers=headers) as response:
        assert response.status == 400


async def test_who_never_reads_is_cut_off(emulator: Emulator, raw: RawBot, http: aiohttp.ClientSession) -> None:
    async with http.ws_connect(emulator.url + "/chat/ws", headers={"Cookie": emulator.cookie}) as page:
        await raw.send(1, None)
        await raw.receive()  # both are served by now
        (connection,), (tab,) = emulator.core.gateway.connections, emulator.core.pages.tabs
        for _ in range(20_000):  # at once, so that nothing is sent in between
            connection.send_text("{}")
            tab.put("{}")
        for socket_ in (raw.socket, page):
            async with asyncio.timeout(ENOUGH):
                while (await socket_.receive()).type is aiohttp.WSMsgType.TEXT:
                    pass
    assert not emulator.core.gateway.online


async def test_the_number_of_open_pages_is_limited(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    emulator.core.pages.most = 2
    url, headers = emulator.url + "/chat/ws", {"Cookie": emulator.cookie}
    sockets = [await http.ws_connect(url, headers=headers) for _ in range(2)]
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(url, headers=headers)
    assert refused.value.status == 503
    for opened in sockets:
        await opened.close()


def test_a_taken_port_is_an_error() -> None:
    async def start_twice() -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            await Emulator.start(taken.getsockname()[1])

    with pytest.raises(OSError, match="in use"):
        asyncio.run(start_twice())
