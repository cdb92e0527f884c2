"""Time until the bot is ready and has answered, and its memory.

The bot runs in a process of its own, so the figures exclude the emulator. Resident memory counts shared pages in full,
proportional memory (PSS) divides them among their users. `make run` is timed without a token and with everything
installed, until it prints the address to open.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.report import options, publish
from discord_emulator import Emulator

ROOT = Path(__file__).parents[1]
PATIENCE = 120.0  # seconds
MEMORY = {"resident": "Rss:", "proportional": "Pss:"}  # names in /proc


async def measure(draws: int) -> dict[str, float]:
    """Start a bot, let it draw, stop it; returns seconds and MiB."""
    emulator = await Emulator.start(port=0)
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {
            "DISCORD_TOKEN": emulator.token,
            "DISCORD_API_URL": emulator.api_url,
            "DISCORD_GATEWAY_URL": emulator.gateway_url,
            "DATA_DIR": data,
            "COOLDOWN_BURST": "1000",
        }
        begun = time.perf_counter()
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "bot", env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await emulator.wait_ready(PATIENCE)
            figures = {"ready, s": time.perf_counter() - begun}
            times = []
            for seed in range(draws):
                asked = time.perf_counter()
                await emulator.slash(emulator.member, "melicon", {"seed": str(seed)}, timeout=PATIENCE)
                times.append(time.perf_counter() - asked)
                if seed == 0:
                    figures["first icon, s"] = time.perf_counter() - begun
            figures["an icon, ms"] = 1000 * statistics.median(times)
            figures |= {f"{kind} memory after {draws} icons, MiB": memory(bot.pid, kind) for kind in MEMORY}
        finally:
            if bot.returncode is None:
                bot.terminate()
            await asyncio.wait_for(bot.wait(), PATIENCE)
            await emulator.close()
    return figures


def memory(pid: int, kind: str) -> float:
    """Resident or proportional memory of a process in MiB; NaN where /proc is missing."""
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    if not rollup.exists():
        return float("nan")
    (line,) = (line for line in rollup.read_text().splitlines() if line.startswith(MEMORY[kind]))
    return int(line.split()[1]) / 1024


def make_run() -> float:
    """Seconds from `make run` to the printed address; then stop it."""
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {"DISCORD_TOKEN": "", "DATA_DIR": data, "TRY_PORT": "0"}
        begun = time.perf_counter()
        make = subprocess.Popen(
            ["make", "run"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert make.stdout is not None  # noqa: S101  # for the type checker: it was asked for
        try:
            if not any("http://" in line for line in make.stdout):
                raise SystemExit("make run ended without an address")
            return time.perf_counter() - begun
        finally:
            os.killpg(make.pid, signal.SIGTERM)
            make.stdout.read()
            make.wait(PATIENCE)


def main() -> None:
    """Measure, print and write."""
    parser = options("startup", __doc__)
    parser.add_argument("--starts", type=int, default=3, help="how often the bot is started; the middle one counts")
    parser.add_argument("--draws", type=int, default=100, help="icons drawn after each start")
    chosen = parser.parse_args()
    starts, draws = (1, 10) if chosen.quick else (chosen.starts, chosen.draws)

    subprocess.run(["make", ".venv/.installed"], cwd=ROOT, check=True)
    measured = [{"make run, s": make_run()} | asyncio.run(measure(draws)) for _ in range(starts)]
    rows = [(name, statistics.median([m[name] for m in measured])) for name in measured[0]]
    publish(chosen.out, "Start-up and memory of the bot", ("what", "median"), rows, starts=measured)


if __name__ == "__main__":
    main()
