"""Fixtures shared by training tests."""

from __future__ import annotations

from typing import Any

import pytest

from gan.training import TrainingSet
from gan.training import trainer as trainer_module
from tests.gan.tiny_runs import labelled


@pytest.fixture
def few_recalibration_latents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the statistics that draw be taken over a few pictures."""
    monkeypatch.setattr(trainer_module, "RECALIBRATION_LATENTS", 32)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pictures of any source be labelled ones."""

    def load(source: object, progress: object = None) -> tuple[TrainingSet, Any]:
        return labelled(), None

    monkeypatch.setattr(TrainingSet, "load", load)
