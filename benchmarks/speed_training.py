"""Training speed of each recipe in pictures a second: the article's, ours, and both phases of the house recipe.

They alternate on the same cores for several rounds; the median counts. The article's recipe and `fast` train on
pictures alone, `house` also on their labels.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import torch

from benchmarks.report import options, publish
from gan.artist.folder import write_icons
from gan.training import PRESETS, Session
from gan.training.forecast import measure_speed

ICONS = 64  # the cost of a step does not depend on it


def main() -> None:
    """Measure, print and write."""
    parser = options("speed_training", __doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each round of each phase")
    parser.add_argument("--rounds", type=int, default=3, help="of all recipes")
    parser.add_argument("--threads", type=int, default=None, help="torch threads; default: all cores")
    chosen = parser.parse_args()
    seconds, rounds = (1.0, 1) if chosen.quick else (chosen.seconds, chosen.rounds)
    if chosen.threads:
        torch.set_num_threads(chosen.threads)

    with tempfile.TemporaryDirectory() as folder:
        drawings = Path(folder) / "drawings"
        write_icons(drawings, ICONS)
        sessions = {
            name: Session.prepare(
                Path(folder) / "run", f"artist:{ICONS}" if name == "house" else drawings, preset, style="bench"
            )[0]
            for name, preset in PRESETS.items()
        }
    measured: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for name, session in sessions.items():
            for phase, speed in measure_speed(session.trainer, seconds).items():
                measured.setdefault((name, phase), []).append(speed)
    speeds = {key: statistics.median(values) for key, values in measured.items()}

    article = speeds["article", "adversarial"]
    rows = []
    for (name, phase), speed in sorted(speeds.items(), key=lambda item: item[1]):
        recipe = sessions[name].trainer.options
        rows.append((f"{name}, {phase}", recipe.precision, recipe.batch, speed, 1000 * recipe.batch / speed))
    columns = ("recipe", "precision", "batch", "images/s", "ms a step", "times the article")
    publish(
        chosen.out,
        "Training speed",
        columns,
        [(*row, row[3] / article) for row in rows],
        rounds={f"{name}, {phase}": values for (name, phase), values in measured.items()},
    )


if __name__ == "__main__":
    main()
