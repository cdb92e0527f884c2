"""Compare data-parallel training with a single process of as many threads.

Both alternate on the same cores for several rounds; the median counts. Starting the processes is not timed.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.report import options, publish
from gan.artist.folder import write_icons
from gan.training import PRESETS, Session
from gan.training.launcher import gathered
from gan.training.process_group import END, ProcessGroup
from gan.training.worker import broadcast_run

ICONS = 64


def speed(session: Session, seconds: float, group: ProcessGroup) -> float:
    """Images per second over whole regularisation rounds, after an untimed one."""
    trainer = session.trainer
    broadcast_run(trainer, group)
    every = trainer.options.d_reg_interval
    for _ in range(every):
        trainer.step()
    begun, steps = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < seconds or steps == 0:
        for _ in range(every):
            trainer.step()
        steps += every
    group.announce(END)
    trainer.join(ProcessGroup())
    return steps * trainer.options.batch / spent


def main() -> None:
    """Measure, print and write."""
    parser = options("data_parallel", __doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=3, help="of each")
    parser.add_argument("--batches", type=int, nargs="+", default=[16, 32], help="sizes of the joint batch")
    chosen = parser.parse_args()
    seconds, rounds = (2.0, 1) if chosen.quick else (chosen.seconds, chosen.rounds)
    threads = torch.get_num_threads()
    measured: dict[tuple[int, int], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        drawings = Path(folder) / "drawings"
        write_icons(drawings, ICONS)
        for batch in chosen.batches:
            recipe = replace(
                PRESETS["fast"], batch=batch, warm_up_share=0.0
            )  # the adversarial phase, which is most of a run
            session, _ = Session.prepare(Path(folder) / "run", drawings, recipe, style="bench")
            for _ in range(rounds):
                for processes in (1, threads):
                    with gathered(processes) as group:
                        measured.setdefault((batch, processes), []).append(speed(session, seconds, group))
    middle = {key: statistics.median(values) for key, values in measured.items()}
    rows = [
        (batch, f"{processes} × {threads // processes}", value, 1000 * batch / value, f"{value / middle[batch, 1]:.2f}")
        for (batch, processes), value in middle.items()
    ]
    columns = ("batch", "processes × threads", "images/s", "ms a step", "times one process")
    precision = session.trainer.options.precision
    told = {f"{batch}, {processes}": values for (batch, processes), values in measured.items()}
    publish(chosen.out, f"Data-parallel training, fast, {precision}", columns, rows, rounds=told)


if __name__ == "__main__":
    main()
