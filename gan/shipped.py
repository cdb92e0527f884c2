"""Where the weights that Melicon comes with are: beside the packages in a checkout, inside this one once installed."""

from __future__ import annotations

from pathlib import Path

_CHECKOUT = Path(__file__).resolve().parents[1] / "weights" / "default.safetensors"

DEFAULT_WEIGHTS = _CHECKOUT if _CHECKOUT.exists() else Path(__file__).resolve().parent / "weights" / _CHECKOUT.name
