"""The trainer: networks, optimisers and one training step of both. No files, no progress display."""

from __future__ import annotations

import copy
import math
from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn

from gan.batch_rng import BatchRng
from gan.errors import MeliconError
from gan.networks.fast import FastDiscriminator, FastGenerator
from gan.training import losses
from gan.training.adam import Adam
from gan.training.augment import augment
from gan.training.batches import Batch, PictureTensors, labelled_pictures, pictures, requested_choices
from gan.training.checkpoint_tensors import pack, unpack
from gan.training.device import CPU, autocast, precision_on
from gan.training.ema import recalibrate_batchnorm, update_average
from gan.training.learned_latents import latents_to_learn
from gan.training.networks import build_networks, load_pretrained
from gan.training.options import TrainingOptions
from gan.training.process_group import AVERAGE, ProcessGroup
from gan.training.reconstruction import ReconstructionLoss
from gan.training.schedule import learning_rates
from gan.training.training_set import TrainingSet

RECALIBRATION_LATENTS = 512  # latents for batch normalisation recalibration


class TrainingError(MeliconError):
    """Training cannot continue; str says why and what was saved."""


class Trainer:
    """Generator, discriminator, averaged generator and both optimisers; ``step()`` trains on one batch."""

    def __init__(self, options: TrainingOptions, data: TrainingSet, device: torch.device = CPU) -> None:
        self.options = options
        self.data = data
        self.device = device
        self.precision = precision_on(device, options.precision)
        self.pictures = PictureTensors.of(data, device)
        self.seen = 0  # real pictures so far
        self.steps = 0
        self.rng = BatchRng(options.seed, device=device)  # source of all randomness in the run
        self.group = ProcessGroup()  # the processes that share each batch
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            self.G, self.D = build_networks(options, data)
            self.latents = latents_to_learn(options, data, self.G, device)
        self.G, self.D = self.G.to(device), self.D.to(device)
        self.pair_loss = ReconstructionLoss(options, data, device)
        self.average = copy.deepcopy(self.G).requires_grad_(False)
        betas = (options.beta1, options.beta2)
        self.optimiser_g = Adam(self.G.parameters(), options.lr_g, betas)
        self.optimiser_d = Adam(self.D.parameters(), options.lr_d, betas)

    def step(self, progress: float = 0.0, *, measure: bool = True) -> dict[str, float]:
        """Train on one batch; ``progress`` in [0, 1] sets the learning rates.

        Returns the losses. Raises TrainingError when one of them is not finite. Without ``measure`` they are not read,
        so the CPU does not wait for a GPU; the result is {}.
        """
        o = self.options
        if self.group.leads:
            self.group.announce(progress)
        warmed = self._warm_up_progress(progress)
        self._set_learning_rates(progress, warmed)
        supervised = warmed < 1 or self._supervised_round()
        batch = self._batch(all_paired=supervised)
        drawn = self._draw(batch)
        if supervised:
            report = self._reconstruction_step(batch, drawn)
        else:
            report = self._discriminator_step(batch, drawn.detach())
            if o.gamma and self.steps % o.d_reg_interval == 0:
                report["penalty"] = self._penalty_step(batch.real, drawn.detach())
            if not o.reuse_drawings:
                drawn = self._draw(batch)
            report |= self._generator_step(batch, drawn)
        self.steps += 1
        self.seen += o.batch
        self._update_average()
        return self._read(report) if measure else {}

    def _read(self, report: dict[str, Tensor]) -> dict[str, float]:
        read = dict(zip(report, torch.stack([value.float() for value in report.values()]).tolist(), strict=True))
        if not all(math.isfinite(v) for v in read.values()):
            values = ", ".join(f"{name} {value:g}" for name, value in read.items())
            raise TrainingError(f"a loss is no longer a finite number after {self.seen} pictures ({values})")
        return read

    @property
    def warms_up(self) -> bool:
        """Whether the run begins with a supervised phase."""
        known = self.data.conditions is not None and self.options.warm_up_kimg > 0
        return known or (self.latents is not None and self.options.warm_up_share > 0)

    def _warm_up_progress(self, progress: float) -> float:
        """Progress of the supervised phase; 1 or more means it is over."""
        o = self.options
        # once the adversarial phase has begun, a longer budget does not end it
        if not self.warms_up or self.optimiser_d.state:
            return 1.0
        return self.seen / (o.warm_up_kimg * 1000) if self.latents is None else progress / o.warm_up_share

    def _supervised_round(self) -> bool:
        """Whether this round of the adversarial phase is a supervised one."""
        o = self.options
        return self.warms_up and self.steps // o.d_reg_interval % o.adversarial_every != 0

    def _batch(self, *, all_paired: bool = False) -> Batch:
        count = self.options.batch // self.group.count
        picks = self.rng.integers(0, len(self.data.images), count)
        if self.latents is not None:
            # half of the adversarial batch uses random latents, as most icons will be drawn from those
            return pictures(self.pictures, picks, paired=count if all_paired else count // 2)
        return (labelled_pictures if self.options.architecture == "fast" else pictures)(self.pictures, picks)

    def _draw(self, batch: Batch) -> Tensor:
        """One picture per batch entry, from its paired latent where there is one, else from a random latent."""
        latent = self.rng.normal(len(batch.real), self.options.z_dim)
        with self._autocast():
            if not batch.paired or not isinstance(self.G, FastGenerator):
                drawn: Tensor = self.G(latent)
                return drawn
            if batch.conditions is not None:
                resolved = torch.cat([latent[:, : self.G.embed.free], batch.conditions], dim=1)
            elif self.latents is not None:
                others = self.G.embed.resolve(latent[batch.paired :])
                known = self.latents(batch.picks[: batch.paired], near=latent[: batch.paired])
                resolved = torch.cat([known, others])
            return self.G.draw_resolved(resolved)

    def _autocast(self) -> AbstractContextManager[object]:
        return autocast(self.precision, self.device)

    def _reconstruction_step(self, batch: Batch, drawn: Tensor) -> dict[str, Tensor]:
        loss, report = self.pair_loss(batch, drawn)
        self._update_generator(loss)
        return report

    def _discriminator_step(self, batch: Batch, drawn: Tensor) -> dict[str, Tensor]:
        self.D.requires_grad_(True)
        real_logits, named = self._judge(batch.real, classify=batch.labels is not None)
        drawn_logits, _ = self._judge(drawn)
        loss = (losses.hinge_d if self.options.loss == "hinge" else losses.relativistic_d)(real_logits, drawn_logits)
        report = {"d_loss": loss, "d_real": real_logits.mean(), "d_drawn": drawn_logits.mean()}
        report = {name: value.detach() for name, value in report.items()}
        if batch.labels is not None:
            classification = losses.classification_loss(named, batch.labels)
            report["d_classification"] = classification.detach()
            loss = loss + self.options.classification * classification
        self._descend(loss, self.optimiser_d)
        return report

    def _penalty_step(self, real: Tensor, drawn: Tensor) -> Tensor:
        """R1 + R2 on part of the batch, scaled up for the skipped steps (lazy regularisation)."""
        o = self.options
        n = max(1, o.penalty_batch // self.group.count)

        def judge(x: Tensor) -> Tensor:
            return self._judge(x)[0]

        penalty = losses.gradient_penalty(judge, real[:n]) + losses.gradient_penalty(judge, drawn[:n].float())
        self._descend(penalty * (o.gamma / 2 * o.d_reg_interval), self.optimiser_d)
        return penalty.detach()

    def _generator_step(self, batch: Batch, drawn: Tensor) -> dict[str, Tensor]:
        self.D.requires_grad_(False)  # skip D's weight gradients, which cost a third
        drawn_logits, named = self._judge(drawn, classify=batch.labels is not None)
        if self.options.loss == "hinge":
            loss = losses.hinge_g(drawn_logits)
        else:
            with torch.no_grad():
                real_logits, _ = self._judge(batch.real)
            loss = losses.relativistic_g(real_logits, drawn_logits)
        report = {"g_loss": loss.detach()}
        if batch.labels is not None:
            classification = losses.classification_loss(named, batch.labels)
            report["g_classification"] = classification.detach()
            loss = loss + self.options.classification * classification
        if batch.paired:
            paired, known = self.pair_loss(batch, drawn)
            loss, report = loss + paired, report | known
        others = drawn[batch.paired :]  # from random latents
        if self.latents is not None and self.options.patches and len(others) > 1:
            corner = divmod(13 * self.steps, losses.PATCH)  # cycles through all offsets, the same in every process
            apart = losses.patch_energy(others, batch.real, corner)
            loss, report["g_patches"] = loss + self.options.patches * apart, apart.detach()
        self._update_generator(loss)
        return report

    def _update_generator(self, loss: Tensor) -> None:
        """Update G and, where they are learned, the latents."""
        if self.latents is None:
            self._descend(loss, self.optimiser_g)
            return
        self._descend(loss, self.optimiser_g, self.latents.optimiser)
        for network in (self.G, self.average):
            self.latents.set_prior(network)

    def _judge(self, x: Tensor, *, classify: bool = False) -> tuple[Tensor, list[Tensor]]:
        """D's logits (B,) for the augmented pictures and, if asked, the auxiliary classifier's logits."""
        o = self.options
        x = augment(x, o.augment, o.augment_probability, self.rng)
        with self._autocast():
            if not isinstance(self.D, FastDiscriminator):
                return self.D(x).float(), []
            features = self.D.features(x)
            return self.D.judge(features).float(), self.D.classify(features) if classify else []

    def _descend(self, loss: Tensor, *optimisers: Adam) -> None:
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        groups = [group for optimiser in optimisers for group in optimiser.param_groups]
        self.group.average([p.grad for group in groups for p in group["params"] if p.grad is not None])
        for optimiser in optimisers:
            optimiser.step()

    def _set_learning_rates(self, progress: float, warmed: float = 1.0) -> None:
        now = learning_rates(self.options, progress, warmed)
        for group in self.optimiser_g.param_groups:
            group |= {"lr": now.lr_g, "betas": (now.beta1_g, self.options.beta2)}
        for group in self.optimiser_d.param_groups:
            group["lr"] = now.lr_d

    def _update_average(self) -> None:
        o = self.options
        half_life = min(o.ema_kimg * 1000, o.ema_rampup * self.seen)
        update_average(self.average, self.G, 1.0 if half_life <= 0 else 1 - 0.5 ** (o.batch / half_life))

    def join(self, group: ProcessGroup) -> None:
        """Train with ``group`` from now on; ``ProcessGroup()`` is this process alone. All must hold the same state."""
        state = self.rng.stream.get_state()
        self.group = group
        self.rng = BatchRng(self.options.seed, group.rank, group.count, self.device)
        self.rng.stream.set_state(state)

    def average_buffers(self) -> None:
        """Average BatchNorm's running statistics over the processes, each of which saw its part. Weights are equal."""
        if self.group.leads:
            self.group.announce(AVERAGE)
        buffers = [b for network in (self.G, self.D, self.average) for b in network.buffers()]
        self.group.average([b for b in buffers if b.is_floating_point()])

    def ema_generator(self) -> nn.Module:
        """A copy of the averaged generator on the CPU, in eval mode, with BatchNorm recalibrated over fixed latents.

        Conditions come from the training set where it has them, as those are what the network was trained on.
        """
        rng = torch.Generator().manual_seed(1)
        latents = torch.randn(RECALIBRATION_LATENTS, self.options.z_dim, generator=rng).to(self.device)
        with self._autocast():
            if not isinstance(self.average, FastGenerator) or self.data.conditions is None:
                return recalibrate_batchnorm(self.average, latents).cpu()
            picks = torch.randint(len(self.data.images), (RECALIBRATION_LATENTS,), generator=rng).to(self.device)
            conditions = requested_choices(self.pictures, picks)
            latents = torch.cat([latents[:, : self.average.embed.free], conditions], dim=1)
            return recalibrate_batchnorm(self.average, latents, FastGenerator.draw_resolved).cpu()

    def start_from(self, generator: nn.Module, discriminator: dict[str, Tensor]) -> None:
        """Start from pretrained weights. Raises MeliconError when the architectures differ."""
        load_pretrained(self.G, self.D, generator, discriminator)
        self.average.load_state_dict(self.G.state_dict())
        if self.latents is not None:  # initialised from the pretrained prior
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(self.options.seed)
                self.latents = latents_to_learn(self.options, self.data, self.G, self.device)

    def state(self) -> dict[str, Tensor]:
        """The full training state as named tensors: a resumed run continues exactly.

        Raises TrainingError when a number in it is not finite.
        """
        tensors = pack(*self._parts())
        broken = [name for name, t in tensors.items() if t.is_floating_point() and not t.isfinite().all()]
        if broken:
            raise TrainingError(f"{broken[0]} holds numbers that are not finite after {self.seen} pictures")
        return tensors | {"dice": self.rng.stream.get_state(), "counters": torch.tensor([self.seen, self.steps])}

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        """Restore what ``state`` returned. Raises TrainingError when it does not fit."""
        try:
            unpack(tensors, *self._parts())
            self.rng.stream.set_state(tensors["dice"])
            self.seen, self.steps = (int(n) for n in tensors["counters"])
        except (KeyError, IndexError, RuntimeError, ValueError, TypeError) as error:
            what = str(error).splitlines()[-1].strip()
            raise TrainingError(f"the checkpoint does not fit the run's options: {what}") from error

    def _parts(self) -> tuple[dict[str, nn.Module], dict[str, Adam]]:
        modules = {"G": self.G, "D": self.D, "average": self.average}
        optimisers: dict[str, Adam] = {
            "optimiser_g": self.optimiser_g,
            "optimiser_d": self.optimiser_d,
        }
        if self.latents is not None:
            modules["latents"], optimisers["optimiser_latents"] = self.latents, self.latents.optimiser
        return modules, optimisers
