"""The shipped model draws the same pixels for ever. New weights have another hash, and then new digests here."""

from __future__ import annotations

import hashlib

import pytest

from gan.codes import IconCode
from gan.sampling.sampler import Sampler
from gan.shipped import DEFAULT_WEIGHTS

MODEL = "8e9c423d"
DIGESTS = {
    ("1", 512): "ad39f8710706e3d136e9be3e15d53da4157facd771e3c1482497dcb21aa26b78",
    ("123~4", 512): "3a1bbb7fd8e37276ffcc612da01849062dd4daa1c92edb330b5dc09829a7d0ab",
    ("123x456@25", 512): "76bc9c4d225a57b617bd30c99422217429e7b5245812b7b1d2f00111cc59f171",
    ("7+hair:2", 512): "c863dd6c8bdd70fab0f0f1b58908af4b7183ca3e772a975a6aeac74980089ef9",
    ("2026", 256): "bf2ddb9c244cae8b939c1882bf4adc10196e041b3b8fa5460964e20a610e97bd",
    ("3", 64): "c696091c1f5c9b6d940be0afbcbe3a07a31c90dc5fb2f64a0b7bcfcbce5e306c",
}


@pytest.mark.parametrize(("text", "size"), DIGESTS)
def test_a_code_that_was_posted_keeps_its_pixels(text: str, size: int) -> None:
    sampler = Sampler.load(DEFAULT_WEIGHTS)
    assert sampler.card.short_hash == MODEL
    [icon] = sampler.render([IconCode.parse(text)], size)
    assert hashlib.sha256(icon.tobytes()).hexdigest() == DIGESTS[text, size]
