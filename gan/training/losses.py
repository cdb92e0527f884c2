"""Loss functions. Logits are (B,), higher for what D takes for real.

They are independent of network internals, optimisers and logging.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

PATCH = 8  # pixels: side of the patches of `patch_energy`


def hinge_d(real: Tensor, fake: Tensor) -> Tensor:
    """Hinge loss of D: E[max(0, 1 − D(x))] + E[max(0, 1 + D(G(z)))] (Lim & Ye 2017; SAGAN, section 3)."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


def hinge_g(fake: Tensor) -> Tensor:
    """Hinge loss of G: −E[D(G(z))]."""
    return -fake.mean()


def relativistic_d(real: Tensor, fake: Tensor) -> Tensor:
    """Relativistic loss of D: E[softplus(−(D(x) − D(G(z))))] (Jolicoeur-Martineau 2018; R3GAN 2024, section 2)."""
    return F.softplus(-(real - fake)).mean()


def relativistic_g(real: Tensor, fake: Tensor) -> Tensor:
    """Relativistic loss of G: E[softplus(−(D(G(z)) − D(x)))]. It discourages mode collapse."""
    return F.softplus(-(fake - real)).mean()


def gradient_penalty(judge: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """E[‖∇ₓ D(x)‖²], summed over C, H and W: R1 on real pictures, R2 on drawn ones (Mescheder et al. 2018).

    ``images`` (B, 3, 64, 64) are the pictures before augmentation; ``judge`` augments them. The result supports double
    backward.
    """
    images = images.detach().requires_grad_(True)
    logits = judge(images)
    (gradient,) = torch.autograd.grad(logits.float().sum(), images, create_graph=True)
    return gradient.float().square().sum(dim=(1, 2, 3)).mean()


def classification_loss(named: Sequence[Tensor], labels: Tensor) -> Tensor:
    """Mean cross-entropy over attributes: ``named`` holds logits (B, values), ``labels`` is (B, attributes)."""
    losses = [F.cross_entropy(logits.float(), labels[:, i]) for i, logits in enumerate(named)]
    return torch.stack(losses).mean()


def perceptual_loss(drawn: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """KL(real ‖ drawn) of a classifier's predictions, by attribute: (B, attributes).

    Both hold one tensor of logits (B, values) per attribute, for paired pictures. It reacts to small features such as
    freckles that barely change |G(z) − x| (compare Johnson et al. 2016, who match features instead of predictions).
    """
    apart = [
        F.kl_div(d.float().log_softmax(dim=1), r.float().log_softmax(dim=1), log_target=True, reduction="none")
        for d, r in zip(drawn, real, strict=True)
    ]
    return torch.stack([attribute.sum(dim=1) for attribute in apart], dim=1)


def l1(drawn: Tensor, real: Tensor, weights: Tensor | float = 1.0) -> Tensor:
    """Mean |G(z) − x| over paired pictures (B, 3, 64, 64) (pix2pix, Isola et al. 2017, section 3.1).

    ``weights`` (B, 1, 64, 64) weigh the pixels, 1 on average.
    """
    return ((drawn.float() - real).abs() * weights).mean()


def l2(drawn: Tensor, real: Tensor, weights: Tensor | float = 1.0) -> Tensor:
    """Mean (G(z) − x)² over paired pictures (B, 3, 64, 64); ``weights`` as for `l1`.

    L1 alone is minimised by the median, so features in less than half of the pictures vanish early in training. L2 is
    minimised by the mean.
    """
    return ((drawn.float() - real).square() * weights).mean()


def patch_energy(drawn: Tensor, real: Tensor, corner: Sequence[int] = (0, 0)) -> Tensor:
    """Energy distance between drawn patches p and real patches q at the same position: 2 E‖p − q‖ − E‖p − p'‖.

    The constant term E‖q − q'‖ is omitted (Székely & Rizzo 2013; for GANs: Bellemare et al. 2017). ``drawn``
    (N ≥ 2, 3, H, W) and ``real`` (M, 3, H, W) are cut into patches of `PATCH` pixels, which divides H and W, from
    ``corner`` (y, x) on with wrap-around; ‖·‖ is the root mean square.

    The pictures are not paired. The loss penalises averaged pictures and lack of diversity. It works on patches because
    100 pictures cover the distribution of small patches far better than that of whole portraits.
    """
    here, there = (_patches(x.float(), corner) for x in (drawn, real))
    count = len(drawn)
    others = 1 - torch.eye(count, device=here.device)
    between = (_apart(here, here) * others).sum() / (len(here) * count * (count - 1))
    return 2 * _apart(here, there).mean() - between


def _patches(x: Tensor, corner: Sequence[int]) -> Tensor:
    """Cut (N, C, H, W) into (positions, N, C · PATCH²)."""
    cut = x.roll((-corner[0], -corner[1]), dims=(2, 3)).unfold(2, PATCH, PATCH).unfold(3, PATCH, PATCH)
    return cut.permute(2, 3, 0, 1, 4, 5).flatten(3).flatten(0, 1)


def _apart(p: Tensor, q: Tensor) -> Tensor:
    """Root mean square differences of (positions, N, D) and (positions, M, D): (positions, N, M)."""
    squared = p.square().sum(dim=2)[:, :, None] + q.square().sum(dim=2)[:, None] - 2 * p @ q.mT
    return (squared.clamp_min(0) / p.shape[2] + 1e-4).sqrt()  # ε: the root has no gradient at 0
