"""The words for what icons are made of: a flat vocabulary for each language, in `attributes.<language>.json`.

``attributes`` names the attributes, ``values`` what each can be, ``phrases`` how one is told of a picture: a key is an
attribute, or ``attribute.value`` where that value needs words of its own. ``nouns`` are the words by which people
speak of an attribute, and ``groups`` what they say for several of its values at once, or in another way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True, slots=True, eq=False)
class AttributeWords:
    """One language's vocabulary. A model may know attributes and values that no vocabulary has."""

    separator: str
    phrases: Mapping[str, str]
    attributes: Mapping[str, str]
    nouns: Mapping[str, Sequence[str]]
    groups: Mapping[str, Mapping[str, Sequence[str]]]
    values: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, language: str) -> AttributeWords:
        """Read the file that lies beside this module."""
        return cls(**json.loads((files(__package__) / f"attributes.{language}.json").read_text("utf-8")))

    def attribute(self, name: str) -> str:
        """Return what an attribute is called."""
        return self.attributes.get(name) or name.replace("_", " ")

    def value(self, name: str, value: str) -> str:
        """Return what a value of an attribute is called."""
        return self.values.get(name, {}).get(value) or value.replace("_", " ")

    def phrase(self, name: str, chosen: Mapping[str, str]) -> str:
        """Return how the attribute `name` is told of a picture for which `chosen` was chosen; "": not at all."""
        value = chosen.get(name, "none")
        template = self.phrases.get(f"{name}.{value}") or self.phrases.get(name)
        if value in {"none", "hidden"} or template is None:
            return ""
        try:
            return template.format_map({other: self.value(other, its) for other, its in chosen.items()})
        except KeyError:  # a model that knows the hair and not its colour
            return self.value(name, value)
