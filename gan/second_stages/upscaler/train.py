"""Train an upscaler on the house artist's drawings: ``python -m gan.second_stages.upscaler.train --out FILE``.

It learns to draw label maps from a generator's features and conditions. With ``--plain`` it learns to enlarge pictures
of any style, from generated icons and from degraded drawings in all of the artist's styles.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterable
from pathlib import Path

import torch
from PIL import Image
from safetensors.torch import load_file, save
from torch import Tensor

from gan.atomic import write_atomically
from gan.checkpoint.weights import WeightsError, load_generator, second_stage_of
from gan.second_stages.upscaler.network import ConditionMap, Upscaler
from gan.second_stages.upscaler.pair_source import PairSource
from gan.second_stages.upscaler.plain_source import PlainSource
from gan.second_stages.upscaler.sources import Source
from gan.second_stages.upscaler.spec import PLAIN, learned
from gan.second_stages.upscaler.stage import ConditionedUpscaler, PlainUpscaler

CLIP = 1.0  # maximal gradient norm
EMA = 0.999
WARM_UP = 0.015  # share of the run with a rising learning rate
FLOAT32_FROM = 0.85  # share of the run from which training uses float32, as inference does


class Average:
    """Exponential moving average of the parameters."""

    def __init__(self, network: Upscaler) -> None:
        self.now = {name: p.detach().clone() for name, p in network.named_parameters()}

    def update(self, network: Upscaler, step: int) -> None:
        """Update with the parameters of ``network``."""
        keep = min(EMA, (step + 1) / (step + 10))
        torch._foreach_lerp_(list(self.now.values()), [p.detach() for p in network.parameters()], 1 - keep)


@torch.no_grad()
def share(maps: Iterable[Tensor], choices: Iterable[Tensor]) -> None:
    """Give the conditions of each of ``choices`` the mean of their maps (C, N, side, side), in place.

    Which colours an attribute selects must not change where they are painted.
    """
    for one in maps:
        for rows in choices:
            one[:, rows] = one[:, rows].mean(dim=1, keepdim=True)


def train(chosen: argparse.Namespace, source: Source, network: Upscaler) -> Upscaler:
    """Train ``network`` in place; returns a copy with averaged parameters, and saves it regularly."""
    device = source.device
    optimizer = torch.optim.Adam(network.parameters(), lr=chosen.lr, betas=(0.9, 0.99))
    maps = [layer.weight for layer in network.layers.values() if isinstance(layer, ConditionMap)]
    share(maps, source.colour_choices)
    average, shown = Average(network), Upscaler(network.spec).to(device)
    source.wait(chosen.first)
    began = told = time.monotonic()
    step, done, images, sums = 0, 0.0, 0, torch.zeros((), device=device)
    history: list[dict[str, float]] = []
    while done < 1:
        done = step / chosen.steps if chosen.steps else (time.monotonic() - began) / (60 * chosen.minutes)
        for group in optimizer.param_groups:
            group["lr"] = (
                chosen.lr
                * min(1, (done + 1e-3) / WARM_UP)
                * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(done, 1))))
            )
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda" and done < FLOAT32_FROM):
            loss = source.loss(network, chosen.batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        share([weight.grad for weight in maps if weight.grad is not None], source.colour_choices)
        torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
        optimizer.step()
        average.update(network, step)
        step, images, sums = step + 1, images + chosen.batch, sums + loss.detach()
        if time.monotonic() - told > chosen.every or done >= 1:
            told = time.monotonic()
            shown.load_state_dict(average.now)
            report = {"seconds": round(told - began), "step": step, "images": images, "ready": source.ready}
            report |= {
                "loss": round(sums.item() / max(step - (history[-1]["step"] if history else 0), 1), 5),
                **source.quality(shown),
            }
            history.append(report)
            sums.zero_()
            print(json.dumps(report), flush=True)
            write(chosen.out, shown, source, history)
    return shown


def write(out: Path, network: Upscaler, source: Source, history: list[dict[str, float]]) -> None:
    """Write the integer tensors, the float parameters for continuing, and a sample sheet."""
    tensors = {**network.whole(), **source.tensors()}
    write_atomically(out, save(tensors, metadata={"format": "melicon-upscaler-1", "spec": network.spec.to_json()}))
    learned_so_far = {name: tensor.cpu().half().contiguous() for name, tensor in network.state_dict().items()}
    write_atomically(out.with_suffix(".float"), save(learned_so_far))
    write_atomically(out.with_suffix(".history.json"), json.dumps(history).encode())
    rows = source.sheet(network, 24)
    n = len(rows)
    sheet = rows.view(-1, min(8, n), 2, 3, 256, 256).permute(0, 2, 4, 1, 5, 3).flatten(0, 2).flatten(1, 2)
    Image.fromarray(sheet.cpu().numpy()).save(out.with_suffix(".sheet.png"))


def begin_from(network: Upscaler, start: Path) -> None:
    """Load parameters from a .float file or from the upscaler of a model. Raises `WeightsError` if they do not fit."""
    try:
        if start.suffix == ".float":
            network.load_state_dict(load_file(start))
            return
        stage = second_stage_of(load_generator(start)[0])
        network.load_whole(stage.tensors() if isinstance(stage, (ConditionedUpscaler, PlainUpscaler)) else {})
    except (KeyError, RuntimeError) as error:
        raise WeightsError(f"{start} has no upscaler of this architecture") from error


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m gan.second_stages.upscaler.train", description=__doc__)
    parser.add_argument("--generator", type=Path, required=True, help="weights trained on the house artist's icons")
    parser.add_argument("--plain", action="store_true", help="train the upscaler for models without conditions")
    parser.add_argument("--out", type=Path, required=True, help="the upscaler's file, .safetensors")
    parser.add_argument("--start", type=Path, help="continue from a .float file, or from the upscaler of a model")
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps instead of after --minutes")
    parser.add_argument("--pictures", type=int, default=40000, help="training drawings")
    parser.add_argument("--first", type=int, default=2000, help="start when so many are drawn")
    parser.add_argument("--held", type=int, default=200, help="held-out drawings for evaluation")
    parser.add_argument("--skip", type=int, default=0, help="skip so many drawings, to use others")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--workers", type=int, default=1, help="processes that draw; 0: one for each core")
    parser.add_argument("--every", type=float, default=60.0, help="seconds between reports")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    name = ("cuda" if torch.cuda.is_available() else "cpu") if chosen.device == "auto" else chosen.device
    device = torch.device(name)
    torch.manual_seed(chosen.seed)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True  # exact for integers up to 2,048
    torch.backends.cudnn.benchmark = True
    source: Source
    pairs = PairSource(chosen, device)
    source, spec = (
        (PlainSource(pairs, chosen), PLAIN) if chosen.plain else (pairs, learned(pairs.values, pairs.colours))
    )
    network = Upscaler(spec).to(device)
    if chosen.start is not None:
        begin_from(network, chosen.start)
    train(chosen, source, network)


if __name__ == "__main__":
    main()
