"""How many pictures training sees on this machine.

    speeds = await SpeedMeter(settings).get()
    speeds.seen("scratch", minutes=15)

It is measured once, in a process like the training's own, and kept in DATA_DIR. Each job of two minutes or more updates
it. The process is

    python -m bot.features.retrain.speed THREADS NICENESS WEIGHTS SECONDS
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.system.subprocesses import ELSEWHERE, command, environment, kill_child
from gan.atomic import write_atomically

if TYPE_CHECKING:
    from bot.settings import Settings

log = logging.getLogger(__name__)

FILE = "training-speed.json"
SECONDS = 2.0  # of steps timed, for each phase
LONG_ENOUGH = 120.0  # seconds of a job whose speed counts
_PATIENCE = 300.0  # seconds
_PICTURES = 64


@dataclass(frozen=True, slots=True)
class Speeds:
    """Pictures per second of a run of 15 minutes, on so many threads."""

    scratch: float
    pretrained: float
    threads: int

    def seen(self, start: str, minutes: float) -> tuple[int, int]:
        """Return the least and the largest number of pictures that a job will see, to two digits."""
        scratch, pretrained = self.scratch * 60 * minutes, self.pretrained * 60 * minutes
        ends = {"scratch": (scratch, scratch), "auto": sorted((scratch, pretrained))}
        least, most = ends.get(start, (pretrained, pretrained))
        return _rounded(least), _rounded(most)


def _rounded(number: float) -> int:
    return int(float(f"{number:.1e}"))


class SpeedMeter:
    """Measures the speeds on the first request."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = settings.data_dir / FILE
        self._lock = asyncio.Lock()

    async def get(self) -> Speeds | None:
        """Return the speeds; None if they cannot be measured."""
        async with self._lock:
            return await asyncio.to_thread(self._read) or await self._measure()

    async def note(self, start: str, pictures: float, seconds: float) -> None:
        """Remember the speed of a job that started from `start`: `scratch` or anything else."""
        async with self._lock:
            known = await asyncio.to_thread(self._read)
            if known is None or seconds < LONG_ENOUGH:
                return
            rate = pictures / seconds
            changed = replace(known, scratch=rate) if start == "scratch" else replace(known, pretrained=rate)
            await self._write(changed)

    async def _write(self, speeds: Speeds) -> None:
        try:
            await asyncio.to_thread(write_atomically, self._file, json.dumps(asdict(speeds)).encode())
        except OSError as error:
            log.warning("could not write %s: %s", FILE, error)

    def _read(self) -> Speeds | None:
        try:
            speeds = Speeds(**json.loads(self._file.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return speeds if speeds.threads == self._settings.retrain_threads else None

    async def _measure(self) -> Speeds | None:
        settings = self._settings
        given = map(str, (settings.retrain_threads, settings.retrain_niceness, settings.weights.resolve(), SECONDS))
        process = await asyncio.create_subprocess_exec(
            *command("bot.features.retrain.speed", *given),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=environment(settings.retrain_threads) | {"OMP_WAIT_POLICY": "PASSIVE"}, cwd=ELSEWHERE,
            start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(_PATIENCE):
                output, _ = await process.communicate()
            speeds = Speeds(**json.loads(output))
        except (OSError, ValueError, TypeError) as error:  # a timeout is an OSError
            log.warning("could not measure the training speed: %r", error)
            return None
        finally:
            if process.returncode is None:
                await kill_child(process)
        await self._write(speeds)
        return speeds


def main() -> None:
    """Measure, and print the result as JSON."""
    import numpy as np  # noqa: PLC0415
    import torch  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    from gan.process_priority import lower_priority  # noqa: PLC0415
    from gan.training import CONTINUING, PRESETS, Session  # noqa: PLC0415
    from gan.training.forecast import kimg_after, measure_speed  # noqa: PLC0415
    from gan.training.session import DEFAULT_MINUTES  # noqa: PLC0415

    threads, niceness, weights, seconds = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], float(sys.argv[4])
    lower_priority(niceness)
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        for number, noise in enumerate(np.random.RandomState(0).randint(0, 256, (_PICTURES, 64, 64, 3), np.uint8)):
            Image.fromarray(noise).save(Path(folder) / f"{number}.png")
        trainers = [
            Session.prepare(
                Path(folder) / "run", Path(folder), PRESETS["fast"], style="speed", begin=begin, continuing=CONTINUING
            )[0].trainer
            for begin in (None, weights)
        ]
    found = []
    for trainer in trainers:
        speed = measure_speed(trainer, seconds)
        found.append(kimg_after(DEFAULT_MINUTES, trainer, speed) * 1000 / (DEFAULT_MINUTES * 60))
    sys.stdout.write(json.dumps({"scratch": found[0], "pretrained": found[1], "threads": threads}))


if __name__ == "__main__":
    main()
