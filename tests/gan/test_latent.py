"""Latents are frozen, and interpolation is spherical."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_np

from gan.codes import IconCode
from gan.latent.resolve import VARIATION_ANGLE, Latent, code_to_latent, slerp


def latent(code: str, z_dim: int = 128) -> Latent:
    return code_to_latent(IconCode.parse(code), z_dim)


def angle(a: Latent, b: Latent) -> float:
    return math.acos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))


@pytest.mark.parametrize(
    ("code", "golden"),
    [
        ("0", [1.764052345967664, 0.4001572083672233, 0.9787379841057392, 2.240893199201458]),
        ("123", [-1.0856306033005612, 0.9973454465835858, 0.28297849805199204, -1.506294713918092]),
        ("4294967295", [0.6484086742306527, 0.6693235306338161, -1.0805437227474493, 0.2845010447986309]),
        ("123~4", [-0.5051388448665165, 1.0631687124590476, 0.24623004849618865, -1.7539014059101947]),
        ("123~4~2", [-0.6675360894100718, 1.226521894335361, -0.3175546373442708, -1.5720976453558333]),
        ("123x456", [-1.3893844670160536, 0.062070471415379684, 0.8474711200642971, -0.29440927650557513]),
        ("123~1x456@25~3", [-1.0288906396642972, -0.1962263577383316, 0.7403773485531686, -1.3891878588238806]),
    ],
)
def test_a_code_means_the_same_latent_for_ever(code: str, golden: list[float]) -> None:
    np.testing.assert_allclose(latent(code, 4), golden, rtol=1e-14)


def test_a_longer_latent_begins_with_the_shorter_one() -> None:
    assert latent("123", 128)[:4].tolist() == latent("123", 4).tolist()


@given(st.integers(0, 2**32 - 1), st.integers(1, 9999))
def test_a_variation_stands_at_the_set_angle_and_keeps_the_length(seed: int, n: int) -> None:
    z, varied = latent(str(seed)), latent(f"{seed}~{n}")
    assert angle(z, varied) == pytest.approx(VARIATION_ANGLE)
    assert np.linalg.norm(varied) == pytest.approx(np.linalg.norm(z))


def test_variations_go_different_ways() -> None:
    varied = [latent(code) for code in ("123~1", "123~2", "123~1~1", "123~1~2", "123~2~1", "124~1")]
    pairs = [(a, b) for i, a in enumerate(varied) for b in varied[:i]]
    assert min(angle(a, b) for a, b in pairs) > VARIATION_ANGLE / 2


def test_a_mix_at_its_ends_is_the_icons_themselves() -> None:
    assert latent("123x456@0").tolist() == latent("123").tolist()
    assert latent("123x456@100").tolist() == latent("456").tolist()


def test_half_way_is_the_same_from_both_sides() -> None:
    assert latent("123x456").tolist() == latent("456x123").tolist()


def test_a_mix_advances_by_equal_angles_and_lengths() -> None:
    stops = [latent(f"123x456@{p}") for p in (0, 25, 50, 75, 100)]
    turns = [angle(a, b) for a, b in itertools.pairwise(stops)]
    growth = [np.linalg.norm(b) - np.linalg.norm(a) for a, b in itertools.pairwise(stops)]
    assert max(turns) - min(turns) < 1e-9
    assert max(growth) - min(growth) < 1e-9


def test_an_icon_mixed_with_itself_stays_itself() -> None:
    np.testing.assert_allclose(latent("123x123@30"), latent("123"))


def test_the_variation_of_a_mix_moves_along_with_the_mix() -> None:
    assert angle(latent("123x456@50~3"), latent("123x456@51~3")) < 0.1
    assert latent("123x456@50~3").tolist() != latent("123x456~3").tolist()


def test_a_code_is_the_same_point_in_every_style() -> None:
    assert latent("123~4/ink#0a1b2c3d").tolist() == latent("123~4").tolist()


vectors = st_np.arrays(np.float64, 5, elements=st.floats(-8, 8).map(lambda x: x if abs(x) > 1e-3 else 0.0))


@given(vectors, vectors, st.floats(0, 1))
def test_interpolation_stays_as_long_as_its_ends(a: Latent, b: Latent, t: float) -> None:
    ends = (np.linalg.norm(a), np.linalg.norm(b))
    length = np.linalg.norm(slerp(a, b, t))
    assert length <= max(ends) * (1 + 1e-6) + 1e-9
    assert min(ends) * (1 - 1e-6) - 1e-9 <= length


@pytest.mark.parametrize("t", [0.25, 0.5, 0.75])
def test_opposite_ends_are_joined_by_a_half_circle(t: float) -> None:
    a = latent("123")
    z = slerp(a, -a, t)
    assert np.linalg.norm(z) == pytest.approx(np.linalg.norm(a))
    assert angle(a, z) == pytest.approx(math.pi * t)
