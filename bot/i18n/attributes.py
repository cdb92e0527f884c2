"""The attribute vocabulary of each language, in `attributes.<language>.json`.

``attributes`` names the attributes, ``values`` their values, ``phrases`` the descriptions for alternative text: a key
is an attribute, or ``attribute.value`` for an exception. ``nouns`` are words for an attribute in queries, and
``groups`` synonyms for values or groups of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, eq=False)
class AttributeWords:
    """A language's vocabulary. Models may have attributes and values it lacks."""

    separator: str
    phrases: Mapping[str, str]
    attributes: Mapping[str, str]
    nouns: Mapping[str, Sequence[str]]
    groups: Mapping[str, Mapping[str, Sequence[str]]]
    values: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, language: str) -> AttributeWords:
        """Read a JSON file of this package."""
        return cls(**json.loads((files(__package__) / f"attributes.{language}.json").read_text("utf-8")))

    def attribute(self, name: str) -> str:
        """Return an attribute's name."""
        return self.attributes.get(name) or name.replace("_", " ")

    def value(self, name: str, value: str) -> str:
        """Return a value's name."""
        return self.values.get(name, {}).get(value) or value.replace("_", " ")

    def phrase(self, name: str, chosen: Mapping[str, str]) -> str:
        """Return the description of the attribute `name` given all `chosen` values; "" if it is omitted."""
        value = chosen.get(name, "none")
        template = self.phrases.get(f"{name}.{value}") or self.phrases.get(name)
        if value in {"none", "hidden"} or template is None:
            return ""
        try:
            return template.format_map({other: self.value(other, its) for other, its in chosen.items()})
        except KeyError:  # a model with a hair attribute but no hair colour
            return self.value(name, value)
