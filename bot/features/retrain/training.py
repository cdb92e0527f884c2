"""The training process: trains on a job folder's pictures, evaluates the result and records the outcome.

    python -m bot.features.retrain.training FOLDER

It is started by `bot.features.retrain.training_processes` with the configured niceness. Killed at any time, it resumes
from its last checkpoint when restarted. On SIGTERM it saves and exits.
"""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import shutil
import signal
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.features.retrain.job_folder import JobFolder, Outcome, Spec
from bot.features.retrain.previews import Previews, write_time_lapse
from gan.process_priority import lower_priority, stop_signals

try:
    import resource
except ImportError:  # Windows: memory cannot be limited
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from gan.training import Session

log = logging.getLogger("bot.features.retrain.training")

COUNT = 192  # icons drawn for the evaluation after a quarter of an hour or more
SHOWN = 8  # icons in each row of the result sheet ...
CELL = 128  # ... and pixels a side of each
# the last two are oneDNN's messages
_NO_MEMORY = ("allocate memory", "not enough memory", "could not create a primitive")
ENDED, LEFT_EARLY, BUSY, DISK_FULL, OUT_OF_MEMORY = 0, 3, 4, 5, 6  # exit codes


def bound(memory: int) -> None:
    """Limit this process's memory in bytes."""
    if resource is not None:
        # not RLIMIT_AS: PyTorch reserves far more addresses than it uses
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def work(folder: JobFolder) -> int:
    """Do the rest of the job; return the exit code."""
    spec = folder.spec()
    stopping = False

    def stop(_signum: int, _frame: object) -> None:
        nonlocal stopping
        stopping = True

    for number in stop_signals():
        signal.signal(number, stop)
    failure: tuple[str, str] | None = None
    try:
        if not folder.cancelled and _train(folder, spec, lambda: stopping) == "stopped" and not folder.cancelled:
            return LEFT_EARLY  # shutdown by the bot; a later process resumes
    except Exception as error:  # any error: report it and save the result so far
        log.exception("the training failed")
        failure = reason_of(error)
    if failure and failure[0] == "memory" and folder.has_network:
        return OUT_OF_MEMORY  # a new process with all memory free can evaluate the result
    if failure and failure[0] == "disk":
        folder.train_no_more()
    try:
        figures, model = _judge(folder) if folder.has_network else ({}, None)
    except Exception as error:
        log.exception("the evaluation failed")
        failure = failure or reason_of(error)
        figures, model = {}, folder.model()
    last = folder.progress()
    status = "failed" if failure else "stopped" if folder.cancelled else "done"
    reason, detail = failure or (None, "")
    outcome = Outcome(
        status, reason, detail, last.get("kimg", 0.0), last.get("seconds", 0.0), model, figures, last.get("start", "")
    )
    folder.end(outcome)
    return ENDED


def _train(folder: JobFolder, spec: Spec, should_stop: Callable[[], bool]) -> str:
    """Train until finished or stopped; return "done" or "stopped"."""
    session = _open(folder, spec)
    chosen = {"start": "default" if session.continued else "scratch"} if spec.choose else {}
    event, previews = "", Previews(folder)
    for progress in session.train(save_every=spec.save_every, should_stop=lambda: should_stop() or folder.cancelled):
        folder.report(asdict(progress) | chosen | {"at": time.time()})
        if progress.event == "saved":
            previews.draw(progress.seconds)
        event = progress.event
    return event


def reason_of(error: BaseException | None) -> tuple[str, str]:
    """Return a failure's kind and one line of detail."""
    detail = (str(error).splitlines() or [type(error).__name__])[0][:300]
    while error is not None:
        text = str(error)
        if isinstance(error, MemoryError) or any(words in text for words in _NO_MEMORY):
            return "memory", detail
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return "disk", detail
        if "finite" in text:
            return "nan", detail
        error = error.__cause__ or error.__context__
    return "other", detail


def _open(folder: JobFolder, spec: Spec) -> Session:
    import torch  # noqa: PLC0415

    from gan.training import CONTINUING, PRESETS, Session  # noqa: PLC0415

    torch.set_num_threads(spec.threads)
    if (folder.run / "options.json").exists():
        return Session.resume(folder.run, minutes=spec.minutes)
    shutil.rmtree(folder.run, ignore_errors=True)  # killed while creating it
    if spec.begin is not None and not spec.choose:
        _remember_before(folder, _drawn_by(spec.begin))
    os.chdir(folder.path)  # omit this machine's folder from the card's data source
    session, _ = Session.start(
        Path("run"),
        Path("pictures.zip"),
        PRESETS["fast"],
        style=spec.style,
        minutes=spec.minutes,
        begin=spec.begin,
        choose=spec.choose,
        continuing=CONTINUING,
    )
    if session.choice is not None and session.choice.pretrained:
        _remember_before(folder, session.choice.icons)
    return session


def _judge(folder: JobFolder) -> tuple[dict[str, Any], str]:
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    from bot.features.retrain.evaluation import FEWEST, evaluate  # noqa: PLC0415
    from gan.atomic import write_atomically, write_together  # noqa: PLC0415
    from gan.codes import IconCode  # noqa: PLC0415
    from gan.rendering import contact_sheet  # noqa: PLC0415
    from gan.rendering.upscaling import resized, upscale  # noqa: PLC0415
    from gan.sampling.sampler import Sampler  # noqa: PLC0415
    from gan.training import TrainingSet  # noqa: PLC0415

    sampler = Sampler.load(folder.generator)
    card = sampler.card
    # at the posted size; evaluating a short training takes no longer than the training
    trained = float(folder.progress().get("seconds", 0.0))
    count = min(COUNT, max(FEWEST, round(COUNT * trained / 900)))
    icons = sampler.render([IconCode.from_seed(seed) for seed in range(count)], 4 * 64)
    drawn = np.stack([resized(icon, 64) for icon in icons])
    examples = TrainingSet.open(folder.run / "pictures.npz").images
    before = np.load(folder.before, allow_pickle=False) if folder.before.exists() else None
    figures = evaluate(drawn, examples, before, seen=round(1000 * float(folder.progress().get("kimg", 0.0))))
    card = replace(card, metrics=card.metrics | {"retrain": figures})
    write_together({folder.generator.with_suffix(".json"): card.to_json().encode()})
    rows: list[NDArray[np.uint8]] = [] if before is None else [upscale(icon, CELL) for icon in before[:SHOWN]]
    rows += [resized(icon, CELL) for icon in icons[:SHOWN]]
    rows += [resized(example, CELL) for example in folder.first_pictures(SHOWN)]
    sheet = io.BytesIO()
    Image.fromarray(contact_sheet(rows, SHOWN, gap=4, transparent=True)).save(sheet, "PNG")
    write_atomically(folder.result, sheet.getvalue())
    write_time_lapse(folder, before, icons)
    return figures, card.hash


def _drawn_by(weights: str) -> NDArray[np.uint8]:
    """Return icons drawn by the initial weights."""
    from gan.checkpoint.weights import load_generator  # noqa: PLC0415
    from gan.training.loop import draw_seeds  # noqa: PLC0415

    network, card = load_generator(Path(weights))
    return draw_seeds(network.float(), card, COUNT)


def _remember_before(folder: JobFolder, icons: NDArray[np.uint8]) -> None:
    """Save icons of the initial weights, which may be deleted before the end."""
    import numpy as np  # noqa: PLC0415

    from gan.atomic import write_atomically  # noqa: PLC0415

    drawn = io.BytesIO()
    np.save(drawn, icons, allow_pickle=False)
    write_atomically(folder.before, drawn.getvalue())


def main() -> None:
    """Work on the folder given on the command line."""
    folder = JobFolder(Path(sys.argv[1]).resolve())
    claimed = folder.claim()
    if claimed is None:
        sys.exit(BUSY)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    spec = folder.spec()
    lower_priority(spec.niceness)
    bound(spec.memory)
    log.info("working on %s", json.dumps(asdict(spec)))
    try:
        sys.exit(work(folder))
    except OSError:
        log.exception("cannot write the outcome")
        sys.exit(DISK_FULL)


if __name__ == "__main__":
    main()
