"""The latent of every training picture, learned together with the generator that draws it from there.

Where pictures carry labels, what a latent has to say to get one of them is known. Where they are just pictures, it can
be learned: each gets a point of its own, and both the point and the generator are moved until the one draws the other
(Bojanowski et al., "Optimizing the Latent Space of Generative Networks", 2018). So a generator that knows one hand
is shown, picture by picture, what it would be in another, and no picture is left out, as the game alone would do.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from gan.networks.fast import Embedding, FastGenerator
from gan.training.options import TrainingOptions
from gan.training.training_set import TrainingSet

LR_FREE, LR_CHOICES = 0.02, 0.1  # numbers of size 1, and logits that have to get from 0 to about ±5
BETAS = (0.0, 0.99)  # no momentum: most points are not in the batch, and must not drift
LEAST_LOGIT = -5.0  # where values begin that are hardly ever chosen: lower ones would take too long to come up
OLD_PICTURES = 8  # as so many pictures counts how often values were chosen before


class PictureLatents(nn.Module):
    """Points in the latent space of a generator's ``embed``, one for each of ``count`` pictures, choices made.

    Left alone they move apart, to where hardly any icon is drawn from; ``standard`` ones have mean 0 and standard
    deviation 1 in every free number. ``noise`` is said in `forward`.
    """

    usual: Tensor  # (sum of values,) how often each was chosen before

    def __init__(self, count: int, embed: Embedding, noise: float = 0.0, *, standard: bool = False) -> None:
        super().__init__()
        self.noise, self.standard = noise, standard
        self.sizes = [] if embed.choose is None else list(embed.choose.sizes)
        prior = torch.zeros(0) if embed.choose is None else embed.choose.prior
        self.free = nn.Parameter(torch.randn(count, embed.free))
        self.choices = nn.Parameter(prior.clamp_min(LEAST_LOGIT).repeat(count, 1))
        self.register_buffer("usual", prior.exp())
        groups = [{"params": [self.free], "lr": LR_FREE}, {"params": [self.choices], "lr": LR_CHOICES}]
        self.optimiser: torch.optim.Optimizer = torch.optim.Adam(groups, betas=BETAS, foreach=True)  # moves the points

    def forward(self, picks: Tensor, near: Tensor | None = None) -> Tensor:
        """The points of the pictures ``picks`` (B,), as `Embedding.resolve` returns them: (B, z_dim).

        With ``near`` (B, at least as many as are free), standard normal, points somewhere near them: ``noise`` of such
        a point's free numbers is chance, the rest the picture's. Points that keep still are all that a generator
        learns, and between them it draws what it likes.
        """
        free = self.free[picks]
        if self.standard:  # the statistics are taken for constants: a picture moves no other one's point
            std, mean = torch.std_mean(self.free.detach(), dim=0)
            free = (free - mean) / std.clamp_min(1e-3)
        if near is not None and self.noise:
            free = math.sqrt(1 - self.noise**2) * free + self.noise * near[:, : free.shape[1]]
        return torch.cat([free, *self._shares(self.choices[picks])], dim=1)

    @torch.no_grad()
    def prior(self) -> Tensor:
        """Log of how often each value is chosen by the pictures, (sum of values,), softened by what was usual."""
        count = len(self.choices)
        chosen = torch.cat(self._shares(self.choices), dim=1).sum(dim=0)
        return torch.log((chosen + OLD_PICTURES * self.usual) / (count + OLD_PICTURES))

    @torch.no_grad()
    def set_prior(self, network: nn.Module) -> None:
        """Let the latents of ``network`` choose each value as often as the pictures turned out to."""
        if isinstance(network, FastGenerator) and network.embed.choose is not None:
            network.embed.choose.prior.copy_(self.prior())

    def _shares(self, logits: Tensor) -> list[Tensor]:
        return [group.softmax(dim=1) for group in torch.split(logits, self.sizes, dim=1)] if self.sizes else [logits]


def latents_to_learn(options: TrainingOptions, data: TrainingSet, generator: nn.Module) -> PictureLatents | None:
    """Points for the pictures, where their latents are not known and they are few enough to be learned."""
    if (
        data.conditions is not None
        or len(data.images) > options.learn_latents
        or not isinstance(generator, FastGenerator)
    ):
        return None
    return PictureLatents(len(data.images), generator.embed, options.latent_noise, standard=options.standard_latents)
