"""Build a run's generator and discriminator, from scratch or from pretrained weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gan.checkpoint.weights import build_generator
from gan.errors import MeliconError
from gan.metrics.classifier import AttributeClassifier
from gan.networks.fast import FastDiscriminator, FastGenerator
from gan.networks.sagan import Discriminator
from gan.search.attribute_classifier import WEIGHTS as CLASSIFIER_WEIGHTS
from gan.training.options import TrainingOptions
from gan.training.training_set import TrainingSet

ARTICLE_WIDTH = 64
FAST_WIDTHS, FAST_DETAIL, FAST_JUDGE_WIDTHS = (384, 256, 128, 64), 24, (64, 128, 256, 384)


def architecture(options: TrainingOptions, data: TrainingSet) -> dict[str, Any]:
    """The architecture entry of a model card, from which the generator can be rebuilt."""
    described: dict[str, Any] = {"name": options.architecture, "z_dim": options.z_dim}
    if data.attributes:
        described["attributes"] = [len(p) for p in data.priors]
    if options.mapping:
        described["mapping"] = options.mapping
    if options.width == 1.0:
        return described
    if options.architecture == "article":
        return described | {"width": _scaled(ARTICLE_WIDTH, options)}
    widths = [_scaled(width, options) for width in FAST_WIDTHS]
    return described | {"widths": widths, "detail": _scaled(FAST_DETAIL, options)}


def build_networks(options: TrainingOptions, data: TrainingSet) -> tuple[nn.Module, nn.Module]:
    """Generator and discriminator with fresh weights, from torch's global random state."""
    G = build_generator(architecture(options, data))
    if options.architecture == "article":
        return G, Discriminator(_scaled(ARTICLE_WIDTH, options))
    if isinstance(G, FastGenerator) and G.embed.choose is not None:
        G.embed.choose.prior.copy_(torch.tensor([math.log(p) for prior in data.priors for p in prior]))
    widths = [_scaled(width, options) for width in FAST_JUDGE_WIDTHS]
    return channels_last(G), channels_last(FastDiscriminator(widths, attributes=data.label_sizes))


def perceptual_classifier(options: TrainingOptions, data: TrainingSet) -> nn.Module | None:
    """The frozen classifier of the perceptual loss; None where the loss is off or pictures are unlabelled."""
    if not options.perceptual or data.labels is None:
        return None
    return channels_last(AttributeClassifier.load(CLASSIFIER_WEIGHTS).net.requires_grad_(False))


def width_of(architecture: Mapping[str, Any]) -> float:
    """The option ``width`` that this architecture was built with."""
    if "width" in architecture:
        return float(architecture["width"] / ARTICLE_WIDTH)
    return float(architecture.get("widths", FAST_WIDTHS)[0] / FAST_WIDTHS[0])


def _scaled(channels: int, options: TrainingOptions) -> int:
    return max(1, round(channels * options.width))


def load_pretrained(G: nn.Module, D: nn.Module, generator: nn.Module, discriminator: Mapping[str, Tensor]) -> None:
    """Load pretrained weights. The auxiliary classifier starts afresh where the attributes differ.

    The priors of G are kept: they describe the pictures.

    Raises MeliconError when the architectures differ.
    """
    fresh = {k: v for k, v in D.state_dict().items() if k.startswith("naming.")}
    known = {k: v.float() for k, v in discriminator.items() if not k.startswith("naming.")}
    for name, tensor in fresh.items():
        named = discriminator.get(name, tensor)
        known[name] = named.float() if named.shape == tensor.shape else tensor
    priors = {k: v for k, v in G.state_dict().items() if k.endswith("choose.prior")}
    try:
        G.load_state_dict(generator.float().state_dict() | priors)
        D.load_state_dict(known)
    except RuntimeError as error:
        what = str(error).splitlines()[-1].strip()
        raise MeliconError(f"these weights are of other networks than the ones to be trained: {what}") from error


def channels_last(module: nn.Module) -> nn.Module:
    """Convert to channels-last memory format; without it, bfloat16 on CPU is up to 20 times slower."""
    module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks the argument
    return module
