"""Invariants of the house artist's icons."""

from __future__ import annotations

import hashlib
import json
import math
import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from gan import artist
from gan.artist.character import LARGEST, candidates, character
from gan.artist.drawing_style import load_style
from gan.artist.painting import compose

if TYPE_CHECKING:
    from pathlib import Path

HUGE = 10**18
FROZEN = (
    "0019324a09fe2146"  # of the house style's first 300 drawings; changed drawings need a new style, not a new digest
)


def test_drawings_of_the_house_style_never_change() -> None:
    drawings = "".join(artist.svg(index) for index in range(300))
    assert hashlib.sha256(drawings.encode()).hexdigest()[:16] == FROZEN


def test_same_index_gives_the_same_pixels_in_another_process() -> None:
    script = (
        "import hashlib; from gan import artist;"
        f"print(hashlib.sha256(b''.join(artist.draw(i).tobytes() for i in (0, 41, {HUGE}))).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    here = hashlib.sha256(b"".join(artist.draw(i).tobytes() for i in (0, 41, HUGE))).hexdigest()
    assert other.stdout.strip() == here


@pytest.mark.parametrize("size", [16, 64, 100])
def test_icon_is_square_rgb_bytes_of_the_size_asked(size: int) -> None:
    picture = artist.draw(3, size)
    assert picture.shape == (size, size, 3)
    assert picture.dtype == np.uint8


def test_labels_stay_within_the_closed_lists_and_use_every_value() -> None:
    seen: dict[str, set[str]] = {slot: set() for slot in artist.ATTRIBUTES}
    for index in range(4000):
        for slot, value in artist.labels(index).items():
            assert value in artist.ATTRIBUTES[slot]
            seen[slot].add(value)
    assert {
        slot: set(values) - seen[slot] for slot, values in artist.ATTRIBUTES.items() if set(values) - seen[slot]
    } == {}


def test_skin_tones_are_equally_likely_and_at_least_six() -> None:
    count = 8000
    tones = Counter(artist.labels(index)["skin"] for index in range(count))
    share = count / len(artist.ATTRIBUTES["skin"])
    assert len(tones) >= 6
    assert len(set(load_style("house").weights["skin"].values())) == 1
    assert all(abs(seen - share) < 5 * math.sqrt(share) for seen in tones.values())


def test_there_are_more_than_a_thousand_million_characters() -> None:
    """A lower bound: for each slot the fewest values that the rules ever left in 2000 characters, multiplied."""
    style = load_style("house")
    fewest = dict.fromkeys(style.weights, 10**6)
    for index in range(2000):
        chosen = character(index, style)
        for slot in style.weights:
            fewest[slot] = min(fewest[slot], len(candidates(slot, chosen, style)))
    assert math.prod(fewest.values()) > 10**9


def test_first_hundred_thousand_icons_are_all_different_drawings() -> None:
    """Not two of them have the same SVG, which holds only what shows (no eye colour behind closed lids).

    Values of the slots below always show, so only icons alike in all of them need to be composed and compared.
    """
    showing = ("skin", "face", "hair", "fringe", "eyes", "mouth", "clothes", "headwear", "background", "pattern")
    alike: dict[tuple[str, ...], list[int]] = {}
    for index in range(100_000):
        chosen = artist.labels(index)
        alike.setdefault(tuple(chosen[slot] for slot in showing), []).append(index)
    for indices in alike.values():
        assert len(indices) == 1 or len({artist.svg(index) for index in indices}) == len(indices), indices


@pytest.mark.skipif(not os.environ.get("MELICON_SLOW"), reason="draws 100,000 icons: set MELICON_SLOW=1")
@pytest.mark.timeout(3600)
def test_first_hundred_thousand_icons_differ_in_their_pixels() -> None:
    seen = {hashlib.blake2b(artist.draw(index).tobytes(), digest_size=12).digest() for index in range(100_000)}
    assert len(seen) == 100_000


def test_every_character_the_rules_allow_finds_colours_for_all_slots() -> None:
    """Colour rules depend on few slots: try every pair they look at, so that no index can fail."""
    style = load_style("house")
    for skin in style.weights["skin"]:
        for hair in candidates("hair_colour", {"skin": skin}, style):
            so_far = {"skin": skin, "hair_colour": hair}
            for clothes in candidates("clothes_colour", so_far, style):
                so_far["clothes_colour"] = clothes
                assert len(candidates("accent_colour", so_far, style)) >= 2
                assert len(candidates("background", so_far, style)) >= 2


def test_right_is_the_mirror_of_left_for_what_can_be_turned() -> None:
    style = load_style("house")
    chosen = character(5, style)
    assert compose({**chosen, "side": "left"}, style) != compose({**chosen, "side": "right"}, style)


@pytest.mark.parametrize("index", [-1, LARGEST + 1])
def test_index_out_of_range_is_refused_with_the_range(index: int) -> None:
    with pytest.raises(ValueError, match=str(LARGEST)):
        artist.draw(index)


def test_folder_holds_the_icons_by_index_and_a_line_of_labels_each(tmp_path: Path) -> None:
    paths = artist.write_icons(tmp_path / "set", 5, start=98)
    assert [path.name for path in paths] == ["000098.png", "000099.png", "000100.png", "000101.png", "000102.png"]
    rows = [json.loads(line) for line in (tmp_path / "set" / "labels.jsonl").read_text("utf-8").splitlines()]
    assert [row["file"] for row in rows] == [path.name for path in paths]
    assert rows[2]["labels"] == artist.labels(100)
    np.testing.assert_array_equal(np.asarray(Image.open(paths[2])), artist.draw(100))


def test_pixels_do_not_depend_on_the_number_of_processes() -> None:
    np.testing.assert_array_equal(artist.icons(7, 70, 16, workers=2), artist.icons(7, 70, 16))
