"""Start or resume a training run: the entry point for the command line and the bot."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from gan.checkpoint.model_card import check_style
from gan.checkpoint.weights import ModelCard, WeightsError, discriminator_beside, load_generator, read_tensors
from gan.dataset import Report
from gan.errors import MeliconError
from gan.metrics.sharpness import grain
from gan.shipped import DEFAULT_WEIGHTS
from gan.training.device import CPU
from gan.training.launcher import gathered, world_size
from gan.training.loop import Budget, Progress, train, with_recovery_hint
from gan.training.networks import architecture, width_of
from gan.training.options import TrainingOptions
from gan.training.precision import fastest_precision
from gan.training.process_group import END, ProcessGroup, ProcessLostError
from gan.training.run_folder import RunFolder, sheet
from gan.training.start_choice import StartChoice, choose_start
from gan.training.trainer import Trainer
from gan.training.training_set import TrainingSet
from gan.training.worker import broadcast_run

DEFAULT_MINUTES = 15.0
FLAT = 1.0  # grain, in levels of 255, below which pictures count as flat drawings; photographs have several
GRAIN_SAMPLE = 500  # pictures whose grain is measured


@dataclass
class Session:
    """One session of a run: everything is checked and loaded, nothing trained yet."""

    run: RunFolder
    trainer: Trainer
    card: ModelCard
    budget: Budget
    seconds: float = 0.0  # training time of earlier sessions
    choice: StartChoice | None = None  # of a new run that chose its initial weights itself

    @property
    def continued(self) -> bool:
        """Whether the run started from pretrained weights."""
        return bool(self.card.notes)

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
        choose: bool = False,
        continuing: TrainingOptions | None = None,
        progress: Callable[[int], None] | None = None,
        device: torch.device = CPU,
    ) -> tuple[Session, Report]:
        """Start a new run in ``out`` on the pictures of ``source``; ``progress`` receives the number read so far.

        ``begin`` names pretrained weights, or "default" for the shipped ones. With ``choose``, they are used only if
        `choose_start` finds that they draw similar pictures. ``continuing`` replaces ``options`` if the run starts
        from pretrained weights. Raises DatasetError, WeightsError or MeliconError before anything is written.
        """
        session, report = cls.prepare(
            out, source, options, style=style, minutes=minutes, kimg=kimg, begin=begin, choose=choose,
            continuing=continuing, progress=progress, device=device,
        )  # fmt: skip
        run = session.run
        try:
            run.path.mkdir(parents=True, exist_ok=True)
            with run.claimed():
                run.refuse_existing()  # again: another process may have started one while the pictures were read
                run.write_image("reals.png", sheet(session.trainer.data.images[:64]))
                session.trainer.data.save(run.pictures)
                if session.continued:  # a run killed before its first checkpoint must keep the pretrained weights
                    run.save_checkpoint(session.trainer.state(), 0.0)
                run.describe(session.trainer.options, session.card, asdict(session.budget))
        except OSError as error:
            raise MeliconError(f"cannot write the run to {out}: {error.strerror or error}") from error
        return session, report

    @classmethod
    def prepare(
        cls,
        out: Path,
        source: Path | str | Sequence[Path],
        options: TrainingOptions,
        *,
        style: str,
        minutes: float | None = None,
        kimg: float | None = None,
        begin: str | None = None,
        choose: bool = False,
        continuing: TrainingOptions | None = None,
        progress: Callable[[int], None] | None = None,
        device: torch.device = CPU,
    ) -> tuple[Session, Report]:
        """Check and load everything for `start` without writing anything."""
        run = RunFolder(out)
        run.refuse_existing()
        try:
            check_style(style)
        except ValueError as error:
            raise MeliconError(f"--style {style!r} is not a valid style name: {error}") from error
        learned = None if begin is None else _learned(begin)
        pictures, report = TrainingSet.load(source, progress)
        choice = choose_start(pictures.images, *learned[:2]) if learned is not None and choose else None
        if choice is not None and not choice.pretrained:
            learned = None
        if learned is not None and continuing is not None:
            options = continuing
        if options.architecture == "article":
            pictures = pictures.unlabelled()
        if learned is not None:
            pictures, options = _continue(pictures, options, learned[1])
        elif options.mapping:
            choices = sum(map(len, pictures.priors))  # a narrower mapping network would lose some of them
            options = replace(options, mapping=max(options.mapping, 64 * math.ceil(choices / 64)))
        options = _resolved(options, pictures)
        if minutes is None and kimg is None:
            minutes = DEFAULT_MINUTES
        trainer = Trainer(options, pictures, device)
        if learned is not None:
            trainer.start_from(learned[0], learned[2])
        card = ModelCard(
            style=style,
            architecture=architecture(options, pictures),
            attributes=pictures.attributes,
            dataset=pictures.source,
            notes="" if learned is None else f"continued from {learned[1].style} {learned[1].short_hash}",
        )
        return cls(run, trainer, card, Budget(minutes, kimg), choice=choice), report

    @classmethod
    def resume(
        cls, out: Path, *, minutes: float | None = None, kimg: float | None = None, device: torch.device = CPU
    ) -> Session:
        """Continue the run in ``out``, begun on any device, to its own budget or to a new one. Raises MeliconError."""
        run = RunFolder(out)
        run.read()  # raises where there is no run
        with run.claimed():  # read again under the lock, as another process may have saved since
            return cls._resumed(run, minutes, kimg, device)

    @classmethod
    def _resumed(cls, run: RunFolder, minutes: float | None, kimg: float | None, device: torch.device) -> Session:
        options, card, limits = run.read()
        try:
            budget = Budget(**limits)
        except (TypeError, ValueError) as error:
            raise MeliconError(f"no run to resume in {run.path}: its budget is {limits}") from error
        pictures = TrainingSet.open(run.pictures)
        trainer = Trainer(options, pictures, device)
        seconds = 0.0
        if run.checkpoint.exists():
            tensors, seconds = run.load_checkpoint()
            trainer.load_state(tensors)
        if minutes is not None or kimg is not None:
            budget = Budget(minutes, kimg)
            run.describe(options, card, asdict(budget))
        return cls(run, trainer, card, budget, seconds)

    def train(
        self,
        *,
        save_every: float = 180.0,
        should_stop: Callable[[], bool] = lambda: False,
        processes: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> Iterator[Progress]:
        """Train to the end of the budget with ``processes`` that share each batch; see ``gan.training.loop.train``.

        Raises MeliconError when another process is training this run.
        """
        with self.run.claimed():
            with with_recovery_hint(self.run):
                self.run.tidy(self.trainer.seen)
            with self._together(processes):
                yield from train(
                    self.trainer,
                    self.run,
                    self.card,
                    self.budget,
                    seconds=self.seconds,
                    save_every=save_every,
                    should_stop=should_stop,
                    clock=clock,
                )

    @contextmanager
    def _together(self, processes: int) -> Iterator[None]:
        """Train with a process group inside the block."""
        count = world_size() or processes
        if self.trainer.options.batch % count:
            raise MeliconError(
                f"a batch of {self.trainer.options.batch} cannot be shared by {count} processes: use another number of"
                " them, or another --batch"
            )
        if self.trainer.latents is not None and self.trainer.options.batch < 2 * count:
            raise MeliconError(
                f"with a batch of {self.trainer.options.batch}, each of {count} processes would get one picture, but"
                " learned latents need at least two per process: use fewer processes, or a larger --batch"
            )
        with ExitStack() as stack:
            with with_recovery_hint(self.run):
                group = stack.enter_context(gathered(processes))
                broadcast_run(self.trainer, group)
            try:
                yield
                with suppress(ProcessLostError):  # everything is saved already
                    group.announce(END)
            finally:
                self.trainer.join(ProcessGroup())


def _resolved(options: TrainingOptions, pictures: TrainingSet) -> TrainingOptions:
    """Resolve options that depend on this machine and these pictures, so that the run records them."""
    if options.precision == "auto":
        options = replace(options, precision=fastest_precision())
    if options.architecture == "fast":
        options = replace(options, z_dim=options.z_dim + sum(len(p) for p in pictures.priors))
    return replace(options, flat=options.flat and grain(pictures.images[:GRAIN_SAMPLE]) < FLAT)


def _learned(begin: str) -> tuple[torch.nn.Module, ModelCard, dict[str, torch.Tensor]]:
    path = DEFAULT_WEIGHTS if begin == "default" else Path(begin)
    generator, card = load_generator(path)
    discriminator = discriminator_beside(path)
    if discriminator is None:
        raise WeightsError(f"no discriminator.safetensors beside {path}: continuing takes both networks")
    return generator, card, read_tensors(discriminator)


def _continue(pictures: TrainingSet, options: TrainingOptions, card: ModelCard) -> tuple[TrainingSet, TrainingOptions]:
    """Keep the attributes of a pretrained generator, whatever the labels of the new pictures."""
    if card.architecture["name"] != options.architecture:
        raise MeliconError(
            f"--from weights of a {card.architecture['name']} network do not fit --preset {options.preset}"
        )
    if [a["values"] for a in card.attributes] != [a["values"] for a in pictures.attributes]:
        pictures = pictures.unlabelled()
    free = card.z_dim - sum(len(a["values"]) for a in card.attributes)
    options = replace(
        options,
        z_dim=free,
        mapping=card.architecture.get("mapping", 0),
        width=width_of(card.architecture),
        latent_noise=0.0,  # the pretrained latent space is smooth already
    )
    if pictures.labels is None:
        pictures = replace(pictures, attributes=card.attributes)
    return pictures, options
