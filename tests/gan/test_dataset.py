"""Loading a data set: pictures become 64×64 RGB; unusable ones are refused with a reason."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan.dataset import DatasetError, Limits, load_images, printable
from gan.dataset.limits import Refusal
from gan.dataset.picture import read_picture
from tests.gan.odd_pictures import BAD, GOOD, drawing, encoded, plain


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write all odd and hostile files into one folder."""
    folder = tmp_path_factory.mktemp("corpus")
    for name, make in GOOD.items():
        (folder / name).write_bytes(make())
    for name, (make, _) in BAD.items():
        (folder / name).write_bytes(make())
    return folder


def read(name: str) -> np.ndarray:
    return read_picture(io.BytesIO(GOOD[name]()))


def test_every_odd_picture_is_taken_and_every_bad_file_is_refused_for_its_own_reason(corpus: Path) -> None:
    pixels, report = load_images(corpus)
    assert pixels.shape == (len(GOOD), 64, 64, 3)
    assert pixels.dtype == np.uint8
    assert sorted(report.accepted) == sorted(printable(name) for name in GOOD)
    reasons = dict(report.refused)
    assert sorted(reasons) == sorted(printable(name) for name in BAD)
    for name, (_, word) in BAD.items():
        assert word in reasons[printable(name)], name


def test_a_64_pixel_rgb_picture_comes_back_untouched() -> None:
    assert np.array_equal(read("rgb.png"), drawing(1))
    assert np.array_equal(read("old.bmp"), drawing(15))


@pytest.mark.parametrize("name", ["rgba.png", "grey-alpha.png"])
def test_transparency_becomes_white_whatever_colour_is_hidden_below(name: str) -> None:
    pixels = read(name)
    assert (pixels[:, :32] == 255).all()
    assert not (pixels[:, 32:] == 255).all()


def test_transparent_edges_of_a_large_picture_take_nothing_of_the_hidden_colour() -> None:
    pixels = np.zeros((2_000, 2_000, 4), np.uint8)
    pixels[:, :1_016] = (255, 0, 0, 0)  # transparent red beside opaque black
    pixels[:, 1_016:, 3] = 255
    small = read_picture(io.BytesIO(encoded(Image.fromarray(pixels))))
    assert (small[..., 0] == small[..., 1]).all(), "red bled into the edge"


def test_a_palettes_transparent_entry_becomes_white() -> None:
    assert (read("palette-see-through.png")[0, 0] == 255).all()


def test_deep_greys_keep_their_range() -> None:
    grey = np.asarray(Image.fromarray(drawing(5)).convert("L"))
    assert np.array_equal(read("grey-16.png"), np.repeat(grey[..., None], 3, axis=2))
    for name, seed in (("float.tif", 13), ("int32.tif", 14)):
        grey = np.asarray(Image.fromarray(drawing(seed)).convert("L")).astype(int)
        assert abs(read(name).astype(int) - grey[..., None]).max() <= 1, name


@pytest.mark.parametrize(("name", "seed"), [("cmyk.jpg", 9), ("ycbcr.jpg", 10), ("lab.tif", 12)])
def test_colour_models_come_back_as_the_colours_that_were_meant(name: str, seed: int) -> None:
    assert abs(read(name).astype(int) - drawing(seed).astype(int)).mean() < 12


@pytest.mark.parametrize(("name", "seed"), [("animated.gif", 17), ("animated.webp", 21), ("animated.png", 25)])
def test_an_animated_file_gives_its_first_frame(name: str, seed: int) -> None:
    difference = [abs(read(name).astype(int) - drawing(seed + step).astype(int)).mean() for step in range(3)]
    assert difference[0] < 15 < min(difference[1:])


def test_a_picture_marked_as_turned_is_shown_upright() -> None:
    assert np.array_equal(read("turned.png"), drawing(29))


def test_a_picture_that_is_not_square_is_cropped_to_its_centre() -> None:
    assert np.array_equal(read("wide.png"), drawing(30, 64, 200)[:, 68:132])


def test_a_large_jpeg_is_about_what_exact_reduction_gives() -> None:
    rough = Image.fromarray(drawing(70, 1_600, 1_600))
    exact = np.asarray(rough.resize((64, 64), Image.Resampling.LANCZOS)).astype(int)
    for kind in ("JPEG", "PNG"):
        small = read_picture(io.BytesIO(encoded(rough, kind))).astype(int)
        assert abs(small - exact).mean() < 3, kind


def test_a_bomb_is_refused_by_its_header_without_being_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def decode(self: Image.Image) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decode)
    with pytest.raises(Refusal, match="megapixels"):
        read_picture(io.BytesIO(BAD["over-limit.png"][0]()))


def test_any_change_of_a_byte_gives_a_picture_or_a_refusal_and_never_another_error() -> None:
    random = np.random.RandomState(3)
    for name in ("rgba.png", "cmyk.jpg", "animated.gif", "animated.webp", "float.tif", "old.bmp", "broken-exif.png"):
        data = bytearray(GOOD[name]())
        for _ in range(25):
            broken = bytearray(data)
            for at in random.randint(0, len(data), size=3):
                broken[at] = random.randint(256)
            try:
                assert read_picture(io.BytesIO(broken)).shape == (64, 64, 3)
            except Refusal as refusal:
                assert str(refusal)  # noqa: PT017  both outcomes are right; a third is not


def test_order_and_fingerprint_depend_on_the_pictures_alone(tmp_path: Path) -> None:
    for folder, order in (("a", range(10)), ("b", range(9, -1, -1))):
        (tmp_path / folder / "deeper").mkdir(parents=True)
        for seed in order:
            name = f"{seed}.png" if seed < 5 else f"deeper/{seed}.png"
            (tmp_path / folder / name).write_bytes(plain(seed))
    pixels, report = load_images(tmp_path / "a")
    again, same = load_images(tmp_path / "b")
    assert np.array_equal(pixels, again)
    assert report.accepted == same.accepted == sorted(report.accepted)
    renamed = [tmp_path / "a" / name for name in reversed(report.accepted)]
    turned, other = load_images(renamed)
    assert np.array_equal(turned, pixels[::-1])
    assert report.fingerprint == same.fingerprint == other.fingerprint
    _, fewer = load_images(renamed[:9])
    assert fewer.fingerprint != report.fingerprint


def test_fewer_than_eight_usable_pictures_are_an_error_that_names_a_reason(tmp_path: Path) -> None:
    for seed in range(7):
        (tmp_path / f"{seed}.png").write_bytes(plain(seed))
    (tmp_path / "zz.txt").write_text("words")
    with pytest.raises(DatasetError, match=r"7 usable pictures, at least 8 .*zz\.txt: not a picture"):
        load_images(tmp_path)
    (tmp_path / "8.png").write_bytes(plain(8))
    _, report = load_images(tmp_path)
    assert any("8 pictures are few" in text for text in report.warnings)


def test_what_systems_leave_beside_pictures_is_passed_over_in_silence(tmp_path: Path) -> None:
    for seed in range(8):
        (tmp_path / f"{seed}.png").write_bytes(plain(seed))
    for name in (
        ".DS_Store", "Thumbs.db", "desktop.ini", "._0.png", "__MACOSX/x.png", ".git/config", "labels.jsonl",
        "@eaDir/0.png/SYNOPHOTO_THUMB_M.png", "deep/@eaDir/1.png/SYNOPHOTO_THUMB_M.png", ".thumbnails/2.png",
        ".@__thumb/3.png", "#recycle/4.png", "$RECYCLE.BIN/5.png", "System Volume Information/6.png", "Icon\r",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"not a picture")
    _, report = load_images(tmp_path)
    assert len(report.accepted) == 8
    assert report.refused == []


def test_pipes_dangling_links_and_folders_that_loop_do_not_hang_or_stop_the_intake(tmp_path: Path) -> None:
    for seed in range(8):
        (tmp_path / f"{seed}.png").write_bytes(plain(seed))
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "nowhere.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / ".git").symlink_to(tmp_path)
    _, report = load_images(tmp_path)
    assert len(report.accepted) == 8
    assert [name for name, _ in report.refused] == ["loop", "nowhere.png", "pipe.png"]
    assert dict(report.refused)["loop"] == "a link to a folder, which is not followed"


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(8):
        (tmp_path / f"{seed}.png").write_bytes(plain(seed))
    (tmp_path / "locked").mkdir()
    scan = os.scandir

    def forbid(path: str) -> object:  # as root, which tests may run as, every folder can be read
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", forbid)
    _, report = load_images(tmp_path)
    assert report.refused == [("locked", "cannot be read: Permission denied")]


def test_a_saved_again_copy_is_kept_and_noted_while_different_pictures_are_not(tmp_path: Path) -> None:
    for seed in range(10):
        (tmp_path / f"{seed}.png").write_bytes(plain(seed))
    (tmp_path / "copy.jpg").write_bytes(encoded(Image.fromarray(drawing(3)), "JPEG", quality=95, subsampling=0))
    (tmp_path / "larger.png").write_bytes(plain(4, 256))
    _, report = load_images(tmp_path)
    assert len(report.accepted) == 12
    assert report.lookalikes == [("copy.jpg", "3.png"), ("larger.png", "4.png")]
    assert any("copy.jpg" in line and "3.png" in line for line in report.summary())


def test_names_from_outside_cannot_steer_a_terminal_and_the_report_is_json(corpus: Path) -> None:
    _, report = load_images(corpus)
    text = "\n".join(report.summary())
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "naïve ☃ 名前.png" in report.accepted
    told = json.loads(report.to_json())
    assert told["count"] == len(GOOD)
    assert {entry["name"] for entry in told["refused"]} == set(BAD)
    assert printable("a\nb") == r"a\nb"
    assert printable("\udcff.png") == r"\udcff.png"
    assert len(printable("x" * 10_000)) <= 120


def test_a_list_may_mix_files_folders_and_missing_ones(tmp_path: Path) -> None:
    for seed in range(8):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{seed}.png").write_bytes(plain(seed))
    (tmp_path / "z.png").write_bytes(plain(20))
    pixels, report = load_images([tmp_path / "z.png", tmp_path / "gone.png", tmp_path / "in"])
    assert len(pixels) == 9
    assert report.accepted[0] == "z.png"
    assert report.refused == [("gone.png", "cannot be read: No such file or directory")]


@pytest.mark.parametrize("source", ["artist:", "artist:many", "artist:8@", "artist:999999999", "artist:-3"])
def test_a_bad_artist_source_is_told_how_to_write_it(source: str) -> None:
    with pytest.raises(DatasetError, match=r"artist:128|at most"):
        load_images(source)


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no .*nothing-here"):
        load_images(tmp_path / "nothing-here")


def test_limits_can_be_tighter(tmp_path: Path) -> None:
    for seed in range(9):
        (tmp_path / f"{seed}.png").write_bytes(plain(seed, 64 if seed else 128))
    _, report = load_images(tmp_path, limits=Limits(max_pixels=64 * 64))
    assert [name for name, _ in report.refused] == ["0.png"]
