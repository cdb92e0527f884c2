"""The model card: what a person and a program must know about a generator, as JSON beside its weights."""

from __future__ import annotations

import json
import reprlib
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from gan.codes import IconCode, Term


@dataclass(frozen=True)
class ModelCard:
    """What a person and a program must know about a generator.

    ``architecture`` is the network's name and its arguments; ``attributes`` describes the end of the latent, which
    chooses them, one ``{"name", "values", "probabilities"}`` each, in order; ``hash`` is a SHA-256 over names, shapes
    and values of the tensors, filled in by ``save_generator``.
    """

    style: str
    architecture: dict[str, Any]
    hash: str = ""
    kimg: float = 0.0
    created: str = ""
    attributes: list[dict[str, Any]] = field(default_factory=list)
    dataset: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    notes: str = ""
    licence: str = "CC0-1.0"

    @property
    def short_hash(self) -> str:
        """The first 8 hex digits, as icon codes carry them."""
        return self.hash[:8]

    @property
    def z_dim(self) -> int:
        """How many normal numbers the latent starts with."""
        return int(self.architecture["z_dim"])

    def to_json(self) -> str:
        """Readable JSON, one field a line."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ModelCard:
        """Read what ``to_json`` wrote. Raises ValueError on anything else; unknown fields are left out."""
        data = json.loads(text)
        if not isinstance(data, dict) or not {"style", "architecture"} <= data.keys():
            raise ValueError("a model card is a JSON object with 'style' and 'architecture'")
        known = {f.name for f in fields(cls)}
        card = cls(**{k: v for k, v in data.items() if k in known})
        card._check()
        return card

    def _check(self) -> None:
        """Raise ValueError for a field that is not what the annotations promise."""
        for f in fields(self):
            value, kind = getattr(self, f.name), str(f.type).partition("[")[0]
            if kind == "float":
                sound = type(value) in (int, float) and -1e15 < value < 1e15  # neither infinite nor NaN
            else:
                sound = type(value).__name__ == kind
            if not sound:
                raise ValueError(f"'{f.name}' is {reprlib.repr(value)}, which is no {kind}")
        odd = [a for a in self.attributes if not (isinstance(a, dict) and _is_sound(a))]
        if odd:
            raise ValueError(
                f"'attributes' holds {reprlib.repr(odd[0])}, which lacks a name, values or good probabilities"
            )
        check_style(self.style)


def check_style(style: str) -> None:
    """Raise ValueError, in a sentence for a person, for a name that icon codes cannot carry."""
    IconCode(Term(0), style=style)


def _is_sound(attribute: dict[str, Any]) -> bool:
    values = attribute.get("values")
    if not isinstance(attribute.get("name"), str) or not isinstance(values, list):
        return False
    chances = attribute.get("probabilities", [1] * len(values))
    return (
        isinstance(chances, list)
        and len(chances) == len(values)
        and all(type(chance) in (int, float) and 0 < chance <= 1 for chance in chances)
    )
