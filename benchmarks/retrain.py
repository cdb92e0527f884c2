"""Measure a `/retrain` job: the latency of `/melicon` meanwhile, and the quality of the style.

The bot is the real one, in a process of its own and with its default settings, and Discord is the emulator, which
answers at once. The owner uploads 128 icons of the inkling style as a zip and presses Start; until the
result is there a member asks for an icon every second; then the owner presses Use and draws a grid. The style's icons
0 to 1,999 are measured against as many that nobody trained on, beside those of the weights it began with and beside
other fresh icons, the floor.

Beside FILE.json of --out, a folder FILE gets what the chat was shown: proposal.png, before-after.png and grid.png.
"""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.daily_load import ask, running_bot
from benchmarks.report import options, publish
from bot.settings import Settings
from discord_emulator import Emulator
from discord_emulator.model import User
from gan import artist
from gan.atomic import write_atomically
from gan.checkpoint.weights import load_generator
from gan.dataset.sources import FRESH_START
from gan.metrics import Evaluator, Figures
from gan.training.loop import draw_seeds

Message = dict[str, Any]
Icons = NDArray[np.uint8]  # (N, 64, 64, 3)

STYLE = "inkling"
PICTURES = 128  # to learn from: indices 0 … 127
EVERY = 1.0  # seconds between two commands
CALM = 15  # commands before the job
SHOWN = 25  # icons of the grid
PATIENCE = 1_800.0  # seconds beyond the minutes of training, for starting, judging and a busy machine


@dataclass
class Measured:
    """Observations in the chat."""

    proposal: str = ""
    result: str = ""
    seconds: float = 0.0  # from Start to the result
    calm: list[float] = field(default_factory=list)  # latency of /melicon before, in seconds
    during: list[float] = field(default_factory=list)
    failed: int = 0  # /melicon without an answer
    sheets: dict[str, bytes] = field(default_factory=dict)
    weights: Path = Path()  # of the style


def packed(pictures: Icons) -> bytes:
    """Return a zip of PNGs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number, pixels in enumerate(pictures):
            png = io.BytesIO()
            Image.fromarray(pixels).save(png, "PNG")
            archive.writestr(f"{number:03}.png", png.getvalue())
    return buffer.getvalue()


def button(message: Message, what: str) -> str:
    """Return the id of a retraining button in a message; "" where it has none."""
    found = re.search(rf"mel:v1:retrain:{what}:\d+", str(message["components"]))
    return found[0] if found else ""


async def command(emulator: Emulator, user: User, name: str, given: dict[str, Any]) -> Message:
    """Use a command and return its answer."""
    answer = (await emulator.slash(user, name, given, timeout=PATIENCE)).message
    if answer is None or not answer["attachments"]:
        raise SystemExit(f"/{name} was answered without a picture: {answer and answer['content']}")
    return answer


def logs(folder: Path) -> str:
    """Return the ends of the logs of bot and training."""
    return "\n".join(path.read_text()[-2000:] for path in (folder / "bot.log", *folder.glob("runs/*/training.log")))


async def live_through(minutes: float, folder: Path, pictures: Icons) -> Measured:
    """Run the training job."""
    seen = Measured()
    emulator = await Emulator.start()
    async with running_bot(emulator, folder, f"sqlite+aiosqlite:///{folder / 'melicon.db'}"):
        seen.calm = [took for number in range(CALM) if (took := await ask(emulator, number)) is not None]
        given = {"images": (f"{STYLE}.zip", packed(pictures)), "minutes": minutes}
        proposal = await command(emulator, emulator.owner, "retrain", given)
        seen.proposal = proposal["content"]
        seen.sheets["proposal"] = await emulator.attachment_bytes(proposal)
        print(seen.proposal, flush=True)

        begun = time.monotonic()
        await emulator.press(emulator.owner, proposal, button(proposal, "start"))
        number, told, result = CALM, begun, None
        while result is None:
            if time.monotonic() > begun + minutes * 60 + PATIENCE:
                raise SystemExit(f"there was no result in time\n{await asyncio.to_thread(logs, folder)}")
            took = await ask(emulator, number)
            number += 1
            if took is None:
                seen.failed += 1
            else:
                seen.during.append(took)
            result = next((m for m in emulator.messages() if button(m, "use")), None)
            if time.monotonic() > told + 60:
                told = time.monotonic()
                print(*[m["content"] for m in emulator.messages() if button(m, "cancel")][-1:], flush=True)
            await asyncio.sleep(EVERY)
        seen.seconds = time.monotonic() - begun
        seen.result = result["content"]
        seen.sheets["before-after"] = await emulator.attachment_bytes(result)
        print(seen.result, flush=True)

        await emulator.press(emulator.owner, result, button(result, "use"), timeout=PATIENCE)
        grid = await command(emulator, emulator.member, "grid", {"count": SHOWN})
        seen.sheets["grid"] = await emulator.attachment_bytes(grid)
        found = (folder / "styles" / STYLE).glob("*.json")
        seen.weights = next(found).with_suffix(".safetensors")
    await emulator.close()
    return seen


def measured(pictures: Icons, weights: dict[str, Path], count: int) -> dict[str, Figures]:
    """Return the figures of the first `count` icons of each of `weights`, and those of the floor."""
    evaluator = Evaluator(pictures, artist.icons(FRESH_START, 2 * count, style=STYLE, workers=None))
    figures = {}
    for name, path in weights.items():
        network, card = load_generator(path)
        figures[name] = evaluator.measure(draw_seeds(network.float(), card, count))
    return figures | {"floor": evaluator.anchors(count)["real"]}


def times(title: str, values: list[float]) -> list[tuple[str, object]]:
    """Return rows with latencies in milliseconds."""
    if not values:
        return []
    quantiles = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "most": 1.0}
    return [(f"/melicon {title}, {name}, ms", 1000 * float(np.quantile(values, q))) for name, q in quantiles.items()]


def main() -> None:
    """Run the training job, measure and publish."""
    parser = options("retrain", __doc__)
    parser.add_argument("--minutes", type=float, default=20.0, help="of training")
    parser.add_argument("--count", type=int, default=2_000, help="icons measured, and reals they are measured against")
    given = parser.parse_args()
    if given.quick:
        given.minutes, given.count = min(given.minutes, 1.0), min(given.count, 200)
    pictures = artist.icons(0, PICTURES, style=STYLE, workers=1)
    with tempfile.TemporaryDirectory(prefix="melicon-retrain-") as name:
        seen = asyncio.run(live_through(given.minutes, Path(name), pictures))
        for sheet, data in seen.sheets.items():
            write_atomically(given.out.with_suffix("") / f"{sheet}.png", data)
        card = load_generator(seen.weights)[1]
        begun = Settings(_env_file=None).weights  # type: ignore[call-arg]  # known at run time only
        figures = measured(pictures, {"the style": seen.weights, "the default weights": begun}, given.count)
    rows: list[tuple[str, object]] = [
        ("minutes of training", given.minutes),
        ("minutes from Start to the result", seen.seconds / 60),
        ("pictures seen, kimg", f"{card.kimg:.2f}"),
        *times("before", seen.calm),
        *times("during", seen.during),
        ("/melicon during, how many", len(seen.during)),
        ("/melicon unanswered", seen.failed),
    ]
    for which, found in figures.items():
        for space, title in (("layout_edges", "colour layout and edges"), ("random", "random convolutions")):
            seen_there = found.spaces[space]
            rows += [
                (f"coverage, {title}, {which}", f"{seen_there.coverage:.3f}"),
                (f"KID, {title}, {which}", f"{seen_there.kid:.4f}"),
                (f"copied share, {title}, {which}", f"{seen_there.copied:.3f}"),
            ]
    title = f"Training on {PICTURES} icons of the style {STYLE}, from the default weights"
    all_figures = {which: found.as_dict() for which, found in figures.items()}
    told = {"proposal": seen.proposal, "result": seen.result}
    publish(given.out, title, ("what", "value"), rows, count=given.count, all_figures=all_figures, told=told)
    print(f"written: {given.out}, and sheets in {given.out.with_suffix('')}")


if __name__ == "__main__":
    main()
