"""The game itself: the networks, their optimisers and one step of both. Knows nothing of files or progress bars."""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan import losses
from gan.augment import augment
from gan.errors import MeliconError
from gan.fast_networks import FastDiscriminator, FastGenerator
from gan.networks import Discriminator, Generator
from gan.training.options import TrainingOptions
from gan.training.training_set import TrainingSet

Network = TypeVar("Network", bound=nn.Module)


class TrainingError(MeliconError):
    """A run that cannot go on; str says why and what is kept."""


@dataclass(frozen=True)
class Batch:
    """Real pictures (B, 3, 64, 64) in [-1, 1] and, of the house artist's, what they show and what was wished for."""

    real: Tensor
    labels: Tensor | None  # (B, attributes) int64
    wishes: Tensor | None  # (B, sum of values) one-hot, as a latent's choices


class Trainer:
    """Generator, discriminator, averaged generator and both optimisers; ``step()`` moves them by one batch."""

    def __init__(self, options: TrainingOptions, data: TrainingSet) -> None:
        self.options = options
        self.data = data
        self.images = torch.from_numpy(data.images)
        self.seen = 0  # real pictures shown so far
        self.steps = 0
        self.dice = torch.Generator().manual_seed(options.seed)  # every random choice of the run comes from here
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            self.G, self.D = self._build_networks()
        self.average = copy.deepcopy(self.G).requires_grad_(False)
        betas = (options.beta1, options.beta2)
        self.optimiser_g = torch.optim.Adam(self.G.parameters(), options.lr_g, betas, foreach=True)
        self.optimiser_d = torch.optim.Adam(self.D.parameters(), options.lr_d, betas, foreach=True)

    def _build_networks(self) -> tuple[nn.Module, nn.Module]:
        o = self.options
        if o.architecture == "article":
            return Generator(o.z_dim), Discriminator()
        sizes = [len(p) for p in self.data.priors]
        G = FastGenerator(o.z_dim, attributes=sizes, mapping=o.mapping)
        if G.embed.choose is not None:
            G.embed.choose.prior.copy_(torch.tensor([math.log(p) for prior in self.data.priors for p in prior]))
        D = FastDiscriminator(attributes=self.data.label_sizes)
        return channels_last(G), channels_last(D)

    @property
    def architecture(self) -> dict[str, Any]:
        """What a model card needs to build the generator again."""
        described: dict[str, Any] = {"name": self.options.architecture, "z_dim": self.options.z_dim}
        if self.data.attributes:
            described["attributes"] = [len(p) for p in self.data.priors]
        if self.options.mapping:
            described["mapping"] = self.options.mapping
        return described

    def step(self, progress: float = 0.0) -> dict[str, float]:
        """Show D one batch and let both learn from it; ``progress`` in [0, 1] sets the learning rates.

        Returns the losses. Raises TrainingError when one of them is not a finite number.
        """
        o = self.options
        self._set_learning_rates(progress)
        batch = self._batch()
        drawn = self._draw(batch)
        if self._warming_up:
            report = self._reconstruction_step(batch, drawn)
        else:
            report = self._discriminator_step(batch, drawn.detach())
            if o.gamma and self.steps % o.penalty_every == 0:
                report["penalty"] = self._penalty_step(batch.real, drawn.detach())
            if not o.reuse_drawings:
                drawn = self._draw(batch)
            report |= self._generator_step(batch, drawn)
        self.steps += 1
        self.seen += o.batch
        self._update_average()
        if not all(math.isfinite(v) for v in report.values()):
            raise TrainingError(f"a loss is no longer a finite number after {self.seen} pictures: {report}")
        return report

    @property
    def _warming_up(self) -> bool:
        return self.data.wishes is not None and self.seen < self.options.warm_up_kimg * 1000

    def _batch(self) -> Batch:
        picks = torch.randint(len(self.images), (self.options.batch,), generator=self.dice)
        real = self.images[picks].permute(0, 3, 1, 2).float() / 127.5 - 1  # stored with channels last, and stays so
        if self.data.labels is None or self.data.wishes is None or self.options.architecture != "fast":
            return Batch(real, None, None)
        wishes = torch.from_numpy(self.data.wishes)[picks]
        chosen = [F.one_hot(wishes[:, i], len(p)) for i, p in enumerate(self.data.priors)]
        return Batch(real, torch.from_numpy(self.data.labels)[picks], torch.cat(chosen, dim=1).float())

    def _draw(self, batch: Batch) -> Tensor:
        """One picture for each of the batch: of the same attributes where they are known, of any where not."""
        latent = torch.randn(len(batch.real), self.options.z_dim, generator=self.dice)
        with self._autocast():
            if batch.wishes is None or not isinstance(self.G, FastGenerator):
                drawn: Tensor = self.G(latent)
                return drawn
            resolved = torch.cat([latent[:, : self.G.embed.free], batch.wishes], dim=1)
            return self.G.paint(self.G.embed.mix(resolved))

    def _reconstruction_step(self, batch: Batch, drawn: Tensor) -> dict[str, float]:
        loss = losses.reconstruction(drawn, batch.real)
        self._descend(self.optimiser_g, loss)
        return {"g_reconstruction": loss.item()}

    def _discriminator_step(self, batch: Batch, drawn: Tensor) -> dict[str, float]:
        self.D.requires_grad_(True)
        real_logits, named = self._judge(batch.real, name=batch.labels is not None)
        drawn_logits, _ = self._judge(drawn)
        loss = (losses.hinge_d if self.options.loss == "hinge" else losses.relativistic_d)(real_logits, drawn_logits)
        report = {"d_loss": loss.item(), "d_real": real_logits.mean().item(), "d_drawn": drawn_logits.mean().item()}
        if batch.labels is not None:
            naming = losses.naming_loss(named, batch.labels)
            report["d_naming"] = naming.item()
            loss = loss + self.options.naming * naming
        self._descend(self.optimiser_d, loss)
        return report

    def _penalty_step(self, real: Tensor, drawn: Tensor) -> float:
        """R1 + R2 on part of the batch, in a step of their own, counted for the steps in between."""
        o = self.options
        n = o.penalty_batch

        def judge(x: Tensor) -> Tensor:
            return self._judge(x)[0]

        penalty = losses.gradient_penalty(judge, real[:n]) + losses.gradient_penalty(judge, drawn[:n].float())
        self._descend(self.optimiser_d, penalty * (o.gamma / 2 * o.penalty_every))
        return penalty.item()

    def _generator_step(self, batch: Batch, drawn: Tensor) -> dict[str, float]:
        self.D.requires_grad_(False)  # G learns through D, D does not learn: its weight gradients cost a third
        drawn_logits, named = self._judge(drawn, name=batch.labels is not None)
        if self.options.loss == "hinge":
            loss = losses.hinge_g(drawn_logits)
        else:
            with torch.no_grad():
                real_logits, _ = self._judge(batch.real)
            loss = losses.relativistic_g(real_logits, drawn_logits)
        report = {"g_loss": loss.item()}
        if batch.labels is not None:
            naming = losses.naming_loss(named, batch.labels)
            reconstruction = losses.reconstruction(drawn, batch.real)
            report |= {"g_naming": naming.item(), "g_reconstruction": reconstruction.item()}
            loss = loss + self.options.naming * naming + self.options.reconstruction * reconstruction
        self._descend(self.optimiser_g, loss)
        return report

    def _judge(self, x: Tensor, *, name: bool = False) -> tuple[Tensor, list[Tensor]]:
        """D's logits (B,) for the augmented pictures and, if asked, those of their attributes."""
        o = self.options
        x = augment(x, o.augment, o.augment_probability, self.dice)
        with self._autocast():
            if not isinstance(self.D, FastDiscriminator):
                return self.D(x).float(), []
            features = self.D.features(x)
            return self.D.judge(features).float(), self.D.name(features) if name else []

    @staticmethod
    def _descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()

    def _autocast(self) -> torch.autocast:
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.options.precision == "bfloat16")

    def _set_learning_rates(self, progress: float) -> None:
        o = self.options
        factor = 1.0
        if progress > o.anneal_from:
            along = min(1.0, (progress - o.anneal_from) / (1 - o.anneal_from))
            factor = o.anneal_to + (1 - o.anneal_to) * (1 + math.cos(math.pi * along)) / 2
        lr_g = o.warm_up_lr if self._warming_up else o.lr_g
        for optimiser, lr in ((self.optimiser_g, lr_g), (self.optimiser_d, o.lr_d)):
            for group in optimiser.param_groups:
                group["lr"] = lr * factor

    @torch.no_grad()
    def _update_average(self) -> None:
        o = self.options
        half_life = min(o.ema_kimg * 1000, o.ema_ramp * self.seen)
        weight = 1.0 if half_life <= 0 else 1 - 0.5 ** (o.batch / half_life)
        average, current = self.average.state_dict(), self.G.state_dict()
        floats = [k for k, v in current.items() if v.is_floating_point()]
        torch._foreach_lerp_([average[k] for k in floats], [current[k] for k in floats], weight)
        for k in current.keys() - set(floats):
            average[k].copy_(current[k])

    def drawing_network(self, pictures: int = 512) -> nn.Module:
        """The averaged generator, ready to draw: a copy in eval mode whose BatchNorm statistics fit its weights.

        Averaged weights see other activations than the ones the running statistics were taken from; so they are
        taken again over ``pictures`` fixed latents ("standing statistics", BigGAN, section 3.2).
        """
        network = copy.deepcopy(self.average)
        norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over all batches
        latents = torch.randn(pictures, self.options.z_dim, generator=torch.Generator().manual_seed(1))
        network.train()
        with torch.no_grad(), self._autocast():
            for chunk in torch.split(latents, 32):
                network(chunk)
        for norm in norms:
            norm.momentum = 0.1
        return network.eval()

    def start_from(self, generator: nn.Module, discriminator: dict[str, Tensor]) -> None:
        """Begin with learned weights: transfer to a new hand. Raises TrainingError when they are of another network."""
        try:
            self.G.load_state_dict(generator.float().state_dict())
            wanted = self.D.state_dict()
            self.D.load_state_dict(
                {k: discriminator[k].float() if k in discriminator else v for k, v in wanted.items()}
            )
        except RuntimeError as error:
            raise TrainingError(f"these weights are of another network than preset {self.options.preset}") from error
        self.average.load_state_dict(self.G.state_dict())

    def state(self) -> dict[str, Tensor]:
        """Everything a run needs to go on as if never stopped, as named tensors."""
        tensors: dict[str, Tensor] = {"dice": self.dice.get_state(), "counters": torch.tensor([self.seen, self.steps])}
        for name, module in (("G", self.G), ("D", self.D), ("average", self.average)):
            tensors |= {f"{name}.{k}": v for k, v in module.state_dict().items()}
        for name, optimiser in (("optimiser_g", self.optimiser_g), ("optimiser_d", self.optimiser_d)):
            for i, values in optimiser.state_dict()["state"].items():
                tensors |= {f"{name}.{i}.{k}": v for k, v in values.items()}
        return {k: v.detach().contiguous().clone() for k, v in tensors.items()}

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        """Take over what ``state`` gave. Raises TrainingError when it belongs to other networks."""
        try:
            self.dice.set_state(tensors["dice"])
            self.seen, self.steps = (int(n) for n in tensors["counters"])
            for name, module in (("G", self.G), ("D", self.D), ("average", self.average)):
                module.load_state_dict(_below(tensors, name))
            for name, optimiser in (("optimiser_g", self.optimiser_g), ("optimiser_d", self.optimiser_d)):
                self._load_optimiser(optimiser, _below(tensors, name))
        except (KeyError, RuntimeError, ValueError) as error:
            raise TrainingError(f"the checkpoint does not fit this run: {error}") from error

    @staticmethod
    def _load_optimiser(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            index, key = name.split(".", 1)
            state.setdefault(int(index), {})[key] = tensor
        optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})


def _below(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    return {k[len(name) + 1 :]: v for k, v in tensors.items() if k.startswith(name + ".")}


def channels_last(module: Network) -> Network:
    """Lay the weights out as the CPU's convolutions like them; bfloat16 without it is up to 20 times slower."""
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks the argument
    return module
