"""Invalid model cards are refused in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from gan.checkpoint.weights import WeightsError, build_generator, load_card
from tests.gan.models import LABELLED, SMALL, edit_card, refusal, save

if TYPE_CHECKING:
    from pathlib import Path

DEEP = "[" * 100_000


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return save(tmp_path, SMALL)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a model card"),
        ("[]", "a model card is a JSON object"),
        ('"style"', "a model card is a JSON object"),
        ("{", "is not a model card"),
        (DEEP, "is not a model card"),
        ('{"style": "a"}', "with 'style' and 'architecture'"),
        ('{"style": 5, "architecture": {}}', "'style' is 5: input should be a valid string"),
        ('{"style": "../a", "architecture": {}}', "up to 32 small letters"),
        ('{"style": "a", "architecture": []}', "'architecture' is []: input should be an object"),
        ('{"style": "a", "architecture": {}, "hash": 5}', "'hash' is 5: input should be a valid string"),
        ('{"style": "a", "architecture": {}, "kimg": Infinity}', "'kimg' is inf: it must be a number"),
        ('{"style": "a", "architecture": {}, "kimg": NaN}', "'kimg' is nan: it must be a number"),
        ('{"style": "a", "architecture": {}, "kimg": 1' + "0" * 400 + "}", "it must be a number"),
        ('{"style": "a", "architecture": {}, "kimg": 1' + "0" * 9000 + "}", "is not a model card"),
        ('{"style": "a", "architecture": {}, "options": "x"}', "'options' is 'x': input should be an object"),
        ('{"style": "a", "architecture": {}, "attributes": [3]}', "'attributes.0' is 3: input should be an object"),
        (
            '{"style": "a", "architecture": {}, "attributes": [{"name": "n", "values": ["v"], "probabilities": [0]}]}',
            "or good probabilities",
        ),
        ('{"style": "a", "architecture": {}, "notes": "' + "x" * 2**21 + '"}', "is larger than 1 MiB"),
    ],
    ids=lambda text: text[:40],
)
def test_a_card_that_is_none_is_refused_in_one_line(weights: Path, text: str, said: str) -> None:
    weights.with_suffix(".json").write_text(text)
    assert said in refusal(weights)
    with pytest.raises(WeightsError):
        load_card(weights)


def test_a_card_that_is_no_text_is_refused(weights: Path) -> None:
    weights.with_suffix(".json").write_bytes(b"\xff\xfe\x00{")
    assert "cannot read the model card" in refusal(weights)


@pytest.mark.parametrize(
    ("architecture", "said"),
    [
        ({}, "unknown architecture None"),
        ({"name": ["fast"]}, "unknown architecture ['fast']"),
        ({"name": "stylegan"}, "unknown architecture 'stylegan'; this version knows article, fast"),
        ({"name": "fast", "z_dim": 10**400}, "whole and within 1..4096"),
        ({"name": "fast", "z_dim": 16.5}, "whole and within 1..4096"),
        ({"name": "fast", "z_dim": True}, "whole and within 1..4096"),
        ({"name": "fast", "z_dim": -1}, "whole and within 1..4096"),
        ({"name": "fast", "widths": {"a": 1}}, "whole and within 1..4096"),
        ({"name": "fast", "z_dim": 16, "colour": 3}, "does not take these arguments"),
        ({"name": "fast", "z_dim": 16, "widths": 5}, "does not take these arguments"),
        ({"name": "fast", "z_dim": 16, "widths": []}, "does not take these arguments"),
        ({"name": "fast", "z_dim": 16, "attributes": [9, 9]}, "take 18 numbers, more than a latent's z_dim"),
        ({"name": "article", "attributes": [1], "z_dim": 20}, "does not take these arguments"),
    ],
)
def test_an_architecture_that_is_none_is_refused(weights: Path, architecture: dict[str, Any], said: str) -> None:
    edit_card(weights, architecture=architecture)
    assert said in refusal(weights)


def test_a_card_that_claims_a_giant_costs_nothing(weights: Path) -> None:
    edit_card(weights, architecture={"name": "fast", "z_dim": 4096, "widths": [4096] * 4})  # would be 4 GB
    assert "does not fit the network" in refusal(weights)


def test_a_card_whose_attributes_are_others_than_the_networks_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path, LABELLED)
    edit_card(path, attributes=[{"name": "a", "values": ["x"]}])
    assert "'attributes' does not agree with the architecture's" in refusal(path)


def test_building_from_a_card_takes_its_numbers() -> None:
    with torch.device("meta"):
        network = build_generator({"name": "fast", "z_dim": 7, "widths": [8, 8, 8, 8], "detail": 2})
    assert network(torch.empty(1, 7, device="meta")).shape == (1, 3, 64, 64)
