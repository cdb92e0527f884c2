"""A Mastodon server (mastodon-mock, over a real socket) with the bot's account and some people on it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from pydantic import SecretStr

from bot.features.daily.icons import DateIcons
from bot.features.styles import StyleKeeper
from bot.fediverse.account import Account
from bot.fediverse.mentions import Mentions
from bot.fediverse.replies import Replies
from bot.fediverse.services import Services
from bot.fediverse.state import State
from bot.i18n import Catalogues
from bot.inference import Studio
from bot.inference.encoders import Encoders
from bot.settings import Settings
from bot.store import Store
from gan.artist import ATTRIBUTES
from tests.e2e.conftest import write_weights
from tests.patience import ENOUGH

mock = pytest.importorskip("mastodon_mock.testing", reason="mastodon-mock is not installed")
mock_config = pytest.importorskip("mastodon_mock.config")

TOKEN = "token-of-melicon"
NAMES = ("melicon", "ann", "ben", "robot", "shy")


@pytest.fixture(scope="session")
def shared_server() -> Iterator[Any]:
    """One server for all tests: building its routes takes a second."""
    notes: dict[str, dict[str, Any]] = {
        "robot": {"bot": True},
        "shy": {"note": '<p>Hi! <a href="/t">#<span>NoBot</span></a></p>'},
    }
    accounts = [
        mock_config.SeedAccount(username=name, access_token=f"token-of-{name}", **notes.get(name, {})) for name in NAMES
    ]
    with mock.MockServer(seed=mock_config.SeedConfig(accounts=accounts)) as running:
        yield running


@pytest.fixture
def server(shared_server: Any) -> Any:
    """The server as if it had just been started."""
    requests.post(f"{shared_server.base_url}/api/v1/_mock/reset", timeout=ENOUGH).raise_for_status()
    return shared_server


@dataclass
class Bot:
    """The bot's side of the server, which can be restarted."""

    server: Any
    services: Services
    account: Account
    now: timedelta = field(default_factory=timedelta)

    def clock(self) -> datetime:
        """The time."""
        return datetime.now(UTC) + self.now

    async def start(self, *, burst: int = 100, seconds: float = 0.0) -> Mentions:
        """Begin anew, with what is in the database and nothing else."""
        self.account = Account.of(self.server.base_url, TOKEN, request_timeout=ENOUGH)
        await self.account.introduce()
        state = State(self.services.store, f"{self.account.url} {self.account.id}")
        await state.load()
        replies = Replies(self.services, self.server.base_url)
        return Mentions(self.account, replies, state, burst=burst, seconds=seconds, clock=self.clock)

    def person(self, name: str) -> Any:
        """The client of somebody."""
        return self.server.client(name)

    def ask(self, text: str, name: str = "ann", **options: Any) -> Any:
        """Post something as somebody, who mentions the bot."""
        return self.person(name).status_post(f"@melicon {text}", **options)

    def replies(self, question: Any, name: str = "ann") -> list[Any]:
        """What the bot has answered to a post, as whoever asked sees it."""
        return [
            reply
            for reply in self.person(name).status_context(question.id).descendants
            if reply.account.username == "melicon"
        ]

    def reply(self, question: Any, name: str = "ann") -> Any:
        """Its one answer."""
        (only,) = self.replies(question, name)
        return only


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model whose latents choose what the house artist's icons are made of."""
    return write_weights(tmp_path_factory.mktemp("mel") / "mel.safetensors", style="mel", attributes=ATTRIBUTES)


@pytest.fixture
def fediverse_settings(tmp_path: Path, server: Any, weights: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        icon_size=64,
        weights=weights,
        fediverse_url=server.base_url,
        fediverse_token=SecretStr(TOKEN),
    )


@pytest.fixture
async def bot(fediverse_settings: Settings, server: Any) -> AsyncIterator[Bot]:
    settings = fediverse_settings
    store = await Store.open(None, settings.data_dir)
    studio = await Studio.open(settings.weights, size=settings.icon_size)
    keeper = StyleKeeper(store, studio, settings.data_dir)
    made: list[Bot] = []

    def clock() -> datetime:
        return made[0].clock()

    services = Services(
        settings=settings,
        store=store,
        studio=studio,
        keeper=keeper,
        icons=DateIcons(store, studio, clock),
        encoders=Encoders(settings.data_dir / "likeness"),
        catalogues=Catalogues.load(),
        clock=clock,
    )
    account = Account.of(server.base_url, TOKEN)
    made.append(Bot(server, services, account))
    yield made[0]
    await services.encoders.close()
    await studio.close()
    await store.close()


@contextmanager
def fault(server: Any, *, path: str, count: int, **effect: Any) -> Iterator[None]:
    """Let the next `count` requests to a path fail."""
    effect = {"type": "status", **effect}
    methods = effect.pop("methods", None)
    rule = {"match": {"path": path, "methods": methods}, "effect": effect, "count": count}
    control = f"{server.base_url}/api/v1/_mock/faults"
    requests.post(control, json=rule, timeout=ENOUGH).raise_for_status()
    yield
    requests.delete(control, timeout=ENOUGH)


def picture(side: int = 96) -> bytes:
    """A picture on which there is something."""
    out = io.BytesIO()
    Image.effect_mandelbrot((side, side), (-2, -1.5, 1, 1.5), 50).convert("RGB").save(out, "PNG")
    return out.getvalue()
