"""Searching seeds: what is found has what was wished for, and what it lacks is said."""

from __future__ import annotations

import numpy as np
import pytest

from gan.codes import MAX_SEED, IconCode
from gan.latent import code_to_latent, seed_latents
from gan.sampling import Sampler
from gan.searching import SeedSearch
from tests.gan.models import SMALL, save


@pytest.fixture(scope="module")
def sampler(tmp_path_factory: pytest.TempPathFactory) -> Sampler:
    architecture = {**SMALL, "z_dim": 16 + 36, "attributes": [4, 20, 12]}
    return Sampler.load(save(tmp_path_factory.mktemp("search"), architecture))


def test_latents_of_many_seeds_are_those_of_their_codes() -> None:
    seeds = [0, 1, 123, MAX_SEED, 123]
    together = seed_latents(seeds, 33)
    assert np.array_equal(together, [code_to_latent(IconCode.from_seed(seed), 33) for seed in seeds])


@pytest.mark.parametrize("first", [0, 4_000_000_000, MAX_SEED - 5])
def test_what_is_found_is_what_the_model_will_be_asked_for(first: int, sampler: Sampler) -> None:
    search = SeedSearch(sampler, first)
    for n in range(8):
        wishes = {
            "attribute 0": [f"value {n % 4}"],
            "attribute 1": [f"value {n}", f"value {n + 1}"],
            "attribute 2": ["value 3"],
        }
        found = search.find(wishes, seconds=20)
        assert found.unmet == ()
        has = sampler.describe(found.code)
        assert all(has[name] in values for name, values in wishes.items())


def test_another_place_to_begin_finds_another_icon(sampler: Sampler) -> None:
    search = SeedSearch(sampler)
    rare = {"attribute 0": ["value 0"], "attribute 1": ["value 1"], "attribute 2": ["value 2"]}
    search.find({**rare, "attribute 1": []}, seconds=0.3)  # fills the table
    found = {search.find(rare, skip=n).code for n in range(4)}
    assert len(found) > 1


def test_some_are_all_different_and_all_fulfil_the_wishes(sampler: Sampler) -> None:
    wishes = {"attribute 0": ["value 0", "value 1"], "attribute 1": ["value 1"]}
    some = SeedSearch(sampler).find_some(wishes, 40, seconds=20)
    assert len({found.code for found in some}) == 40
    for found in some:
        has = sampler.describe(found.code)
        assert found.unmet == ()
        assert all(has[name] in values for name, values in wishes.items())


def test_what_cannot_be_fulfilled_is_named(sampler: Sampler) -> None:
    found = SeedSearch(sampler).find({"attribute 0": ["value 1"], "attribute 1": []}, seconds=0.05)
    assert found.unmet == ("attribute 1",)
    assert sampler.describe(found.code)["attribute 0"] == "value 1"


def test_unknown_wishes_and_none_are_refused(sampler: Sampler) -> None:
    search = SeedSearch(sampler)
    for wishes in ({}, {"wings": ["two"]}, {"attribute 0": ["value 99"]}):
        with pytest.raises(ValueError, match=r"wish|knows no"):
            search.find(wishes)
