"""Attach an upscaler to a model as its second stage. The result is another model, with another hash.

    python -m gan.second_stages.upscaler.attach weights/default.safetensors --upscaler
    runs/upscaler/upscaler.safetensors

`gan.second_stages.upscaler.train` writes the upscaler's file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from gan.checkpoint.weights import ModelCard, load_generator, save_generator
from gan.second_stages.upscaler.stage import ConditionedUpscaler, PlainUpscaler


def attach(weights: Path, upscaler: Path) -> ModelCard:
    """Write the upscaler into a model's files; return its card. Raises `gan.errors.MeliconError` and OSError."""
    generator, card = load_generator(weights)
    learned = ConditionedUpscaler.load(upscaler)
    stage = learned if learned.conditions else PlainUpscaler.load(upscaler)
    return save_generator(weights, generator, card, stage)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m gan.second_stages.upscaler.attach", description=__doc__)
    parser.add_argument("weights", type=Path, help="the generator's .safetensors file, with its card beside it")
    parser.add_argument("--upscaler", type=Path, required=True, help="a file of gan.second_stages.upscaler.train")
    chosen = parser.parse_args()
    card = attach(chosen.weights, chosen.upscaler)
    print(f"{chosen.weights} is {card.style} {card.short_hash} now")


if __name__ == "__main__":
    main()
