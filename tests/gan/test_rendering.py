"""Rendering: sharp upscaling, PNG files that carry their code, sheets."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from gan import artist
from gan.rendering import contact_sheet, encode_plain_png, encode_png, read_code, upscale

ICON = artist.draw(3)
CODE = "123~4/house#0a1b2c3d"


def png(pixels: np.ndarray = ICON, code: str = CODE) -> bytes:
    return encode_png(pixels, code=code, style="house", model="0a1b2c3d")


def opened(data: bytes) -> PngImagePlugin.PngImageFile:
    image = Image.open(io.BytesIO(data))
    image.load()
    assert isinstance(image, PngImagePlugin.PngImageFile)
    return image


# --- upscaling


def test_an_icon_at_its_own_size_is_untouched() -> None:
    same = upscale(ICON, 64)
    np.testing.assert_array_equal(same, ICON)
    assert same is not ICON


@pytest.mark.parametrize("size", [16, 32, 65, 100, 256, 300, 512, 768, 2048])
def test_any_size_can_be_had(size: int) -> None:
    enlarged = upscale(ICON, size)
    assert enlarged.shape == (size, size, 3)
    assert enlarged.dtype == np.uint8


@pytest.mark.parametrize("size", [0, 15, 2049, -64])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="16 to 2048"):
        upscale(ICON, size)


def error(enlarged: np.ndarray, truth: np.ndarray) -> float:
    return float(np.abs(enlarged.astype(float) - truth).mean())


def test_enlarged_drawings_are_nearer_to_the_true_ones_than_lanczos_gets() -> None:
    ours, lanczos = [], []
    for index in range(8):
        small, truth = artist.draw(index, 64), artist.draw(index, 512)
        ours.append(error(upscale(small, 512), truth))
        plain = Image.fromarray(small).resize((512, 512), Image.Resampling.LANCZOS)
        lanczos.append(error(np.asarray(plain), truth))
    assert np.mean(ours) < 0.65 * np.mean(lanczos)


def test_edges_have_no_halos() -> None:
    edge = np.full((64, 64, 3), 60, dtype=np.uint8)
    edge[:, 32:] = 200
    enlarged = upscale(edge, 256)  # before the last, plain doubling
    assert enlarged.min() == 60
    assert enlarged.max() == 200
    # steep: less than the width of one original pixel lies between the colours
    between = ((enlarged[128, :, 0] > 70) & (enlarged[128, :, 0] < 190)).sum()
    assert 0 < between < 4


def test_soft_shading_stays_soft() -> None:
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[None, :, None] * 4, (64, 64, 3))
    steps = np.diff(upscale(ramp, 256)[128, 8:-8, 0].astype(int))
    assert steps.min() >= 0
    assert steps.max() <= 2  # one value a pixel, with rounding


def test_one_colour_stays_that_colour() -> None:
    for value in (0, 1, 127, 254, 255):
        flat = np.full((64, 64, 3), value, dtype=np.uint8)
        assert (upscale(flat, 512) == value).all()


def test_enlarged_pixels_are_the_same_for_ever() -> None:
    # integers only, so that the icon itself cannot change with a library
    y, x = np.mgrid[:64, :64]
    pattern = np.stack([x * y % 256, (x * x + 3 * y) % 256, (x // 8 + y // 8) % 2 * 255], axis=2).astype(np.uint8)
    digests = [hashlib.sha256(upscale(pattern, size).tobytes()).hexdigest()[:16] for size in (32, 300, 512, 1024)]
    assert digests == ["766acf42a4808dd2", "c8c2983a126d2019", "89e69736a1a9cb2e", "e8cb2db5dbc8b7fb"]


# --- PNG


@given(st.integers(1, 9), st.integers(1, 9), st.randoms(use_true_random=False))
def test_pixels_survive_whatever_they_are(height: int, width: int, random: object) -> None:
    pixels = np.random.RandomState(random.getrandbits(32)).randint(0, 256, (height, width, 3), dtype=np.uint8)  # type: ignore[attr-defined]
    np.testing.assert_array_equal(np.asarray(opened(png(pixels))), pixels)


def test_a_view_of_other_pixels_is_encoded_right() -> None:
    np.testing.assert_array_equal(np.asarray(opened(png(ICON[::2, ::-1]))), ICON[::2, ::-1])


def test_the_code_and_its_model_can_be_read_by_any_program() -> None:
    image = opened(png())
    assert image.mode == "RGB"
    assert image.text == {
        "melicon:code": CODE,
        "melicon:style": "house",
        "melicon:model": "0a1b2c3d",
        "Software": "Melicon",
    }
    assert read_code(png()) == CODE


def test_text_outside_latin_is_kept() -> None:
    data = encode_png(ICON, code="1", style="絵", model="m")
    assert opened(data).text["melicon:style"] == "絵"
    assert read_code(data) == "1"


def test_a_code_is_found_in_files_saved_anew_by_other_programs() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("melicon:code", "123X456@50")
    again = io.BytesIO()
    Image.fromarray(ICON).save(again, "PNG", pnginfo=info)
    assert read_code(again.getvalue()) == "123x456"


def test_pictures_without_a_code_have_none() -> None:
    assert read_code(encode_plain_png(ICON)) is None
    assert read_code(b"") is None
    assert read_code(b"GIF89a") is None


def test_what_is_no_code_is_not_passed_on() -> None:
    assert read_code(png(code="123~99999")) is None
    assert read_code(png(code="a\nb")) is None


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_damaged_and_enormous_chunks_are_passed_over() -> None:
    damaged = chunk(b"tEXt", b"melicon:code\x00123")[:-1] + b"\x00"
    enormous = chunk(b"tEXt", b"melicon:code\x00" + b"a" * 10**6)
    assert read_code(SIGNATURE + damaged) is None
    assert read_code(SIGNATURE + enormous) is None
    assert read_code(SIGNATURE + damaged + enormous + chunk(b"tEXt", b"melicon:code\x007")) == "7"
    assert read_code(SIGNATURE + struct.pack(">I", 2**32 - 1) + b"tEXtmelicon:code\x007") is None


@given(st.binary(max_size=200))
def test_hostile_bytes_are_harmless(junk: bytes) -> None:
    for data in (junk, SIGNATURE + junk, SIGNATURE + chunk(b"tEXt", junk), SIGNATURE + chunk(b"iTXt", junk)):
        code = read_code(data)
        assert code is None or isinstance(code, str)


@given(st.integers(0, 400), st.integers(0, 255))
def test_one_wrong_byte_never_raises(position: int, value: int) -> None:
    data = bytearray(png(ICON[:4, :4]))
    data[position % len(data)] = value
    assert read_code(bytes(data)) in {None, CODE}


# --- sheets


def test_a_sheet_holds_every_icon_in_reading_order() -> None:
    icons = [np.full((64, 64, 3), value, dtype=np.uint8) for value in (10, 20, 30)]
    sheet = contact_sheet(icons, 2, gap=4)
    assert sheet.shape == (4 + 2 * 68, 4 + 2 * 68, 3)
    assert sheet[4, 4, 0] == 10
    assert sheet[4, 72, 0] == 20
    assert sheet[72, 4, 0] == 30
    assert (sheet[72:, 72:] == 255).all()


def test_without_gaps_a_sheet_is_the_icons_alone() -> None:
    icons = np.stack([artist.draw(i) for i in range(4)])
    sheet = contact_sheet(icons, 2)
    np.testing.assert_array_equal(sheet[:64, :64], icons[0])
    np.testing.assert_array_equal(sheet[64:, 64:], icons[3])


def test_labels_stand_below_their_icons_and_not_on_them() -> None:
    icons = [ICON, ICON]
    labelled = contact_sheet(icons, 2, gap=4, labels=["123", "a label much too long for an icon of this size"])
    np.testing.assert_array_equal(labelled[4:68, 4:68], ICON)
    np.testing.assert_array_equal(labelled[4:68, 72:136], ICON)
    for left in (4, 72):
        below = labelled[68:-2, left : left + 64]
        assert below.min() < 150
    assert labelled[68:, 68:72].min() == 255  # nothing runs over into the neighbour's place


def test_a_transparent_sheet_can_be_read_on_light_and_on_dark() -> None:
    labels = ["123", "a label much too long for an icon of this size"]
    sheet = contact_sheet([ICON, ICON], 2, gap=4, labels=labels, transparent=True)
    assert sheet.shape[2] == 4
    for left in (4, 72):
        np.testing.assert_array_equal(sheet[4:68, left : left + 64, :3], ICON)
        assert sheet[4:68, left : left + 64, 3].min() == 255
        plate = sheet[68:-2, left : left + 64]
        letters, ground = plate[..., :3].max(axis=2) > 200, plate[..., 3] > 200
        assert letters.any()
        assert (letters & ~ground).sum() == 0, "a label stands on its own plate, not on what is behind the sheet"
    assert sheet[:, 68:72, 3].max() == 0, "the ground lets through what it is shown on"
    assert sheet[:4, :, 3].max() == 0


def test_sheets_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet([], 4)
    with pytest.raises(ValueError, match="1 labels for 2 images"):
        contact_sheet([ICON, ICON], 2, labels=["1"])
