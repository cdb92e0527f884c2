"""A run's folder. Every file is written atomically, so a kill at any moment is harmless.

RUN/options.json             options, budget and the initial model card
RUN/pictures.npz             the training set
RUN/reals.png                its first 64 pictures
RUN/stats.jsonl              one JSON object a line: kimg, seconds, images_per_s, losses
RUN/samples/000012.png       icons 0–63 after 12 kimg
RUN/checkpoint.safetensors   networks, average, optimisers, random state: a resumed run continues exactly
RUN/generator.safetensors    the averaged generator so far, and its model card generator.json
RUN/discriminator.safetensors  the discriminator, half precision; `--from` needs both networks
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save as dump_tensors
from torch import Tensor, nn

from gan.atomic import remove_parts, write_atomically
from gan.checkpoint.weights import ModelCard, read_tensors, save_generator
from gan.errors import MeliconError
from gan.second_stages.second_stage import SecondStage
from gan.training.options import TrainingOptions

try:
    import fcntl
except ImportError:  # Windows has no flock
    fcntl = None  # type: ignore[assignment]

LARGEST_CHECKPOINT = 4 * 2**30  # bytes; typical ones have 150 MB


@dataclass(frozen=True)
class RunFolder:
    """Paths and files of one run."""

    path: Path

    @property
    def checkpoint(self) -> Path:
        """The full training state."""
        return self.path / "checkpoint.safetensors"

    @property
    def generator(self) -> Path:
        """The averaged generator, as the bot loads it."""
        return self.path / "generator.safetensors"

    @property
    def discriminator(self) -> Path:
        """The discriminator."""
        return self.path / "discriminator.safetensors"

    @property
    def pictures(self) -> Path:
        """The training set."""
        return self.path / "pictures.npz"

    @property
    def stats(self) -> Path:
        """The log of losses and speed."""
        return self.path / "stats.jsonl"

    def refuse_existing(self) -> None:
        """Raise MeliconError where a run exists already, so that nothing is overwritten."""
        if self.path.exists() and not self.path.is_dir():
            raise MeliconError(f"{self.path} is a file: name a folder for the run")
        if (self.path / "options.json").exists() or self.checkpoint.exists():
            raise MeliconError(
                f"{self.path} holds a run already: add --resume to go on with it, or name another folder"
            )

    def describe(self, options: TrainingOptions, card: ModelCard, budget: dict[str, float | None]) -> None:
        """Write options.json, which marks the folder as a run. Raises OSError."""
        described = {"options": json.loads(options.to_json()), "card": json.loads(card.to_json()), "budget": budget}
        write_atomically(self.path / "options.json", (json.dumps(described, indent=2) + "\n").encode())

    def read(self) -> tuple[TrainingOptions, ModelCard, dict[str, float | None]]:
        """Read options, card and budget as `describe` wrote them. Raises MeliconError."""
        path = self.path / "options.json"
        try:
            described = json.loads(path.read_text())
            options = TrainingOptions.from_json(json.dumps(described["options"]))
            return options, ModelCard.from_json(json.dumps(described["card"])), dict(described["budget"])
        except FileNotFoundError as error:
            raise MeliconError(f"no run to resume in {self.path}: it has no {path.name}") from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise MeliconError(f"no run to resume in {self.path}: cannot read {path.name} ({error})") from error

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Lock the run against other processes. Raises MeliconError when one holds the lock."""
        if fcntl is None:
            yield
            return
        folder = os.open(self.path, os.O_RDONLY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise MeliconError(
                    f"{self.path} is being trained by another process: wait for it, or stop it"
                ) from error
            yield
        finally:
            os.close(folder)

    def save_checkpoint(self, tensors: dict[str, Tensor], seconds: float) -> None:
        """Keep the state of the trainer. Raises OSError on a full disk; the checkpoint before it stays whole."""
        write_atomically(
            self.checkpoint, dump_tensors({**tensors, "seconds": torch.tensor(seconds, dtype=torch.float64)})
        )

    def load_checkpoint(self) -> tuple[dict[str, Tensor], float]:
        """The state of the trainer and the seconds trained so far. Raises WeightsError."""
        tensors = read_tensors(self.checkpoint, LARGEST_CHECKPOINT)
        return tensors, float(tensors.pop("seconds", torch.zeros(())).item())

    def save_networks(
        self, generator: nn.Module, discriminator: nn.Module, card: ModelCard, stage: SecondStage | None = None
    ) -> ModelCard:
        """Keep the generator as it draws now, with its second stage and its card, and the discriminator beside it."""
        halves = {k: v.detach().half().cpu().contiguous() for k, v in discriminator.state_dict().items()}
        write_atomically(self.discriminator, dump_tensors(halves))
        return save_generator(self.generator, generator, card, stage)

    def append_stats(self, record: dict[str, float]) -> None:
        """One more line for the curves, unless the last line says as much."""
        last = self.stats.read_text(encoding="utf-8").splitlines()[-1:] if self.stats.exists() else []
        if not last or _kimg(last[0]) != record["kimg"]:
            with self.stats.open("a", encoding="utf-8") as f:
                f.write(json.dumps(record) + "\n")

    def tidy(self, seen: int) -> None:
        """Clear away what a crash left: half-written files, and lines of the curves from after the checkpoint."""
        remove_parts(self.path)
        remove_parts(self.path / "samples")
        if self.stats.exists():
            text = self.stats.read_text(encoding="utf-8", errors="replace")
            kept = "".join(f"{line}\n" for line in text.splitlines() if _kimg(line) * 1000 <= seen + 0.5)
            if kept != text:
                write_atomically(self.stats, kept.encode())

    def write_image(self, name: str, image: Image.Image) -> Path:
        """Save a picture into the folder, atomically."""
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        write_atomically(self.path / name, buffer.getvalue())
        return self.path / name


def sheet(pictures: NDArray[np.uint8], columns: int = 8) -> Image.Image:
    """Lay pictures (N, 64, 64, 3) out in rows without gaps."""
    rows = -(-len(pictures) // columns)
    canvas = np.full((rows * 64, columns * 64, 3), 255, dtype=np.uint8)
    for i, picture in enumerate(pictures):
        y, x = divmod(i, columns)
        canvas[y * 64 : y * 64 + 64, x * 64 : x * 64 + 64] = picture
    return Image.fromarray(canvas)


def _kimg(line: str) -> float:
    try:
        return float(json.loads(line)["kimg"])
    except (ValueError, KeyError, TypeError):
        return float("inf")  # a torn line goes
