"""Invariants of the other drawing styles: complete, frozen, varied and distinct."""

from __future__ import annotations

import hashlib
import math
import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from gan import artist
from gan.artist.character import candidates, character
from gan.artist.colour import distance
from gan.artist.drawing_style import COLOUR, HERE, DrawingStyle, load_style
from gan.dataset import load_images

if TYPE_CHECKING:
    from collections.abc import Iterator

FROZEN = {
    "inkling": "b42bbd7ca753cac8",
    "plush": "23b44abf147fb4da",
}  # of the first 300 drawings; changed drawings need a new style
UNDRAWN = {"none"}
VISIBLE = {
    "inkling": ("skin", "head", "ink", "paper", "hair", "eyes", "mouth", "clothes", "topper", "motif"),
    "plush": ("kind", "coat", "eyes", "outfit", "hat", "background", "scenery"),
}


@pytest.fixture(params=FROZEN, scope="module")
def style(request: pytest.FixtureRequest) -> DrawingStyle:
    return load_style(request.param)


@pytest.fixture(scope="module")
def first(style: DrawingStyle) -> list[dict[str, str]]:
    return [artist.labels(index, style.name) for index in range(10_000)]


def test_drawings_stay_as_they_were_published(style: DrawingStyle) -> None:
    drawings = "".join(artist.svg(index, style.name) for index in range(300))
    assert hashlib.sha256(drawings.encode()).hexdigest()[:16] == FROZEN[style.name]


def test_same_index_gives_the_same_pixels_in_another_process() -> None:
    wanted = [(name, index) for name in FROZEN for index in (0, 41, 10**18)]
    script = (
        "import hashlib; from gan import artist;"
        f"print(hashlib.sha256(b''.join(artist.draw(i, style=h).tobytes() for h, i in {wanted})).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    here = hashlib.sha256(b"".join(artist.draw(i, style=h).tobytes() for h, i in wanted)).hexdigest()
    assert other.stdout.strip() == here


def test_parts_are_svg_on_the_shared_canvas_and_some_value_uses_each(style: DrawingStyle) -> None:
    for path in sorted((HERE / f"parts_{style.name}").glob("*/*.svg")):
        root = ET.parse(path).getroot()  # noqa: S314 - our own files
        assert root.get("viewBox") == "0 0 128 128", path
        assert path.stem in style.attributes[path.parent.name], path


def test_every_value_that_shows_has_its_drawing_or_its_colours(style: DrawingStyle) -> None:
    drawn = {slot for slot, _ in style.drawings}
    assert set(style.attributes) == drawn | set(style.palettes) | {"side"}
    missing = {
        (slot, value)
        for slot in drawn
        for value in style.attributes[slot]
        if value not in UNDRAWN and (slot, value) not in style.drawings
    }
    assert missing == set()


def test_layers_placeholders_and_mirrored_slots_all_exist_and_are_used(style: DrawingStyle) -> None:
    text = "".join(layer for drawing in style.drawings.values() for layer in drawing.values())
    used = {layer for drawing in style.drawings.values() for layer in drawing} - {"defs"}
    assert used == set(style.layers)
    assert {name for name, colour in style.tokens.items() if colour not in text} <= {"ground"}
    assert style.mirrored <= set(style.attributes)
    assert set(style.proportions) <= set(style.layers)


def test_no_placeholder_is_left_in_a_drawing(style: DrawingStyle) -> None:
    """Every colour of a palette is a value or names another colour, so that each placeholder finds its paint."""
    own = {colour for slot in style.palettes.values() for entry in slot.values() for colour in entry.values()}
    unpainted = set(style.tokens.values()) - own
    for index in range(200):
        drawing = artist.svg(index, style.name)
        assert not unpainted & set(COLOUR.findall(drawing))
        assert not re.search(r'(fill|stroke)="(?!none|#)[^"]+"', drawing)


def test_rules_speak_only_of_slots_and_values_decided_before(style: DrawingStyle) -> None:
    order = list(style.weights)
    for slot, rules in style.rules.items():
        for rule in rules:
            assert set(rule.only) | rule.never <= set(style.attributes[slot])
            assert all(order.index(other) < order.index(slot) for other in rule.looks_at)
            for table in (rule.when, rule.unless):
                assert all(set(values) <= set(style.attributes[other]) for other, values in table.items())


def test_no_contrast_rule_is_so_close_that_rounding_could_decide_it(style: DrawingStyle) -> None:
    for slot, rules in style.rules.items():
        for rule in rules:
            for other in rule.apart_from:
                for one, two in product(style.attributes[slot], style.attributes[other]):
                    apart = distance(style.colour_of(slot, one), style.colour_of(other, two))
                    assert abs(apart - rule.distance) > 1e-9


def test_labels_stay_within_the_closed_lists_and_use_every_value(
    style: DrawingStyle, first: list[dict[str, str]]
) -> None:
    allowed = {(slot, value) for slot, values in style.attributes.items() for value in values}
    assert {told for labels in first for told in labels.items()} == allowed


def test_there_are_more_than_a_million_characters(style: DrawingStyle) -> None:
    """A lower bound: for each slot the fewest values that the rules ever left in 1000 characters, multiplied."""
    fewest = dict.fromkeys(style.weights, 10**6)
    for index in range(1000):
        chosen = character(index, style)
        for slot in style.weights:
            fewest[slot] = min(fewest[slot], len(candidates(slot, chosen, style)))
    assert math.prod(fewest.values()) > 10**6


def test_every_coat_finds_colours_for_what_comes_after() -> None:
    plush = load_style("plush")
    for coat in plush.weights["coat"]:
        outfits = candidates("outfit_colour", {"coat": coat}, plush)
        assert len(outfits) >= 3
        for outfit in outfits:
            assert len(candidates("background", {"coat": coat, "outfit_colour": outfit}, plush)) >= 3


def test_skin_tones_are_equally_likely() -> None:
    assert len(set(load_style("inkling").weights["skin"].values())) == 1


def test_first_ten_thousand_icons_are_all_different(style: DrawingStyle, first: list[dict[str, str]]) -> None:
    """Values of the slots in VISIBLE always show; only icons alike in all of them need their drawings compared."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for index, told in enumerate(first):
        alike.setdefault(tuple(told[slot] for slot in VISIBLE[style.name]), []).append(index)
    for indices in alike.values():
        assert len(indices) == 1 or len({artist.svg(i, style.name) for i in indices}) == len(indices), indices


def _thumbnails(name: str, start: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """40 icons as (40, 768): 16×16 pixels, 0 to 1."""
    return artist.icons(start, 40, 16, style=name).reshape(40, -1) / 255


def test_a_linear_classifier_of_thumbnails_distinguishes_the_styles() -> None:
    """Ridge regression on 40 thumbnails of each style classifies 9 of 10 new ones."""
    names = ["house", *FROZEN]
    known = np.concatenate([_thumbnails(name, 0) for name in names])
    middle, spread = known.mean(0), known.std(0) + 1e-9
    known = (known - middle) / spread
    wanted = np.repeat(np.eye(3), 40, 0) - 1 / 3
    weights = np.linalg.solve(known.T @ known + 100 * np.eye(768), known.T @ wanted)
    for place, name in enumerate(names):
        said = ((_thumbnails(name, 1000) - middle) / spread @ weights).argmax(1)
        assert (said == place).mean() >= 0.9, name


def test_a_style_is_a_data_source_by_its_name() -> None:
    for name in FROZEN:
        images, report = load_images(f"artist:{name}:12")
        assert len(report.accepted) == 12
        np.testing.assert_array_equal(images[5], artist.draw(5, style=name))


@pytest.fixture
def pebble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The smallest style of docs/drawing-styles.md, in a folder of its own; yields its file."""
    page = (Path(__file__).parents[2] / "docs" / "drawing-styles.md").read_text("utf-8")
    toml, stone, eyes = re.findall(r"```(?:toml|svg)\n(.*?)```", page, re.DOTALL)
    files = {"styles/pebble.toml": toml, "parts_pebble/stone/round.svg": stone, "parts_pebble/eyes/dots.svg": eyes}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.setattr("gan.artist.drawing_style.HERE", tmp_path)
    yield tmp_path / "styles" / "pebble.toml"
    load_style.cache_clear()


def test_smallest_style_of_the_manual_draws(pebble: Path) -> None:
    for index in range(20):
        told, corner = artist.labels(index, "pebble"), artist.draw(index, 64, "pebble")[0, 0]
        assert corner.tolist() == {"moss": [0x8F, 0xA3, 0x6B], "sea": [0x5F, 0x9E, 0xA0]}[told["background"]]
        assert ("circle" in artist.svg(index, "pebble")) == (told["eyes"] == "dots")


def test_colour_that_is_no_colour_is_refused_with_its_place(pebble: Path) -> None:
    pebble.write_text(pebble.read_text("utf-8").replace("#f2e3c9", "sand"), "utf-8")
    with pytest.raises(ValueError, match=r"styles/pebble\.toml: stone = 'sand' in palettes\.background\.sea"):
        load_style("pebble")
