"""The HTTP server over a real socket: pictures, caching, limits and errors."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import re
import signal
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from bot.access.token_bucket import TokenBuckets
from bot.features.styles import Library
from bot.inference import DrawError, Studio, formats
from bot.settings import Settings
from bot.web import handlers as server_module
from bot.web.handlers import IconServer, avatar_code
from bot.web.serve import run_server
from gan import Icons
from gan.codes import IconCode
from gan.shipped import DEFAULT_WEIGHTS
from tests.e2e.conftest import write_weights
from tests.patience import ENOUGH

Get = Callable[..., Awaitable[aiohttp.ClientResponse]]


@pytest.fixture(scope="module")
def icons() -> Icons:
    return Icons.load()


@pytest.fixture
async def studio() -> AsyncIterator[Studio]:
    studio = await Studio.open(DEFAULT_WEIGHTS)
    yield studio
    await studio.close()


@pytest.fixture
def icon_server(studio: Studio) -> IconServer:
    return IconServer(studio, limits=TokenBuckets(1000, 0))


@pytest.fixture
async def get(icon_server: IconServer) -> AsyncIterator[Get]:
    async with TestClient(TestServer(icon_server.application())) as client:
        yield client.get


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)))


async def test_a_picture_has_the_pixels_of_the_library_in_every_format(get: Get, icons: Icons) -> None:
    expected = np.asarray(icons.draw("naru", size=128))
    for ending in ("png", "webp"):
        answer = await get(f"/icon/naru.{ending}?size=128")
        assert (answer.status, answer.content_type) == (200, f"image/{ending}")
        np.testing.assert_array_equal(pixels(await answer.read())[..., :3], expected)
    rounded = pixels(await (await get("/icon/naru.png?size=128&round=1")).read())
    assert rounded.shape == (128, 128, 4)
    assert rounded[0, 0, 3] == 0


async def test_an_svg_is_the_artists_drawing_of_the_same_choices(get: Get) -> None:
    answer = await get("/icon/naru.svg")
    assert answer.content_type == "image/svg+xml"
    assert ET.fromstring(await answer.text()).tag.endswith("svg")  # noqa: S314 - it is ours


async def test_a_code_that_names_its_model_is_cached_for_ever_and_others_are_asked_for_again(
    get: Get, studio: Studio
) -> None:
    first = await get("/icon/7.png?size=64")
    assert first.headers["Cache-Control"] == "public, max-age=3600"
    pinned = str(studio.pin(IconCode.parse("7")))
    fixed = await get(f"/icon/{pinned.replace('/', '%2F').replace('#', '%23')}.png?size=64")
    assert "immutable" in fixed.headers["Cache-Control"]
    assert fixed.headers["ETag"] == first.headers["ETag"]
    again = await get("/icon/7.png?size=64", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, await again.read()) == (304, b"")
    other = await get("/icon/7.png?size=65", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status == 200


@pytest.mark.parametrize("method", [hashlib.md5, hashlib.sha256])
async def test_an_avatar_is_always_the_same_for_a_hash(get: Get, icons: Icons, method: Callable[..., object]) -> None:
    digest = method(b"somebody@example.org").hexdigest()  # type: ignore[attr-defined]
    answer = await get(f"/avatar/{digest.upper()}?s=96&d=identicon")
    np.testing.assert_array_equal(
        pixels(await answer.read()), np.asarray(icons.draw(str(avatar_code(digest)), size=96))
    )
    assert pixels(await (await get(f"/avatar/{digest}")).read()).shape == (80, 80, 3)


def test_avatars_are_frozen() -> None:
    assert str(avatar_code("d41d8cd98f00b204e9800998ecf8427e")) == "639934232"


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/icon/7.png?size=9", 400, "size must be from 16"),
        ("/icon/7.png?size=99999999", 400, "size must be a whole number"),
        ("/icon/7.png?size=x", 400, "size must be a whole number"),
        ("/icon/1x2x3x.png", 400, ""),
        ("/icon/7~99999999.png", 400, ""),
        ("/avatar/abc", 400, "MD5 or a SHA-256"),
        ("/icon/7%2Fnobody.png", 404, "no style nobody"),
        ("/icon/7.bmp", 404, ""),
        ("/other", 404, ""),
    ],
)
async def test_what_cannot_be_is_refused_in_one_line(get: Get, path: str, status: int, said: str) -> None:
    answer = await get(path)
    assert answer.status == status
    text = await answer.text()
    assert said in text
    assert "Traceback" not in text
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_an_address_has_so_many_requests_and_no_more(studio: Studio) -> None:
    limits = TokenBuckets(2, 60.0, clock=lambda: 0.0)
    application = IconServer(studio, behind_proxy=True, limits=limits).application()
    async with TestClient(TestServer(application)) as client:
        statuses = [(await client.get("/robots.txt")).status for _ in range(3)]
        assert statuses == [200, 200, 429]
        refused = await client.get("/robots.txt")
        assert refused.headers["Retry-After"] == "60"
        elsewhere = {"X-Forwarded-For": "203.0.113.1, 203.0.113.9"}
        assert (await client.get("/robots.txt", headers=elsewhere)).status == 200
        one_host = [f"2001:db8::{n}" for n in range(3)]
        taken = [(await client.get("/robots.txt", headers={"X-Forwarded-For": address})).status for address in one_host]
        assert taken == [200, 200, 429], "a host has all addresses of its /64"


async def test_too_many_waiting_icons_are_turned_away(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "MOST_WAITING", 0)
    answer = await get("/icon/7.png")
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "2"


async def test_a_weak_tag_is_known_and_a_drawing_that_fails_is_an_error_of_ours(
    get: Get, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = (await get("/icon/8.png?size=64")).headers["ETag"]
    assert (await get("/icon/8.png?size=64", headers={"If-None-Match": f'"other", W/{tag}'})).status == 304

    async def failing(*_: object, **__: object) -> None:
        raise DrawError(IconCode.parse("8"), "a secret path")

    monkeypatch.setattr(studio, "draw", failing)
    answer = await get("/icon/8.png?size=64")
    assert (answer.status, await answer.text()) == (500, "drawing the icon failed\n")


async def test_encoding_takes_one_thread_and_counts_as_waiting(
    get: Get, icon_server: IconServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoding, most, gate = 0, 0, threading.Event()

    def slow(png: bytes) -> bytes:
        nonlocal encoding, most
        encoding += 1
        most = max(most, encoding)
        gate.wait(ENOUGH)
        encoding -= 1
        return b"RIFF" + png[:4]

    monkeypatch.setattr(formats, "_webp", slow)
    waiting = [asyncio.ensure_future(get(f"/icon/{seed}.webp?size=64")) for seed in range(3)]
    async with asyncio.timeout(ENOUGH):
        while icon_server._formats.waiting < 3:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
    monkeypatch.setattr(server_module, "MOST_WAITING", 3)
    assert (await get("/icon/9.png?size=64")).status == 503
    gate.set()
    assert [answer.status for answer in await asyncio.gather(*waiting)] == [200] * 3
    assert most == 1
    assert (await get("/icon/9.png?size=64")).status == 200


async def test_pages(get: Get) -> None:
    assert "An icon for any word" in await (await get("/")).text()
    assert "Disallow: /" in await (await get("/robots.txt")).text()
    assert set((await (await get("/openapi.json")).json())["paths"]) == {"/icon/{code}.{format}", "/avatar/{hash}"}


async def test_the_command_serves_until_it_is_asked_to_leave(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", "--port", "0", cwd=tmp_path, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(ENOUGH), aiohttp.ClientSession() as session:
        line = (await process.stdout.readline()).decode()
        address = re.search(r"http://\S+", line)
        assert address is not None, line
        async with session.get(f"{address[0]}icon/1.png?size=64") as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    assert not os.listdir(tmp_path)  # noqa: PTH208


async def test_a_style_in_the_data_directory_is_served(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    weights = write_weights(tmp_path / "fan.safetensors", seed=3)
    Library(data_dir / "styles").install("fan", weights, None)
    settings = Settings(_env_file=None, data_dir=data_dir)  # type: ignore[call-arg]
    said: asyncio.Queue[str] = asyncio.Queue()
    serving = asyncio.create_task(run_server(settings, "127.0.0.1", 0, say=said.put_nowait))
    async with asyncio.timeout(ENOUGH), aiohttp.ClientSession() as session:
        url = await said.get()
        async with session.get(f"{url}icon/5%2Ffan.png?size=64") as answer:
            assert answer.status == 200
            drawn = pixels(await answer.read())
        np.testing.assert_array_equal(drawn, np.asarray(Icons.load(weights).draw(5, size=64)))
        async with session.get(f"{url}icon/5%2Fnobody.png") as answer:
            assert answer.status == 404
        os.kill(os.getpid(), signal.SIGTERM)
        await serving
