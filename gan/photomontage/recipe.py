"""The numbers that decide which picture goes where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Whole numbers only. They are part of the model: other numbers draw other pixels."""

    candidates: int = 20  # pictures an icon may be made of
    blur: int = 5  # cells over which pictures and guide are averaged before they are compared
    window: int = 7  # cells around a cell that have to look like the guide
    weight: int = 24  # of the guide term, in 64ths
    change: int = 3  # cost of any seam, for each side of a cell
    largest_share: int = 45  # percent of an icon's detail that one picture may supply
    price_step: int = 4  # by which the price of a picture rises that supplies more; in large steps, the next takes all
    price_rounds: int = 24  # how often prices rise at most

    def __post_init__(self) -> None:
        """Raise ValueError for numbers that are out of bounds."""
        bounds = {
            "candidates": (1, 64), "blur": (1, 15), "window": (1, 31), "weight": (1, 1024), "change": (0, 1024),
            "largest_share": (1, 100), "price_step": (0, 1024), "price_rounds": (0, 64),
        }  # fmt: skip
        for name, (least, most) in bounds.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)}: it must be from {least} to {most}")
        if not (self.blur % 2 and self.window % 2):
            raise ValueError("blur and window are odd numbers")
