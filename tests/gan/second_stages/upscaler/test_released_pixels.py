"""The shipped model draws the same pixels for ever. New weights have another hash, and then new digests here."""

from __future__ import annotations

import hashlib

import pytest

from gan.codes import IconCode
from gan.sampling.sampler import Sampler
from gan.shipped import DEFAULT_WEIGHTS

MODEL = "011810dc"
DIGESTS = {
    ("1", 512): "287496a99a4c0186e0c163412a0c765adcd7f4cf5c7dce2c9dc8c720b5b7eb52",
    ("123~4", 512): "d4a364eb41637ec0caf48cb48f3ef14c94b565ce87035e77887b3322f70b6cc5",
    ("123x456@25", 512): "3490818cf135a4e9052c218e9376899d9d07e9e7920df4df15cf635d56160b28",
    ("7+hair:2", 512): "6996046335495d8f177f56a98f880113233ca8a5815e541b29c67e862af54034",
    ("2026", 256): "8f3bc0cdafed3c010c8fd704916b76f32565d5dd85919391fffc7dbe140d2cd5",
    ("3", 64): "c696091c1f5c9b6d940be0afbcbe3a07a31c90dc5fb2f64a0b7bcfcbce5e306c",
}


@pytest.mark.parametrize(("text", "size"), DIGESTS)
def test_a_code_that_was_posted_keeps_its_pixels(text: str, size: int) -> None:
    sampler = Sampler.load(DEFAULT_WEIGHTS)
    assert sampler.card.short_hash == MODEL
    [icon] = sampler.render([IconCode.parse(text)], size)
    assert hashlib.sha256(icon.tobytes()).hexdigest() == DIGESTS[text, size]
