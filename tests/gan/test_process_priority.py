"""Background processes lower their priority."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gan.search.projection import train

ROOT = Path(__file__).resolve().parents[2]
LOOK = """
import os, pathlib
print(os.nice(0))
for what in ("oom_score_adj", "autogroup"):
    # a process that is in no autogroup, as in some containers, reads nothing of one
    print((pathlib.Path("/proc/self", what).read_text().split() or [0])[-1])
"""
AUTOGROUPS = Path("/proc/sys/kernel/sched_autogroup_enabled")
pytestmark = pytest.mark.skipif(
    not AUTOGROUPS.exists() or AUTOGROUPS.read_text().strip() != "1", reason="Linux with autogroups only"
)


def look(code: str, *, own_session: bool = True) -> list[int]:
    """Return the niceness, the oom score and the group's niceness of a process after `code`."""
    run = subprocess.run(
        [sys.executable, "-c", code + LOOK], cwd=ROOT, capture_output=True, text=True, check=True,
        start_new_session=own_session, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return [int(line) for line in run.stdout.split()]


def test_a_session_of_its_own_gives_way_as_a_group_and_is_the_first_to_go() -> None:
    assert look("from gan.process_priority import lower_priority; lower_priority(7)") == [os.nice(0) + 7, 1000, 7]


def test_the_session_of_somebody_else_keeps_its_share() -> None:
    before = Path("/proc/self/autogroup").read_text()
    niceness, score, _ = look("from gan.process_priority import lower_priority; lower_priority(7)", own_session=False)
    assert (niceness, score) == (os.nice(0) + 7, 1000)
    assert Path("/proc/self/autogroup").read_text() == before


def test_an_encoder_is_trained_like_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(train, "lower_priority", asked.append)
    arguments = [str(tmp_path / "missing.safetensors"), "--out", str(tmp_path / "x.safetensors")]
    assert train.main(arguments) == 2
    assert asked == []
    assert train.main([*arguments, "--nice"]) == 2
    assert asked == [10]
