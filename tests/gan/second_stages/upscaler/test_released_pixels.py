"""The shipped model draws the same pixels for ever. New weights have another hash, and then new digests here."""

from __future__ import annotations

import hashlib

import pytest

from gan.codes import IconCode
from gan.sampling.sampler import Sampler
from gan.shipped import DEFAULT_WEIGHTS

MODEL = "011810dc"
DIGESTS = {
    ("1", 512): "cf3099deb2b51f7efeb68ca14b9454c80848aa94dd5509a488bf594963a917c8",
    ("123~4", 512): "566db372c5d1352d935141a4a65f88dd491bfeeb193cc8a6eb2d0bae2a4c4023",
    ("123x456@25", 512): "3490818cf135a4e9052c218e9376899d9d07e9e7920df4df15cf635d56160b28",
    ("7+hair:2", 512): "85d9de2396e88f1c32ce010f0968211014efda7834df5eac047628d6e3bf1038",
    ("2026", 256): "ff73c646af8e0d04280c0de409643bbc09117b1eec87436ea7aac5c0c71471b9",
    ("3", 64): "c696091c1f5c9b6d940be0afbcbe3a07a31c90dc5fb2f64a0b7bcfcbce5e306c",
}


@pytest.mark.parametrize(("text", "size"), DIGESTS)
def test_a_code_that_was_posted_keeps_its_pixels(text: str, size: int) -> None:
    sampler = Sampler.load(DEFAULT_WEIGHTS)
    assert sampler.card.short_hash == MODEL
    [icon] = sampler.render([IconCode.parse(text)], size)
    assert hashlib.sha256(icon.tobytes()).hexdigest() == DIGESTS[text, size]
