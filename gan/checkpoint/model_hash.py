"""The hash that names a model: same hash, same code, same pixels.

It covers the weights, and of the model card all that decides what a code draws: `drawing_fields` lists it, and nothing
else does. Version 1 covered the weights alone, so two cards could draw different pixels under one hash; cards that say
no version are of that one, and keep the hash by which codes name them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

from gan.checkpoint.model_card import HASH_VERSION, ModelCard


def drawing_fields(card: ModelCard) -> dict[str, Any]:
    """Return what of a card decides the pixels of a code. Raises ValueError where it is out of bounds.

    The network and what its latents mean, how latents and pictures are treated, and the digests of further files in
    the order in which they are applied. Whether the attributes were learnt from labels counts, too: the bot offers
    tweaks by their names only then.
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
    """Return the hash (64 hex digits) of a model whose tensors have the hash `weights`, by the version of its card."""
    if card.hash_version == 1:
        return weights
    fields = json.dumps(drawing_fields(card), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(f"melicon model {card.hash_version}\n{weights}\n{fields}".encode()).hexdigest()


def of_this_version(weights: str, card: ModelCard) -> ModelCard:
    """Return a card with the hash of this version, which remembers the one of version 1 where it had that.

    `weights`: the hash of its tensors.
    """
    was = card.hash if card.hash_version == 1 else card.former_hash
    card = replace(card, hash_version=HASH_VERSION, former_hash=was if was == weights else "")
    return replace(card, hash=model_hash(weights, card))
