"""A bot that can learn: its small model has both networks, and a look every tenth of a second."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.features.retrain.speed import SpeedMeter, Speeds
from bot.settings import Settings
from tests.gan.tiny_runs import begin, finish


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small generator that has been trained for a moment, with its discriminator beside it."""
    folder = tmp_path_factory.mktemp("learned")
    session = begin(folder / "run")
    finish(session)
    for ending in (".safetensors", ".json"):
        shutil.copy(folder / "run" / f"generator{ending}", folder / f"tiny{ending}")
    shutil.copy(folder / "run" / "discriminator.safetensors", folder / "tiny-discriminator.safetensors")
    return folder / "tiny.safetensors"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look, edit and save often."""
    monkeypatch.setattr("bot.features.retrain.supervisor.TICK", 0.1)
    monkeypatch.setattr("bot.features.retrain.notifier.EDIT_EVERY", 0.3)
    monkeypatch.setattr("bot.features.retrain.training_processes.SAVE_EVERY", 3.0)


@pytest.fixture(autouse=True)
def known_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not measure the machine for each proposal; tests/bot/retrain/test_speed.py does, once."""

    async def get(_: SpeedMeter) -> Speeds:
        return Speeds(scratch=20.0, pretrained=10.0, threads=1)

    monkeypatch.setattr(SpeedMeter, "get", get)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings of a bot that learns on one thread, which has almost its share of a busy machine."""
    ours = {"retrain_threads": 1, "retrain_niceness": 1, "retrain_memory_mib": 3000, "retrain_ends_with_bot": True}
    return settings.model_copy(update=ours)
