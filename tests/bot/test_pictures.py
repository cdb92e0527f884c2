"""Pictures that anybody may hand in cost the machine little, however many come at once."""

from __future__ import annotations

import asyncio
from typing import Any, Self

import pytest
from PIL import Image

from bot.errors import Refusal
from bot.features.lookalike import pictures
from bot.features.lookalike.pictures import MEMORY, PIXELS, Pictures
from bot.features.retrain.intake import Reader
from bot.i18n import Catalogues
from tests.bot.retrain.hostile import png_of_zeros
from tests.gan.odd_pictures import encoded, plain

ENGLISH = Catalogues.load().words("en-US")


class Handed:
    """An attachment."""

    def __init__(self, data: bytes) -> None:
        self.filename, self.size, self._data = "me.png", len(data), data

    async def read(self) -> bytes:
        """Return the file."""
        return self._data


async def look_at(room: Pictures, data: bytes) -> Any:
    return await room.attached(Handed(data), ENGLISH)  # type: ignore[arg-type]


async def test_they_are_decoded_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    alive, most = 0, 0

    class Counted(Reader):
        async def __aenter__(self) -> Self:
            nonlocal alive, most
            alive += 1
            most = max(most, alive)
            return await super().__aenter__()

        async def __aexit__(self, *given: object) -> None:
            nonlocal alive
            await super().__aexit__(*given)
            alive -= 1

    monkeypatch.setattr(pictures, "Reader", Counted)
    room = Pictures()
    found = await asyncio.gather(*(look_at(room, plain(seed)) for seed in range(3)))
    assert [picture.shape for picture in found] == [(64, 64, 3)] * 3
    assert most == 1


async def test_the_largest_that_is_taken_fits_into_the_memory_and_the_next_gets_one_line() -> None:
    side = round(PIXELS**0.5)
    room = Pictures()
    image = Image.new("RGBA", (side, side), "#12345678")
    image.paste("#fed", (0, 0, side, side // 2))
    # these formats take the most
    for data in (encoded(image, "WEBP", lossless=True, method=0), encoded(image, "JPEG2000")):
        assert (await look_at(room, data)).shape == (64, 64, 3)
    with pytest.raises(Refusal) as refused:
        await look_at(room, png_of_zeros(side, side + 1))
    told = ENGLISH(refused.value.key, **refused.value.values)
    assert told.endswith(f"{side}×{side + 1} is larger than 16 megapixels.")
    assert MEMORY <= 640 * 2**20
