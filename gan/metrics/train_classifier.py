"""Train the attribute classifier on the house artist's icons.

    nice python -m gan.metrics.train_classifier --bfloat16

This draws labelled icons, trains a small network on all attributes at once (summed cross-entropy) and writes
`classifier.safetensors` (16-bit floats) and its card `classifier.json`. It takes about a quarter of an hour on one
core. Training icons start at index 10,000,000, test icons at 15,000,000: no generator is trained on either.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save

from gan import artist
from gan.metrics.classifier import SHIPPED, AttributeClassifier, AttributeNet, as_input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TRAINING_START, TEST_START = 10_000_000, 15_000_000
COMBINATION = ("skin", "hair", "hair_colour", "eyes", "mouth", "facewear", "headwear")  # the most salient ones
BATCH = 128
LEARNING_RATE, WEIGHT_DECAY, WARM_UP = 2e-3, 1e-2, 0.05


def labelled(start: int, count: int, *, balanced: bool = False) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw `count` icons with the index of each attribute's value: uint8 (N, 64, 64, 3), int64 (N, attributes)."""
    places = [{value: place for place, value in enumerate(values)} for values in artist.ATTRIBUTES.values()]
    style = artist.load_style(artist.HOUSE)
    indices = range(start, start + count)
    told = [artist.balanced_sample(index, style)[0] if balanced else artist.labels(index) for index in indices]
    labels = [[place[row[name]] for place, name in zip(places, artist.ATTRIBUTES, strict=True)] for row in told]
    return artist.icons(start, count, balanced=balanced, workers=None), np.array(labels, np.int64)


def train(
    images: NDArray[np.uint8], labels: NDArray[np.int64], *, epochs: int, seed: int, bfloat16: bool
) -> AttributeNet:
    """Return a network trained on `images` in shuffled batches: AdamW, learning rate warm-up and cosine decay."""
    torch.manual_seed(seed)
    net = AttributeNet(artist.ATTRIBUTES)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack it
    net.train()
    optimiser = torch.optim.AdamW(net.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
    batches = len(images) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, LEARNING_RATE, total_steps=batches * epochs, pct_start=WARM_UP, cycle_momentum=False
    )
    random = np.random.RandomState(seed)
    truth = torch.from_numpy(labels)
    for epoch in range(epochs):
        begun, total = time.monotonic(), 0.0
        order = random.permutation(len(images))
        for step in range(batches):
            rows = np.sort(order[step * BATCH : (step + 1) * BATCH])
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                _, logits = net(as_input(images[rows]))
            losses = [F.cross_entropy(row.float(), truth[rows, place]) for place, row in enumerate(logits)]
            loss = torch.stack(losses).sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own stubs
            optimiser.step()
            schedule.step()
            total += loss.item()
        say(f"epoch {epoch + 1}/{epochs}: loss {total / batches:.3f}, {time.monotonic() - begun:.0f} s")
    net.eval()
    return net


def say(text: str) -> None:
    """Print progress to stderr."""
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw, train, test, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--icons", type=int, default=30_000, help="icons to train on (default 30,000)")
    parser.add_argument("--start", type=int, default=TRAINING_START, help="the first icon to train on")
    parser.add_argument("--balanced", action="store_true", help="train on balanced samples")
    parser.add_argument("--test-icons", type=int, default=2_000, help="icons to measure the accuracy on")
    parser.add_argument("--epochs", type=int, default=8, help="number of epochs")
    parser.add_argument("--seed", type=int, default=0, help="of initial weights and order")
    parser.add_argument(
        "--bfloat16", action="store_true", help="faster on CPUs with AVX512-BF16 or AMX, slower elsewhere"
    )
    parser.add_argument("--out", type=Path, default=SHIPPED, help="the .safetensors file; the card goes beside it")
    options = parser.parse_args(arguments)

    begun = time.monotonic()
    images, labels = labelled(options.start, options.icons, balanced=options.balanced)
    say(f"{options.icons:,} icons drawn in {time.monotonic() - begun:.0f} s")
    net = train(images, labels, epochs=options.epochs, seed=options.seed, bfloat16=options.bfloat16)

    # tested as shipped: with weights rounded to 16 bits
    tensors = {name: value.half() if value.is_floating_point() else value for name, value in net.state_dict().items()}
    tensors = {name: value.contiguous() for name, value in tensors.items()}
    net.load_state_dict({name: value.float() for name, value in tensors.items()})
    card: dict[str, Any] = {
        "attributes": {k: list(v) for k, v in artist.ATTRIBUTES.items()},
        "combination": COMBINATION,
    }
    test_images, test_labels = labelled(TEST_START, options.test_icons)
    sight = AttributeClassifier(net, card).look(test_images)
    right = (sight.labels == test_labels).mean(axis=0)
    accuracy = {name: round(float(share), 4) for name, share in zip(artist.ATTRIBUTES, right, strict=True)}
    data = save(tensors)
    card |= {
        "accuracy": accuracy,
        "mean_accuracy": round(float(right.mean()), 4),
        "mean_confidence": round(float(sight.confidence.mean()), 4),
        "parameters": sum(value.numel() for value in net.parameters()),
        "training": {
            "source": f"artist:{'practice:' * options.balanced}{options.icons}@{options.start}",
            "test": f"artist:{options.test_icons}@{TEST_START}",
            "epochs": options.epochs,
            "batch": BATCH,
            "seed": options.seed,
            "bfloat16": options.bfloat16,
            "minutes": round((time.monotonic() - begun) / 60, 1),
        },
        "artist": hashlib.sha256(test_images[:64].tobytes()).hexdigest(),  # of its first 64 test icons
        "hash": hashlib.sha256(data).hexdigest(),
        "created": datetime.now(UTC).date().isoformat(),
        "licence": "CC0-1.0",
    }
    options.out.write_bytes(data)
    options.out.with_suffix(".json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for name, share in sorted(accuracy.items(), key=lambda item: item[1]):
        say(f"{name:16} {share:.3f}")


if __name__ == "__main__":
    main()
