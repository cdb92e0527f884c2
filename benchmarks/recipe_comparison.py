"""One recipe and seed of the time-to-quality benchmark, trained and measured mark by mark.

RUNS/fast-0/       its run, as written by `melicon train`
RUNS/fast-0.json   measurements so far: a list of Record

An interrupted run continues from its last checkpoint.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan.atomic import write_atomically
from gan.checkpoint.weights import load_generator
from gan.training import Session, TrainingOptions
from gan.training.loop import draw_seeds

Icons = NDArray[np.uint8]  # (N, 64, 64, 3)


@dataclass(frozen=True)
class Record:
    """The quality of a run at one mark."""

    minutes: float  # the mark
    seconds: float  # training time; drawing and measuring do not count
    kimg: float
    figures: dict[str, Any]  # gan.metrics.Figures.as_dict()


@dataclass
class RecipeRun:
    """A recipe with its seed, its run and its records."""

    recipe: str
    seed: int
    folder: Path
    session: Session
    records: list[Record]
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)  # measures training time

    @classmethod
    def start(
        cls,
        recipe: str,
        options: TrainingOptions,
        runs: Path,
        pictures: Path,
        *,
        minutes: float,
        begin: str | None = None,
    ) -> RecipeRun:
        """Start or continue the run of ``options`` on ``pictures``, from the weights ``begin`` if given."""
        folder = runs / f"{recipe}-{options.seed}"
        if (folder / "options.json").exists():
            session = Session.resume(folder)
        else:
            session, _ = Session.start(folder, pictures, options, style="bench", minutes=minutes, begin=begin)
        there = folder.with_suffix(".json")
        records = [Record(**record) for record in json.loads(there.read_text())] if there.exists() else []
        return cls(recipe, options.seed, folder, session, records)

    def advance(self, mark: float, count: int, measure: Callable[[Icons], dict[str, Any]]) -> Record:
        """Train until ``mark`` minutes, then measure ``count`` icons: seeds 0, 1, 2 …, unselected."""
        for record in self.records:
            if record.minutes == mark:
                return record
        kimg = self._train_until(60 * mark)
        network, card = load_generator(self.session.run.generator)
        figures = measure(draw_seeds(network.float(), card, count))
        self.records.append(Record(mark, self.session.seconds, kimg, figures))
        records = json.dumps([asdict(record) for record in self.records], indent=1)
        write_atomically(self.folder.with_suffix(".json"), records.encode())
        return self.records[-1]

    def _train_until(self, seconds: float) -> float:
        begun, before = self.clock(), self.session.seconds

        def is_time() -> bool:
            return before + self.clock() - begun >= seconds

        *_, last = self.session.train(should_stop=is_time, clock=self.clock)
        self.session.seconds = last.seconds  # excludes the final save
        return last.kimg
