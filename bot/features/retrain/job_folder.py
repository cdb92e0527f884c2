"""A job's folder: the interface between the bot and the training process, both of which may crash at any time.

    pictures.zip     training pictures: PNGs of up to 512×512
    spec.json        the job's parameters
    lock, pid        held and written by the training process while it runs
    cancel           exists: stop training and use the result so far
    run/             the training run; see gan.training.run_folder
    before.npy       icons drawn by the initial weights
    progress.json    current progress
    result.png       before and after
    outcome.json     written last: exit reason and figures

All files are written atomically.
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
from dataclasses import asdict, dataclass, field, replace
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

SUPPORTED = fcntl is not None  # without file locks, a training process could not be found again


@dataclass(frozen=True)
class Spec:
    """A job's parameters."""

    style: str
    begin: str | None  # a .safetensors file; None: train from scratch
    minutes: float
    threads: int
    memory: int  # bytes
    save_every: float  # seconds
    niceness: int  # 0 to 19
    choose: bool = False  # use `begin` only if it draws similar pictures


@dataclass(frozen=True)
class Outcome:
    """How a training process ended."""

    status: str  # done, stopped, failed
    reason: str | None = None  # memory, disk, nan, killed, start, other
    detail: str = ""  # of a failure: one line
    kimg: float = 0.0
    seconds: float = 0.0
    model: str | None = None  # hash of the resulting generator; None: there is none
    figures: dict[str, Any] = field(default_factory=dict)  # see bot.features.retrain.evaluation
    start: str = ""  # "default" or "scratch", if the training process chose


@dataclass(frozen=True)
class Selection:
    """The first pictures' names, and which of them are left out."""

    names: list[str] = field(default_factory=list)
    left_out: list[int] = field(default_factory=list)  # indices of pictures, ascending


@dataclass(frozen=True)
class JobFolder:
    """A job's paths and files."""

    path: Path

    @property
    def pictures(self) -> Path:
        """The training pictures."""
        return self.path / "pictures.zip"

    @property
    def run(self) -> Path:
        """The training run's folder."""
        return self.path / "run"

    @property
    def generator(self) -> Path:
        """The resulting generator; its model card is beside it."""
        return self.run / "generator.safetensors"

    @property
    def result(self) -> Path:
        """The sheet of icons before and after."""
        return self.path / "result.png"

    @property
    def previews(self) -> Path:
        """The folder of the previews."""
        return self.path / "previews"

    @property
    def time_lapse(self) -> Path:
        """The animation of the previews."""
        return self.path / "time-lapse.webp"

    @property
    def before(self) -> Path:
        """The icons before training."""
        return self.path / "before.npy"

    @property
    def log(self) -> Path:
        """The training process's log."""
        return self.path / "training.log"

    def create(self, pictures: Iterable[NDArray[np.uint8]]) -> None:
        """Create the folder with its pictures, square and of any size. Raises OSError."""
        write_atomically(self.pictures, pack_pictures(pictures))

    def select(self, selection: Selection) -> None:
        """Write which pictures are left out. Raises OSError."""
        self._write("selection.json", asdict(selection))

    def selection(self) -> Selection:
        """Read which pictures are left out."""
        return Selection(**(self._read("selection.json") or {}))

    def drop_left_out(self) -> int:
        """Remove what is left out from the pictures; return how many remain. Idempotent. Raises OSError."""
        unwanted = {_entry(number) for number in self.selection().left_out}
        with zipfile.ZipFile(self.pictures) as archive:
            names = [name for name in archive.namelist() if name not in unwanted]
            if len(names) < len(archive.namelist()):
                packed = io.BytesIO()
                with zipfile.ZipFile(packed, "w") as smaller:
                    for name in names:
                        smaller.writestr(name, archive.read(name))
                write_atomically(self.pictures, packed.getvalue())
        return len(names)

    def first_pictures(self, count: int) -> list[NDArray[np.uint8]]:
        """Read the first training pictures, square and of any size. Raises OSError."""
        from PIL import Image  # noqa: PLC0415 - the bot's start does not wait for it

        with zipfile.ZipFile(self.pictures) as archive:
            files = [archive.read(name) for name in sorted(archive.namelist())[:count]]
        return [np.asarray(Image.open(io.BytesIO(file)).convert("RGB")) for file in files]

    def describe(self, spec: Spec) -> None:
        """Write the parameters. Raises OSError."""
        self._write("spec.json", asdict(spec))

    def spec(self) -> Spec:
        """Read the parameters. Raises OSError and ValueError."""
        return Spec(**json.loads((self.path / "spec.json").read_text("utf-8")))

    @property
    def can_continue(self) -> bool:
        """Whether training can go on from the last checkpoint."""
        return (self.run / "checkpoint.safetensors").exists() and (self.path / "spec.json").exists()

    def reopen(self, minutes: float) -> None:
        """Prepare a finished job for training up to `minutes` in all; idempotent. Raises OSError and ValueError."""
        self.describe(replace(self.spec(), minutes=minutes))
        for name in ("cancel", "pid", "outcome.json", self.result.name, self.time_lapse.name):
            (self.path / name).unlink(missing_ok=True)

    def report(self, progress: dict[str, Any]) -> None:
        """Write the progress. Raises OSError."""
        self._write("progress.json", progress)

    def progress(self) -> dict[str, Any]:
        """Read the progress; {} if there is none."""
        return self._read("progress.json") or {}

    def end(self, outcome: Outcome) -> None:
        """Write the outcome. Raises OSError."""
        self._write("outcome.json", asdict(outcome))

    def outcome(self) -> Outcome | None:
        """Read the outcome, or return None."""
        found = self._read("outcome.json")
        return None if found is None else Outcome(**found)

    def cancel(self) -> None:
        """Request the end of training."""
        (self.path / "cancel").touch()

    @property
    def cancelled(self) -> bool:
        """Whether the end of training was requested."""
        return (self.path / "cancel").exists()

    def train_no_more(self) -> None:
        """Stop training permanently, and delete the files that only training needs.

        Raises OSError if even the empty marker file does not fit on the disk.
        """
        for samples in (self.run / "samples", self.previews):
            shutil.rmtree(samples, ignore_errors=True)
        self.cancel()
        (self.run / "checkpoint.safetensors").unlink(missing_ok=True)
        if not self.has_network:
            shutil.rmtree(self.run, ignore_errors=True)

    @property
    def has_network(self) -> bool:
        """Whether a generator was saved."""
        return self.generator.exists() and self.generator.with_suffix(".json").exists()

    def model(self) -> str | None:
        """Return the hash of the saved generator; None if there is none or it is damaged."""
        from gan.checkpoint.weights import load_generator  # noqa: PLC0415 - imports PyTorch

        if not self.has_network:
            return None
        try:
            return load_generator(self.generator)[1].hash
        except Exception:
            log.exception("cannot load the result")
            return None

    def latest_preview(self) -> Path | None:
        """Return the newest preview; None if there is none, or it is being deleted."""
        try:
            return max(self.previews.glob("[0-9]*.png"), default=None, key=lambda p: p.stat().st_mtime_ns)
        except OSError:
            return None

    def claim(self) -> int | None:
        """Lock the folder until this process exits; None if another process holds the lock."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        write_atomically(self.path / "pid", str(os.getpid()).encode())
        return handle

    def trainer(self) -> int | None:
        """Return the running training process's id, or None; 0 while it is starting."""
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
        """Delete the folder."""
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
    """Return a zip of numbered PNGs."""
    from PIL import Image  # noqa: PLC0415 - the bot's start does not wait for it

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, image in enumerate(images):
            png = io.BytesIO()
            Image.fromarray(image).save(png, "PNG")
            archive.writestr(_entry(number), png.getvalue())
    return packed.getvalue()


def _entry(number: int) -> str:
    return f"{number:04d}.png"
