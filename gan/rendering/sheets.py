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
    *,
    transparent: bool = False,
) -> NDArray[np.uint8]:
    """Lay equal uint8 RGB images (height, width, 3) out in rows on white, `gap` pixels apart and around.

    `labels`, one for each image, go below them, cut to the image's width. With `transparent`, the background is
    transparent and labels have plates of their own. Returns uint8 RGB, or RGBA if `transparent`. Raises ValueError for
    no images or columns.
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
    size = (min(columns, len(images)) * cell_width + gap, rows * cell_height + gap)
    sheet = Image.new("RGBA", size, (*INK, 0)) if transparent else Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(font_size)
    room = width - font_size if transparent else width
    for i, image in enumerate(images):
        x, y = gap + i % columns * cell_width, gap + i // columns * cell_height
        sheet.paste(Image.fromarray(image), (x, y))
        if labels is not None:
            label = labels[i]
            while label and draw.textlength(label, font) > room:
                label = label[:-2].rstrip("…") + "…" if len(label) > 2 else ""
            middle = (x + width // 2, y + height + strip // 2)
            if transparent and label:
                half = int(draw.textlength(label, font)) // 2 + font_size // 2
                plate = (middle[0] - half, y + height + 1, middle[0] + half, y + height + strip - 1)
                draw.rounded_rectangle(plate, (strip - 2) // 2, INK)
            draw.text(middle, label, PAPER if transparent else INK, font, anchor="mm")
    return np.asarray(sheet)
