"""Bot and training process are killed at any moment, and no training job is lost.

A few kills are always made; MELICON_CHAOS=50 makes as many.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from bot.features.retrain.job_folder import JobFolder
from discord_emulator import Emulator, InteractionFailed, UsageError
from tests.e2e.retrain.jobs import ENOUGH, buttons, propose, training_zip

ROOT = Path(__file__).parents[3]
MANY = int(os.environ.get("MELICON_CHAOS", "0"))


class World:
    """A small Discord, a bot in a process, and its training process."""

    def __init__(self, emulator: Emulator, folder: Path, weights: Path) -> None:
        self.emulator, self.folder, self.weights = emulator, folder, weights
        self.bot: asyncio.subprocess.Process | None = None
        self.kills = {"bot": 0, "trainer": 0}

    async def start(self) -> None:
        """Start the bot, and wait until it is connected."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "stderr").open("ab") as errors:
            self.bot = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.e2e.retrain.worker", self.emulator.api_url, self.emulator.gateway_url,
                self.emulator.token, str(self.folder), str(self.weights),
                stdout=asyncio.subprocess.PIPE, stderr=errors, cwd=ROOT,
            )  # fmt: skip
        assert self.bot.stdout is not None
        line = await asyncio.wait_for(self.bot.stdout.readline(), ENOUGH)
        assert line == b"ready\n", (self.folder / "stderr").read_text()

    async def kill_bot(self) -> None:
        """Kill the bot."""
        assert self.bot is not None
        with contextlib.suppress(ProcessLookupError):
            self.bot.kill()
        await self.bot.wait()
        self.kills["bot"] += 1

    def kill_trainer(self) -> bool:
        """Kill the training process, if there is one."""
        for path in (self.folder / "runs").glob("*"):
            pid = JobFolder(path).trainer()
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    self.kills["trainer"] += 1
                    return True
        return False

    async def learn(self, number: int) -> str:
        """Begin a training job, and return its style."""
        style = f"style-{number}"
        reply = await propose(self.emulator, zip_=training_zip(first=20 * number), style=style, minutes=0.1)
        await self.emulator.press(self.emulator.owner, reply.message, buttons(reply.message)["start"])
        return style

    def results(self, style: str) -> int:
        """How many messages offer the result of a training job."""
        own = [m for m in self.emulator.messages() if f"**{style}** is trained" in m["content"]]
        return sum("use" in buttons(m) for m in own)

    async def close(self) -> None:
        """End everything."""
        if self.bot is not None and self.bot.returncode is None:
            await self.kill_bot()
        self.kill_trainer()


@contextlib.asynccontextmanager
async def world_of(emulator: Emulator, tmp_path: Path, weights: Path):
    world = World(emulator, tmp_path / "data", weights)
    await world.start()
    try:
        yield world
    finally:
        await world.close()


async def endure(world: World, kills: int, seed: int) -> int:
    """Give jobs and kill until it has been done so often; return how many jobs there were."""
    chance = random.Random(seed)
    jobs = 0
    while sum(world.kills.values()) < kills:
        style = await world.learn(jobs)
        jobs += 1
        until = time.monotonic() + 3 * ENOUGH
        in_this_one = 0
        while not world.results(style):
            assert time.monotonic() < until, f"{style} is lost; {world.kills}\n{_tail(world)}"
            await asyncio.sleep(chance.uniform(0.2, 6))
            if in_this_one >= 5 or sum(world.kills.values()) >= kills or world.results(style):
                continue
            in_this_one += 1
            if chance.random() < 0.6:
                world.kill_trainer()
            if chance.random() < 0.5:
                await world.kill_bot()
                await world.start()
        await asyncio.sleep(0.5)
        assert world.results(style) == 1
        ended = [m for m in world.emulator.messages() if f"Training **{style}** has finished" in m["content"]]
        assert len(ended) == 1, "whoever was killed, one message went on"
        result = next(m for m in world.emulator.messages() if f"**{style}** is trained" in m["content"])
        with contextlib.suppress(InteractionFailed, UsageError):
            await world.emulator.press(world.emulator.owner, result, buttons(result)["keep"], timeout=ENOUGH)
        names = {path.name for path in (world.folder / "styles").glob("*")}
        assert style in names
    return jobs


def _tail(world: World) -> str:
    logs = [path.read_text()[-1500:] for path in (world.folder / "runs").glob("*/training.log")]
    return (world.folder / "stderr").read_text()[-3000:] + "\n".join(logs)


async def test_killed_bot_and_killed_trainer_lose_no_job(emulator: Emulator, tmp_path: Path, weights: Path) -> None:
    async with world_of(emulator, tmp_path, weights) as world:
        await endure(world, kills=3, seed=5)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(not MANY, reason="MELICON_CHAOS says how often to kill")
async def test_many_kills_lose_no_job(
    emulator: Emulator, tmp_path: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with world_of(emulator, tmp_path, weights) as world:
        jobs = await endure(world, kills=MANY, seed=2026)
    with capsys.disabled():
        print(f"\n{world.kills} in {jobs} jobs, none lost")
