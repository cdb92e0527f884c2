"""The sampler matches the network, independently of batches and threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from gan.checkpoint.weights import ModelCard, WeightsError, load_generator, save_generator
from gan.codes import IconCode, StyleMismatch
from gan.sampling.sampler import Sampler, to_8_bits
from tests.gan.models import ARTICLE, FULL, SMALL, build, save

if TYPE_CHECKING:
    from pathlib import Path

CODES = [IconCode.parse(code) for code in ("123", "naru", "123~4", "123x456@25")]


def sampler(architecture: dict[str, Any] = SMALL, **card: Any) -> Sampler:
    return Sampler(build(architecture), ModelCard(style="test", architecture=architecture, **card))


@pytest.mark.parametrize(
    "architecture",
    [SMALL, FULL, ARTICLE, SMALL | {"attributes": [3, 2]}, SMALL | {"mapping": 24}],
    ids=["small", "fast", "article", "labelled", "mapped"],
)
def test_pictures_are_those_of_the_trained_network_in_eval_mode(architecture: dict[str, Any]) -> None:
    generator = build(architecture)
    drawing = sampler(architecture)
    latents = drawing.latents(CODES)
    with torch.inference_mode():
        expected = generator.double().eval()(torch.from_numpy(latents)).permute(0, 2, 3, 1).numpy()
    assert np.ptp(expected) > 0.5  # a grey square would prove nothing
    np.testing.assert_array_equal(drawing.draw(CODES), to_8_bits(expected))


def test_making_a_sampler_leaves_the_generator_as_it_was() -> None:
    generator = build(ARTICLE)
    before = {name: value.clone() for name, value in generator.state_dict().items()}
    Sampler(generator, ModelCard(style="test", architecture=ARTICLE)).draw(CODES)
    assert generator.training
    assert before.keys() == generator.state_dict().keys()
    assert all(torch.equal(value, before[name]) for name, value in generator.state_dict().items())


def test_a_picture_does_not_depend_on_its_neighbours() -> None:
    drawing = sampler()
    together = drawing.draw(CODES)
    for i, code in enumerate(CODES):
        np.testing.assert_array_equal(drawing.draw([code])[0], together[i])
    np.testing.assert_array_equal(drawing.draw(CODES[::-1]), together[::-1])


def test_no_codes_give_no_pictures() -> None:
    assert sampler().draw([]).shape == (0, 64, 64, 3)


def test_threads_may_share_a_sampler() -> None:
    drawing = sampler()
    codes = [IconCode.from_seed(seed) for seed in range(24)]
    expected = drawing.draw(codes)
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(lambda code: drawing.draw([code])[0], codes))
    np.testing.assert_array_equal(np.array(drawn), expected)


def test_a_saved_model_draws_the_same_after_loading_but_for_what_half_precision_rounds(tmp_path: Path) -> None:
    path = save(tmp_path, SMALL)
    loaded = Sampler.load(path).draw(CODES)
    assert np.abs(loaded.astype(int) - sampler().draw(CODES)).max() <= 2  # of 255
    save_generator(path, *load_generator(path))
    np.testing.assert_array_equal(Sampler.load(path).draw(CODES), loaded)


def test_codes_of_this_style_and_model_are_drawn_and_others_refused(tmp_path: Path) -> None:
    drawing = Sampler.load(save(tmp_path, SMALL))
    code = IconCode.parse("123")
    pinned = code.pinned("test", drawing.card.short_hash)
    np.testing.assert_array_equal(drawing.draw([pinned]), drawing.draw([code]))
    with pytest.raises(StyleMismatch, match="style lorelei, but these weights draw test"):
        drawing.draw([code, IconCode.parse("123/lorelei")])
    with pytest.raises(StyleMismatch, match="Leave out #00000000 to draw it anew"):
        drawing.draw([code.pinned("test", "00000000")])


def test_truncation_of_the_card_pulls_latents_towards_the_middle() -> None:
    full, half = sampler(), sampler(options={"truncation": 0.5})
    np.testing.assert_array_equal(half.latents(CODES), 0.5 * full.latents(CODES))


@pytest.mark.parametrize("truncation", ["much", -1, float("nan"), [1]])
def test_a_card_with_nonsense_for_truncation_is_refused(truncation: object) -> None:
    with pytest.raises(WeightsError, match="truncation"):
        sampler(options={"truncation": truncation})


LABELLED = SMALL | {"attributes": [3, 2]}
HAIR = {"name": "hair", "values": ["red", "green", "blue"]}
HAT = {"name": "hat", "values": ["none", "crown"]}


def test_an_icon_is_described_by_the_attributes_its_generator_chose() -> None:
    drawing = sampler(LABELLED, attributes=[HAIR, HAT])
    choose = build(LABELLED).double().embed.choose
    hair, hat = choose.groups(choose(torch.from_numpy(drawing.latents(CODES)[:, 11:])))
    expected = [
        {"hair": HAIR["values"][i], "hat": HAT["values"][j]}
        for i, j in zip(hair.argmax(dim=1), hat.argmax(dim=1), strict=True)
    ]
    assert [drawing.describe(code) for code in CODES] == expected
    assert sampler(LABELLED).describe(CODES[0]) == {}
    assert sampler().describe(CODES[0]) == {}


def test_a_variation_keeps_most_attributes() -> None:
    drawing = sampler(LABELLED, attributes=[HAIR, HAT])
    codes = [IconCode.from_seed(seed) for seed in range(200)]
    kept = [drawing.describe(code)["hair"] == drawing.describe(code.vary(1))["hair"] for code in codes]
    assert 0.6 < np.mean(kept) < 1.0


def test_truncation_leaves_the_choice_of_attributes_alone() -> None:
    full, half = (sampler(LABELLED, options={"truncation": psi}).latents(CODES) for psi in (1.0, 0.5))
    np.testing.assert_array_equal(half[:, :11], 0.5 * full[:, :11])
    np.testing.assert_array_equal(half[:, 11:], full[:, 11:])


def test_8_bit_values_are_rounded_to_the_nearest_and_clamped() -> None:
    values = np.array([-2, -1, -1 + 0.49 / 127.5, -1 + 0.51 / 127.5, 0, 1, 2])
    assert to_8_bits(values).tolist() == [0, 0, 0, 1, 128, 255, 255]
    levels = np.arange(256)
    assert to_8_bits(levels / 127.5 - 1).tolist() == levels.tolist()
