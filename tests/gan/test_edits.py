"""Tweaks change one attribute or direction only, and can be undone exactly."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from gan.__main__ import app
from gan.checkpoint.weights import ModelCard
from gan.codes import CodeError, IconCode
from gan.latent.directions import directions, first_affine, mixed_directions
from gan.latent.edits import DIRECTIONS, FARTHEST, UnknownTweak, check_tweaks, edit_axes, tweaked
from gan.latent.interpolation import path
from gan.sampling.sampler import Sampler
from tests.gan.models import ARTICLE, SMALL, build, save

if TYPE_CHECKING:
    from numpy.typing import NDArray

DEFAULT = Path(__file__).parents[2] / "weights" / "default.safetensors"
LABELLED = SMALL | {"z_dim": 24, "attributes": [3, 2, 9]}
ATTRIBUTES = [
    {"name": "hair", "values": ["red", "green", "blue"]},
    {"name": "hat", "values": ["none", "crown"]},
    {"name": "eyes", "values": [f"eyes {n}" for n in range(9)]},
]


def sampler(architecture: dict[str, Any] = SMALL, **card: Any) -> Sampler:
    return Sampler(build(architecture), ModelCard(style="test", architecture=architecture, **card))


@cache
def labelled() -> Sampler:
    return sampler(LABELLED, attributes=ATTRIBUTES)


@cache
def default() -> Sampler:
    return Sampler.load(DEFAULT)


def parse(*texts: str) -> list[IconCode]:
    return [IconCode.parse(text) for text in texts]


codes = st.sampled_from(parse("0", "123", "123~4", "1x2@25~3", "4294967295", "7x8"))


@settings(max_examples=60)
@given(codes, st.sampled_from(ATTRIBUTES), st.integers(-20, 20))
def test_a_tweak_goes_so_many_values_on_and_changes_nothing_else(
    code: IconCode, attribute: dict[str, Any], steps: int
) -> None:
    name, values = attribute["name"], attribute["values"]
    before, after = labelled().describe(code), labelled().describe(code.tweak(name, steps))
    assert after[name] == values[(values.index(before[name]) + steps) % len(values)]
    assert after | {name: before[name]} == before
    free = labelled().free
    z, moved = labelled().latents([code, code.tweak(name, steps)])
    assert moved[:free].tolist() == z[:free].tolist()


def test_every_attribute_of_the_default_weights_reaches_every_value_and_leaves_the_others_alone() -> None:
    for name, axis in edit_axes(default().card).items():
        if not axis.values:
            continue
        code = IconCode.parse("naru")
        before = default().describe(code)
        seen = []
        for _ in axis.values:
            code = tweaked(default().card, code, name, 1)
            has = default().describe(code)
            seen.append(has[name])
            assert has | {name: before[name]} == before
        assert sorted(seen) == sorted(axis.values)
        assert code == IconCode.parse("naru"), "once round is the icon itself"


def test_a_tweaked_choice_is_beyond_doubt() -> None:
    """However near two values were, the one that a tweak chooses has all the weight."""
    (point,) = labelled().resolved(parse("123+eyes:4"))
    assert sorted(point[-9:].tolist()) == [0.0] * 8 + [1.0]


def test_a_tweak_shows_and_the_way_back_gives_the_same_pixels() -> None:
    code = IconCode.parse("123")
    there = tweaked(default().card, code, "hair_colour", 1)
    back = tweaked(default().card, there, "hair_colour", -1)
    drawn = default().draw([code, there, back])
    assert back == code
    np.testing.assert_array_equal(drawn[0], drawn[2])
    changed = (drawn[0] != drawn[1]).any(axis=2).mean()
    assert changed > 0.02
    assert np.abs(drawn[0].astype(int) - drawn[1]).mean() > 1


def test_tweaks_add_up_in_any_order() -> None:
    a, b = parse("123+hair:1+eyes:-2+d1:3", "123+d1:3+eyes:-2+hair:1")
    assert a == b
    both, one, other, plain = labelled().resolved(parse("5+d1:2+d2:-1", "5+d1:2", "5+d2:-1", "5"))
    np.testing.assert_allclose(both - plain, (one - plain) + (other - plain), atol=1e-12)


def test_fewest_steps_are_kept_and_once_round_is_no_tweak() -> None:
    card = labelled().card
    code = IconCode.parse("123")
    assert str(tweaked(card, code, "hat", -1)) == "123+hat:1"
    assert str(tweaked(card, code, "eyes", 5)) == "123+eyes:-4"
    assert tweaked(card, code, "hair", 3) == code
    np.testing.assert_array_equal(*labelled().draw(parse("123+hair:3", "123")))


ARCHITECTURES = {
    "stem": SMALL,
    "mapped": SMALL | {"mapping": 24},
    "article": ARTICLE,
    "unnamed": SMALL | {"attributes": [3, 2]},
}


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_a_model_without_labels_has_directions_that_show(architecture: dict[str, Any]) -> None:
    drawing = sampler(architecture)
    assert list(edit_axes(drawing.card)) == [f"d{n}" for n in range(1, DIRECTIONS + 1)]
    plain = IconCode.parse("123")
    for name in edit_axes(drawing.card):
        ways = [plain.tweak(name, steps) for steps in (-FARTHEST, -1, 1, FARTHEST)]
        here, *there = drawing.draw([plain, *ways]).astype(int)
        far_back, back, on, far_on = (np.abs(picture - here).mean() for picture in there)
        assert min(back, on) > 0.1, "one step is to be seen"
        assert far_back > back
        assert far_on > on
        assert drawing.describe(ways[0]) == drawing.describe(plain)
    groups = architecture.get("attributes", [])
    for name in edit_axes(drawing.card):
        before, after = drawing.resolved([plain, plain.tweak(name, 2)])
        for start, stop in itertools.pairwise(itertools.accumulate(groups, initial=drawing.free)):
            assert after[start:stop].sum() == pytest.approx(before[start:stop].sum()), "values pass into one another"


def test_directions_of_a_model_with_names_leave_its_attributes_alone() -> None:
    before, after = labelled().resolved(parse("123", "123+d1:5"))
    assert before[labelled().free :].tolist() == after[labelled().free :].tolist()
    assert before[: labelled().free].tolist() != after[: labelled().free].tolist()


def test_a_step_is_as_long_as_latents_spread_along_it() -> None:
    """One standard deviation of the points that icons are drawn from makes a step times 1 / STEP."""
    drawing = sampler(ARCHITECTURES["unnamed"])
    points = drawing.resolved([IconCode.from_seed(seed) for seed in range(1500)])
    covariance = np.cov(points.T)
    for move in mixed_directions(drawing._network, 3):
        # a move L n of unit n lies on the ellipsoid of one standard deviation: nᵀ n = 1
        length = move @ np.linalg.pinv(covariance, rcond=1e-6, hermitian=True) @ move
        assert length == pytest.approx(1, rel=0.15)


@pytest.mark.parametrize("architecture", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_the_matrix_is_what_the_network_does_to_a_latent_first(architecture: dict[str, Any]) -> None:
    drawing = sampler(architecture)
    assert first_affine(drawing._network).shape[1] == architecture["z_dim"]


def test_directions_are_those_that_are_stretched_most() -> None:
    matrix: NDArray[np.float64] = np.random.RandomState(0).standard_normal((40, 12))
    found = directions(matrix, 6)
    np.testing.assert_allclose(found @ found.T, np.eye(6), atol=1e-12)
    stretched = np.linalg.norm(matrix @ found.T, axis=0)
    np.testing.assert_allclose(stretched, np.linalg.svd(matrix)[1][:6])
    assert all(row[np.abs(row).argmax()] > 0 for row in found)


def test_directions_do_not_hang_on_the_last_bits() -> None:
    """Sums that a processor rounds in another way move a direction by less than a pixel could ever show."""
    drawing = sampler(SMALL)
    matrix = first_affine(drawing._network)
    mixed = np.random.RandomState(0).permutation(len(matrix))
    assert np.abs(directions(matrix, 6) - directions(matrix[mixed], 6)).max() < 1e-11
    assert np.abs(directions(matrix, 6) - directions(matrix * (1 + 2**-50), 6)).max() < 1e-11
    again = sampler(SMALL)
    np.testing.assert_array_equal(drawing.draw(parse("1+d6:8")), again.draw(parse("1+d6:8")))


@pytest.mark.parametrize(
    ("code", "says"),
    [("123+nose_ring:1", "hair, hat, eyes, d1"), ("123+d7:1", "d6"), ("123+d1:9", "from -8 to 8")],
)
def test_what_a_model_does_not_have_is_refused_with_what_it_has(code: str, says: str) -> None:
    (wanted,) = parse(code)
    for refused in (labelled().draw, labelled().resolved, labelled().latents):
        with pytest.raises(UnknownTweak, match=says):
            refused([wanted])
    for asks in (labelled().describe, labelled().settings, lambda c: check_tweaks(labelled().card, c)):
        with pytest.raises(CodeError, match=says):
            asks(wanted)


def test_only_attributes_that_codes_can_name_are_edit_axes() -> None:
    odd = [
        {"name": "Hair style", "values": ["a", "b"]},
        {"name": "hat", "values": ["a", "b"]},
        {"name": "hat", "values": ["c", "d"]},
        {"name": "one", "values": ["only"]},
        {"name": "d1", "values": ["x", "y"]},
    ]
    card = ModelCard(style="odd", architecture=SMALL | {"z_dim": 12, "attributes": [2, 2, 2, 1, 2]}, attributes=odd)
    assert [(axis.name, axis.values) for axis in edit_axes(card).values()] == [
        ("hat", ("a", "b")),
        ("d1", ("x", "y")),
        ("d2", ()),
        ("d3", ()),
    ]
    drawing = sampler(card.architecture, attributes=odd)
    assert len(drawing.draw(parse("1+hat:1+d1:1+d3:-2"))) == 1


def test_settings_report_present_and_former_positions() -> None:
    (code,) = parse("123+eyes:-2+d2:4")
    has, had = labelled().describe(code), labelled().describe(code.untweaked)
    told = {setting.axis.name: setting for setting in labelled().settings(code)}
    assert list(told) == list(edit_axes(labelled().card))
    for attribute in ATTRIBUTES:
        setting, values = told[attribute["name"]], attribute["values"]
        assert (values[setting.at], values[setting.was]) == (has[attribute["name"]], had[attribute["name"]])
        assert setting.beside(1) == (setting.at + 1) % len(values)
    assert (told["d2"].at, told["d2"].was, told["d2"].beside(1)) == (4, 0, 5)
    (end,) = parse("123+d2:8")
    assert {s.axis.name: s for s in labelled().settings(end)}["d2"].beside(1) is None


@pytest.mark.parametrize("seed", range(20))
def test_what_is_mixed_has_its_tweaks(seed: int) -> None:
    tweaked_code = f"{seed}+hair:1+hat:1+eyes:{seed % 7 + 1}"
    (alone, all_first, all_second) = parse(tweaked_code, f"{tweaked_code}x99@0", f"99x{tweaked_code}@100")
    assert labelled().describe(all_first) == labelled().describe(alone) == labelled().describe(all_second)
    free = slice(0, labelled().free)
    latents = labelled().latents([alone, all_first, all_second])[:, free]
    assert np.array_equal(latents[0], latents[1])
    assert np.array_equal(latents[0], latents[2])


def test_a_tweak_of_one_of_two_counts_half_of_a_mix() -> None:
    """Like any other choice: half way, the one's hair is there as often as the other's."""
    kept = 0
    for seed in range(200):
        one, other = (str(code) for code in parse(f"{seed}+eyes:3", f"{seed + 1000}"))
        mix = labelled().describe(IconCode.parse(f"{one}x{other}"))["eyes"]
        kept += mix == labelled().describe(IconCode.parse(one))["eyes"]
    assert 60 < kept < 140


def test_directions_are_mixed_too() -> None:
    shifted, plain, quarter = labelled().resolved(parse("1+d2:4", "1", "1+d2:4x1@75"))
    assert quarter == pytest.approx(0.25 * shifted + 0.75 * plain)
    both = labelled().resolved(parse("1+d2:4x1+d2:-4@50"))[0]
    assert both == pytest.approx(plain)


def test_a_mix_of_unknown_tweaks_is_refused() -> None:
    for wanted in parse("1+nose:1x2", "1x2+nose:1@50", "1x2+d1:9@50"):
        for asks in (labelled().describe, labelled().settings, lambda c: labelled().draw([c])):
            with pytest.raises(UnknownTweak):
                asks(wanted)


def test_tweaked_icons_morph_from_one_to_the_other() -> None:
    codes = parse("123", "123+hair:1+d1:2")
    frames = labelled().sketch(path(labelled(), codes))
    exact = labelled().draw(codes).astype(int)
    for frame, icon in ((frames[0], exact[0]), (frames[24], exact[1])):
        assert np.abs(frame - icon).max() <= 1


def test_the_command_line_draws_a_tweaked_code(tmp_path: Path) -> None:
    weights = save(tmp_path, SMALL)
    runner = CliRunner()
    drawn = runner.invoke(app, ["draw", "123+d1:-2", "--weights", str(weights), "--out", str(tmp_path)])
    assert drawn.exit_code == 0, drawn.output
    assert (tmp_path / "123-d1--2.png").exists()
    refused = runner.invoke(app, ["draw", "123+hair:1", "--weights", str(weights), "--out", str(tmp_path)])
    assert isinstance(refused.exception, CodeError) or refused.exit_code == 2
