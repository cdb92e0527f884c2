"""Attribute search: results meet the conditions, and unmet ones are reported."""

from __future__ import annotations

import numpy as np
import pytest

from gan.codes import MAX_SEED, IconCode
from gan.latent.resolve import code_to_latent, seed_latents
from gan.sampling.sampler import Sampler
from gan.search.attribute_search import BLOCK, SeedSearch
from tests.clocks import Ticking, still
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
    search = SeedSearch(sampler, first, clock=still)
    for n in range(8):
        conditions = {
            "attribute 0": [f"value {n % 4}"],
            "attribute 1": [f"value {n}", f"value {n + 1}"],
            "attribute 2": ["value 3"],
        }
        found = search.find(conditions)
        assert found.unmet == ()
        has = sampler.describe(found.code)
        assert all(has[name] in values for name, values in conditions.items())


def test_another_place_to_begin_finds_another_icon(sampler: Sampler) -> None:
    search = SeedSearch(sampler, clock=Ticking(1.0))
    rare = {"attribute 0": ["value 0"], "attribute 1": ["value 1"], "attribute 2": ["value 2"]}
    search.find({**rare, "attribute 1": []}, seconds=8)  # fills the table
    found = {search.find(rare, skip=n).code for n in range(4)}
    assert len(found) > 1


def test_results_are_distinct_and_meet_the_conditions(sampler: Sampler) -> None:
    conditions = {"attribute 0": ["value 0", "value 1"], "attribute 1": ["value 1"]}
    some = SeedSearch(sampler, clock=still).find_some(conditions, 40)
    assert len({found.code for found in some}) == 40
    for found in some:
        has = sampler.describe(found.code)
        assert found.unmet == ()
        assert all(has[name] in values for name, values in conditions.items())


def test_what_cannot_be_fulfilled_is_named(sampler: Sampler) -> None:
    search = SeedSearch(sampler, clock=Ticking(1.0))
    found = search.find({"attribute 0": ["value 1"], "attribute 1": []}, seconds=1)
    assert found.unmet == ("attribute 1",)
    assert sampler.describe(found.code)["attribute 0"] == "value 1"


def test_a_search_ends_with_its_time_and_the_next_one_goes_on(
    sampler: Sampler, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[int] = []
    choices = Sampler.choices
    monkeypatch.setattr(Sampler, "choices", lambda self, latents: noted.append(len(latents)) or choices(self, latents))
    search = SeedSearch(sampler, clock=Ticking(1.0))
    nothing = {"attribute 0": ["value 1"], "attribute 1": []}
    search.find(nothing, seconds=3.5)
    assert noted == [BLOCK] * 4
    search.find(nothing, seconds=1.5)
    assert noted == [BLOCK] * 5, "what is in the table is looked through again, whatever that takes"
    search.find_some({"attribute 0": ["value 1"]}, 10**6, seconds=8.0)
    assert noted == [BLOCK] * 7, "where something is found, a quarter of the time is enough"


def test_unknown_and_empty_conditions_are_refused(sampler: Sampler) -> None:
    search = SeedSearch(sampler)
    for conditions in ({}, {"wings": ["two"]}, {"attribute 0": ["value 99"]}):
        with pytest.raises(ValueError, match=r"condition|knows no"):
            search.find(conditions)
