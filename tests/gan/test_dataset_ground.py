"""Transparency: backgrounds, unused alpha channels, and blank pictures."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.dataset import load_images
from gan.dataset.limits import Refusal
from gan.dataset.picture import read_picture
from tests.gan.odd_pictures import drawing, encoded, plain

BLANK = "blank once it is cropped to a square"


def read(data: bytes) -> np.ndarray:
    return read_picture(io.BytesIO(data)).astype(int)


def shape(colour: tuple[int, int, int], size: int = 64, left: int = 16) -> np.ndarray:
    """Return a square of one colour on full transparency."""
    pixels = np.zeros((size, size, 4), np.uint8)
    pixels[size // 4 : 3 * size // 4, left * size // 64 : (left + 24) * size // 64] = (*colour, 255)
    return pixels


@pytest.mark.parametrize("size", [64, 900])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF"])
@pytest.mark.parametrize("colour", [(255, 255, 255), (250, 252, 247), (232, 232, 232)])
def test_a_white_drawing_is_seen(colour: tuple[int, int, int], kind: str, size: int) -> None:
    pixels = read(encoded(Image.fromarray(shape(colour, size)), kind, **({"lossless": True} if kind == "WEBP" else {})))
    drawn, ground = pixels[32, 28], pixels[4, 4]
    assert abs(drawn - colour).max() <= 1
    assert (drawn - ground).min() > 100
    assert 0 < ground.max() < 128, "black would swallow the details that are black"


def test_white_drawings_differ_from_one_another(tmp_path: Path) -> None:
    for left in range(8):
        (tmp_path / f"{left}.png").write_bytes(encoded(Image.fromarray(shape((255, 255, 255), left=5 * left))))
    pixels, report = load_images(tmp_path)
    assert len(pixels) == 8
    assert report.refused == report.lookalikes == []


def test_a_white_drawing_keeps_its_soft_edge_and_its_black_eyes() -> None:
    pixels = shape((255, 255, 255))
    pixels[24:26, 20:22, :3] = 0
    pixels[16:48, 40] = (255, 255, 255, 128)
    small = read(encoded(Image.fromarray(pixels)))
    ground = small[4, 4]
    assert (ground - small[24, 20]).min() > 40
    assert (ground < small[30, 40]).all()
    assert (small[30, 40] < 255).all()


@pytest.mark.parametrize("colour", [(255, 255, 0), (200, 200, 200), (0, 0, 0), (255, 230, 210)])
def test_other_drawings_are_on_white_as_ever(colour: tuple[int, int, int]) -> None:
    pixels = read(encoded(Image.fromarray(shape(colour))))
    assert (pixels[4, 4] == 255).all()
    assert (pixels[32, 28] == colour).all()


def test_a_white_figure_with_an_outline_is_on_white_as_ever() -> None:
    pixels = shape((255, 255, 255))
    pixels[16:48, [16, 39], :3] = pixels[[16, 47], 16:40, :3] = 40
    assert (read(encoded(Image.fromarray(pixels)))[4, 4] == 255).all()


def test_opaque_white_pictures_are_left_alone() -> None:
    pixels = np.full((64, 64, 4), 255, np.uint8)
    pixels[30:34, 30:34, :3] = 200
    assert np.array_equal(read(encoded(Image.fromarray(pixels))), pixels[..., :3])


BLANKS = {
    "white.png": lambda: encoded(Image.new("RGB", (64, 64), "white")),
    "black.bmp": lambda: encoded(Image.new("RGB", (64, 64)), "BMP"),
    "nothing.png": lambda: encoded(Image.new("RGBA", (64, 64), (9, 99, 199, 0))),
    "paper.jpg": lambda: encoded(
        Image.fromarray(np.random.RandomState(1).randint(250, 256, (300, 300, 3)).astype(np.uint8)), "JPEG"
    ),
    "one.gif": lambda: encoded(Image.new("P", (64, 64), 3), "GIF"),
    "beside.png": lambda: encoded(Image.fromarray(_beside())),
    "thin.png": lambda: encoded(Image.fromarray(np.pad(shape((0, 0, 0)), ((0, 0), (0, 900), (0, 0))))),
}


def _beside() -> np.ndarray:
    """Return a wide picture with everything at its ends, which the crop takes away."""
    return np.hstack([drawing(1), np.full((64, 200, 3), 255, np.uint8), drawing(2)])


def test_pictures_that_show_nothing_are_refused_by_name(tmp_path: Path) -> None:
    for seed in range(8):
        (tmp_path / f"{seed}.png").write_bytes(plain(seed))
    for name, make in BLANKS.items():
        (tmp_path / name).write_bytes(make())
    _, report = load_images(tmp_path)
    assert len(report.accepted) == 8
    reasons = dict(report.refused)
    assert sorted(reasons) == sorted(BLANKS)
    assert all(BLANK in reason for reason in reasons.values())


def test_faint_drawings_are_not_blank() -> None:
    pixels = np.full((64, 64, 3), 255, np.uint8)
    pixels[20:40, 30] = 240
    assert np.array_equal(read(encoded(Image.fromarray(pixels))), pixels)


def bmp(alpha: np.ndarray, *, masks: bool) -> bytes:
    """Return a BMP of 32 bits: BGRA, with or without saying that the fourth byte is alpha."""
    pixels = np.dstack([drawing(1)[..., ::-1], alpha])[::-1].astype(np.uint8).tobytes()
    size = 108 if masks else 40
    header = struct.pack("<IiiHHIIiiII", size, 64, 64, 1, 32, 3 if masks else 0, len(pixels), 0, 0, 0, 0)
    if masks:
        header += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + bytes(52)
    return b"BM" + struct.pack("<IHHI", 14 + size + len(pixels), 0, 0, 14 + size) + header + pixels


def ico(alpha: np.ndarray) -> bytes:
    """Return an icon of 64×64 with 32 bits and an empty mask."""
    pixels = np.dstack([drawing(1)[..., ::-1], alpha])[::-1].astype(np.uint8).tobytes() + bytes(64 * 8)
    header = struct.pack("<IiiHHIIiiII", 40, 64, 128, 1, 32, 0, len(pixels), 0, 0, 0, 0)
    entry = struct.pack("<BBBBHHII", 64, 64, 0, 0, 1, 32, len(header) + len(pixels), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + header + pixels


def test_alpha_that_is_zero_everywhere_is_none() -> None:
    nothing = np.zeros((64, 64))
    for file in (bmp(nothing, masks=True), bmp(nothing, masks=False), ico(nothing)):
        assert np.array_equal(read(file), drawing(1))
    half = np.where(np.arange(64) < 32, 255, 0) * np.ones((64, 1))
    for file in (bmp(half, masks=True), ico(half)):
        pixels = read(file)
        assert np.array_equal(pixels[:, :32], drawing(1)[:, :32])
        assert (pixels[:, 32:] == 255).all(), "true transparency stays"


def tiff(samples: np.ndarray, extra: int, *, order: str, planes: bool, packed: bool) -> bytes:
    """Return samples (H, W, C) of 8 or 16 bits as a TIFF whose last channel is of the kind `extra`."""
    height, width, channels = samples.shape
    kind = samples.dtype.newbyteorder(order)
    parts = [samples[..., i] for i in range(channels)] if planes else [samples]
    strips = [np.ascontiguousarray(part).astype(kind).tobytes() for part in parts]
    strips = [zlib.compress(strip) for strip in strips] if packed else strips
    bits = samples.dtype.itemsize * 8
    tags: list[tuple[int, str, list[int]]] = [
        (256, "I", [width]), (257, "I", [height]), (258, "H", [bits] * channels), (259, "H", [8 if packed else 1]),
        (262, "H", [2 if channels > 2 else 1]), (273, "I", [0] * len(strips)), (277, "H", [channels]),
        (278, "I", [height]), (279, "I", [len(strip) for strip in strips]), (284, "H", [2 if planes else 1]),
        (338, "H", [extra]),
    ]  # fmt: skip
    behind = 8 + 2 + 12 * len(tags) + 4  # where values begin that do not fit into the directory
    long = sum(
        len(values) * struct.calcsize(code) for _, code, values in tags if len(values) > 4 // struct.calcsize(code)
    )
    at, offsets = behind + long, []
    for strip in strips:
        offsets.append(at)
        at += len(strip)
    directory, values_behind = struct.pack(f"{order}H", len(tags)), b""
    for tag, code, values in tags:
        raw = struct.pack(f"{order}{len(values)}{code}", *(offsets if tag == 273 else values))
        directory += struct.pack(f"{order}HHI", tag, {"H": 3, "I": 4}[code], len(values))
        if len(raw) > 4:
            directory += struct.pack(f"{order}I", behind + len(values_behind))
            values_behind += raw
        else:
            directory += raw.ljust(4, b"\0")
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    return head + directory + bytes(4) + values_behind + b"".join(strips)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("grey", "bits", "planes"), [(False, 8, False), (False, 8, True), (False, 16, False), (True, 8, False)]
)
def test_alpha_that_is_multiplied_in_already_is_not_multiplied_in_again(
    order: str, packed: bool, grey: bool, bits: int, planes: bool
) -> None:
    colours = drawing(1).astype(int)[..., : 1 if grey else 3]
    alpha = np.full((64, 64, 1), 255)
    alpha[:, :32] = np.kron(np.random.RandomState(1).randint(0, 256, (8, 4)), np.ones((8, 8)))[..., None]
    wanted = (colours * alpha + 255 * (255 - alpha)) / 255
    for extra, stored in ((1, np.round(colours * alpha / 255)), (2, colours)):
        samples = np.concatenate([stored, alpha], axis=2)
        samples = samples.astype(np.uint8) if bits == 8 else (samples * 257).astype(np.uint16)
        pixels = read(tiff(samples, extra, order=order, planes=planes, packed=packed))
        assert abs(pixels - wanted).max() <= 2


@pytest.mark.parametrize(("channels", "bits"), [(4, 16), (2, 8)])
def test_planes_that_would_be_mistaken_for_others_are_refused(channels: int, bits: int) -> None:
    samples = np.concatenate([drawing(1), drawing(2)], axis=2)[..., :channels].astype(f"u{bits // 8}")
    with pytest.raises(Refusal, match="planar TIFF"):
        read(tiff(samples, 2, order="<", planes=True, packed=False))
