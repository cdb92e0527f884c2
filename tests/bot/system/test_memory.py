"""Free memory, and limits that fit it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.system import memory
from bot.system.memory import MEMORY_NEEDED, fitting_limit, free_memory

MIB = 2**20


def test_the_kernels_figure_is_read(tmp_path: Path) -> None:
    file = tmp_path / "meminfo"
    file.write_text("MemTotal:  1000000 kB\nMemFree:   5000 kB\nMemAvailable:  409600 kB\n")
    assert free_memory(file) == 400 * MIB
    file.write_text("MemTotal: 1 kB\n")
    assert free_memory(file) > 2**40, "unknown: no limit follows from it"
    assert free_memory(tmp_path / "gone") > 2**40


@pytest.mark.parametrize(("free", "limit"), [(8000, 4096), (2000, 1936), (300, MEMORY_NEEDED // MIB)])
def test_a_limit_is_what_was_asked_for_or_what_is_free(free: int, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free_memory", lambda: free * MIB)
    assert fitting_limit(4096 * MIB) == limit * MIB
