"""Untrained generators with fixed seeds and non-trivial batch statistics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import nn

from gan.checkpoint.weights import (
    ModelCard,
    WeightsError,
    build_generator,
    load_generator,
    read_tensors,
    save_generator,
    tensors_hash,
)

if TYPE_CHECKING:
    from pathlib import Path

SMALL = {"name": "fast", "z_dim": 16, "widths": [32, 24, 16, 12], "detail": 8}
LABELLED = {**SMALL, "attributes": [3, 2]}
FULL = {"name": "fast", "z_dim": 128}
ARTICLE = {"name": "article", "z_dim": 20, "width": 16}


def build(architecture: dict[str, Any], seed: int = 0) -> nn.Module:
    """Make a generator in training mode whose BatchNorms have seen something and whose attention is awake."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        generator = build_generator(architecture)
        for name, parameter in generator.named_parameters():
            if name.endswith("gamma"):
                nn.init.constant_(parameter, 0.3)
            elif name == "last.0.weight":  # the article's last layer starts so small that all is grey
                parameter.data.mul_(10)
        for module in generator.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.running_mean, 0.0, 0.3)
                nn.init.uniform_(module.running_var, 0.5, 2.0)
                nn.init.uniform_(module.weight, 0.5, 2.0)
                nn.init.normal_(module.bias, 0.0, 0.3)
    return generator


def save(folder: Path, architecture: dict[str, Any], **card: Any) -> Path:
    """Write a pair of weights into `folder`; returns the path of its .safetensors."""
    path = folder / "test.safetensors"
    attributes = [
        {"name": f"attribute {i}", "values": [f"value {j}" for j in range(size)]}
        for i, size in enumerate(architecture.get("attributes", []))
    ]
    full_card = ModelCard(style="test", architecture=architecture, attributes=attributes, **card)
    save_generator(path, build(architecture), full_card)
    return path


def refusal(path: Path) -> str:
    """The one line that loading ``path`` is refused with."""
    with pytest.raises(WeightsError) as caught:
        load_generator(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    return str(caught.value)


def edit_card(path: Path, **fields: Any) -> None:
    """Write other values into a card."""
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps(card | fields))


def as_version_1(path: Path) -> str:
    """Make a pair of weights what versions wrote whose hash covered the weights alone; returns that hash."""
    card = json.loads(path.with_suffix(".json").read_text())
    for name in ("hash_version", "former_hash", "parts"):
        card.pop(name, None)
    card["hash"] = tensors_hash(read_tensors(path))
    path.with_suffix(".json").write_text(json.dumps(card))
    return str(card["hash"])
