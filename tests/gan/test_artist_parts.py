"""Invariants of the part files, which must remain editable in a drawing program."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from gan import artist
from gan.artist.character import character
from gan.artist.colour import distance
from gan.artist.drawing_style import HERE, load_style, read_part
from gan.artist.painting import compose

FILES = sorted((HERE / "parts").glob("*/*.svg"))
HOUSE = load_style("house")
UNDRAWN = {"none", "hidden"}  # values that leave the paper as it is


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_part_is_an_svg_on_the_shared_canvas_and_some_value_uses_it(path: Path) -> None:
    root = ET.parse(path).getroot()  # noqa: S314 - our own files
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("viewBox") == "0 0 128 128"
    assert path.stem in artist.ATTRIBUTES[path.parent.name]


def test_every_value_that_shows_has_its_drawing() -> None:
    drawn = {path.parent.name for path in FILES}
    missing = [
        f"{slot}/{value}"
        for slot, values in artist.ATTRIBUTES.items()
        for value in values
        if slot in drawn and value not in UNDRAWN and (slot, value) not in HOUSE.drawings
    ]
    assert missing == []


def test_every_slot_is_drawn_coloured_or_the_side() -> None:
    drawn = {path.parent.name for path in FILES}
    assert set(artist.ATTRIBUTES) == drawn | set(HOUSE.palettes) | {"side"}


def test_rules_speak_only_of_slots_and_values_that_exist() -> None:
    for slot, rules in HOUSE.rules.items():
        order = list(HOUSE.weights)
        for rule in rules:
            assert set(rule.only) | rule.never <= set(artist.ATTRIBUTES[slot])
            assert all(order.index(other) < order.index(slot) for other in rule.looks_at)
            for table in (rule.when, rule.unless):
                assert all(set(values) <= set(artist.ATTRIBUTES[other]) for other, values in table.items())


def test_placeholder_colours_are_all_used_by_some_part() -> None:
    text = "".join(path.read_text("utf-8") for path in FILES)
    assert [token for token, colour in HOUSE.tokens.items() if colour not in text] == ["ground"]


def test_stroke_widths_follow_the_line_of_the_style(tmp_path: Path) -> None:
    source = HERE / "parts" / "mouth" / "smile.svg"
    thin, thick = (read_part(source, line, HOUSE.layers)["mouth"] for line in (4, 8))
    widths = [[float(w) for w in re.findall(r'stroke-width="([\d.]+)"', text)] for text in (thin, thick)]
    assert widths[0]
    assert widths[1] == [2 * width for width in widths[0]]


def test_group_that_names_no_layer_is_refused_with_the_file_and_the_choice(tmp_path: Path) -> None:
    odd = tmp_path / "odd.svg"
    odd.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128"><g id="Layer 1"/></svg>')
    with pytest.raises(ValueError, match=r"odd\.svg.*Layer 1.*mouth"):
        read_part(odd, 4, HOUSE.layers)


def test_proportions_of_a_style_move_a_layer_and_leave_the_character() -> None:
    chosen = character(8, HOUSE)
    other = replace(HOUSE, proportions={"eyes": "translate(0 2)"})
    assert character(8, other) == chosen
    assert '<g transform="translate(0 2)">' in compose(chosen, other)
    assert compose(chosen, other) != compose(chosen, HOUSE)


def test_unknown_style_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"no style 'nobody'.*house"):
        load_style("nobody")


def test_no_contrast_rule_is_so_close_that_rounding_could_decide_it() -> None:
    """Else a machine with another libm could draw another character."""
    for slot, rules in HOUSE.rules.items():
        for rule in rules:
            for other in rule.apart_from:
                for one, two in product(artist.ATTRIBUTES[slot], artist.ATTRIBUTES[other]):
                    apart = distance(HOUSE.colour_of(slot, one), HOUSE.colour_of(other, two))
                    assert abs(apart - rule.distance) > 1e-9
