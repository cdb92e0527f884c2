"""Colour conversion: profiles, gamma and bit depth are applied."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from gan.dataset.picture import read_picture
from tests.gan.odd_pictures import GOOD, drawing, encoded
from tests.gan.pngs import png
from tests.gan.profiles import RGB_SPACES, cmyk_profile, encode, expected_srgb, grey_profile, rgb_profile


def read(data: bytes) -> np.ndarray:
    return read_picture(io.BytesIO(data)).astype(int)


def grey_drawing(seed: int) -> np.ndarray:
    return np.asarray(Image.fromarray(drawing(seed)).convert("L")).astype(int)


@pytest.mark.parametrize("name", RGB_SPACES)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG"])
def test_colours_of_other_spaces_become_srgb(name: str, kind: str) -> None:
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(kind, {})
    read_back = np.asarray(Image.open(io.BytesIO(encoded(Image.fromarray(drawing(1)), kind, **options))).convert("RGB"))
    pixels = read(encoded(Image.fromarray(drawing(1)), kind, icc_profile=rgb_profile(name), **options))
    assert abs(pixels - expected_srgb(read_back, name)).max() <= 3
    assert abs(pixels - drawing(1).astype(int)).max() > 20


def test_transparency_and_palettes_are_converted_too() -> None:
    see_through = np.dstack([drawing(1), np.full((64, 64), 255, np.uint8)])
    see_through[:, :32, 3] = 0
    wanted = expected_srgb(drawing(1), "Display P3")
    pixels = read(encoded(Image.fromarray(see_through), icc_profile=rgb_profile("Display P3")))
    assert (pixels[:, :32] == 255).all()
    assert abs(pixels - wanted)[:, 32:].max() <= 3
    palette = Image.fromarray(drawing(1)).quantize(64)
    wanted = expected_srgb(np.asarray(palette.convert("RGB")), "Display P3")
    assert abs(read(encoded(palette, icc_profile=rgb_profile("Display P3"))) - wanted).max() <= 3


def test_a_large_picture_is_converted_as_a_small_one() -> None:
    large = encoded(Image.fromarray(drawing(1, 1_280, 1_280)), icc_profile=rgb_profile("Adobe RGB"))
    inner = abs(read(large) - expected_srgb(drawing(1), "Adobe RGB")).reshape(8, 8, 8, 8, 3)[:, 2:6, :, 2:6]
    assert inner.max() <= 6, "apart from the edges, where scaling mixes neighbours"


def test_grey_with_a_tone_curve() -> None:
    grey = grey_drawing(1)
    profile = grey_profile(1.0)
    for image in (Image.fromarray(grey.astype(np.uint8)), Image.fromarray(grey.astype(np.uint8)).convert("LA")):
        pixels = read(encoded(image, icc_profile=profile))
        assert abs(pixels - encode(grey / 255)[..., None]).max() <= 2
        assert (pixels[..., 0] == pixels[..., 2]).all()


def test_inks_are_shown_as_the_press_would_and_without_a_profile_as_before() -> None:
    inks = np.zeros((64, 64, 4), np.uint8)
    inks[:32, :32, 0], inks[:32, 32:, 3] = 255, 255  # cyan, black; the rest is paper
    image = Image.fromarray(inks, "CMYK")
    pixels = read(encoded(image, "TIFF", icc_profile=cmyk_profile({(1, 0, 0, 0): 50, (0, 0, 0, 1): 0})))
    assert abs(pixels[8, 8] - 118.9).max() <= 3  # L* 50, which is 18.4 % of the light
    assert (pixels[8, 40] <= 3).all()
    assert (pixels[40] >= 253).all()
    assert (read(encoded(image, "TIFF"))[8, 8] == (0, 255, 255)).all()


@pytest.mark.parametrize("seed", range(3))
def test_pictures_in_srgb_keep_every_pixel_whatever_says_so(seed: int) -> None:
    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for options in ({}, {"icc_profile": made}):
        assert (read(encoded(Image.fromarray(drawing(seed)), **options)) == drawing(seed)).all()
    for chunks in (
        {b"gAMA": struct.pack(">I", 45_455)},
        {b"gAMA": struct.pack(">I", 45_455), b"cHRM": struct.pack(">8I", *range(8))},
        {b"gAMA": struct.pack(">I", 100_000), b"sRGB": b"\0"},  # the latter decides
    ):
        assert (read(png(drawing(seed), chunks)) == drawing(seed)).all()


@pytest.mark.parametrize("profile", [b"", b"no profile", bytes(3_000), rgb_profile("Display P3")[:200]])
def test_a_profile_that_is_none_is_passed_over(profile: bytes) -> None:
    assert (read(encoded(Image.fromarray(drawing(1)), icc_profile=profile)) == drawing(1)).all()


def test_a_profile_of_another_kind_of_picture_is_passed_over() -> None:
    for profile in (cmyk_profile({}), grey_profile(1.0)):
        assert (read(encoded(Image.fromarray(drawing(1)), icc_profile=profile)) == drawing(1)).all()


@pytest.mark.parametrize("gamma", [1.0, 1 / 1.8, 0.7])
def test_the_gamma_of_a_png_is_honoured(gamma: float) -> None:
    chunk = {b"gAMA": struct.pack(">I", round(gamma * 100_000))}
    wanted = encode((drawing(1) / 255) ** (1 / gamma))
    assert abs(read(png(drawing(1), chunk)) - wanted).max() <= 1
    grey = grey_drawing(1)
    assert abs(read(png(grey.astype(np.uint8), chunk)) - encode((grey / 255) ** (1 / gamma))[..., None]).max() <= 1
    light = np.linspace(0, 300, 4_096).astype(np.uint16).reshape(64, 64)  # dark: 8 bits would hold two levels of it
    light[0, 0] = 65_535
    wanted = encode((light / 65_535) ** (1 / gamma))[..., None]
    assert abs(read(png(light, chunk)) - wanted).max() <= 1


@pytest.mark.parametrize("gamma", [0, 1, 2_000_000_000])
def test_a_gamma_that_cannot_be_is_passed_over(gamma: int) -> None:
    assert (read(png(drawing(1), {b"gAMA": struct.pack(">I", gamma)})) == drawing(1)).all()


def test_a_profile_counts_for_more_than_gamma() -> None:
    packed = b"p3\0\0" + zlib.compress(rgb_profile("Display P3"))
    pixels = read(png(drawing(1), {b"gAMA": struct.pack(">I", 100_000), b"iCCP": packed}))
    assert abs(pixels - expected_srgb(drawing(1), "Display P3")).max() <= 3


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_fewer_bits_in_16_are_stretched(bits: int) -> None:
    grey = grey_drawing(5)
    grey[0, 0], grey[0, 1] = 255, 0
    deep = ((grey << (bits - 8)) | (grey >> (16 - bits) if bits > 8 else 0)).astype(np.uint16)
    assert (read(png(deep)) == grey[..., None]).all()
    assert (read(encoded(Image.fromarray(deep), "TIFF")) == grey[..., None]).all()
    colours = drawing(5).astype(int)
    colours[0, 0] = 255
    assert (read(png((colours << (bits - 8)).astype(np.uint16))) == colours).all()


@pytest.mark.parametrize("opaque", [65_535, 4_095])
@pytest.mark.parametrize("channels", [1, 3])
def test_twelve_bits_beside_alpha(opaque: int, channels: int) -> None:
    colours = drawing(5).astype(int)[..., :channels]
    colours[0, 0] = 255
    alpha = np.full((64, 64, 1), opaque)
    alpha[:, :16] = 0
    pixels = read(png(np.concatenate([colours << 4, alpha], axis=2).astype(np.uint16)))
    assert (pixels[:, :16] == 255).all()
    assert (pixels[:, 16:] == colours[:, 16:]).all()


def test_a_largest_value_of_just_a_power_of_two_is_within_the_range() -> None:
    ramp = np.linspace(0, 4_096, 4_096).round().astype(np.uint16).reshape(64, 64)
    pixels = read(png(ramp))
    assert (pixels[-1, -1] == 255).all()
    assert abs(pixels[32, 0] - 128).max() <= 1


def test_ordinary_pictures_are_read_as_ever() -> None:
    """The pixels that commit 9cc4383 read, by their checksums; lossy formats are left out."""
    known = {
        "rgb.png": 122360812,
        "rgba.png": 2836646685,
        "grey.png": 4276685247,
        "grey-alpha.png": 1137008044,
        "grey-16.png": 1574455768,
        "one-bit.png": 2428158957,
        "palette.gif": 1032425245,
        "palette-see-through.png": 1354914906,
        "float.tif": 3474522101,
        "int32.tif": 2344399017,
        "old.bmp": 745108896,
        "unix.ppm": 1996741671,
        "animated.gif": 1226947710,
        "animated.png": 4015131481,
        "turned.png": 411714549,
        "wide.png": 3624972817,
        "large.png": 973788448,
        "smallest.png": 3040080027,
        "no-ending": 1200177744,
        "lies.jpg": 364496136,
        "broken-exif.png": 932895635,
        "chatty.png": 1070901831,
    }
    assert {name: zlib.crc32(read_picture(io.BytesIO(GOOD[name]())).tobytes()) for name in known} == known
