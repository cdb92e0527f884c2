"""The losses, each written like its formula. Logits are (B,), higher for what D takes for real.

They know nothing of networks' insides, optimisers or logging: ``gan/training`` feeds them logits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

PATCH = 8  # pixels: side of the squares of `patch_energy`


def hinge_d(real: Tensor, fake: Tensor) -> Tensor:
    """D of the article: E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))] (Lim & Ye 2017; SAGAN, section 3)."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def hinge_g(fake: Tensor) -> Tensor:
    """G of the article: −E[D(G(z))]."""
    return -fake.mean()


def relativistic_d(real: Tensor, fake: Tensor) -> Tensor:
    """D, paired: E[softplus(−(D(x) − D(G(z))))] (Jolicoeur-Martineau 2018; R3GAN 2024, section 2)."""
    return F.softplus(-(real - fake)).mean()


def relativistic_g(real: Tensor, fake: Tensor) -> Tensor:
    """G, paired: E[softplus(−(D(G(z)) − D(x)))]. One mode for all no longer wins against every kind of real."""
    return F.softplus(-(fake - real)).mean()


def gradient_penalty(judge: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """E[‖∇ₓ D(x)‖²], summed over C, H and W: R1 on real pictures, R2 on drawn ones (Mescheder et al. 2018).

    ``images`` (B, 3, 64, 64) are the pictures before augmentation, which belongs inside ``judge``. The result has a
    graph of its own, for the double backward pass.
    """
    images = images.detach().requires_grad_(True)
    logits = judge(images)
    (gradient,) = torch.autograd.grad(logits.float().sum(), images, create_graph=True)
    return gradient.float().square().sum(dim=(1, 2, 3)).mean()


def classification_loss(named: Sequence[Tensor], labels: Tensor) -> Tensor:
    """Mean cross-entropy over the attributes: ``named`` holds logits (B, values), ``labels`` (B, attributes)."""
    losses = [F.cross_entropy(logits.float(), labels[:, i]) for i, logits in enumerate(named)]
    return torch.stack(losses).mean()


def perceptual_loss(drawn: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """KL(real ‖ drawn) of each attribute (B, attributes): what a classifier tells of G(z) that it does not tell of x.

    Both hold logits (B, values), of pairs that are to show the same. Where |G(z) − x| hardly notices a freckle,
    this does (perceptual losses, Johnson et al. 2016; here by what the network says, not by its features).
    """
    apart = [
        F.kl_div(d.float().log_softmax(dim=1), r.float().log_softmax(dim=1), log_target=True, reduction="none")
        for d, r in zip(drawn, real, strict=True)
    ]
    return torch.stack([attribute.sum(dim=1) for attribute in apart], dim=1)


def l1(drawn: Tensor, real: Tensor, weights: Tensor | float = 1.0) -> Tensor:
    """Mean |G(z) − x| over pairs (B, 3, 64, 64) that are to show the same (pix2pix, Isola et al. 2017, section 3.1).

    ``weights`` (B, 1, 64, 64) say how much each pixel counts, 1 on average.
    """
    return ((drawn.float() - real).abs() * weights).mean()


def l2(drawn: Tensor, real: Tensor, weights: Tensor | float = 1.0) -> Tensor:
    """Mean (G(z) − x)² over pairs (B, 3, 64, 64) that are to show the same; ``weights`` as for `reconstruction`.

    |G(z) − x| alone is least at the median: of what is there in less than half the cases, until G knows which, it wants
    nothing at all, and so a beard is never begun. The square is least at the mean.
    """
    return ((drawn.float() - real).square() * weights).mean()


def patch_energy(drawn: Tensor, real: Tensor, corner: Sequence[int] = (0, 0)) -> Tensor:
    """Energy distance of drawn patches p from the real ones q of their place: 2 E‖p − q‖ − E‖p − p'‖.

    E‖q − q'‖ is left out, which drawing cannot change (Székely & Rizzo 2013; for a GAN: Bellemare et al. 2017).
    ``drawn`` (N ≥ 2, 3, H, W) and ``real`` (M, 3, H, W) are cut into squares of `PATCH` pixels, which divides H and W,
    from ``corner`` (y, x) on and around the border; ‖·‖ is the root of the mean square.

    No two are to show the same here. What it tells G is that an average of pictures lies apart from all of them, and
    that what is drawn has to differ as real ones do. A hundred pictures say little of what all portraits may be, but
    much of what may be in a small square.
    """
    here, there = (_patches(x.float(), corner) for x in (drawn, real))
    count = len(drawn)
    others = ~torch.eye(count, dtype=torch.bool, device=here.device)
    return 2 * _apart(here, there).mean() - _apart(here, here)[:, others].mean()


def _patches(x: Tensor, corner: Sequence[int]) -> Tensor:
    """Cut (N, C, H, W) into (places, N, C · PATCH²)."""
    cut = x.roll((-corner[0], -corner[1]), dims=(2, 3)).unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH)
    return cut.permute(2, 3, 0, 1, 4, 5).flatten(3).flatten(0, 1)


def _apart(p: Tensor, q: Tensor) -> Tensor:
    """Root mean square difference of each of (places, N, D) from each of (places, M, D): (places, N, M)."""
    squared = p.square().sum(dim=2)[:, :, None] + q.square().sum(dim=2)[:, None] - 2 * p @ q.mT
    return (squared.clamp_min(0) / p.shape[2] + 1e-4).sqrt()  # of equals the root has no slope
