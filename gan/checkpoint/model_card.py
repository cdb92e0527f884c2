"""Model card: the description of a generator for people and programs, as JSON beside its weights."""

from __future__ import annotations

import json
import re
import reprlib
from dataclasses import asdict, dataclass, field
from typing import Any

from gan.codes import IconCode, Term
from gan.validation import from_json_values

HASH_VERSION = 2  # the version that `gan.checkpoint.model_hash` computes
MOST_ATTRIBUTES = 128
MOST_VALUES = 4096  # of all attributes together: each takes a dimension of the latent
LONGEST_NAME = 100  # characters of an attribute's name or value
MOST_PARTS = 8
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PART = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")


@dataclass(frozen=True)
class ModelCard:
    """Description of a generator.

    ``architecture`` is the network's name and arguments; ``attributes`` describes the end of the latent, one ``{"name",
    "values", "probabilities"}`` for each attribute, in order. ``hash`` identifies the model and is set by
    ``save_generator``; see ``gan.checkpoint.model_hash`` for what it covers in each ``hash_version``. ``former_hash``
    is its hash of version 1, still valid in codes. ``parts`` lists further components such as the second stage
    (`gan.second_stages.second_stage`): name -> SHA-256 (hex), in the order in which they are applied.
    """

    style: str
    architecture: dict[str, Any]
    hash: str = ""
    hash_version: int = 1
    former_hash: str = ""
    parts: dict[str, str] = field(default_factory=dict)
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
        """The first 8 hex digits, as used in icon codes."""
        return self.hash[:8]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the model that icon codes may use: `short_hash`, and that of the former hash if there is one."""
        return tuple(dict.fromkeys(hash_[:8] for hash_ in (self.hash, self.former_hash) if hash_))

    @property
    def labelled(self) -> bool:
        """Whether the attributes were learned from labels, which only the house artist's pictures have.

        A model that was fine-tuned on unlabelled pictures still has a latent with attributes.
        """
        return str(self.dataset.get("source", "")).startswith("artist:")

    @property
    def truncation(self) -> float:
        """The factor of a latent's free dimensions. Raises ValueError for anything but a number from 0 to 2."""
        value = self.options.get("truncation", 1.0)
        if type(value) not in (int, float) or not 0 <= value <= 2:
            raise ValueError(f"truncation is {reprlib.repr(value)}: it must be a number from 0 to 2")
        return float(value)

    @property
    def flat(self) -> bool:
        """Whether drawings are filtered by `gan.sampling.bilateral_filter`."""
        return self.options.get("flat", False) is True

    @property
    def z_dim(self) -> int:
        """The dimension of the latent."""
        return int(self.architecture["z_dim"])

    def to_json(self) -> str:
        """Indented JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ModelCard:
        """Read what `to_json` wrote. Raises ValueError on anything else; unknown fields are ignored."""
        data = json.loads(text)
        if not isinstance(data, dict) or not {"style", "architecture"} <= data.keys():
            raise ValueError("a model card is a JSON object with 'style' and 'architecture'")
        card = from_json_values(cls, data)
        card.check()
        return card

    def check(self) -> None:
        """Raise ValueError for a field that does not match its annotation."""
        if not 1 <= self.hash_version <= HASH_VERSION:
            raise ValueError(
                f"'hash_version' is {self.hash_version}, and this version of Melicon knows 1 to {HASH_VERSION}"
            )
        for name in ("hash", "former_hash"):
            if getattr(self, name) and not _DIGEST.fullmatch(getattr(self, name)):
                raise ValueError(f"'{name}' is {reprlib.repr(getattr(self, name))}, which is no SHA-256 in hex digits")
        self._check_attributes()
        self._check_parts()
        _ = self.truncation
        check_style(self.style)

    def _check_attributes(self) -> None:
        odd = [a for a in self.attributes[: MOST_ATTRIBUTES + 1] if not (isinstance(a, dict) and _is_sound(a))]
        if odd:
            raise ValueError(
                f"'attributes' holds {reprlib.repr(odd[0])}, which lacks a name, values or good probabilities"
            )
        values = sum(len(a["values"]) for a in self.attributes[: MOST_ATTRIBUTES + 1])
        if len(self.attributes) > MOST_ATTRIBUTES or values > MOST_VALUES:
            raise ValueError(
                f"'attributes' holds more than {MOST_ATTRIBUTES} attributes or {MOST_VALUES:,} values: no latent has"
                " room for them"
            )

    def _check_parts(self) -> None:
        sound = len(self.parts) <= MOST_PARTS and all(
            _PART.fullmatch(name) and isinstance(digest, str) and _DIGEST.fullmatch(digest)
            for name, digest in self.parts.items()
        )
        if not sound:
            raise ValueError(
                f"'parts' is {reprlib.repr(self.parts)}: it must be at most {MOST_PARTS} names with SHA-256 digests"
            )


def check_style(style: str) -> None:
    """Raise ValueError for a name that icon codes cannot express."""
    IconCode(Term(0), style=style)


def _is_sound(attribute: dict[str, Any]) -> bool:
    values = attribute.get("values")
    if not isinstance(attribute.get("name"), str) or not isinstance(values, list):
        return False
    if len(values) > MOST_VALUES or not all(isinstance(word, str) for word in values):
        return False
    if any(len(word) > LONGEST_NAME for word in (attribute["name"], *values)):
        return False
    shares = attribute.get("probabilities", [1] * len(values))
    return (
        isinstance(shares, list)
        and len(shares) == len(values)
        and all(type(share) in (int, float) and 0 < share <= 1 for share in shares)
    )
