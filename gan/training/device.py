"""The device that trains: a CPU or a GPU. Icons are always drawn on a CPU, where the pixels are exact."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext

import torch

from gan.errors import MeliconError

CPU = torch.device("cpu")
DEVICES = ("auto", "cpu", "cuda", "mps")


def choose_device(name: str, processes: int = 1) -> torch.device:
    """The device called ``name``, one of `DEVICES`; "auto" is a GPU where there is one.

    Each of the ``processes`` on this machine gets a GPU of its own; torchrun's environment has their number and that of
    this process. Raises MeliconError where this machine, or this build of PyTorch, has no such device.
    """
    if name not in DEVICES:
        raise MeliconError(f"no device {name!r}: choose from {', '.join(DEVICES)}")
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        name = next(kind for kind in ("cuda", "mps", "cpu") if there[kind])
    if not there[name]:
        raise MeliconError(f"PyTorch {torch.__version__} finds no {name} device here: leave --device out, or use cpu")
    return _own_gpu(processes) if name == "cuda" else torch.device(name)


def _own_gpu(processes: int) -> torch.device:
    number, count = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    wanted = max(number + 1, int(os.environ.get("LOCAL_WORLD_SIZE", processes)))
    if wanted > count:
        raise MeliconError(
            f"{wanted} processes need a GPU each, and this machine has {count}: start fewer, or train with --device cpu"
        )
    torch.cuda.set_device(number)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True  # all batches have one shape
    return torch.device("cuda", number)


def precision_on(device: torch.device, on_cpu: str) -> str:
    """The number format of training on ``device``: "float32" or "bfloat16". ``on_cpu`` is the choice for a CPU.

    A run records the latter alone, so that it can be resumed on another device.
    """
    if device.type == "cpu":
        return on_cpu
    return "bfloat16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "float32"


def autocast(precision: str, device: torch.device = CPU) -> AbstractContextManager[object]:
    """A context that runs convolutions and matrix products in this format."""
    return torch.autocast(device.type, dtype=torch.bfloat16) if precision == "bfloat16" else nullcontext()
