"""The checker with a style that never ends, and little of the processor's time left for it.

python -m tests.bot.system.busy MEMORY_BYTES
"""

from __future__ import annotations

import time

from bot.features.styles import checker
from gan.sampling.sampler import Sampler


def _for_ever(_self: Sampler, _codes: object) -> None:
    while True:
        pass


def _rehearse() -> None:
    checker.CPU_SECONDS = int(time.process_time()) + 2
    Sampler.draw = _for_ever  # type: ignore[assignment, method-assign]


if __name__ == "__main__":
    checker._rehearse = _rehearse
    checker.main()
