"""The hash that identifies a model: same hash, same code, same pixels.

It covers the weights and those fields of the model card that affect drawing, listed in `drawing_fields`. Version 1
covered the weights alone, so two cards could draw different pixels under one hash. Cards without a version are of
version 1 and keep that hash as a name in codes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from gan.checkpoint.model_card import HASH_VERSION, ModelCard


def drawing_fields(card: ModelCard) -> dict[str, Any]:
    """Return the fields of a card that affect the pixels of a code. Raises ValueError where one is out of range.

    These are the network and the meaning of its latents, the processing of latents and pictures, and the digests of
    further components in the order in which they are applied. It also includes whether attributes were learned from
    labels, because the bot offers tweaks by name only then.
    """
    return {
        "architecture": card.architecture,
        "attributes": [{"name": a["name"], "values": a["values"]} for a in card.attributes],
        "labelled": card.labelled,
        "truncation": card.truncation,
        "flat": card.flat,
        "parts": [[name, digest] for name, digest in card.parts.items()],
    }


def model_hash(weights: str, card: ModelCard) -> str:
    """Return the hash (64 hex digits) of a model from its tensors' hash `weights`, by the version of its card."""
    if card.hash_version == 1:
        return weights
    fields = json.dumps(drawing_fields(card), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(f"melicon model {card.hash_version}\n{weights}\n{fields}".encode()).hexdigest()


def of_this_version(weights: str, card: ModelCard) -> ModelCard:
    """Return the card with a hash of the present version; a hash of version 1 becomes its former hash.

    `weights`: the hash of the tensors.
    """
    was = card.hash if card.hash_version == 1 else card.former_hash
    card = replace(card, hash_version=HASH_VERSION, former_hash=was if was == weights else "")
    return replace(card, hash=model_hash(weights, card))
