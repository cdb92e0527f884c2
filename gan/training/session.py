"""A run from its start or its checkpoint to its end: what the command line and the bot call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from gan.checkpoint import ModelCard, WeightsError, load_generator, read_tensors
from gan.dataset import Report
from gan.errors import MeliconError
from gan.training.loop import Budget, Progress, train
from gan.training.options import TrainingOptions
from gan.training.precision import fastest_precision
from gan.training.run_folder import RunFolder, sheet
from gan.training.trainer import Trainer
from gan.training.training_set import TrainingSet

DEFAULT_MINUTES = 15.0
DEFAULT_WEIGHTS = Path(__file__).parents[2] / "weights" / "default.safetensors"


@dataclass
class Session:
    """One sitting of a run: everything is checked and loaded, nothing trained yet."""

    run: RunFolder
    trainer: Trainer
    card: ModelCard
    budget: Budget
    seconds: float = 0.0  # trained in earlier sittings

    @classmethod
    def start(
        cls,
        out: Path,
        source: Path | str | Sequence[Path],
        options: TrainingOptions,
        *,
        style: str,
        minutes: float | None = None,
        kimg: float | None = None,
        begin: str | None = None,
    ) -> tuple[Session, Report]:
        """Begin a new run in ``out`` on the pictures of ``source``.

        ``begin`` names weights to continue from, or "default". Raises DatasetError, WeightsError or MeliconError before
        anything is written.
        """
        run = RunFolder(out)
        run.refuse_existing()
        learned = None if begin is None else _learned(begin)
        pictures, report = TrainingSet.load(source)
        if learned is not None:
            pictures, options = _continue(pictures, options, learned[1])
        options = _resolved(options, pictures)
        if minutes is None and kimg is None:
            minutes = DEFAULT_MINUTES
        trainer = Trainer(options, pictures)
        if learned is not None:
            trainer.start_from(learned[0], learned[2])
        card = ModelCard(
            style=style,
            architecture=trainer.architecture,
            attributes=pictures.attributes,
            dataset=pictures.source,
            notes="" if learned is None else f"continued from {learned[1].style} {learned[1].short_hash}",
        )
        run.create(options, card, {"minutes": minutes, "kimg": kimg}, sheet(pictures.images[:64]))
        pictures.save(run.pictures)
        return cls(run, trainer, card, Budget(minutes, kimg)), report

    @classmethod
    def resume(cls, out: Path, *, minutes: float | None = None, kimg: float | None = None) -> Session:
        """Go on with the run in ``out``, to its own budget or to a new one. Raises MeliconError."""
        run = RunFolder(out)
        options, card, budget = run.read()
        pictures = TrainingSet.open(run.pictures)
        trainer = Trainer(options, pictures)
        seconds = 0.0
        if run.checkpoint.exists():
            tensors, seconds = run.load_checkpoint()
            trainer.load_state(tensors)
        run.drop_stats_after(trainer.seen)
        if minutes is not None or kimg is not None:
            budget = {"minutes": minutes, "kimg": kimg}
        return cls(run, trainer, card, Budget(**budget), seconds)

    def train(
        self, *, save_every: float = 180.0, should_stop: Callable[[], bool] = lambda: False
    ) -> Iterator[Progress]:
        """Train to the end of the budget; see ``gan.training.loop.train``."""
        return train(
            self.trainer,
            self.run,
            self.card,
            self.budget,
            seconds=self.seconds,
            save_every=save_every,
            should_stop=should_stop,
        )


def _resolved(options: TrainingOptions, pictures: TrainingSet) -> TrainingOptions:
    """Settle what depends on this machine and these pictures, so that the run's options say it."""
    if options.precision == "auto":
        options = replace(options, precision=fastest_precision())
    if options.architecture == "fast":
        options = replace(options, z_dim=options.z_dim + sum(len(p) for p in pictures.priors))
    return options


def _learned(begin: str) -> tuple[torch.nn.Module, ModelCard, dict[str, torch.Tensor]]:
    path = DEFAULT_WEIGHTS if begin == "default" else Path(begin)
    generator, card = load_generator(path)
    beside = [path.with_name(name) for name in ("discriminator.safetensors", f"{path.stem}-discriminator.safetensors")]
    for candidate in beside:
        if candidate.exists():
            return generator, card, read_tensors(candidate)
    raise WeightsError(f"no {beside[0].name} beside {path}: continuing takes both networks")


def _continue(pictures: TrainingSet, options: TrainingOptions, card: ModelCard) -> tuple[TrainingSet, TrainingOptions]:
    """Let a generator that chooses attributes keep them, whatever the new pictures are labelled with."""
    if card.architecture["name"] != options.architecture:
        raise MeliconError(
            f"--from weights of a {card.architecture['name']} network do not fit --preset {options.preset}"
        )
    if [a["values"] for a in card.attributes] != [a["values"] for a in pictures.attributes]:
        pictures = replace(pictures, attributes=card.attributes, labels=None, label_sizes=[], wishes=None)
    free = card.z_dim - sum(len(a["values"]) for a in card.attributes)
    return pictures, replace(options, z_dim=free, mapping=int(card.architecture.get("mapping", 0)))
