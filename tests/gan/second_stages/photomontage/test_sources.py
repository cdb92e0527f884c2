"""Source pictures are stored losslessly, and damaged ones are refused."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
import torch

from gan.second_stages.photomontage import MAX_SOURCES, SourcePictures
from gan.second_stages.photomontage.sources import LARGE_SIDE, SIDE


def picture(seed: int, side: int = SIDE) -> np.ndarray:
    """Return a picture of flat squares."""
    squares = np.random.RandomState(seed).randint(0, 256, (8, 8, 3)).astype(np.uint8)
    return squares.repeat(side // 8, axis=0).repeat(side // 8, axis=1)


def test_pictures_of_the_usual_size_come_back_as_they_were() -> None:
    pictures = [picture(seed) for seed in range(3)]
    sources = SourcePictures.from_tensors(SourcePictures.from_pictures(pictures).tensors())
    assert len(sources) == 3
    assert all(np.array_equal(sources[i], pictures[i]) for i in range(3))
    assert np.array_equal(sources.small(), np.stack(pictures))


def test_large_pictures_are_kept_large_where_most_are() -> None:
    assert SourcePictures.from_pictures([picture(1, LARGE_SIDE)] * 2 + [picture(2)]).side == LARGE_SIDE
    assert SourcePictures.from_pictures([picture(1, LARGE_SIDE)] + [picture(2)] * 2).side == SIDE


def test_large_pictures_that_hardly_compress_are_kept_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan.second_stages.photomontage.sources.LARGE_BYTES", 1000)
    assert SourcePictures.from_pictures([picture(1, LARGE_SIDE)]).side == SIDE


def test_of_too_many_pictures_evenly_many_are_taken() -> None:
    pictures = [np.full((16, 16, 3), i % 256, np.uint8) for i in range(2 * MAX_SOURCES)]
    sources = SourcePictures.from_pictures(pictures)
    assert len(sources) == MAX_SOURCES
    assert [int(sources[i][0, 0, 0]) for i in range(3)] == [0, 2, 4]


def test_no_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one picture"):
        SourcePictures.from_pictures([])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"side": torch.tensor([100_000])}, "pixels a side"),
        ({"picture.000": torch.zeros(9, dtype=torch.uint8)}, "unpacked"),
        ({"picture.000": torch.zeros(9)}, "are bytes"),
        # a bomb: a thousand times what a picture has; no more than a picture is unpacked
        (
            {"picture.000": torch.frombuffer(bytearray(zlib.compress(bytes(200_000_000))), dtype=torch.uint8)},
            "bytes or more",
        ),
        ({"picture.000": torch.frombuffer(bytearray(zlib.compress(b"few")), dtype=torch.uint8)}, "3 bytes"),
        ({f"picture.{i:03}": torch.zeros(1, dtype=torch.uint8) for i in range(MAX_SOURCES + 1)}, "1 to 256"),
    ],
)
def test_what_is_no_set_of_pictures_is_refused(change: dict[str, torch.Tensor], reason: str) -> None:
    tensors = SourcePictures.from_pictures([picture(1)]).tensors() | change
    with pytest.raises(ValueError, match=reason):
        SourcePictures.from_tensors(tensors)
