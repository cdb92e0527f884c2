"""Read safetensors files that may be missing, damaged or malicious."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import Tensor

from gan.errors import MeliconError

LARGEST_FILE = 256 * 2**20  # bytes; our generators are far smaller


class WeightsError(MeliconError):
    """Weights are missing, damaged or of another network; str is a one-line message."""


def read_tensors(path: Path, largest: int = LARGEST_FILE) -> dict[str, Tensor]:
    """Read a safetensors file of at most ``largest`` bytes. Raises WeightsError when it is missing or damaged."""
    try:
        if path.stat().st_size > largest:
            raise WeightsError(f"{path} is larger than {largest // 2**20} MiB: not weights of Melicon")
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"cannot read weights from {path}: {reason_of(error)}") from error
    return parse_tensors(data, str(path))


def parse_tensors(data: bytes, source: str) -> dict[str, Tensor]:
    """Parse a safetensors file; `source` names it in messages. Raises WeightsError for anything else."""
    try:
        return dict(load_tensors(data))
    except (SafetensorError, ValueError, KeyError) as error:
        raise WeightsError(f"{source} is damaged or not a safetensors file: {error}") from error


def reason_of(error: Exception) -> str:
    """Return a readable reason: for errors of the operating system, their text without the number."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
