"""Compare upscalers: the figure and the table of docs/second-stage.md.

    python -m gan.rendering.compare --out docs/images/upscaling.png

The house artist can draw at any size, so upscaled icons are compared with the true drawing.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from gan import artist
from gan.rendering.sheets import contact_sheet
from gan.rendering.upscaling import Pixels, resize, upscale

SIZE = 512
SHOWN = (1_000_003, 1_000_011)  # artist icons in the figure
MEASURED = range(1_000_000, 1_000_032)
CROP = slice(128, 384)  # the face


def scale2x(pixels: Pixels, size: int) -> Pixels:
    """Scale2x (EPX) three times, then resized to `size`.

    A pixel-art algorithm; here, colours within a summed channel difference of 24 count as equal.
    """
    for _ in range(3):
        p = pixels.astype(np.int16)
        edged = np.pad(p, ((1, 1), (1, 1), (0, 0)), mode="edge")
        above, below, left, right = edged[:-2, 1:-1], edged[2:, 1:-1], edged[1:-1, :-2], edged[1:-1, 2:]
        out = np.empty((2 * len(p), 2 * len(p), 3), dtype=np.uint8)
        corners = ((0, 0, left, above, right, below), (0, 1, above, right, below, left),
                   (1, 0, below, left, above, right), (1, 1, right, below, left, above))  # fmt: skip
        for dy, dx, a, b, opposite_a, opposite_b in corners:
            follow = _alike(a, b) & ~_alike(a, opposite_b) & ~_alike(b, opposite_a)
            out[dy::2, dx::2] = np.where(follow[..., None], b, p)
        pixels = out
    return resize(pixels, size, Image.Resampling.BICUBIC)


def unsharp(pixels: Pixels, size: int) -> Pixels:
    """Bicubic, then an unsharp mask with a radius of one source pixel."""
    enlarged = Image.fromarray(resize(pixels, size, Image.Resampling.BICUBIC))
    return np.asarray(enlarged.filter(ImageFilter.UnsharpMask(size / len(pixels) * 0.75, 150, 2)))


UPSCALERS: dict[str, Callable[[Pixels, int], Pixels]] = {
    "nearest": lambda pixels, size: resize(pixels, size, Image.Resampling.NEAREST),
    "Lanczos": lambda pixels, size: resize(pixels, size, Image.Resampling.LANCZOS),
    "unsharp mask": unsharp,
    "Scale2x": scale2x,
    "Melicon": upscale,
}


def measure(upscaler: Callable[[Pixels, int], Pixels]) -> tuple[float, float, float]:
    """Return mean absolute error (0 … 255), PSNR (dB) and milliseconds on one core, over MEASURED icons."""
    errors, psnr, seconds = [], [], []
    for index in MEASURED:
        small, truth = artist.draw(index, 64), artist.draw(index, SIZE)
        start = time.thread_time()
        enlarged = upscaler(small, SIZE)
        seconds.append(time.thread_time() - start)
        difference = enlarged.astype(np.float64) - truth
        errors.append(np.abs(difference).mean())
        psnr.append(10 * np.log10(255**2 / (difference**2).mean()))
    return float(np.mean(errors)), float(np.mean(psnr)), 1000 * float(np.median(seconds))


def figure(generated: list[Pixels]) -> Pixels:
    """Draw a row for each icon: the output of each upscaler, and the true drawing where there is one."""
    icons: list[tuple[Pixels, Pixels | None]] = [(artist.draw(i, 64), artist.draw(i, SIZE)) for i in SHOWN]
    icons += [(icon, None) for icon in generated]
    cells, labels = [], []
    for small, truth in icons:
        cells += [upscaler(small, SIZE)[CROP, CROP] for upscaler in UPSCALERS.values()]
        cells.append(np.full_like(cells[-1], 255) if truth is None else truth[CROP, CROP])
        labels += [*UPSCALERS, "" if truth is None else "true drawing"]
    return contact_sheet([resize(cell, 192, Image.Resampling.LANCZOS) for cell in cells], len(UPSCALERS) + 1, 6, labels)


def _alike(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    alike: np.ndarray = np.abs(a - b).sum(axis=2) <= 24
    return alike


def main() -> None:
    """Write the figure and print the table as Markdown."""
    parser = argparse.ArgumentParser(description="Compare upscalers on the artist's and on generated icons.")
    parser.add_argument("--out", type=Path, default=Path("docs/images/upscaling.png"), help="the figure to write")
    parser.add_argument("--weights", type=Path, help="a model whose icons 123 and 7 are shown as well")
    arguments = parser.parse_args()
    generated: list[Pixels] = []
    if arguments.weights is not None:
        from gan.codes import IconCode  # noqa: PLC0415
        from gan.sampling.sampler import Sampler  # noqa: PLC0415  # imports torch

        generated = list(Sampler.load(arguments.weights).draw([IconCode.from_seed(seed) for seed in (123, 7)]))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    sheet = Image.fromarray(figure(generated)).quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    sheet.save(arguments.out, optimize=True)
    print("| upscaler | mean error (of 255) | PSNR | ms for 512×512, one core |\n|---|---|---|---|")
    for name, upscaler in UPSCALERS.items():
        error, psnr, ms = measure(upscaler)
        print(f"| {name} | {error:.2f} | {psnr:.2f} dB | {ms:.1f} |")


if __name__ == "__main__":
    main()
