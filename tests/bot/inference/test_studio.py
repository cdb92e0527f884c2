"""The studio draws together what waits, never holds up the event loop, and lets one failure stay one failure.

The samplers here stand in for a model where a test needs to see or to break its calls; everything behind them is real.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from bot.inference import DrawError, Studio, StudioClosed, UnknownModel, UnknownStyle
from bot.inference.batches import MAX_BATCH
from gan.checkpoint.weights import ModelCard
from gan.codes import IconCode
from gan.rendering import read_code, upscale
from tests.patience import ENOUGH


def never(_: IconCode) -> bool:
    return False


class Model:
    """A sampler whose icons are one colour, that of the seed; remembers its batches, and fails when told to."""

    def __init__(self, style: str = "house", hash_: str = "0a1b2c3d" * 8) -> None:
        self.card = ModelCard(style=style, architecture={"name": "none", "z_dim": 1}, hash=hash_)
        self.batches: list[list[str]] = []
        self.fails: Callable[[IconCode], bool] = never
        self.gate = threading.Event()
        self.gate.set()

    def describe(self, code: IconCode) -> dict[str, str]:
        """Say the seed's parity."""
        return {"parity": "odd" if code.first.seed % 2 else "even"}

    def generate(self, codes: Sequence[IconCode]) -> list[SimpleNamespace]:
        """Generate as `gan.sampling.sampler.Sampler` does."""
        return [SimpleNamespace(pixels=icon) for icon in self.draw(codes)]

    def enlarge(self, output: SimpleNamespace, size: int) -> np.ndarray:
        """Enlarge as `gan.sampling.sampler.Sampler` does."""
        return upscale(output.pixels, size)

    def draw(self, codes: Sequence[IconCode]) -> np.ndarray:
        """Draw as `gan.sampling.sampler.Sampler` does, once the gate is open."""
        self.batches.append([str(code.bare) for code in codes])
        assert self.gate.wait(ENOUGH)
        if any(self.fails(code) for code in codes):
            raise ArithmeticError("a NaN")
        return np.stack([np.full((64, 64, 3), code.first.seed % 256, np.uint8) for code in codes])


def icon(n: int) -> IconCode:
    return IconCode.from_seed(n)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(ENOUGH):
        while not condition():  # noqa: ASYNC110 - a thread changes what is waited for
            await asyncio.sleep(0.001)


async def test_a_drawing_carries_its_code() -> None:
    studio = Studio(Model(), size=64)
    drawing = await studio.draw(IconCode.parse("123~4"))
    assert str(drawing.code) == "123~4"
    assert str(drawing.pinned) == "123~4/house#0a1b2c3d"
    assert read_code(drawing.png) == "123~4/house#0a1b2c3d"
    assert drawing.filename == "melicon-123-v4.png"
    assert drawing.attributes == {"parity": "odd"}
    assert (drawing.style, drawing.model, drawing.size) == ("house", "0a1b2c3d", 64)
    await studio.close()


async def test_what_waits_is_drawn_together_in_its_order() -> None:
    model = Model()
    studio = Studio(model, size=64)
    drawings = await asyncio.gather(*(studio.draw(icon(n)) for n in range(20)))
    assert [str(d.code) for d in drawings] == [str(n) for n in range(20)]
    assert [n for batch in model.batches for n in batch] == [str(n) for n in range(20)]
    assert [len(batch) for batch in model.batches] == [MAX_BATCH] * (20 // MAX_BATCH)
    await studio.close()


async def test_each_gets_their_own_picture() -> None:
    studio = Studio(Model(), size=64, threads=3)
    drawings = await asyncio.gather(*(studio.draw(icon(n)) for n in range(40)))
    assert [read_code(d.png) for d in drawings] == [f"{n}/house#0a1b2c3d" for n in range(40)]
    await studio.close()


async def test_the_same_icon_asked_for_at_once_or_again_is_drawn_once() -> None:
    model = Model()
    studio = Studio(model, size=64)
    first, second = await asyncio.gather(studio.draw(icon(1)), studio.draw(icon(1)))
    third = await studio.draw(IconCode.parse("1/house"))
    assert first == second == third
    assert model.batches == [["1"]]
    other_size = await studio.draw(icon(1), size=128)
    assert other_size.size == 128
    assert other_size.png != first.png
    await studio.close()


async def test_without_a_cache_an_icon_is_drawn_again() -> None:
    model = Model()
    studio = Studio(model, size=64, cache_bytes=0)
    assert await studio.draw(icon(1)) == await studio.draw(icon(1))
    assert model.batches == [["1"], ["1"]]
    await studio.close()


async def test_one_that_fails_fails_alone_and_is_logged_with_its_code(caplog: pytest.LogCaptureFixture) -> None:
    model = Model()
    model.fails = lambda code: code.first.seed in {3, 4}
    studio = Studio(model, size=64)
    results = await asyncio.gather(*(studio.draw(icon(n)) for n in range(8)), return_exceptions=True)
    for n, result in enumerate(results):
        if n in {3, 4}:
            assert isinstance(result, DrawError)
            assert result.code == icon(n).pinned("house", "0a1b2c3d")
            assert isinstance(result.__cause__, ArithmeticError)
        else:
            assert not isinstance(result, BaseException)
    records = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert [r.getMessage().split()[1] for r in records] == ["3/house#0a1b2c3d", "4/house#0a1b2c3d"]
    assert all(r.exc_info for r in records)
    model.fails = never
    assert (await studio.draw(icon(3))).code == icon(3), "a failure must not be remembered"
    await studio.close()


async def test_the_event_loop_goes_on_while_fifty_icons_are_drawn() -> None:
    model = Model()
    model.gate.clear()
    studio = Studio(model, size=512)
    drawings = asyncio.gather(*(studio.draw(icon(n)) for n in range(50)))
    await until(lambda: bool(model.batches))
    for _ in range(1000):
        await asyncio.sleep(0)  # a loop that waited for the model would never get so far
    # computing time of the loop's thread and of all, which are the same on a busy machine and on an idle one
    ours, everybodys = time.thread_time(), time.process_time()
    model.gate.set()
    await drawings
    ours, everybodys = time.thread_time() - ours, time.process_time() - everybodys
    await studio.close()
    assert ours < everybodys / 4, "pictures are enlarged and packed elsewhere"


async def test_one_who_stops_waiting_takes_nothing_from_another() -> None:
    model = Model()
    model.gate.clear()
    studio = Studio(model, size=64)
    impatient, patient = (asyncio.create_task(studio.draw(icon(1))) for _ in range(2))
    await until(lambda: bool(model.batches))
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    model.gate.set()
    assert (await patient).code == icon(1)
    await studio.close()


async def test_closing_finishes_what_was_asked_for_and_refuses_the_rest() -> None:
    model = Model()
    model.gate.clear()
    studio = Studio(model, size=64)
    drawing = asyncio.gather(*(studio.draw(icon(n)) for n in range(20)))
    await until(lambda: bool(model.batches))
    closing = asyncio.create_task(studio.close())
    await asyncio.sleep(0)
    with pytest.raises(StudioClosed):
        await studio.draw(icon(99))
    assert not closing.done()
    model.gate.set()
    assert len(await drawing) == 20
    assert await closing is True


async def test_closing_waits_no_longer_than_it_is_told() -> None:
    model = Model()
    model.gate.clear()
    studio = Studio(model, size=64)
    drawing = asyncio.create_task(studio.draw(icon(1)))
    await until(lambda: bool(model.batches))
    assert await studio.close(timeout=0.01) is False
    model.gate.set()
    await drawing


async def test_a_style_can_be_exchanged_while_it_draws() -> None:
    old, new = Model(), Model(hash_="ffffffff" * 8)
    old.gate.clear()
    studio = Studio(old, size=64)
    begun = asyncio.create_task(studio.draw(icon(1)))
    await until(lambda: bool(old.batches))
    studio.use(new)
    later = asyncio.create_task(studio.draw(icon(1)))
    await asyncio.sleep(0)
    old.gate.set()
    assert (await begun).model == "0a1b2c3d"
    assert (await later).model == "ffffffff"
    with pytest.raises(UnknownModel):
        await studio.draw(icon(1).pinned("house", "0a1b2c3d"))
    await studio.close()


async def test_codes_may_name_any_style_that_is_there() -> None:
    studio = Studio(Model(), size=64)
    studio.use(Model("lorelei"), default=False)
    assert studio.styles == ["house", "lorelei"]
    assert studio.style == "house"
    assert (await studio.draw(IconCode.parse("1"))).style == "house"
    assert (await studio.draw(IconCode.parse("1/lorelei"))).style == "lorelei"
    with pytest.raises(UnknownStyle, match="house, lorelei"):
        await studio.draw(IconCode.parse("1/nobody"))
    await studio.close()
