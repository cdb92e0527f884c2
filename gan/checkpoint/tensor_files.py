"""Reading safetensors files that may be missing, damaged or hostile."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import Tensor

from gan.errors import MeliconError

LARGEST_FILE = 256 * 2**20  # bytes; no generator of ours comes near it


class WeightsError(MeliconError):
    """Weights that are missing, damaged or of another network; str is one line for a person."""


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
    """Read the bytes of a safetensors file. Raises WeightsError, which calls them `source`, for anything else."""
    try:
        return dict(load_tensors(data))
    except (SafetensorError, ValueError, KeyError) as error:
        raise WeightsError(f"{source} is damaged or not a safetensors file: {error}") from error


def reason_of(error: Exception) -> str:
    """Return what a person can do something with: of the system's errors without their number."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
