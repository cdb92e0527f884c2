"""A small Discord, a small model and the bot: what every end-to-end test starts from."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import SecretStr

from bot.access.token_bucket import TokenBuckets
from bot.app import build_bot
from bot.client import MeliconBot
from bot.inference.encoders import Encoders
from bot.settings import Settings
from discord_emulator import Emulator
from gan.artist import ATTRIBUTES
from gan.checkpoint.weights import ModelCard, save_generator
from gan.networks.fast import FastGenerator
from tests.clocks import still
from tests.patience import ENOUGH, patient_bot

__all__ = ["patient_bot"]

StartBot = Callable[..., AbstractAsyncContextManager[MeliconBot]]


def write_weights(
    path: Path, *, style: str = "tiny", seed: int = 0, attributes: Mapping[str, Sequence[str]] | None = None
) -> Path:
    """Write a generator so narrow that it draws in about a millisecond; its pictures depend on `seed`.

    The latent chooses among the values of `attributes`, all as probable.
    """
    attributes = attributes or {}
    sizes = [len(values) for values in attributes.values()]
    architecture = {"name": "fast", "z_dim": 8 + sum(sizes), "widths": [8, 8, 8, 8], "detail": 4, "attributes": sizes}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = FastGenerator(**{key: value for key, value in architecture.items() if key != "name"})
        torch.nn.init.normal_(network.to_rgb.weight, 0.0, 0.8)  # contrast, so that two icons differ to the eye
    named = [{"name": name, "values": list(values)} for name, values in attributes.items()]
    save_generator(path, network.eval(), ModelCard(style=style, architecture=architecture, attributes=named))
    return path


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model's file."""
    return write_weights(tmp_path_factory.mktemp("weights") / "tiny.safetensors")


@pytest.fixture(scope="session")
def described_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small model whose latents choose what the house artist's icons are made of."""
    return write_weights(tmp_path_factory.mktemp("described") / "told.safetensors", attributes=ATTRIBUTES)


@pytest.fixture
def quick_projection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Search for similar icons for a moment only, and train no encoders."""
    monkeypatch.setattr("bot.inference.search.RESEMBLING", 0.3)

    async def train_none(*_: Any) -> None:
        pass

    monkeypatch.setattr(Encoders, "_train", train_none)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """A small Discord that knows no commands yet.

    The bot has 3 s of its own computing time to acknowledge, however busy the machine is.
    """
    emulator = await Emulator.start(deadline_clock=time.process_time)
    yield emulator
    await emulator.close()


@pytest.fixture
def settings(emulator: Emulator, weights: Path, tmp_path: Path) -> Settings:
    """Settings of a bot on the emulator, with a cooldown that no test meets by chance."""
    return Settings(
        _env_file=None,
        discord_token=SecretStr(emulator.token),
        discord_api_url=emulator.api_url,
        discord_gateway_url=emulator.gateway_url,
        discord_cdn_url=emulator.cdn_url,
        weights=weights,
        data_dir=tmp_path / "data",
        icon_size=128,
        cooldown_burst=1000,
        draw_threads=1,
    )


@pytest.fixture
def start_bot(emulator: Emulator, settings: Settings) -> StartBot:
    """Run a bot until the block ends; keywords change settings. What its cooldown has taken it never gives back."""

    @contextlib.asynccontextmanager
    async def start(**changes: Any) -> AsyncIterator[MeliconBot]:
        ours = settings.model_copy(update=changes)
        ours.data_dir.mkdir(parents=True, exist_ok=True)
        bot = build_bot(ours)
        bot.cooldown = TokenBuckets(ours.cooldown_burst, ours.cooldown_seconds, clock=still)
        async with bot:
            task = asyncio.create_task(bot.start(ours.discord_token.get_secret_value()))
            ready = asyncio.create_task(emulator.wait_ready(ENOUGH))
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                ready.cancel()
                task.result()
            await ready
            await bot.wait_until_ready()
            yield bot
            await bot.close()
            await task

    return start


@pytest.fixture
async def bot(start_bot: StartBot) -> AsyncIterator[MeliconBot]:
    """A running bot."""
    async with start_bot() as bot:
        yield bot


@pytest.fixture
async def described_bot(start_bot: StartBot, described_weights: Path) -> AsyncIterator[MeliconBot]:
    """A running bot whose model knows the attributes of its icons."""
    async with start_bot(weights=described_weights) as bot:
        yield bot
