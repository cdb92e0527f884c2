"""Unreadable files are identified by name, with a remedy."""

from __future__ import annotations

import builtins
import bz2
import gzip
import importlib
import io
import lzma
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.dataset import DatasetError, load_images, picture
from gan.dataset.limits import Refusal
from gan.dataset.picture import read_picture
from tests.gan.odd_pictures import encoded, plain

PHONE = Path(__file__).parent / "files" / "phone.heic"  # 128×128, as a phone writes it


def reason(data: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        read_picture(io.BytesIO(data))
    return str(refused.value)


def tar(pack: Callable[[bytes], bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for seed in range(9):
            info = tarfile.TarInfo(f"{seed}.png")
            info.size = len(plain(seed))
            archive.addfile(info, io.BytesIO(plain(seed)))
    return pack(buffer.getvalue())


ARCHIVES = {
    ".tar": tar(bytes), ".tar.gz": tar(gzip.compress), ".tar.bz2": tar(bz2.compress), ".tar.xz": tar(lzma.compress),
    ".tar.zst": b"\x28\xb5\x2f\xfd" + bytes(60), ".7z": b"7z\xbc\xaf\x27\x1c" + bytes(60),
    ".rar": b"Rar!\x1a\x07\x00" + bytes(60), ".lzh": b"\x19\x50-lh5-" + bytes(60), ".cab": b"MSCF" + bytes(60),
}  # fmt: skip
KINDS = {
    "JPEG XL": [b"\xff\x0a" + bytes(60), b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a" + bytes(60)],
    "Photoshop (PSD)": [b"8BPS\0\1" + bytes(60)],
    "GIMP (XCF)": [b"gimp xcf v011" + bytes(60)],
    "Clip Studio": [b"CSFCHUNK" + bytes(60)],
    "SVG": [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!DOCTYPE svg>\n<SVG/>",
        b"<!-- drawn by hand --><svg/>",
    ],
    "PDF": [b"%PDF-1.4\n"],
    "PostScript (EPS)": [b"%!PS-Adobe-3.0 EPSF-3.0\n", b"\xc5\xd0\xd3\xc6" + bytes(60)],
    "OpenEXR": [b"\x76\x2f\x31\x01" + bytes(60)],
    "camera raw": [b"\0\0\0\x18ftypcrx " + bytes(60)],
    "video": [b"\0\0\0\x18ftypmp42" + bytes(60), b"RIFF\0\0\0\0AVI LIST" + bytes(60), b"\x1a\x45\xdf\xa3" + bytes(60)],
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_other_archives_are_named_and_a_zip_is_asked_for(kind: str, tmp_path: Path) -> None:
    assert reason(ARCHIVES[kind]) == f"a {kind} archive, not a picture; make it a zip"
    (tmp_path / "drawings").write_bytes(ARCHIVES[kind])
    with pytest.raises(DatasetError, match=rf"drawings: a {kind} archive, not a picture; make it a zip"):
        load_images(tmp_path / "drawings")


@pytest.mark.parametrize("kind", KINDS)
def test_other_pictures_are_named(kind: str) -> None:
    for data in KINDS[kind]:
        assert reason(data) == f"{kind}: not a picture that can be read; save it as PNG or JPEG"


def test_the_rest_has_no_name() -> None:
    for data in (b"words", b"<html><body><svg/></body></html>", bytes(2_000), b"\0\0\0\x18"):
        assert reason(data).startswith("not a picture that can be read (PNG")


def test_a_photo_of_a_phone_is_taken() -> None:
    pytest.importorskip("pillow_heif", reason="an optional extra: pip install 'melicon[heic]'")
    pixels = read_picture(io.BytesIO(PHONE.read_bytes()))
    assert len(np.unique(pixels)) > 50
    mono = Image.fromarray(np.repeat(np.repeat([[[255, 0, 0], [0, 0, 255]]], 64, 0), 32, 1).astype(np.uint8))
    made = read_picture(io.BytesIO(encoded(mono, "HEIF", quality=95))).astype(int)
    assert abs(made - np.asarray(mono))[:, 4:28].max() < 20
    cut = PHONE.read_bytes()[:900]
    with pytest.raises(Refusal, match=r"damaged|not a picture"):
        read_picture(io.BytesIO(cut))


def test_without_the_extra_such_a_photo_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> object:
        if name == "pillow_heif":
            raise ImportError(name)
        return original(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, "pillow_heif", raising=False)
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)
    importlib.reload(picture)
    with pytest.raises(picture.Refusal) as refused:
        picture.read_picture(io.BytesIO(PHONE.read_bytes()))
    wanted = "HEIC: not a picture that can be read here without pillow-heif; save it as PNG or JPEG"
    assert str(refused.value) == wanted
