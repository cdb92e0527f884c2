"""What child processes of the bot are given, and how they are ended."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import pytest

from bot.system.subprocesses import ROOT, environment, kill_child
from tests.patience import ENOUGH


def test_they_get_what_finds_the_packages_and_no_variable_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:a-secret@host/melicon")
    monkeypatch.setenv("TMPDIR", "/elsewhere")
    given = environment(3)
    assert "a-secret" not in " ".join(given.values())
    assert (given["TMPDIR"], given["OMP_NUM_THREADS"], given["PYTHONPATH"]) == ("/elsewhere", "3", str(ROOT))
    assert (ROOT / "bot" / "__main__.py").exists()


FLOOD = "import sys\nwhile True: sys.stdout.write('x' * 17_000 + '\\n')"


async def test_a_child_whose_output_nobody_reads_any_more_is_ended() -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FLOOD, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**12
    )
    assert child.stdout is not None
    # until it is full, and asyncio does not look at the pipe any more
    while not child.stdout._paused:  # type: ignore[attr-defined]  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(0.01)
    async with asyncio.timeout(ENOUGH):
        await kill_child(child)
    assert child.returncode == -9


async def test_a_pipe_that_a_grandchild_holds_is_not_waited_for() -> None:
    script = "import subprocess, time; subprocess.Popen(['sleep', '99']); print('ready', flush=True); time.sleep(99)"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert child.stdout is not None
    await child.stdout.readline()
    async with asyncio.timeout(ENOUGH):
        await kill_child(child, seconds=0.2)
    os.killpg(child.pid, signal.SIGKILL)
