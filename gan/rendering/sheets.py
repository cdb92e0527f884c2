"""Contact sheets: many icons in one picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

PAPER = (255, 255, 255)
INK = (70, 62, 80)


def contact_sheet(
    images: Sequence[NDArray[np.uint8]] | NDArray[np.uint8],
    columns: int,
    gap: int = 0,
    labels: Sequence[str] | None = None,
) -> NDArray[np.uint8]:
    """Lay equal uint8 RGB images (height, width, 3) row by row on white, `gap` pixels apart and around.

    `labels`, one for each image, stand below them, cut to the image's width. Returns uint8 RGB. Raises ValueError
    where there is nothing to lay out.
    """
    if len(images) == 0 or columns < 1:
        raise ValueError("a contact sheet needs at least one image and one column")
    if labels is not None and len(labels) != len(images):
        raise ValueError(f"{len(labels)} labels for {len(images)} images")
    height, width, _ = images[0].shape
    font_size = max(9, height // 9)
    strip = font_size + font_size // 2 if labels is not None else 0
    rows = -(-len(images) // columns)
    cell_width, cell_height = width + gap, height + strip + gap
    sheet = Image.new("RGB", (min(columns, len(images)) * cell_width + gap, rows * cell_height + gap), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(font_size)
    for i, image in enumerate(images):
        x, y = gap + i % columns * cell_width, gap + i // columns * cell_height
        sheet.paste(Image.fromarray(image), (x, y))
        if labels is not None:
            label = labels[i]
            while label and draw.textlength(label, font) > width:
                label = label[:-2].rstrip("…") + "…" if len(label) > 2 else ""
            draw.text((x + width // 2, y + height + strip // 2), label, INK, font, anchor="mm")
    return np.asarray(sheet)
