"""Drawing style: the data behind one way of drawing (line, parts, proportions, palettes, rules).

>>> house = load_style("house")
>>> house.attributes["side"]
('left', 'right')
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
DRAWN_LINE = 4.0  # outline width of the part files; a style's line width is relative to it
SVG = "http://www.w3.org/2000/svg"
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b")
_STROKE = re.compile(r"(stroke-width\s*[=:]\s*[\"']?)([\d.]+)")


@dataclass(frozen=True)
class Rule:
    """Restricts the values of ``slot``, given earlier choices. See the end of styles/house.toml."""

    slot: str
    when: Mapping[str, tuple[str, ...]]
    unless: Mapping[str, tuple[str, ...]]
    only: tuple[str, ...]
    never: frozenset[str]
    apart_from: tuple[str, ...]
    distance: float

    @property
    def looks_at(self) -> set[str]:
        """The slots that the rule's outcome depends on."""
        return {*self.when, *self.unless, *self.apart_from}

    def holds(self, chosen: Mapping[str, str]) -> bool:
        """Whether the rule applies to the choices so far."""
        if self.unless and all(chosen[slot] in values for slot, values in self.unless.items()):
            return False
        return all(chosen[slot] in values for slot, values in self.when.items())


@dataclass(frozen=True, eq=False)  # compared by identity, so that it can key a cache
class DrawingStyle:
    """A drawing style, read and checked from styles/NAME.toml."""

    name: str
    line: float
    layers: tuple[str, ...]
    mirrored: frozenset[str]
    proportions: Mapping[str, str]  # layer -> SVG transform
    tokens: Mapping[str, str]  # colour name -> its placeholder in the part files
    weights: Mapping[str, Mapping[str, int]]  # slot -> value -> weight, in the order of decision
    palettes: Mapping[str, Mapping[str, Mapping[str, str]]]  # slot -> value -> colour name -> #rrggbb, or another name
    rules: Mapping[str, tuple[Rule, ...]]  # by slot
    depends: Mapping[str, tuple[str, ...]]  # slot -> the slots that its rules look at
    drawings: Mapping[tuple[str, str], Mapping[str, str]]  # (slot, value) -> layer -> SVG

    @property
    def attributes(self) -> dict[str, tuple[str, ...]]:
        """Every slot with the list of its values."""
        return {slot: tuple(values) for slot, values in self.weights.items()}

    @property
    def fixed_colours(self) -> tuple[str, ...]:
        """The colours in the drawings that no palette replaces, #rrggbb."""
        named = {token for entries in self.palettes.values() for entry in entries.values() for token in entry}
        replaced = {self.tokens[token] for token in named}
        drawn = {
            colour for layers in self.drawings.values() for svg in layers.values() for colour in COLOUR.findall(svg)
        }
        return tuple(sorted(drawn - replaced))

    def colour_of(self, slot: str, value: str) -> str:
        """The representative colour of a palette entry, #rrggbb: its first, which contrast rules compare."""
        return next(iter(self.palettes[slot][value].values()))


@lru_cache(maxsize=8)
def load_style(name: str) -> DrawingStyle:
    """Read styles/``name``.toml and its parts. Raises ValueError when it does not exist or is malformed."""
    there = sorted(path.stem for path in (HERE / "styles").glob("*.toml"))
    if name not in there:
        raise ValueError(f"no style {name!r} in gan/artist/styles; choose from: {', '.join(there)}")
    with (HERE / "styles" / f"{name}.toml").open("rb") as file:
        data = tomllib.load(file)
    palettes = {
        slot: {value: {k: v for k, v in entry.items() if k != "weight"} for value, entry in entries.items()}
        for slot, entries in data["palettes"].items()
    }
    _check_colours(name, palettes)
    palette_weights = {
        slot: {value: entry["weight"] for value, entry in entries.items()} for slot, entries in data["palettes"].items()
    }
    known = {**data["slots"], **palette_weights}
    rules = [_rule(raw) for raw in data["rules"]]
    by_slot = {slot: tuple(rule for rule in rules if rule.slot == slot) for slot in data["order"]}
    line = float(data["line"])
    return DrawingStyle(
        name=data["name"],
        line=line,
        layers=tuple(data["layers"]),
        mirrored=frozenset(data["mirrored"]),
        proportions=data["proportions"],
        tokens=data["tokens"],
        weights={slot: known[slot] for slot in data["order"]},
        palettes=palettes,
        rules=by_slot,
        depends={
            slot: tuple(sorted(set[str]().union(*(rule.looks_at for rule in mine)))) for slot, mine in by_slot.items()
        },
        drawings={
            (path.parent.name, path.stem): read_part(path, line, tuple(data["layers"]))
            for path in sorted((HERE / data["parts"]).glob("*/*.svg"))
        },
    )


def _check_colours(style: str, palettes: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
    named = {colour: entry[colour] for entries in palettes.values() for entry in entries.values() for colour in entry}
    values = {name for name, colour in named.items() if COLOUR.fullmatch(colour)}
    for slot, entries in palettes.items():
        for value, entry in entries.items():
            for key, colour in entry.items():
                if not COLOUR.fullmatch(colour) and colour not in values:
                    raise ValueError(
                        f"styles/{style}.toml: {key} = {colour!r} in palettes.{slot}.{value} is neither a #rrggbb "
                        "value nor the name of a colour that is one"
                    )


def _rule(raw: dict[str, object]) -> Rule:
    def table(key: str) -> dict[str, tuple[str, ...]]:
        value = raw.get(key, {})
        if not isinstance(value, dict):
            raise TypeError(f"rule for {raw['slot']}: `{key}` must be a table of slots")
        return {str(slot): tuple(values) for slot, values in value.items()}

    def names(key: str) -> tuple[str, ...]:
        value = raw.get(key, [])
        if not isinstance(value, list):
            raise TypeError(f"rule for {raw['slot']}: `{key}` must be a list")
        return tuple(str(item) for item in value)

    return Rule(
        slot=str(raw["slot"]),
        when=table("when"),
        unless=table("unless"),
        only=names("only"),
        never=frozenset(names("never")),
        apart_from=names("from"),
        distance=float(str(raw.get("distance", 0))),
    )


def read_part(path: Path, line: float, layers: tuple[str, ...]) -> dict[str, str]:
    """Read a part file as layer -> SVG, stroke widths scaled to ``line``. A clipPath goes under ``defs``.

    Raises ValueError when a top-level group names no layer.
    """
    drawing: dict[str, str] = {}
    for element in ET.parse(path).getroot():  # noqa: S314 - our own files, shipped with the package
        tag = element.tag.removeprefix(f"{{{SVG}}}")
        name = "defs" if tag == "clipPath" else element.get("id", "")
        if tag not in {"g", "clipPath"}:
            continue  # added by editors: metadata, named views
        if name != "defs" and name not in layers:
            raise ValueError(f"{path.name}: group id {name!r} is no layer; use one of: {', '.join(layers)}")
        if tag == "g":
            del element.attrib["id"]
        text = ET.tostring(element, encoding="unicode")  # uses the prefix ns0 for SVG
        text = text.replace("ns0:", "").replace(f' xmlns:ns0="{SVG}"', "")
        text = COLOUR.sub(lambda m: m[0].lower(), re.sub(r">\s+<", "><", text.strip()))
        drawing[name] = _STROKE.sub(lambda m: f"{m[1]}{float(m[2]) * line / DRAWN_LINE:g}", text)
    return drawing
