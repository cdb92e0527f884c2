"""Identify unreadable files by their first bytes, to explain the refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gan.dataset.reasons import Reason

if TYPE_CHECKING:
    from typing import BinaryIO

HEAD = 1_024  # bytes to inspect

# first bytes -> the name of an archive
_ARCHIVES = {
    b"\x1f\x8b": ".tar.gz",
    b"\x1f\x9d": ".tar.Z",
    b"BZh": ".tar.bz2",
    b"\xfd7zXZ\0": ".tar.xz",
    b"\x28\xb5\x2f\xfd": ".tar.zst",
    b"\x04\x22\x4d\x18": ".tar.lz4",
    b"LZIP": ".tar.lz",
    b"7z\xbc\xaf\x27\x1c": ".7z",
    b"Rar!\x1a\x07": ".rar",
    b"MSCF": ".cab",
    b"ALZ\x01": ".alz",
    b"EGGA": ".egg",
    b"\x60\xea": ".arj",
    b"SIT!": ".sit",
    b"StuffIt": ".sit",
}
_WITHIN_ARCHIVES = {(257, b"ustar"): ".tar", (2, b"-lh"): ".lzh", (7, b"**ACE**"): ".ace"}  # (offset, bytes)

# first bytes -> the name of a picture format
_PICTURES = {
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a": "JPEG XL",
    b"II\xbc": "JPEG XR",
    b"8BPS": "Photoshop (PSD)",
    b"gimp xcf": "GIMP (XCF)",
    b"CSFCHUNK": "Clip Studio",
    b"SAI-": "PaintTool SAI",
    b"%PDF": "PDF",
    b"%!PS": "PostScript (EPS)",
    b"\xc5\xd0\xd3\xc6": "PostScript (EPS)",
    b"\x76\x2f\x31\x01": "OpenEXR",
    b"#?RADIANCE": "Radiance HDR",
    b"DDS ": "DDS",
    b"qoif": "QOI",
    b"icns": "ICNS",
    b"FUJIFILMCCD-RAW": "camera raw",
    b"AT&TFORM": "DjVu",
    b"BPG\xfb": "BPG",
    b"FLIF": "FLIF",
    b"\x1a\x45\xdf\xa3": "video",
    b"OggS": "video",
    b"FLV\x01": "video",
}
# the brand in the first box of an ISO base media file -> the same
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIC"),
    b"crx ": "camera raw",
}


def refusal_of(file: BinaryIO) -> Reason | None:
    """Return the reason for refusing a file without decoder, if its format is known."""
    file.seek(0)
    head = file.read(HEAD)
    if kind := _archive(head):
        return Reason("archive", kind=kind)
    kind = _picture(head)
    if kind == "HEIC":
        return Reason("heic")
    return Reason("kind", kind=kind) if kind else None


def _archive(head: bytes) -> str | None:
    named = next((name for magic, name in _ARCHIVES.items() if head.startswith(magic)), None)
    inner = (name for (at, magic), name in _WITHIN_ARCHIVES.items() if head[at : at + len(magic)] == magic)
    return named or next(inner, None)


def _picture(head: bytes) -> str | None:
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video")
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "video"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<svg") or (text.startswith((b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in text):
        return "SVG"
    return next((name for magic, name in _PICTURES.items() if head.startswith(magic)), None)
