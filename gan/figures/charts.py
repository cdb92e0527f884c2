"""Line charts in plain Pillow, for training curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from gan.rendering.sheets import INK, PAPER

# Okabe and Ito's palette, suitable for colour blindness; further lines are dashed
COLOURS = ((0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (180, 130, 0), (86, 180, 233), (60, 60, 60))
_DASHES = ((), (10, 6), (3, 5), (14, 4, 3, 4))  # dash patterns in pixels: for the first seven lines, the next seven, …
GRID = (226, 222, 230)
_SCALE = 2  # supersampling: Pillow's lines are not antialiased
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 34, 38  # margins around the plot, in pixels of the finished chart
_SAMPLE, _ROW = 40, 16  # pixels: width of a legend entry beside its name, height of a row


@dataclass(frozen=True)
class Axis:
    """A range of values and its ticks."""

    low: float
    high: float
    ticks: tuple[float, ...]

    @classmethod
    def around(cls, values: Sequence[float], wanted: int = 5) -> Axis:
        """Cover the finite `values` with about `wanted` round ticks."""
        finite = [v for v in values if math.isfinite(v)] or [0.0]
        low, high = min(finite), max(finite)
        if high - low <= 1e-9 * max(abs(low), abs(high), 1e-9):
            low, high = low - 0.5 * (abs(low) or 1), high + 0.5 * (abs(high) or 1)
        rough = (high - low) / wanted
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        ticks = tuple(n * step for n in range(first, last + 1))
        return cls(ticks[0], ticks[-1], ticks)

    def place(self, value: float) -> float:
        """Return the position of `value`: 0 at the low end, 1 at the high end."""
        return (value - self.low) / (self.high - self.low)


def line_chart(
    x: Sequence[float],
    lines: Mapping[str, Sequence[float]],
    *,
    bands: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
    title: str,
    x_label: str,
    width: int = 640,
    height: int = 240,
) -> NDArray[np.uint8]:
    """Draw `lines`, each as long as `x`, with a legend; returns uint8 RGB (height, width, 3).

    A legend that does not fit beside the title takes further rows, which add to the height. Values that are not finite
    leave a gap. `bands` are shaded between their lower and upper edges, in the colour of the line of the same name;
    their values must be finite.
    """
    s = _SCALE
    font, title_font = ImageFont.load_default(12 * s), ImageFont.load_default(14 * s)
    left, right = _LEFT * s, (width - _RIGHT) * s
    widths = [font.getlength(name) + _SAMPLE * s for name in lines]
    places, rows = _legend_places(widths, left, right, left + title_font.getlength(title) + _SAMPLE * s)
    height += (rows - 1) * _ROW
    top, bottom = (_TOP + (rows - 1) * _ROW) * s, (height - _BOTTOM) * s
    image = Image.new("RGB", (width * s, height * s), PAPER)
    draw = ImageDraw.Draw(image)
    across = Axis.around(x)
    edges = [edge for band in (bands or {}).values() for edge in band]
    up = Axis.around([v for values in (*lines.values(), *edges) for v in values])

    def point(a: float, b: float) -> tuple[float, float]:
        return left + across.place(a) * (right - left), bottom - up.place(b) * (bottom - top)

    for name, colour in zip(list(lines)[::-1], _colours(len(lines)), strict=True):
        if bands and name in bands:
            lower, upper = ([point(a, b) for a, b in zip(x, edge, strict=True)] for edge in bands[name])
            draw.polygon(
                [*lower, *reversed(upper)], tuple((c + 3 * p) // 4 for c, p in zip(colour, PAPER, strict=True))
            )
    for tick in up.ticks:
        _, y = point(across.low, tick)
        draw.line([(left, y), (right, y)], GRID, s)
        draw.text((left - 6 * s, y), f"{tick:.6g}", INK, font, anchor="rm")
    for tick in across.ticks:
        column, _ = point(tick, up.low)
        draw.line([(column, bottom), (column, bottom + 4 * s)], INK, s)
        draw.text((column, bottom + 6 * s), f"{tick:.6g}", INK, font, anchor="mt")
    draw.line([(left, bottom), (right, bottom)], INK, s)
    draw.text((right, (height - 4) * s), x_label, INK, font, anchor="rb")
    draw.text((left, 10 * s), title, INK, title_font, anchor="lt")

    for place, ((name, values), colour) in reversed(
        list(enumerate(zip(lines.items(), _colours(len(lines))[::-1], strict=True)))
    ):
        legend, row = places[place]
        below = row * _ROW * s
        dashes = [s * length for length in _DASHES[place // len(COLOURS) % len(_DASHES)]]
        for run in _unbroken(x, values):
            for piece in _dashed([point(a, b) for a, b in run], dashes):
                draw.line(piece, colour, 2 * s, joint="curve")
        draw.text((legend, 11 * s + below), name, colour, font, anchor="rt")
        legend -= int(draw.textlength(name, font)) + 6 * s
        for piece in _dashed([(legend - 22 * s, 17 * s + below), (legend, 17 * s + below)], dashes):
            draw.line(piece, colour, 2 * s)
    return np.asarray(image.resize((width, height), Image.Resampling.BOX))


def _legend_places(widths: list[float], left: float, right: float, first: float) -> tuple[list[tuple[int, int]], int]:
    """Return the right edge and row of every legend entry, and the number of rows.

    The first row begins at `first`, after the title, the others at `left`; all of them end at `right`.
    """
    rows: list[list[int]] = [[]]
    for index, width in enumerate(widths):
        taken = sum(widths[i] for i in rows[-1])
        if rows[-1] and (first if len(rows) == 1 else left) + taken + width > right:
            rows.append([])
        rows[-1].append(index)
    places = []
    for number, row in enumerate(rows):
        places += [(int(right - sum(widths[i] for i in row if i > index)), number) for index in row]
    return places, len(rows)


def _colours(count: int) -> list[tuple[int, int, int]]:
    """Return `count` colours, in drawing order."""
    return [COLOURS[i % len(COLOURS)] for i in reversed(range(count))]


def _dashed(line: list[tuple[float, float]], dashes: Sequence[float]) -> list[list[tuple[float, float]]]:
    """Split a line into dashes; `dashes` are lengths of alternating strokes and gaps."""
    if not dashes:
        return [line]
    pieces, piece, turn, left = [], [line[0]], 0, dashes[0]
    for end in line[1:]:
        start = piece[-1]
        while (length := math.dist(start, end)) > left:
            share = left / length
            start = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
            piece.append(start)
            if turn % 2 == 0:
                pieces.append(piece)
            turn += 1
            piece, left = [start], dashes[turn % len(dashes)]
        left -= length
        piece.append(end)
    return pieces + ([piece] if turn % 2 == 0 and len(piece) > 1 else [])


def _unbroken(x: Sequence[float], y: Sequence[float]) -> list[list[tuple[float, float]]]:
    """Split the points at values that are not finite; a lone point becomes a line of its own."""
    runs: list[list[tuple[float, float]]] = [[]]
    for a, b in zip(x, y, strict=True):
        if math.isfinite(a) and math.isfinite(b):
            runs[-1].append((a, b))
        elif runs[-1]:
            runs.append([])
    return [run if len(run) > 1 else run * 2 for run in runs if run]
