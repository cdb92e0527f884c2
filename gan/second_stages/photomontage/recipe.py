"""Parameters of the photomontage."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Integer parameters. They are part of the model: other values draw other pixels."""

    candidates: int = 20  # pictures that an icon may use
    blur: int = 5  # cells: box blur before pictures and guide are compared
    window: int = 7  # cells: neighbourhood that has to resemble the guide
    weight: int = 24  # of the guide term, in 64ths
    change: int = 3  # constant cost of a seam, for each side of a cell
    largest_share: int = 45  # percent of an icon's detail that one picture may supply
    price_step: int = 4  # price increase for pictures above that; large steps would merely shift the excess
    price_rounds: int = 24  # price increases at most

    def __post_init__(self) -> None:
        """Raise ValueError for values out of range."""
        bounds = {
            "candidates": (1, 64), "blur": (1, 15), "window": (1, 31), "weight": (1, 1024), "change": (0, 1024),
            "largest_share": (1, 100), "price_step": (0, 1024), "price_rounds": (0, 64),
        }  # fmt: skip
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be from {least} to {most}")
        if not (self.blur % 2 and self.window % 2):
            raise ValueError("blur and window are odd numbers")
