"""`melicon artist`: output files and error messages."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from gan import artist as house_artist
from gan.__main__ import app, run
from tests.gan.disks import small_disk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def artist(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run `melicon artist` in this process; returns its exit code, output and errors."""

    def command(*arguments: object) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["melicon", "artist", *map(str, arguments)])
        with pytest.raises(SystemExit) as left:
            run(app)
        said = capsys.readouterr()
        return left.value.code, said.out, said.err

    return command


def test_each_icon_is_a_png_named_by_its_index_with_its_labels_beside(artist: Any, tmp_path: Path) -> None:
    out = tmp_path / "new" / "icons"
    said = f"3 icons and labels.jsonl in {out}\n"
    assert artist("--count", 3, "--start", 7, "--out", out) == (0, said, f"made the folder {out}\n")
    assert artist("--count", 3, "--start", 7, "--out", out) == (0, said, "")
    assert sorted(path.name for path in out.iterdir()) == ["000007.png", "000008.png", "000009.png", "labels.jsonl"]
    rows = [json.loads(line) for line in (out / "labels.jsonl").read_text().splitlines()]
    for index, row in zip((7, 8, 9), rows, strict=True):
        with Image.open(out / row["file"]) as image:
            assert image.mode == "RGB"
            np.testing.assert_array_equal(np.asarray(image), house_artist.draw(index))
        assert row == {
            "file": f"{index:06}.png",
            "index": index,
            "hand": "house",
            "labels": house_artist.labels(index),
        }


def test_icons_come_in_the_size_asked_for(artist: Any, tmp_path: Path) -> None:
    assert artist("--count", 1, "--size", 200, "--out", tmp_path)[0] == 0
    with Image.open(tmp_path / "000000.png") as image:
        assert image.size == (200, 200)


def test_hand_is_accepted_as_the_former_name_of_style(artist: Any, tmp_path: Path) -> None:
    for option in ("--style", "--hand"):
        assert artist("--count", 1, option, "inkling", "--out", tmp_path / option)[0] == 0
        with Image.open(tmp_path / option / "000000.png") as image:
            np.testing.assert_array_equal(np.asarray(image), house_artist.draw(0, style="inkling"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--style", "nobody", "--out", "icons"], "no style 'nobody'"),
        (["--start", str(2**63 - 1), "--out", "icons"], "out of range: choose from 0 to 9223372036854775807"),
        (["--out", "file"], "cannot draw into file"),
        (["--out", "file/icons"], "cannot draw into file/icons"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    artist: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    code, _, err = artist("--count", 2, *arguments)
    assert code == 2
    (line,) = err.splitlines()
    assert line.startswith("melicon: ")
    assert said in line


def test_bad_input_leaves_the_labels_that_are_there(artist: Any, tmp_path: Path) -> None:
    assert artist("--count", 2, "--out", tmp_path)[0] == 0
    before = (tmp_path / "labels.jsonl").read_bytes()
    for wrong in (["--style", "nobody"], ["--start", str(2**63 - 1)]):
        assert artist("--count", 2, "--out", tmp_path, *wrong)[0] == 2
    assert (tmp_path / "labels.jsonl").read_bytes() == before
    assert len(before.splitlines()) == 2


def test_a_full_disk_is_one_line_and_exit_code_2(artist: Any, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "16k") as disk:
        code, _, err = artist("--count", 9, "--out", disk)
    assert code == 2
    assert err == f"melicon: cannot draw into {disk}: No space left on device\n"
