"""Zips as written by the tools of many systems."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from gan.dataset import DatasetError, load_images
from tests.gan.odd_pictures import plain

UTF8 = 1 << 11
SEEDS = range(10)


def pack(
    names: list[bytes],
    *,
    local_names: list[bytes] | None = None,
    flags: int = 0,
    extra: bytes = b"",
    front: bytes = b"",
) -> bytes:
    """Return a zip of deflated pictures, written by hand: `local_names` in the entries, `names` in the directory."""
    body, directory = bytearray(front), bytearray()
    for seed, (name, local) in enumerate(zip(names, local_names or names, strict=True)):
        data = plain(seed)
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(data) + packer.flush()
        sizes = struct.pack("<III", zlib.crc32(data), len(packed), len(data))
        at = len(body) - len(front)
        body += b"PK\x03\x04" + struct.pack("<HHHHH", 20, flags, 8, 0, 0) + sizes
        body += struct.pack("<HH", len(local), 0) + local + packed
        directory += b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, flags, 8, 0, 0) + sizes
        directory += struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, 0, at) + name + extra
    end = struct.pack("<HHHHIIH", 0, 0, len(names), len(names), len(directory), len(body) - len(front), 0)
    return bytes(body + directory + b"PK\x05\x06" + end)


def names_taken(path: Path, data: bytes) -> list[str]:
    path.write_bytes(data)
    _, report = load_images(path)
    assert report.refused == []
    return report.accepted


@pytest.mark.parametrize("local", ["art\\pic{}.png", "pic{}.png", "", "another/and/longer/name/{}.jpeg", "絵{}.png"])
def test_the_directory_decides_where_the_entrys_own_name_differs(tmp_path: Path, local: str) -> None:
    names = [f"art/pic{n}.png" for n in SEEDS]
    data = pack([name.encode() for name in names], local_names=[local.format(n).encode() for n in SEEDS])
    assert names_taken(tmp_path / "a.zip", data) == names


@pytest.mark.parametrize(
    ("encoding", "flags"),
    [("utf-8", UTF8), ("utf-8", 0), ("cp932", UTF8), ("cp437", 0)],
    ids=["as it should be", "macOS", "Shift-JIS flagged as UTF-8", "DOS"],
)
def test_names_are_read_in_the_encoding_they_are_in(tmp_path: Path, encoding: str, flags: int) -> None:
    names = [f"é{n}.png" if encoding == "cp437" else f"絵/表{n}.png" for n in SEEDS]
    assert names_taken(tmp_path / "a.zip", pack([name.encode(encoding) for name in names], flags=flags)) == names


@pytest.mark.parametrize("encoding", ["gb18030", "euc-kr", "latin-1"])
def test_names_in_any_other_encoding_are_no_reason_to_refuse(tmp_path: Path, encoding: str) -> None:
    letter = "ü" if encoding == "latin-1" else "한" if encoding == "euc-kr" else "图"
    names = [f"{letter}{n}.png".encode(encoding) for n in SEEDS]
    for flags in (0, UTF8):
        assert len(names_taken(tmp_path / "a.zip", pack(names, flags=flags))) == len(names)


def test_a_letter_whose_second_half_is_a_backslash_hides_no_picture(tmp_path: Path) -> None:
    names = [f"{n}ソ.png".encode("cp932") for n in SEEDS]
    assert all(b"\\.png" in name for name in names), "read as a separator, a name that begins with a dot follows"
    assert len(names_taken(tmp_path / "a.zip", pack(names))) == len(names)


def test_a_name_in_unicode_beside_the_old_one_is_used(tmp_path: Path) -> None:
    raw = b"_.png"
    field = b"\x01" + struct.pack("<I", zlib.crc32(raw)) + "絵.png".encode()
    data = pack([raw] * 10, extra=struct.pack("<HH", 0x7075, len(field)) + field)
    assert names_taken(tmp_path / "a.zip", data) == ["絵.png"] * 10


def test_names_that_only_look_like_drives_are_names(tmp_path: Path) -> None:
    names = [f"A: portrait {n}.png" for n in range(5)] + [f"B: faces/{n}.png" for n in range(5)]
    assert names_taken(tmp_path / "a.zip", pack([name.encode() for name in names])) == names


def test_what_lies_in_front_of_an_archive_is_passed_over(tmp_path: Path) -> None:
    names = [b"%d.png" % n for n in SEEDS]
    for front in (b"PK00", b"PK\x07\x08"):  # one volume of what could have been several
        assert len(names_taken(tmp_path / "a.zip", pack(names, front=front))) == len(names)


def test_archives_that_were_streamed_or_have_the_large_form_are_taken(tmp_path: Path) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            self.data += bytes(data)  # type: ignore[call-overload]
            return len(data)  # type: ignore[arg-type]

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # sizes stand behind the entries
        for seed in range(10):
            archive.writestr(f"{seed}.png", plain(seed))
    assert len(names_taken(tmp_path / "a.zip", pipe.data)) == 10
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:  # sizes and places of 64 bits in the entries
        for seed in range(10):
            with archive.open(f"{seed}.png", "w", force_zip64=True) as entry:
                entry.write(plain(seed))
    assert len(names_taken(tmp_path / "b.zip", (tmp_path / "b.zip").read_bytes())) == 10


def test_sizes_and_places_in_the_large_form_are_read_from_the_directory(tmp_path: Path) -> None:
    data = pack([b"0.png"])
    at = data.rindex(b"PK\x01\x02")
    head = bytearray(data[at : at + 46])
    packed, size, place = head[20:24], head[24:28], head[42:46]
    field = b"".join(bytes(number) + bytes(4) for number in (size, packed, place))
    head[20:28], head[42:46], head[30:32] = b"\xff" * 8, b"\xff" * 4, struct.pack("<H", 4 + len(field))
    directory = bytes(head) + b"0.png" + struct.pack("<HH", 1, len(field)) + field
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), at, 0)
    (tmp_path / "a.zip").write_bytes(data[:at] + directory + b"PK\x05\x06" + end)
    with pytest.raises(DatasetError, match=r"1 usable picture, at least 8 are needed$"):
        load_images(tmp_path / "a.zip")


def test_entries_that_share_bytes_are_refused(tmp_path: Path) -> None:
    data = bytearray(pack([b"%d.png" % n for n in range(9)]))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 1)
    data[second + 16 : second + 28] = data[first + 16 : first + 28]  # checksum and sizes, then the place
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    (tmp_path / "a.zip").write_bytes(data)
    _, report = load_images(tmp_path / "a.zip")
    assert report.refused == [("0.png", "damaged in the archive")]
