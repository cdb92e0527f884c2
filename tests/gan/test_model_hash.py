"""A model's hash covers everything that affects its drawings, and earlier hashes stay valid."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan.checkpoint.model_card import ModelCard
from gan.checkpoint.model_hash import drawing_fields, model_hash, of_this_version
from gan.checkpoint.weights import WeightsError, build_generator, load_card, load_generator
from gan.codes import IconCode
from gan.latent.edits import edit_axes
from gan.sampling.sampler import Sampler
from tests.gan.models import LABELLED, SMALL, as_version_1, build, edit_card, refusal, save

SHIPPED = Path(__file__).parents[2] / "weights" / "default.safetensors"
WEIGHTS = "0" * 64
CARD = ModelCard(
    style="test",
    architecture=LABELLED,
    hash_version=2,
    attributes=[{"name": "hair", "values": ["a", "b", "c"]}, {"name": "eyes", "values": ["d", "e"]}],
    parts={"upscaler": "1" * 64, "pictures": "2" * 64},
)


@pytest.mark.parametrize(
    "change",
    [
        {"architecture": LABELLED | {"detail": 9}},
        {"architecture": LABELLED | {"attributes": [2, 3]}},
        {"attributes": list(reversed(CARD.attributes))},
        {"attributes": [CARD.attributes[0], {"name": "brows", "values": ["d", "e"]}]},
        {"attributes": [CARD.attributes[0], {"name": "eyes", "values": ["e", "d"]}]},
        {"attributes": []},
        {"options": {"truncation": 0.5}},
        {"options": {"flat": True}},
        {"dataset": {"source": "artist:128"}},
        {"parts": {"upscaler": "1" * 64}},
        {"parts": {"upscaler": "3" * 64, "pictures": "2" * 64}},
        {"parts": {"pictures": "2" * 64, "upscaler": "1" * 64}},
    ],
    ids=str,
)
def test_whatever_decides_the_drawing_changes_the_hash(change: dict[str, Any]) -> None:
    assert model_hash(WEIGHTS, dataclasses.replace(CARD, **change)) != model_hash(WEIGHTS, CARD)
    assert model_hash("f" * 64, CARD) != model_hash(WEIGHTS, CARD)


@pytest.mark.parametrize(
    "change",
    [
        {"style": "other"},
        {"notes": "x", "licence": "x", "created": "2026", "kimg": 5.0, "metrics": {"kid": 1}},
        {"dataset": {"source": "pictures.zip", "count": 9}},
        {"options": {"truncation": 1, "flat": False, "batch": 5}},
        {"attributes": [a | {"probabilities": [1 / len(a["values"])] * len(a["values"])} for a in CARD.attributes]},
    ],
    ids=str,
)
def test_what_does_not_decide_it_leaves_the_hash_alone(change: dict[str, Any]) -> None:
    assert model_hash(WEIGHTS, dataclasses.replace(CARD, **change)) == model_hash(WEIGHTS, CARD)


def test_the_hash_is_the_same_on_every_machine_and_in_every_version_to_come() -> None:
    assert model_hash(WEIGHTS, CARD) == "f4c7b163ef8d0f5762a67c5778ecff1c17e3d14a740c69b1589eb14bc677fc5b"


class Watched:
    """A card that knows which of its fields were looked at."""

    def __init__(self, card: ModelCard) -> None:
        self.card = card
        self.seen: set[str] = set()

    def __getattr__(self, name: str) -> object:
        self.seen.add(name)
        return getattr(self.card, name)


@pytest.mark.parametrize("architecture", [SMALL, LABELLED])
def test_the_sampler_looks_at_nothing_but_names_and_what_the_hash_covers(architecture: dict[str, Any]) -> None:
    attributes = [
        {"name": f"n{i}", "values": [str(v) for v in range(n)]}
        for i, n in enumerate(architecture.get("attributes", []))
    ]
    card = Watched(ModelCard("test", architecture, "0" * 64, attributes=attributes))
    sampler = Sampler(build(architecture), card)  # type: ignore[arg-type]
    code = IconCode.from_seed(5)
    for name in edit_axes(card.card):
        sampler.draw([code.tweak(name, 1)])
    sampler.describe(code)
    sampler.settings(code)
    sampler.sketch(sampler.resolved([code]))
    covered = set(drawing_fields(card.card)) | {"z_dim"}  # a number of the architecture
    assert card.seen - covered <= {"style", "names", "short_hash"}


def test_weights_of_earlier_versions_keep_the_hash_by_which_codes_name_them(tmp_path: Path) -> None:
    path = save(tmp_path, SMALL)
    was = as_version_1(path)
    _, card = load_generator(path)
    assert (card.hash, card.hash_version, card.names) == (was, 1, (was[:8],))


def test_the_shipped_weights_are_still_called_what_they_were() -> None:
    _, card = load_generator(SHIPPED)
    assert (card.style, card.names) == ("mel", ("8e9c423d",))


def test_in_the_newest_version_a_model_goes_on_answering_to_its_former_hash(tmp_path: Path) -> None:
    path = save(tmp_path, SMALL)
    was = as_version_1(path)
    network, before = load_generator(path)
    card = of_this_version(was, before)
    path.with_suffix(".json").write_text(card.to_json())
    _, loaded = load_generator(path)
    assert loaded.names == (card.hash[:8], was[:8])
    code = IconCode.from_seed(1)
    drawn = [Sampler(network, loaded).draw([code.pinned("test", name)]) for name in loaded.names]
    assert np.array_equal(*drawn)
    assert of_this_version(was, loaded) == loaded


def test_weights_cannot_claim_the_former_hash_of_others(tmp_path: Path) -> None:
    path = save(tmp_path, SMALL)
    edit_card(path, former_hash="a" * 64)
    assert "does not match the hash" in refusal(path)


@pytest.mark.parametrize("options", [{"truncation": 0.5}, {"flat": True}])
def test_a_card_that_would_draw_otherwise_is_noticed_by_the_hash(tmp_path: Path, options: dict[str, object]) -> None:
    path = save(tmp_path, SMALL)
    edit_card(path, options=options)
    assert "does not match the hash in test.json" in refusal(path)


def test_parts_that_this_version_cannot_draw_with_are_refused_by_name(tmp_path: Path) -> None:
    path = save(tmp_path, SMALL)
    card = json.loads(path.with_suffix(".json").read_text()) | {"parts": {"oil-paint": "1" * 64}}
    path.with_suffix(".json").write_text(json.dumps(card))
    assert "parts that this version does not know: oil-paint" in refusal(path)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"hash_version": 3}, "'hash_version' is 3, and this version of Melicon knows 1 to 2"),
        ({"hash_version": 0}, "'hash_version' is 0"),
        ({"hash": "../../up"}, "'hash' is '../../up'"),
        ({"former_hash": "abc"}, "'former_hash' is 'abc'"),
        ({"parts": {"upscaler": "x"}}, "'parts' is"),
        ({"parts": {"../up": "1" * 64}}, "'parts' is"),
        ({"parts": {f"p{n}": "1" * 64 for n in range(9)}}, "at most 8 names"),
        ({"options": {"truncation": "x"}}, "truncation is 'x'"),
        ({"attributes": [{"name": "a", "values": ["v"]}] * 129}, "more than 128 attributes"),
        ({"attributes": [{"name": "a", "values": ["v"] * 2_100}] * 2}, "4,096 values"),
        ({"attributes": [{"name": "a" * 101, "values": ["v"]}]}, "lacks a name"),
        ({"attributes": [{"name": "a", "values": [["v"]]}]}, "lacks a name"),
        ({"attributes": [{"name": "a", "values": ["v" * 101]}]}, "lacks a name"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_fields_out_of_bounds_are_refused(tmp_path: Path, fields: dict[str, Any], said: str) -> None:
    path = save(tmp_path, SMALL)
    edit_card(path, **fields)
    with pytest.raises(WeightsError, match="is not a model card") as caught:
        load_card(path)
    assert said in str(caught.value)


@pytest.mark.parametrize("count", [2_000, 10_000])
def test_a_network_of_very_many_layers_is_refused_before_any_is_built(count: int) -> None:
    with pytest.raises(WeightsError, match="a list of more than 128 numbers"):
        build_generator({"name": "fast", "z_dim": 8, "widths": [1] * count})
    with pytest.raises(WeightsError, match="widths must be 4 numbers"):
        build_generator({"name": "fast", "z_dim": 8, "widths": [1] * 100})
