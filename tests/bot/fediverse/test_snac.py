"""The account on snac, a small ActivityPub server of its own make: another reading of the same API.

It knows no Idempotency-Key, lists no mentions, and reports every language as English.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mastodon import Mastodon
from pydantic import SecretStr

from bot.fediverse.account import Account, Unavailable, fresh_connections
from bot.fediverse.daily import DailyOptions, FediverseDaily
from bot.fediverse.mentions import Mentions
from bot.fediverse.replies import Replies
from bot.fediverse.state import State
from bot.fediverse.text import question_of
from bot.localtime.due_dates import Schedule
from tests.bot.fediverse.conftest import Bot
from tests.patience import ENOUGH

SNAC = shutil.which("snac")
pytestmark = pytest.mark.skipif(SNAC is None, reason="snac is not installed (Debian: snac2, from bookworm-backports)")

_PASSWORD = re.compile(r"User password is (\S+)")
_OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


@dataclass
class Snac:
    """A running server."""

    url: str
    tokens: dict[str, str]

    def client(self, name: str) -> Any:
        """The client of somebody."""
        return Mastodon(access_token=self.tokens[name], api_base_url=self.url, session=fresh_connections())


@pytest.fixture
def snac(tmp_path: Path) -> Iterator[Snac]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder, address = tmp_path / "snac", f"127.0.0.1:{port}"
    answers = f"127.0.0.1\n{port}\n{address}\n\n\n"
    subprocess.run([str(SNAC), "init", str(folder)], input=answers, text=True, check=True, capture_output=True)
    settings = folder / "server.json"
    settings.write_text(settings.read_text("utf-8").replace('"protocol": "https"', '"protocol": "http"'), "utf-8")
    passwords = {}
    for name in ("melicon", "ann"):
        said = subprocess.run([str(SNAC), "adduser", str(folder), name], text=True, check=True, capture_output=True)
        found = _PASSWORD.search(said.stdout + said.stderr)
        assert found, said
        passwords[name] = found[1]
    with (tmp_path / "snac.log").open("wb") as log:
        process = subprocess.Popen([str(SNAC), "httpd", str(folder)], stdout=log, stderr=log)
    try:
        url = f"http://{address}"
        _wait_for(port)
        yield Snac(url, {name: _token(url, name, password) for name, password in passwords.items()})
    finally:
        process.terminate()
        process.wait(ENOUGH)


def _wait_for(port: int) -> None:
    end = time.monotonic() + ENOUGH
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def _token(url: str, name: str, password: str) -> str:
    """Log in through OAuth as an application does, and return the access token."""
    about = {"client_name": "test", "redirect_uris": _OUT_OF_BAND, "scopes": "read write"}
    app = fresh_connections().post(f"{url}/api/v1/apps", data=about, timeout=ENOUGH).json()
    form = {"login": name, "passwd": password, "redir": _OUT_OF_BAND, "cid": app["client_id"], "state": ""}
    code = fresh_connections().post(f"{url}/oauth/x-snac-login", data=form, timeout=ENOUGH).text.strip()
    asked = {
        "grant_type": "authorization_code", "redirect_uri": _OUT_OF_BAND, "code": code,
        "client_id": app["client_id"], "client_secret": app["client_secret"],
    }  # fmt: skip
    return str(fresh_connections().post(f"{url}/oauth/token", data=asked, timeout=ENOUGH).json()["access_token"])


async def open_account(snac: Snac) -> Account:
    account = Account.of(snac.url, snac.tokens["melicon"], request_timeout=ENOUGH)
    await account.introduce()
    return account


async def start(bot: Bot, snac: Snac) -> Mentions:
    """Begin anew, as after a restart."""
    account = await open_account(snac)
    changed = {"fediverse_url": snac.url, "fediverse_token": SecretStr(snac.tokens["melicon"])}
    services = replace(bot.services, settings=bot.services.settings.model_copy(update=changed))
    state = State(services.store, f"{account.url} {account.id}")
    await state.load()
    return Mentions(account, Replies(services, snac.url), state, burst=100, seconds=0, clock=bot.clock)


async def look(at: Mentions | FediverseDaily) -> None:
    """Do the work of a tick as the worker does: again, if the server resets the connection, as snac does at times."""
    async with asyncio.timeout(ENOUGH):
        while True:
            with contextlib.suppress(Unavailable):
                return await at.look()


async def arrived(account: Account, count: int) -> None:
    """Wait until the server has delivered what was asked; it sends its own users' posts by way of a queue."""
    async with asyncio.timeout(ENOUGH):
        while len(await account.mentions()) < count:  # noqa: ASYNC110 - it is another server
            await asyncio.sleep(0.2)


def replies_of(snac: Snac, question: Any) -> list[Any]:
    """What the account has answered, as it sees it itself."""
    return [
        post
        for post in snac.client("melicon").status_context(question.id).descendants
        if post.account.username.startswith("melicon")
    ]


async def test_mentions_are_answered_once_across_restarts(
    bot: Bot, snac: Snac, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.inference.search.RESEMBLING", 0.2)
    monkeypatch.setattr("bot.fediverse.mentions._PAUSE", 0.0)
    ann = snac.client("ann")
    asked = {text: ann.status_post(f"@melicon {text}") for text in ("", "123x456@25", "naru", "pink hair", "like me")}
    private = ann.status_post("@melicon 7", visibility="direct", spoiler_text="portraits")
    await arrived(await open_account(snac), len(asked) + 1)
    original, kills = State.settle, iter([True, False, True])

    async def die(self: State, *args: Any) -> None:
        if next(kills, False):
            raise asyncio.CancelledError
        await original(self, *args)

    with monkeypatch.context() as patch:  # killed after an answer and before it is noted
        patch.setattr(State, "settle", die)
        for _ in range(2):
            with pytest.raises(asyncio.CancelledError):
                await look(await start(bot, snac))
    for _ in range(2):
        await look(await start(bot, snac))
    answers = {text: replies_of(snac, question) for text, question in asked.items()}
    assert {text: len(found) for text, found in answers.items()} == dict.fromkeys(asked, 1)
    said = {text: question_of(found[0].content) for text, found in answers.items()}
    assert said["123x456@25"].startswith("123x456@25 · mel")
    assert "hair colour: pink" in said["pink hair"]
    assert said["like me"].startswith("1. ")
    assert all("Melicon" in found[0].media_attachments[0].description for found in answers.values())
    (hidden,) = replies_of(snac, private)
    assert hidden.visibility == "private", "what snac calls a message to those who are mentioned"
    assert hidden.spoiler_text == "portraits"


async def test_the_icon_of_the_day_is_posted_once_without_keys(
    bot: Bot, snac: Snac, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = DailyOptions(Schedule(0, "UTC"), timedelta(hours=24), None, "public")

    async def die(*_: object) -> None:
        raise asyncio.CancelledError

    async def job() -> FediverseDaily:
        account = await open_account(snac)
        return FediverseDaily(account, bot.services, State(bot.services.store, f"{account.url} {account.id}"), options)

    with monkeypatch.context() as patch:
        patch.setattr(State, "note_date", die)
        with pytest.raises(asyncio.CancelledError):
            await look(await job())
    for _ in range(2):
        await look(await job())
    account = await open_account(snac)
    assert len(await account.own_posts()) == 1


async def test_the_account_is_marked_as_a_bot(snac: Snac) -> None:
    account = await open_account(snac)
    assert not account.is_bot
    await account.become_bot()
    assert (await open_account(snac)).is_bot
