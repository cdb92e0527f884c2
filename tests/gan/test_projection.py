"""Projection: descriptors, encoder and search, on small models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from gan.batch_rng import BatchRng
from gan.checkpoint.model_card import ModelCard
from gan.codes import IconCode
from gan.errors import MeliconError
from gan.latent.resolve import code_to_latent
from gan.sampling.sampler import Sampler
from gan.search.projection import train as training
from gan.search.projection.augmentations import augmented
from gan.search.projection.descriptors import clamp_colours, descriptors, distances, grounds
from gan.search.projection.encoder import SHIPPED, Encoder, load_encoder
from gan.search.projection.index import PredictedIndex, RenderedIndex
from gan.search.projection.search import Projector
from gan.search.projection.steps import mixes, variations
from tests.clocks import Ticking
from tests.e2e.conftest import write_weights

ATTRIBUTES = {"hair": ["red", "green", "blue"], "ground": ["white", "black", "grey", "pink"]}
DEFAULT = Path("weights/default.safetensors")


def silent(_: str) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def sampler(tmp_path_factory: pytest.TempPathFactory) -> Sampler:
    path = tmp_path_factory.mktemp("weights") / "alike.safetensors"
    return Sampler.load(write_weights(path, attributes=ATTRIBUTES))


@pytest.fixture(scope="module")
def encoder(sampler: Sampler) -> Encoder:
    return training.teach(sampler, icons=384, steps=40, say=silent)


def test_a_look_is_the_colours_from_afar() -> None:
    flat = np.full((1, 64, 64, 3), 255, np.uint8)
    red = flat.copy()
    red[..., 1:] = 0
    noisy = (flat * 0.9 + np.random.RandomState(0).rand(1, 64, 64, 3) * 25).astype(np.uint8)
    (white,) = descriptors(flat)
    assert distances(white, descriptors(flat))[0] == 0
    assert distances(white, descriptors(noisy))[0] < 8
    assert distances(white, descriptors(red))[0] > 100


def test_a_loud_ground_becomes_one_that_the_model_can_draw_and_the_rest_stays() -> None:
    picture = np.full((64, 64, 3), (20, 200, 20), np.uint8)
    picture[16:48, 16:48] = (90, 60, 40)
    low, high = np.full(3, 160, np.float32), np.full(3, 250, np.float32)
    clamped = clamp_colours(picture, low, high)
    assert (grounds(clamped[None])[0] >= low).all()
    assert clamped[0, 0, 1] > clamped[0, 0, 0] + 50, "still green"
    assert (clamped[20:44, 20:44] == picture[20:44, 20:44]).all()
    assert (clamp_colours(clamped, low, high) == clamped).all()


@pytest.mark.parametrize("text", ["7", "7~3~9", "7x8@30", "7~2x8@30~5"])
def test_steps_lead_where_the_codes_lead(text: str) -> None:
    code = IconCode.parse(text)
    numbers = [1, 17, 9999]
    latents = variations(code, code_to_latent(code, 20), numbers)
    for latent, number in zip(latents, numbers, strict=True):
        assert np.allclose(latent, code_to_latent(code.vary(number), 20))


def test_mixes_lead_where_the_codes_lead() -> None:
    a, b = IconCode.parse("7~3"), IconCode.parse("8")
    at = [10, 50, 90]
    mixed = mixes(code_to_latent(a, 20), code_to_latent(b, 20), at)
    for latent, percent in zip(mixed, at, strict=True):
        assert np.allclose(latent, code_to_latent(IconCode.mix(a, b, percent), 20))
    assert np.allclose(mixes(code_to_latent(a, 20), code_to_latent(a, 20), at), code_to_latent(a, 20))


def test_points_are_what_codes_resolve_to(sampler: Sampler) -> None:
    codes = [IconCode.from_seed(seed) for seed in (0, 5, 2**32 - 1)]
    assert (sampler.seed_points([0, 5, 2**32 - 1]) == sampler.resolved(codes)).all()
    normal = np.stack([code_to_latent(code, sampler.card.z_dim) for code in codes])
    assert (sampler.points(normal) == sampler.resolved(codes)).all()


def test_a_disguised_picture_is_another_one_of_the_same_kind() -> None:
    x = torch.rand(8, 3, 64, 64) * 2 - 1
    changed = augmented(x, BatchRng(0))
    assert changed.shape == x.shape
    assert changed.abs().max() <= 1
    assert all((a != b).any() for a, b in zip(x, changed, strict=True))


def test_an_encoder_predicts_which_icons_are_similar(sampler: Sampler, encoder: Encoder) -> None:
    points = sampler.seed_points(range(200))
    icons = sampler.sketch(points)
    query = encoder.ask(icons[17])
    predicted = encoder.descriptor_distance(query, encoder.place(points))
    real = distances(query.descriptor, descriptors(icons))
    assert list(np.argsort(predicted)).index(17) < 20
    assert np.corrcoef(predicted, real)[0, 1] > 0.6


@pytest.mark.parametrize("known", [True, False])
def test_what_is_found_is_far_more_alike_than_chance(sampler: Sampler, encoder: Encoder, known: bool) -> None:
    projector = Projector(sampler, encoder if known else None, first=10_000, clock=Ticking(0.005))
    (picture,) = sampler.sketch(sampler.seed_points([3_999_999_999]))
    found = projector.find(picture, seconds=0.5)
    (look,) = descriptors(picture[None])
    chance = distances(look, descriptors(sampler.sketch(sampler.seed_points(range(100)))))
    ours = distances(look, descriptors(sampler.draw([match.code for match in found])))
    assert len(found) == 3
    assert ours.min() < np.quantile(chance, 0.05)
    assert ours.max() < np.median(chance)
    seeds = [{match.code.first.seed} | ({match.code.second.seed} if match.code.second else set()) for match in found]
    assert len(set.union(*seeds)) == sum(map(len, seeds)), "three to choose from"
    assert all(IconCode.parse(str(match.code)) == match.code for match in found)


def test_an_index_grows_as_time_allows_and_begins_anywhere(sampler: Sampler, encoder: Encoder) -> None:
    index = PredictedIndex(sampler, encoder, first=2**32 - 1000, clock=Ticking(1.0))
    index.grow(0.0)
    assert len(index) == index.block
    index.grow(3.5)
    assert len(index) == 4 * index.block
    drawn = RenderedIndex(sampler, first=2**32 - 4)
    drawn.grow(0.0)
    assert drawn.nearest(encoder.ask(sampler.draw([IconCode.from_seed(2)])[0]), 1) == [2]


def test_without_time_there_are_three_icons_all_the_same(sampler: Sampler, encoder: Encoder) -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    for one in (Projector(sampler, encoder), Projector(sampler)):
        assert len(one.find(picture, seconds=0.0)) == 3


def test_an_encoder_is_kept_and_known_by_its_model(
    sampler: Sampler, encoder: Encoder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "kept.safetensors"
    encoder.save(path)
    again = load_encoder(path, sampler.card)
    assert again is not None
    points = sampler.seed_points(range(5))
    assert np.allclose(again.place(points), encoder.place(points), atol=0.3)
    other = ModelCard(style="other", architecture=sampler.card.architecture, hash="f" * 64)
    assert load_encoder(path, other) is None
    assert "not ffffffff of other" in caplog.text
    path.write_bytes(path.read_bytes()[:-100])
    assert load_encoder(path, sampler.card) is None
    assert load_encoder(tmp_path / "none.safetensors", sampler.card) is None
    with pytest.raises(MeliconError):
        Encoder.load(tmp_path / "none.safetensors")


def test_an_encoder_is_trained_by_command_and_refuses_what_is_no_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = write_weights(tmp_path / "plain.safetensors")
    out = tmp_path / "out" / "plain.safetensors"
    assert training.main([str(weights), "--out", str(out), "--icons", "16", "--steps", "2"]) == 0
    assert load_encoder(out, Sampler.load(weights).card) is not None
    assert training.main([str(tmp_path / "none.safetensors"), "--out", str(out)]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_the_shipped_encoder_knows_the_shipped_weights() -> None:
    from gan.checkpoint.weights import load_card  # noqa: PLC0415

    assert load_encoder(SHIPPED, load_card(DEFAULT)) is not None, (
        "after replacing the weights: nice python -m gan.search.projection.train weights/default.safetensors"
        " --out gan/search/projection/default.safetensors"
    )
