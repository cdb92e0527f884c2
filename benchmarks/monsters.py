"""Draw monsters: a style unlike any portrait, with which to test training on pictures of anything.

    python -m benchmarks.monsters DIR        # DIR/monsters.zip and DIR/monsters_eval.npz, for benchmarks.few_shot

A monster is a one-coloured body (blob, egg, box or bell) with one to five eyes, a mouth with teeth, and horns, arms,
feet or tentacles, on a plain background.
"""

from __future__ import annotations

import argparse
import io
import math
import random
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE = 512
_SCALE = 2  # drawn larger, for smooth edges
_INK = (38, 30, 52)
_WHITE = (250, 250, 245)
_BODIES = (
    (120, 200, 90),
    (90, 160, 220),
    (230, 120, 90),
    (170, 110, 210),
    (240, 190, 60),
    (90, 200, 190),
    (225, 110, 170),
)
_GROUNDS = ((250, 240, 220), (225, 240, 250), (240, 228, 245), (228, 245, 230), (52, 48, 78))

Point = tuple[float, float]


def monster(seed: int, side: int = SIDE) -> Image.Image:
    """Draw a monster, RGB of side×side pixels; a seed always gives the same one."""
    rng = random.Random(seed)
    whole = side * _SCALE
    image = Image.new("RGB", (whole, whole), rng.choice(_GROUNDS))
    pen = _Pen(ImageDraw.Draw(image), whole)
    colour = rng.choice(_BODIES)
    dark = (colour[0] * 7 // 10, colour[1] * 7 // 10, colour[2] * 7 // 10)
    width, height = rng.uniform(0.22, 0.34), rng.uniform(0.24, 0.33)
    middle = 0.54
    _limbs(pen, rng, colour, dark, width, height, middle)
    body = _outline(rng.choice(("blob", "egg", "box", "bell")), rng, width, height, middle)
    pen.shape(body, colour)
    if rng.random() < 0.5:  # a belly
        pen.oval((0.5, middle + height * 0.5), width * 0.55, height * 0.36, dark, line=False)
    if rng.random() < 0.4:  # spots
        for _ in range(5):
            place = (0.5 + rng.uniform(-0.55, 0.55) * width, middle + rng.uniform(0.2, 0.75) * height)
            pen.oval(place, 0.022, 0.022, dark, line=False)
    _face(pen, rng, width, height, middle)
    return image.resize((side, side), Image.Resampling.LANCZOS)


class _Pen:
    """Draws outlined shapes in units of the picture's side."""

    def __init__(self, draw: ImageDraw.ImageDraw, whole: int) -> None:
        self._draw, self._whole = draw, whole

    def shape(self, points: list[Point], fill: tuple[int, int, int]) -> None:
        pixels = [(x * self._whole, y * self._whole) for x, y in points]
        self._draw.polygon(pixels, fill=fill)
        self._draw.line([*pixels, pixels[0], pixels[1]], fill=_INK, width=round(0.012 * self._whole), joint="curve")

    def oval(self, at: Point, rx: float, ry: float, fill: tuple[int, int, int], *, line: bool = True) -> None:
        x, y = at
        box = [(x - rx) * self._whole, (y - ry) * self._whole, (x + rx) * self._whole, (y + ry) * self._whole]
        self._draw.ellipse(
            box, fill=fill, outline=_INK if line else None, width=round(0.012 * self._whole) if line else 0
        )

    def stroke(self, points: list[Point], fill: tuple[int, int, int], width: float) -> None:
        pixels = [(x * self._whole, y * self._whole) for x, y in points]
        for colour, thick in ((_INK, width + 0.024), (fill, width)):
            self._draw.line(pixels, fill=colour, width=round(thick * self._whole), joint="curve")
            radius = thick * self._whole / 2
            for x, y in (pixels[0], pixels[-1]):
                self._draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)


def _outline(kind: str, rng: random.Random, width: float, height: float, middle: float) -> list[Point]:
    bumps, phase = rng.randint(3, 6), rng.uniform(0, 2 * math.pi)
    points = []
    for step in range(96):
        angle = 2 * math.pi * step / 96
        c, s = math.cos(angle), math.sin(angle)
        x, y = c, s
        if kind == "blob":
            r = 1 + 0.08 * math.sin(bumps * angle + phase)
            x, y = r * c, r * s
        elif kind == "egg":
            x = c * (1 + 0.25 * s)
        elif kind == "box":
            power = 0.45
            x, y = math.copysign(abs(c) ** power, c), math.copysign(abs(s) ** power, s)
        elif s > 0:  # a bell is straight below
            x, y = math.copysign(abs(c) ** 0.3, c), s**0.6
        points.append((0.5 + width * x, middle + height * y))
    return points


def _limbs(  # noqa: PLR0917 - a monster's measures
    pen: _Pen, rng: random.Random, colour: tuple[int, int, int], dark: tuple[int, int, int],
    width: float, height: float, middle: float,
) -> None:  # fmt: skip
    top, bottom = middle - height, middle + height
    kind = rng.choice(("feet", "tentacles", "none"))
    count = {"feet": 2, "tentacles": 5, "none": 0}[kind]
    for n in range(count):
        x = 0.5 + width * (1.3 * (n + 0.5) / count - 0.65)
        bend = rng.uniform(-0.05, 0.05)
        pen.stroke([(x, bottom - 0.06), (x + bend, bottom + 0.04), (x + 2 * bend, bottom + 0.09)], dark, 0.05)
    if rng.random() < 0.6:  # arms
        lift = rng.uniform(-0.16, 0.12)
        for sign in (-1, 1):
            x = 0.5 + sign * width * 0.9
            pen.stroke([(x, middle), (x + sign * 0.09, middle + 0.02), (x + sign * 0.14, middle + lift)], colour, 0.05)
    horns = rng.choice(("pair", "one", "antennae", "none"))
    if horns == "antennae":
        for sign in (-1, 1):
            x = 0.5 + sign * width * 0.4
            pen.stroke([(x, top + 0.05), (x + sign * 0.05, top - 0.09)], dark, 0.014)
            pen.oval((x + sign * 0.05, top - 0.1), 0.03, 0.03, _WHITE)
    elif horns != "none":
        for at in (-0.55, 0.55) if horns == "pair" else (0.0,):
            x = 0.5 + at * width
            lean = 0.4 * at * width
            pen.shape([(x - 0.05, top + 0.1), (x + lean, top - 0.1), (x + 0.05, top + 0.1)], (240, 225, 190))


def _face(pen: _Pen, rng: random.Random, width: float, height: float, middle: float) -> None:
    eyes = rng.choice((1, 2, 2, 3, 3, 4, 5))
    radius = min(0.1, 0.75 * width / max(1.6, min(eyes, 3)))
    look = rng.uniform(-0.3, 0.3)
    rows = [eyes] if eyes <= 3 else [eyes - 2, 2]
    for row, count in enumerate(rows):
        y = middle - height * 0.38 + row * 1.9 * radius
        for n in range(count):
            x = 0.5 + (n - (count - 1) / 2) * 2.15 * radius
            pen.oval((x, y), radius, radius, _WHITE)
            pen.oval((x + look * radius, y + 0.1 * radius), radius * 0.45, radius * 0.45, _INK, line=False)
    wide, y = width * rng.uniform(0.35, 0.7), middle + height * 0.42
    kind = rng.choice(("smile", "open", "line"))
    if kind == "line":
        pen.stroke([(0.5 - wide, y), (0.5 + wide, y)], _INK, 0.006)
        return
    curve = [(0.5 + wide * math.cos(a), y + height * 0.28 * math.sin(a)) for a in np.linspace(0, math.pi, 24)]
    if kind == "smile":
        pen.stroke(curve, _INK, 0.004)
        return
    pen.shape(curve, (130, 40, 60))
    teeth = rng.randint(2, 5)
    for n in range(teeth):
        x = 0.5 + wide * (1.7 * (n + 0.5) / teeth - 0.85)
        pen.shape([(x - 0.022, y), (x, y + 0.05), (x + 0.022, y)], _WHITE)


def main() -> None:
    """Write 60 pictures to train on, and 1,000 others at 64×64."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "monsters.zip", "w") as archive:
        for seed in range(60):
            png = io.BytesIO()
            monster(seed).save(png, "PNG")
            archive.writestr(f"{seed:03d}.png", png.getvalue())
    others = [np.asarray(monster(seed, 256).resize((64, 64), Image.Resampling.LANCZOS)) for seed in range(60, 1060)]
    np.savez_compressed(folder / "monsters_eval.npz", images=np.stack(others))


if __name__ == "__main__":
    main()
