"""The names that are proposed for styles."""

from __future__ import annotations

import pytest

from bot.features.retrain.proposal import proposed_name
from bot.features.styles import NAME


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("my_blobs__final.zip", "my-blobs"),
        ("My Blobs (2).zip", "my-blobs"),
        ("fan.zip", "fan"),
        ("fan-art", "fan-art"),
        ("Émilie's drawings v2 copy.zip", "emilies"),
        ("robots_2024.zip", "robots"),
        ("1000.zip", "1000"),
        ("images.zip", "style"),
        ("アイコン.zip", "style"),
        ("", "style"),
        ("-_-.zip", "style"),
        ("a" * 200 + ".zip", "a" * 24),
    ],
)
def test_a_files_name_becomes_a_styles(file: str, name: str) -> None:
    assert proposed_name(file) == name
    assert NAME.fullmatch(name)
