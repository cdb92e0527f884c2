"""Time from a `/morph` command to its answer, with the real client and the emulator: wall and CPU time.

The bot runs in a process of its own; CPU time is the bot's, over all threads. The target for a morph of two icons is
two seconds.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import options, publish
from discord_emulator import Emulator

PATIENCE = 120.0  # seconds
PROMISED = 2.0  # seconds for two icons
LETTERS = "abcdefgh"


async def measure(rounds: int) -> Sequence[tuple[object, ...]]:
    """Start a bot and request morphs one after the other; returns rows of the table, in seconds."""
    emulator = await Emulator.start(port=0)
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {
            "DISCORD_TOKEN": emulator.token,
            "DISCORD_API_URL": emulator.api_url,
            "DISCORD_GATEWAY_URL": emulator.gateway_url,
            "DATA_DIR": data,
            "COOLDOWN_BURST": "1000",
        }
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "bot", env=environment, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            await emulator.wait_ready(PATIENCE)
            rows = [(f"{icons} icons", *await order(emulator, bot.pid, icons, rounds)) for icons in (2, 4, 8)]
        finally:
            if bot.returncode is None:
                bot.terminate()
            await asyncio.wait_for(bot.wait(), PATIENCE)
            await emulator.close()
    return rows


async def order(emulator: Emulator, pid: int, icons: int, rounds: int) -> tuple[float, float, float, float]:
    """Request morphs of new icons; returns median and maximum of wall and CPU seconds."""
    await emulator.slash(emulator.member, "morph", {"a": "1", "b": "2"}, timeout=PATIENCE)  # warm-up
    walls, cpus = [], []
    for turn in range(rounds):
        seeds = {letter: str(1000 * icons + 10 * turn + n) for n, letter in enumerate(LETTERS[:icons])}
        begun, busy = time.perf_counter(), cpu_seconds(pid)
        reply = await emulator.slash(emulator.member, "morph", seeds, timeout=PATIENCE)
        walls.append(time.perf_counter() - begun)
        cpus.append(cpu_seconds(pid) - busy)
        if reply.message is None or not reply.message["attachments"]:
            raise SystemExit("the bot answered without an animation")
    return statistics.median(walls), max(walls), statistics.median(cpus), max(cpus)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and its threads so far; NaN where /proc is missing."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return float("nan")
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")  # utime and stime of proc(5)


def main() -> None:
    """Measure, print and write."""
    parser = options("speed_morph", __doc__)
    parser.add_argument("--rounds", type=int, default=10, help="morphs of each length")
    chosen = parser.parse_args()
    rows = asyncio.run(measure(2 if chosen.quick else chosen.rounds))
    shown = [tuple(f"{cell:.2f}" if isinstance(cell, float) else cell for cell in row) for row in rows]
    columns = ("morph of", "wall s, median", "wall s, most", "CPU s, median", "CPU s, most")
    title = f"From /morph to its answer (promised for 2 icons: {PROMISED:g} s on an idle machine)"
    publish(chosen.out, title, columns, shown)


if __name__ == "__main__":
    main()
