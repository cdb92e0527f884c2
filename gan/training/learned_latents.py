"""Learned latents (GLO): one latent per training picture, optimised together with the generator.

For labelled pictures the latent's conditions are known. For unlabelled ones the latent is learned by reconstruction
(Bojanowski et al., "Optimizing the Latent Space of Generative Networks", 2018). Fine-tuning this way gives a pretrained
generator a supervised loss on every picture of the new style, which the adversarial loss alone does not.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from gan.networks.fast import Embedding, FastGenerator
from gan.training.adam import Adam
from gan.training.device import CPU
from gan.training.options import TrainingOptions
from gan.training.training_set import TrainingSet

LR_FREE, LR_CHOICES = 0.02, 0.1  # for normal numbers, and for logits that move from 0 to about ±5
BETAS = (0.0, 0.99)  # no momentum: most latents are not in the batch and must not drift
LEAST_LOGIT = -5.0  # initial logits are clamped here: lower ones would take too long to rise
OLD_PICTURES = 8  # pseudo-count of the pretrained prior


class PictureLatents(nn.Module):
    """One latent for each of ``count`` pictures, in the resolved space of a generator's ``embed``.

    Unconstrained latents drift away from the prior, where few icons are sampled. ``standard`` normalises every free
    dimension to mean 0 and standard deviation 1. See `forward` for ``noise``.
    """

    usual: Tensor  # (sum of values,), the pretrained probabilities

    def __init__(
        self, count: int, embed: Embedding, noise: float = 0.0, *, standard: bool = False, device: torch.device = CPU
    ) -> None:
        super().__init__()
        self.noise, self.standard = noise, standard
        self.sizes = [] if embed.choose is None else list(embed.choose.sizes)
        prior = torch.zeros(0) if embed.choose is None else embed.choose.prior.cpu()
        self.free = nn.Parameter(torch.randn(count, embed.free))
        self.choices = nn.Parameter(prior.clamp_min(LEAST_LOGIT).repeat(count, 1))
        self.register_buffer("usual", prior.exp())
        self.to(device)  # before the optimiser knows the parameters
        groups = [{"params": [self.free], "lr": LR_FREE}, {"params": [self.choices], "lr": LR_CHOICES}]
        self.optimiser = Adam(groups, betas=BETAS)

    def forward(self, picks: Tensor, near: Tensor | None = None) -> Tensor:
        """Latents of the pictures ``picks`` (B,), resolved as by `Embedding.resolve`: (B, z_dim).

        ``near`` (B, at least as many as are free), standard normal, perturbs them: ``noise`` is its share of the free
        dimensions. Training on a neighbourhood of each latent makes the space between pictures smooth.
        """
        free = self.free[picks]
        if self.standard:  # statistics are detached: a picture moves no other latent
            std, mean = torch.std_mean(self.free.detach(), dim=0)
            free = (free - mean) / std.clamp_min(1e-3)
        if near is not None and self.noise:
            free = math.sqrt(1 - self.noise**2) * free + self.noise * near[:, : free.shape[1]]
        return torch.cat([free, *self._shares(self.choices[picks])], dim=1)

    @torch.no_grad()
    def prior(self) -> Tensor:
        """Log probability of each value over the pictures, (sum of values,), smoothed by the pretrained prior."""
        count = len(self.choices)
        chosen = torch.cat(self._shares(self.choices), dim=1).sum(dim=0)
        return torch.log((chosen + OLD_PICTURES * self.usual) / (count + OLD_PICTURES))

    @torch.no_grad()
    def set_prior(self, network: nn.Module) -> None:
        """Set the prior over values in ``network`` to `prior`."""
        if isinstance(network, FastGenerator) and network.embed.choose is not None:
            network.embed.choose.prior.copy_(self.prior())

    def _shares(self, logits: Tensor) -> list[Tensor]:
        return [group.softmax(dim=1) for group in torch.split(logits, self.sizes, dim=1)] if self.sizes else [logits]


def latents_to_learn(
    options: TrainingOptions, data: TrainingSet, generator: nn.Module, device: torch.device = CPU
) -> PictureLatents | None:
    """Latents for the pictures, or None where they are known, too many, or the generator is not a `FastGenerator`."""
    if (
        data.conditions is not None
        or len(data.images) > options.learn_latents
        or not isinstance(generator, FastGenerator)
    ):
        return None
    return PictureLatents(
        len(data.images), generator.embed, options.latent_noise, standard=options.standard_latents, device=device
    )
