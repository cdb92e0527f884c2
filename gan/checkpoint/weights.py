"""Weights on disk: safetensors and a JSON model card, written atomically, never pickled.

A generator is a pair ``X.safetensors`` and ``X.json``. The card names the architecture, the source and the hash of the
tensors; loading checks names, shapes and hash and reports what does not fit.
"""

from __future__ import annotations

import hashlib
import math
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as dump_tensors
from torch import Tensor, nn

from gan.atomic import write_atomically, write_together
from gan.checkpoint.model_card import MOST_ATTRIBUTES, ModelCard
from gan.checkpoint.model_hash import model_hash, of_this_version
from gan.checkpoint.tensor_files import WeightsError, parse_tensors, read_tensors, reason_of
from gan.networks.fast import FastGenerator
from gan.networks.sagan import Generator
from gan.networks.skeleton import skeleton
from gan.second_stages.photomontage import Photomontage
from gan.second_stages.second_stage import SecondStage, digest_of
from gan.second_stages.upscaler.stage import ConditionedUpscaler, PlainUpscaler

__all__ = [
    "ModelCard",
    "WeightsError",
    "assemble",
    "build_generator",
    "discriminator_beside",
    "dump_generator",
    "fit",
    "load_card",
    "load_generator",
    "parse_tensors",
    "read_tensors",
    "save_generator",
    "second_stage_of",
    "tensors_hash",
    "write_atomically",
]

# keys are the names in a card's `parts`
STAGES: dict[str, type[Photomontage | ConditionedUpscaler | PlainUpscaler]] = {
    stage.part: stage for stage in (Photomontage, ConditionedUpscaler, PlainUpscaler)
}
GENERATORS: dict[str, Callable[..., nn.Module]] = {"article": Generator, "fast": FastGenerator}
LARGEST_CARD = 2**20  # bytes


def tensors_hash(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 (hex) over the sorted names, types, shapes and bytes of ``tensors``."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        t = tensors[name].detach().cpu().contiguous()
        digest.update(f"{name}:{t.dtype}:{tuple(t.shape)};".encode())
        digest.update(t.reshape(-1).view(torch.uint8).numpy().tobytes() if t.numel() else b"")
    return digest.hexdigest()


def build_generator(architecture: Mapping[str, Any]) -> nn.Module:
    """Build the network of a model card, with fresh weights. Raises WeightsError for an unknown architecture."""
    arguments = dict(architecture)
    name = arguments.pop("name", None)
    if not isinstance(name, str) or name not in GENERATORS:
        raise WeightsError(f"unknown architecture {reprlib.repr(name)}; this version knows {', '.join(GENERATORS)}")
    lists = [v if isinstance(v, list) else [v] for v in arguments.values()]
    if any(len(numbers) > MOST_ATTRIBUTES for numbers in lists):
        raise WeightsError(
            f"the architecture has a list of more than {MOST_ATTRIBUTES} numbers: no network of ours does"
        )
    if not all(type(n) is int and 0 < n <= 4096 for numbers in lists for n in numbers):
        raise WeightsError(
            f"the architecture's numbers must be whole and within 1..4096, not {reprlib.repr(arguments)}"
        )
    if type(arguments.get("z_dim")) is not int:
        raise WeightsError("the architecture does not say how many numbers a latent has, its z_dim")
    chosen = arguments.get("attributes", [])
    if isinstance(chosen, list) and sum(chosen) > arguments["z_dim"]:
        raise WeightsError(f"the architecture's attributes take {sum(chosen)} numbers, more than a latent's z_dim")
    try:
        return GENERATORS[name](**arguments)
    except (TypeError, ValueError, IndexError) as error:
        raise WeightsError(f"architecture {name!r} does not take these arguments: {error}") from error


def save_generator(path: Path, module: nn.Module, card: ModelCard, stage: SecondStage | None = None) -> ModelCard:
    """Write ``path`` (.safetensors) and its card beside it; returns the card with its hash.

    ``stage`` replaces ``second_stage_of(module)``. Raises OSError when writing fails; existing files are kept then.
    """
    weights, card = dump_generator(module, card, stage)
    write_together({path: weights, path.with_suffix(".json"): card.to_json().encode()})
    return card


def dump_generator(module: nn.Module, card: ModelCard, stage: SecondStage | None = None) -> tuple[bytes, ModelCard]:
    """Serialise a generator: the bytes of its .safetensors file, and its card with the hash.

    Matrices and convolutions are stored in half precision, with no visible effect; vectors, such as BatchNorm's
    statistics, in single precision.
    """
    tensors = {name: _stored(tensor).contiguous() for name, tensor in module.state_dict().items()}
    stage = stage or second_stage_of(module)
    parts = {} if stage is None else {stage.part: dict(stage.tensors())}
    card = replace(card, parts={part: digest_of(own) for part, own in parts.items()})
    tensors |= {f"{part}.{name}": tensor for part, own in parts.items() for name, tensor in own.items()}
    card = of_this_version(tensors_hash(tensors), card)
    return dump_tensors(tensors, metadata={"format": "melicon-generator-1", "hash": card.hash}), card


def _stored(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu()
    if not tensor.is_floating_point():
        return tensor
    return tensor.half() if tensor.ndim >= 2 else tensor.float()


def load_generator(path: Path) -> tuple[nn.Module, ModelCard]:
    """Read a generator: the network in float64 and eval mode, for inference, and its card.

    Raises WeightsError when a file is missing, damaged, too large or does not fit the card.
    """
    card = load_card(path)
    return assemble(read_tensors(path), card, str(path), path.with_suffix(".json").name), card


def assemble(tensors: Mapping[str, Tensor], card: ModelCard, source: str, card_source: str) -> nn.Module:
    """Return the network that a card and its tensors make, in float64 and eval mode.

    `source` and `card_source` are what errors call the two. Raises WeightsError where they do not fit each other.
    """
    if unknown := [name for name in card.parts if name not in STAGES]:
        raise WeightsError(
            f"{source} draws with parts that this version does not know: {', '.join(unknown)}. Update it"
        )
    with skeleton():  # shapes only: a card may claim a network of any size, the tensors are what they are
        module = build_generator(card.architecture)
    own = {part: _taken(tensors, part) for part in card.parts}
    fit(module, {n: t for n, t in tensors.items() if not n.startswith(tuple(f"{part}." for part in own))}, source)
    groups = [len(a["values"]) for a in card.attributes]
    if groups != list(card.architecture.get("attributes", [])):
        raise WeightsError(f"{card_source}: 'attributes' does not agree with the architecture's")
    weights = tensors_hash(tensors)
    if model_hash(weights, card) != card.hash or card.former_hash not in ("", weights):
        raise WeightsError(f"{source} does not match the hash in {card_source}: one of the two is damaged or changed")
    if any(digest_of(part) != card.parts[name] for name, part in own.items()):
        raise WeightsError(f"{source} does not hold the parts that {card_source} names: one of the two is damaged")
    for name, part in own.items():
        try:
            module.__dict__["second_stage"] = STAGES[name].from_tensors(part, sum(groups))  # no module of PyTorch's
        except ValueError as error:
            raise WeightsError(f"{source}: {error}") from error
    return module.double().eval()


def second_stage_of(module: nn.Module) -> SecondStage | None:
    """Return the second stage that ``load_generator`` found beside a network's weights; None where it has none."""
    return getattr(module, "second_stage", None)


def _taken(tensors: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    """The tensors of a part, by their names in it."""
    return {name.removeprefix(f"{part}."): t for name, t in tensors.items() if name.startswith(f"{part}.")}


def discriminator_beside(path: Path) -> Path | None:
    """Return the weights of the opponent with which the generator at ``path`` can go on learning; None: not there."""
    names = ("discriminator.safetensors", f"{path.stem}-discriminator.safetensors")
    return next((there for name in names if (there := path.with_name(name)).exists()), None)


def load_card(path: Path) -> ModelCard:
    """Read the model card beside ``path``. Raises WeightsError."""
    card_path = path.with_suffix(".json")
    if not (card_path.exists() or path.exists()):
        raise WeightsError(f"cannot read weights from {path}: No such file or directory")
    try:
        if card_path.stat().st_size > LARGEST_CARD:
            raise WeightsError(f"{card_path} is larger than {LARGEST_CARD // 2**20} MiB: not a model card of Melicon")
        text = card_path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WeightsError(f"cannot read the model card {card_path}: {reason_of(error)}") from error
    try:
        return ModelCard.from_json(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise WeightsError(f"{card_path} is not a model card: {error}") from error


def fit(module: nn.Module, tensors: Mapping[str, Tensor], source: str) -> None:
    """Load ``tensors`` into ``module``, every name and shape checked first. Raises WeightsError naming the misfits.

    ``module`` may be on the meta device: the tensors take the place of its own.
    """
    wanted = module.state_dict()
    problems = [f"lacks {n}" for n in wanted if n not in tensors]
    problems += [f"has an unknown {n}" for n in tensors if n not in wanted]
    problems += [
        f"has {n} as {tuple(t.shape)}, not {tuple(wanted[n].shape)}"
        for n, t in tensors.items()
        if n in wanted and t.shape != wanted[n].shape
    ]
    problems += [
        f"has values in {n} that are not finite"
        for n, t in tensors.items()
        if t.is_floating_point() and not math.isfinite(t.double().sum().item())
    ]
    if problems:
        more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
        raise WeightsError(f"{source} does not fit the network: it {'; '.join(problems[:3])}{more}")
    module.load_state_dict({n: t.to(wanted[n].dtype) for n, t in tensors.items()}, assign=True)
