"""Pictures with intact pixels but damaged metadata are accepted."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from gan.dataset import png_repair
from gan.dataset.limits import Refusal
from gan.dataset.picture import read_picture
from tests.gan.odd_pictures import drawing, encoded
from tests.gan.pngs import SIGNATURE, chunk, png
from tests.gan.profiles import expected_srgb, rgb_profile

PICTURE = drawing(1)
LONG = bytes(3 << 20)
DEFLATED = b"\0" + zlib.compress(LONG)


def read(data: bytes) -> np.ndarray:
    return read_picture(io.BytesIO(data))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (b"tEXt", b"Software\0old tool"), (b"zTXt", b"Comment\0\0" + zlib.compress(b"words")), (b"pHYs", bytes(9)),
        (b"iTXt", b"Comment\0\0\0\0\0words"), (b"tIME", bytes(7)), (b"gAMA", struct.pack(">I", 100_000)),
        (b"sRGB", b"\0"), (b"cHRM", bytes(32)), (b"bKGD", bytes(6)), (b"eXIf", b"MM\0*\0\0\0\x08\0\0"),
        (b"prVt", b"own"), (b"iCCP", b"p\0\0" + zlib.compress(rgb_profile("Display P3"))), (b"tRNS", bytes(6)),
    ],
    ids=lambda value: value.decode() if len(value) == 4 and value.isalpha() else "",
)  # fmt: skip
def test_a_wrong_checksum_beside_the_pixels_is_no_reason_to_refuse(kind: bytes, data: bytes) -> None:
    broken = chunk(kind, data, checksum=1)
    for file in (png(PICTURE, front=[broken]), png(PICTURE, behind=broken)):
        assert np.array_equal(read(file), PICTURE)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (b"tEXt", b"Comment\0" + LONG),
        (b"zTXt", b"Comment\0" + DEFLATED),
        (b"iTXt", b"Comment\0\1" + DEFLATED[:1] + b"\0\0" + DEFLATED[1:]),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + LONG),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + DEFLATED[1:]),
        (b"zTXt", b"Raw profile type exif\0" + DEFLATED),
    ],
)
def test_long_texts_are_passed_over(kind: bytes, data: bytes) -> None:
    for file in (png(PICTURE, front=[chunk(kind, data)]), png(PICTURE, behind=chunk(kind, data))):
        assert np.array_equal(read(file), PICTURE)


def test_many_texts_that_are_long_together_are_passed_over() -> None:
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1 << 20)))
    assert np.array_equal(read(png(PICTURE, front=[text] * 66)), PICTURE)


def test_a_profile_of_more_than_a_mebibyte_is_used() -> None:
    profile = rgb_profile("Display P3", padding=2 << 20)
    pixels = read(png(PICTURE, {b"iCCP": b"long\0\0" + zlib.compress(profile)})).astype(int)
    assert abs(pixels - expected_srgb(PICTURE, "Display P3")).max() <= 3


def test_a_profile_that_unpacks_without_end_is_passed_over() -> None:
    packed = zlib.compress(rgb_profile("Display P3") + bytes(64 << 20))
    assert np.array_equal(read(png(PICTURE, {b"iCCP": b"bomb\0\0" + packed})), PICTURE)


@pytest.mark.parametrize("data", [b"", b"\1", bytes(5)])
@pytest.mark.parametrize("kind", [b"pHYs", b"gAMA", b"sRGB", b"cHRM", b"tIME"])
def test_metadata_of_a_wrong_length_is_passed_over(kind: bytes, data: bytes) -> None:
    if kind == b"sRGB" and len(data) > 1:
        return  # Pillow reads the first byte
    assert np.array_equal(read(png(PICTURE, {kind: data})), PICTURE)


def test_of_many_packed_texts_and_profiles_one_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[int] = []
    original = png_repair._unpacked

    def counted(packed: bytes, most: int) -> bytes | None:
        unpacked.append(most)
        return original(packed, most)

    monkeypatch.setattr(png_repair, "_unpacked", counted)
    chunks = [chunk(b"zTXt", b"Raw profile type exif\0" + DEFLATED), chunk(b"iCCP", b"p\0" + DEFLATED)] * 200
    assert np.array_equal(read(png(PICTURE, front=chunks)), PICTURE)
    assert len(unpacked) == 2


def test_a_jpeg_of_endless_segments_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = jpeg("plain")
    stuffed = whole[:2] + b"\xff\xe5\x00\x02" * 20_000 + whole[2:-2]
    with pytest.raises(Refusal, match="damaged"):
        read(stuffed)


def test_what_says_how_a_picture_looks_survives_a_repair() -> None:
    broken = [chunk(b"tEXt", b"Software\0old tool", checksum=1)]
    light = {b"gAMA": struct.pack(">I", 100_000)}
    assert np.array_equal(read(png(PICTURE, light, front=broken)), read(png(PICTURE, light)))
    corner = {b"tRNS": struct.pack(">3H", *PICTURE[0, 0].tolist())}
    see_through = read(png(PICTURE, corner, front=broken))
    assert np.array_equal(see_through, read(png(PICTURE, corner)))
    assert (see_through[0, 0] == 255).all()
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = {b"eXIf": exif.tobytes()[6:]}
    assert np.array_equal(read(png(np.rot90(PICTURE), turned, front=broken)), PICTURE)
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    turned = {b"iTXt": b"XML:com.adobe.xmp\0\0\0\0\0" + xmp}
    assert np.array_equal(read(png(np.rot90(PICTURE), turned, front=broken)), PICTURE)


def test_a_png_without_its_end_and_with_rubbish_behind_it_is_taken() -> None:
    whole = png(PICTURE, behind=chunk(b"tEXt", b"Software\0old tool", checksum=1))
    for file in (whole[:-12], whole[:-5], whole + b"rubbish", whole[:-12] + b"\xff" * 40):
        assert np.array_equal(read(file), PICTURE)


def test_damage_to_the_pixels_is_a_reason_to_refuse() -> None:
    whole = png(PICTURE)
    at = whole.index(b"IHDR")
    header = SIGNATURE + chunk(b"IHDR", whole[at + 4 : at + 17], checksum=1)
    for file in (header + whole[len(header) :], whole[: len(whole) // 2]):
        with pytest.raises(Refusal):
            read(file)


def jpeg(kind: str, size: int = 256) -> bytes:
    image = Image.fromarray(drawing(3, size, size))
    options: dict[str, dict[str, object]] = {
        "plain": {}, "progressive": {"progressive": True}, "fine": {"subsampling": 0, "quality": 97},
        "restarts": {"restart_marker_rows": 1}, "grey": {}, "inks": {}, "turned": {},
    }  # fmt: skip
    if kind == "turned":
        exif = Image.Exif()
        exif[0x0112] = 6
        return encoded(image, "JPEG", exif=exif)
    mode = {"grey": "L", "inks": "CMYK"}.get(kind, "RGB")
    return encoded(image.convert(mode), "JPEG", **options[kind])


KINDS = ["plain", "progressive", "fine", "restarts", "grey", "inks", "turned"]


@pytest.mark.parametrize("size", [64, 256, 2_000])
@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_that_lacks_only_its_end_marker_is_taken_wholly(kind: str, size: int) -> None:
    whole = jpeg(kind, size)
    assert whole.endswith(b"\xff\xd9")
    wanted = read(whole)
    for file in (whole[:-2], whole[:-1], whole[:-2] + bytes(512)):
        assert np.array_equal(read(file), wanted)


@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_that_is_cut_off_anywhere_is_refused(kind: str) -> None:
    """Unless nothing is missing that shows: the very last bits only fill up a byte."""
    whole = jpeg(kind)
    wanted = read(whole)
    for cut in [*range(200, len(whole) - 40, 397), *range(len(whole) - 40, len(whole) - 2)]:
        try:
            pixels = read(whole[:cut])
        except Refusal as refusal:
            assert "damaged" in str(refusal) or "not a picture" in str(refusal)  # noqa: PT017
        else:
            assert np.array_equal(pixels, wanted), cut
            assert cut >= len(whole) - 4


def test_a_progressive_jpeg_that_lacks_whole_scans_is_refused() -> None:
    whole = jpeg("progressive")
    scans = [at for at in range(len(whole)) if whole[at : at + 2] == b"\xff\xda"]
    assert len(scans) > 5
    for at in scans[1:]:
        start = whole.rindex(b"\xff\xc4", 0, at)  # the tables of a scan come before it
        for cut in (start, at):
            with pytest.raises(Refusal):
                read(whole[:cut])
