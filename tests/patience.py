"""How long tests wait for what a busy machine does late, and how patient they make the bot.

A limit in a test guards against waiting for ever; it never measures speed. What is to happen by a deadline is tested
with a clock that the test sets.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

ENOUGH = 900.0  # seconds; what takes longest takes ten on an idle machine

# What the bot gives other processes of real time, all of which may pass while these wait for a CPU.
_LIMITS = {
    "bot.features.retrain.intake.PICTURE_SECONDS": ENOUGH,
    "bot.features.retrain.intake.ZIP_SECONDS": ENOUGH,
    "bot.features.lookalike.pictures.FETCHING": ENOUGH,
    "bot.features.lookalike.pictures.DECODING": ENOUGH,
    "bot.store.database.BUSY_SECONDS": ENOUGH,
    "bot.store.server_settings.PATIENCE": ENOUGH,
    "bot.store.database.WAL_TRIES": 10_000,  # of which each takes 30 ms
}


@pytest.fixture(autouse=True)
def patient_bot() -> Iterator[None]:
    """Let the bot give nothing up because the machine is busy; a test may set a limit again."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _LIMITS.items():
            patch.setattr(name, value)
        yield
