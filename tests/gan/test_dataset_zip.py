"""Zips are read in memory; malicious archives or entries are refused, and nothing is written."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan.dataset import DatasetError, Limits, load_images
from tests.gan.odd_pictures import drawing, plain


def pack(path: Path, entries: dict[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Write a zip of eight good pictures and `entries`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for seed in range(8):
            archive.writestr(f"good/{seed}.png", plain(seed))
        for name, data in entries.items():
            archive.writestr(name, data, compress_type=method)
    return path


def refusals(path: Path, limits: Limits | None = None) -> dict[str, str]:
    pixels, report = load_images(path, limits=limits)
    assert len(pixels) == 8
    return dict(report.refused)


def test_a_zip_gives_the_same_pictures_as_the_folder_it_was_made_of(tmp_path: Path) -> None:
    zipped, report = load_images(pack(tmp_path / "a.zip", {}))
    (tmp_path / "good").mkdir()
    for seed in range(8):
        (tmp_path / "good" / f"{seed}.png").write_bytes(plain(seed))
    loose, same = load_images(tmp_path / "good")
    assert np.array_equal(zipped, loose)
    assert report.fingerprint == same.fingerprint


def test_hostile_entries_are_refused_one_by_one_and_leave_nothing_behind(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    pipe = zipfile.ZipInfo("pipe.png")
    pipe.external_attr = 0o010644 << 16
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.png", plain(30))
    reasons = {
        "../up.png": (plain(20), "leads out"),
        "a/../../up.png": (plain(21), "leads out"),
        "..\\up.png": (plain(22), "leads out"),
        "/etc/passwd.png": (plain(23), "leads out"),
        "C:\\boot.png": (plain(24), "leads out"),
        link: (b"/etc/passwd", "link"),
        pipe: (b"", "regular"),
        "inner.zip": (inner.getvalue(), "archive in the archive"),
        "disguised.png": (inner.getvalue(), "archive in the archive"),
        "flat.bmp": (bytes(4 << 20), "200 times"),
        "empty.png": (b"", "zero bytes"),
        "words.txt": (b"words", "not a picture"),
    }
    before = sorted(tmp_path.iterdir())
    path = pack(tmp_path / "hostile.zip", {name: data for name, (data, _) in reasons.items()})
    found = refusals(path)
    for name, (_, word) in reasons.items():
        shown = name.filename if isinstance(name, zipfile.ZipInfo) else name
        assert word in found[shown], shown
    assert sorted(tmp_path.iterdir()) == [*before, path]


def test_what_macs_and_windows_add_is_passed_over_in_silence(tmp_path: Path) -> None:
    extra = {"__MACOSX/good/._0.png": b"x", "good/.DS_Store": b"x", "good/Thumbs.db": b"x", "empty/": b""}
    assert refusals(pack(tmp_path / "mac.zip", extra)) == {}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_without_a_bound_on_one_read_are_refused(tmp_path: Path, method: int) -> None:
    path = pack(tmp_path / "odd.zip", {"x.png": plain(9)}, method)
    assert "uncommon" in refusals(path)["x.png"]


def test_encrypted_entries_are_refused(tmp_path: Path) -> None:
    path = pack(tmp_path / "secret.zip", {"x.png": plain(9)})
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.rindex(signature)
        data[at + flags] |= 1
    path.write_bytes(data)
    assert "password" in refusals(path)["x.png"]


def test_too_many_entries_are_refused_before_they_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(5_001):
            archive.writestr(str(number), b"")
    with pytest.raises(DatasetError, match=r"5,001 files; a zip may hold 5,000"):
        load_images(path)

    def listed(*_: object) -> None:
        raise AssertionError("the directory was read")

    monkeypatch.setattr("gan.dataset.archives.read_directory", listed)
    with pytest.raises(DatasetError, match=r"5,001 files; a zip may hold 5,000"):
        load_images(path)
    with pytest.raises(DatasetError, match="too many files"):
        load_images(path, limits=Limits(max_entries=100))


@pytest.mark.parametrize("comment", [b"", b"c" * 65_535])
def test_a_zip64_is_taken_unless_it_lists_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comment: bytes
) -> None:
    path = tmp_path / "64.zip"
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)  # beyond, Python writes the zip64 record
    with zipfile.ZipFile(path, "w") as archive:
        for seed in range(8):
            archive.writestr(f"{seed}.png", plain(seed))
        archive.comment = comment
    assert b"PK\x06\x06" in path.read_bytes()
    assert refusals(path) == {}
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(5_001):
            archive.writestr(str(number), b"")
        archive.comment = comment

    def listed(*_: object) -> None:
        raise AssertionError("the directory was read")

    monkeypatch.setattr("gan.dataset.archives.read_directory", listed)
    with pytest.raises(DatasetError, match=r"5,001 files; a zip may hold 5,000"):
        load_images(path)


@pytest.mark.parametrize("name", [b"", b"\0.png"])
def test_an_entry_without_a_name_is_refused_by_itself(tmp_path: Path, name: bytes) -> None:
    path = pack(tmp_path / "odd.zip", {"x" * len(name) or "x": plain(9)})
    data = path.read_bytes()
    if name:
        data = data.replace(b"x" * len(name), name)
    else:  # the length of the name is cut to 0, and it becomes the extra field of one letter
        for signature, at in ((b"PK\x03\x04", 26), (b"PK\x01\x02", 28)):
            start = data.rindex(signature)
            data = data[: start + at] + struct.pack("<HH", 0, 1) + data[start + at + 4 :]
    path.write_bytes(data)
    assert list(refusals(path).values()) == ["its path leads out of the archive"]


def test_a_zip_that_declares_too_much_is_refused_before_anything_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pack(tmp_path / "large.zip", {f"{n}.bin": bytes(1_000) for n in range(10)})

    def opened(*_: object, **__: object) -> None:
        raise AssertionError("an entry was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", opened)
    with pytest.raises(DatasetError, match="would unpack to"):
        load_images(path, limits=Limits(max_unpacked=10_000))


def test_an_entry_that_unpacks_to_more_than_it_declares_is_not_read_beyond_its_word(tmp_path: Path) -> None:
    path = pack(tmp_path / "liar.zip", {"liar.bmp": bytes(100 << 20)})
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 50_000)  # its size in the directory: 50 kB instead of 100 MiB
    path.write_bytes(data)
    assert refusals(path)["liar.bmp"] == "damaged in the archive"


def test_what_is_read_is_counted_whatever_was_declared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(tmp_path / "a.zip", {})
    # Stands for a reader that does not hold an entry to the size it declares.
    monkeypatch.setattr("gan.dataset.archives._read", lambda *_: bytes(6_000))
    with pytest.raises(DatasetError, match="though it says less"):
        load_images(path, limits=Limits(max_unpacked=40_000))


def test_a_cut_zip_and_a_false_one_are_named_as_such(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", {})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match=r"a\.zip is not a zip that can be read .cut off"):
        load_images(path)
    path.write_text("words")
    with pytest.raises(DatasetError, match="not a picture"):
        load_images(path)


def test_a_picture_with_a_zip_glued_behind_it_is_a_picture(tmp_path: Path) -> None:
    glued = plain(3) + pack(tmp_path / "a.zip", {}).read_bytes()
    for seed in range(7):
        (tmp_path / f"{seed + 10}.png").write_bytes(plain(seed + 10))
    (tmp_path / "glued.png").write_bytes(glued)
    pixels, report = load_images([*tmp_path.glob("1*.png"), tmp_path / "glued.png"])
    assert np.array_equal(pixels[-1], drawing(3))
    assert report.refused == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_zip_with_any_bytes_changed_is_read_or_refused_and_never_another_error(
    tmp_path: Path, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(pack(tmp_path / "fuzz.zip", {}, zipfile.ZIP_STORED).read_bytes())
    for at, value in changes:  # counted from the end, where the directory lies
        data[-1 - at % len(data)] = value
    (tmp_path / "fuzz.zip").write_bytes(data)
    try:
        pixels, _ = load_images(tmp_path / "fuzz.zip")
    except DatasetError as error:
        assert "\n" not in str(error)  # noqa: PT017  both outcomes are right; a third is not
    else:
        assert len(pixels) >= 8
