"""The folder of a job, through which the bot and the training process know of each other; both may die at any moment.

    pictures.zip     what is learnt from: PNGs of up to 512×512
    spec.json        what is to be done
    lock, pid        held and written by the training process for as long as it lives
    cancel           there: end the training, and go on with what was reached
    run/             the run itself; see gan.training.run_folder
    before.npy       icons as the weights drew them with which it began
    progress.json    how far it has come
    result.png       before and after
    outcome.json     written last: how it ended, and the figures

All are written whole or not at all.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan.atomic import write_atomically

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

SUPPORTED = fcntl is not None  # without its lock, a training process could not be found again


@dataclass(frozen=True)
class Spec:
    """What the training process is to do."""

    style: str
    begin: str | None  # a .safetensors file; None: from scratch
    minutes: float
    threads: int
    memory: int  # bytes
    save_every: float  # seconds
    niceness: int  # how much it gives way to the rest of the machine, 0 to 19


@dataclass(frozen=True)
class Outcome:
    """How a training process ended."""

    status: str  # done, stopped, failed
    reason: str | None = None  # memory, disk, nan, killed, start, other
    detail: str = ""  # of a failure: one line
    kimg: float = 0.0
    seconds: float = 0.0
    model: str | None = None  # hash of the generator that was reached; None: nothing was
    figures: dict[str, Any] = field(default_factory=dict)  # see bot.features.retrain.evaluation


@dataclass(frozen=True)
class JobFolder:
    """Paths and files of one job."""

    path: Path

    @property
    def pictures(self) -> Path:
        """The pictures to learn from."""
        return self.path / "pictures.zip"

    @property
    def run(self) -> Path:
        """The run's own folder."""
        return self.path / "run"

    @property
    def generator(self) -> Path:
        """What was reached; its card lies beside it."""
        return self.run / "generator.safetensors"

    @property
    def result(self) -> Path:
        """The sheet with before and after."""
        return self.path / "result.png"

    @property
    def before(self) -> Path:
        """The icons at the beginning."""
        return self.path / "before.npy"

    @property
    def log(self) -> Path:
        """What the training process said."""
        return self.path / "training.log"

    def create(self, pictures: Iterable[NDArray[np.uint8]]) -> None:
        """Make the folder with its pictures, square and of any size. Raises OSError."""
        write_atomically(self.pictures, pack_pictures(pictures))

    def describe(self, spec: Spec) -> None:
        """Say what is to be done. Raises OSError."""
        self._write("spec.json", asdict(spec))

    def spec(self) -> Spec:
        """Return what is to be done. Raises OSError and ValueError."""
        return Spec(**json.loads((self.path / "spec.json").read_text("utf-8")))

    def report(self, progress: dict[str, Any]) -> None:
        """Say how far it has come. Raises OSError."""
        self._write("progress.json", progress)

    def progress(self) -> dict[str, Any]:
        """Return how far it has come; {} where that is not known."""
        return self._read("progress.json") or {}

    def end(self, outcome: Outcome) -> None:
        """Say how it ended. Raises OSError."""
        self._write("outcome.json", asdict(outcome))

    def outcome(self) -> Outcome | None:
        """Return how it ended, or None."""
        found = self._read("outcome.json")
        return None if found is None else Outcome(**found)

    def cancel(self) -> None:
        """Let the training end."""
        (self.path / "cancel").touch()

    @property
    def cancelled(self) -> bool:
        """Whether the training is to end."""
        return (self.path / "cancel").exists()

    def train_no_more(self) -> None:
        """Let the training end, also after a restart, and give back the room on the disk that only it needed.

        Raises OSError where not even the empty file that says so fits.
        """
        shutil.rmtree(self.run / "samples", ignore_errors=True)
        self.cancel()
        (self.run / "checkpoint.safetensors").unlink(missing_ok=True)
        if not self.has_network:
            shutil.rmtree(self.run, ignore_errors=True)

    @property
    def has_network(self) -> bool:
        """Whether a generator was saved."""
        return self.generator.exists() and self.generator.with_suffix(".json").exists()

    def model(self) -> str | None:
        """Return the hash of the generator that was saved; None where there is none, or none that is whole."""
        from gan.checkpoint.weights import load_generator  # noqa: PLC0415 - imports PyTorch

        if not self.has_network:
            return None
        try:
            return load_generator(self.generator)[1].hash
        except Exception:
            log.exception("what was reached cannot be loaded")
            return None

    def latest_samples(self) -> Path | None:
        """Return the newest sheet of samples; None where there is none, or they are just being removed."""
        try:
            return max((self.run / "samples").glob("[0-9]*.png"), default=None, key=lambda p: p.stat().st_mtime_ns)
        except OSError:
            return None

    def claim(self) -> int | None:
        """Take the folder for this process until it ends, however it ends; None where another has it."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        write_atomically(self.path / "pid", str(os.getpid()).encode())
        return handle

    def trainer(self) -> int | None:
        """Return the id of the living training process, or None; 0 while it is just being born."""
        try:
            handle = os.open(self.path / "lock", os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with contextlib.suppress(OSError, ValueError):
                return int((self.path / "pid").read_text())
            return 0
        finally:
            os.close(handle)
        return None

    def remove(self) -> None:
        """Delete everything."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _write(self, name: str, value: dict[str, Any]) -> None:
        write_atomically(self.path / name, json.dumps(value).encode())

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            found = json.loads((self.path / name).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None


def pack_pictures(images: Iterable[NDArray[np.uint8]]) -> bytes:
    """Return a zip of PNGs, numbered."""
    from PIL import Image  # noqa: PLC0415 - the bot's start does not wait for it

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, image in enumerate(images):
            png = io.BytesIO()
            Image.fromarray(image).save(png, "PNG")
            archive.writestr(f"{number:04d}.png", png.getvalue())
    return packed.getvalue()
