"""The one door to the model: icons are asked for here, drawn in worker threads, and kept for a while.

    studio = await Studio.open(Path("weights/default.safetensors"))
    drawing = await studio.draw(IconCode.parse("123"))
    drawing.png

Requests that wait are drawn together, their owners taking turns; the same icon asked for twice is drawn once. The event
loop never waits: NumPy and PyTorch run in `threads` worker threads. A draw that fails fails alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from bot import brushwork
from bot.cache import ByteCache
from bot.drawings import (
    DrawError,
    Drawing,
    Finished,
    Fit,
    NoSuchTweak,
    Request,
    Sampler,
    Sheet,
    StudioClosed,
    UnknownModel,
    UnknownStyle,
)
from bot.fairqueue import FairQueue
from bot.painting import enlarge_png, paint
from bot.turns import Turns
from gan.codes import IconCode
from gan.tweaking import UnknownTweak, check_tweaks, knobs, tweaked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gan.likeness.encoder import Encoder
    from gan.likeness.finding import Likeness
    from gan.searching import SeedSearch
    from gan.tweaking import Setting

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

RESEMBLING = 2.5  # seconds that the search for a likeness takes: with reading, drawing and posting, some four
MAX_BATCH = 4  # float64 icons gain little from larger batches, and the first of them would wait for the last


class Studio:
    """Draws icons; made and used in one event loop. Call `close` when done."""

    def __init__(self, sampler: Sampler, *, size: int = 512, threads: int = 1, cache_bytes: int = 64 * 2**20) -> None:
        self.size = size
        self._samplers: dict[str, Sampler] = {}
        self._models: dict[tuple[str, str], Sampler] = {}  # every model of every style, by the first digits of its hash
        self._aliases: Mapping[str, str] = {}
        self._built_in = sampler
        self._default = sampler
        self.use(sampler)
        self._cache: ByteCache[Finished] = ByteCache(cache_bytes)
        self._waiting: FairQueue[Request] = FairQueue()
        self._results: dict[Request, asyncio.Future[Finished]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = threads
        self._eye = brushwork.new_eye()
        self._likeness: tuple[Sampler, Encoder | None, Likeness] | None = None
        self._turns = Turns()  # at what takes seconds, so that one who asks for much of it keeps nobody waiting long
        self._searched: tuple[Sampler, SeedSearch] | None = None  # with what was learnt while searching
        self._called = False
        self._closed = False
        self._pool = ThreadPoolExecutor(threads, "studio", initializer=_one_torch_thread)
        # what takes seconds has a thread of its own, so that single icons need not wait for it
        self._slow_pool = ThreadPoolExecutor(1, "studio-slow", initializer=_one_torch_thread)

    @classmethod
    async def open(cls, weights: Path, *, size: int = 512, threads: int = 1, cache_bytes: int = 64 * 2**20) -> Self:
        """Load `weights` in a thread. Raises gan.checkpoint.WeightsError where they are missing or damaged."""
        sampler = await asyncio.to_thread(_load, weights)
        return cls(sampler, size=size, threads=threads, cache_bytes=cache_bytes)

    @property
    def style(self) -> str:
        """The style of codes that name none."""
        return self._default.card.style

    @property
    def styles(self) -> list[str]:
        """Every style that can be drawn in, in alphabetical order."""
        return sorted(self._samplers)

    @property
    def busy(self) -> int:
        """How many different icons are waiting or being drawn."""
        return len(self._results)

    def use(self, sampler: Sampler, *, default: bool = True) -> None:
        """Draw with `sampler` from now on, in place of what its style had; what was asked for before stays."""
        self._samplers[sampler.card.style] = sampler
        self._models = {key: s for key, s in self._models.items() if key[0] != sampler.card.style}
        self._models[sampler.card.style, sampler.card.short_hash] = sampler
        if default or self._default.card.style == sampler.card.style:
            self._default = sampler

    @property
    def built_in(self) -> Sampler:
        """The model that the bot was started with."""
        return self._built_in

    @property
    def in_use(self) -> Sampler:
        """The model that draws codes that name no style."""
        return self._default

    def stock(self, samplers: Sequence[Sampler], aliases: Mapping[str, str], in_use: Sampler) -> None:
        """Draw in the styles of `samplers` besides the built-in one; `in_use`, one of these, is the one in use.

        Of several models of a style, the one in use or else the last draws codes that name no model. `aliases` are
        names that styles had before. What is being drawn goes on.
        """
        everything = [self._built_in, *samplers]
        self._models = {(s.card.style, s.card.short_hash): s for s in everything}
        self._samplers = {s.card.style: s for s in everything} | {in_use.card.style: in_use}
        self._aliases = dict(aliases)
        self._default = in_use

    def pin(self, code: IconCode) -> IconCode:
        """Return the full form of `code`, by the model that would draw it now.

        Raises `UnknownStyle`, `UnknownModel`, `NoSuchTweak`.
        """
        card = self._sampler_for(code).card
        return code.pinned(card.style, card.short_hash)

    def unpin(self, code: IconCode) -> IconCode:
        """Return `code` without its model, and without its style where that is the one in use; raises as `pin`."""
        pinned = self.pin(code)
        return pinned.bare if pinned.style == self.style else replace(pinned, model=None)

    def tweak(self, code: IconCode, name: str, by: int) -> IconCode:
        """Return `code` with `name` moved `by` steps on.

        Raises as `pin`, and gan.codes.CodeError for too many tweaks.
        """
        card = self._sampler_for(code).card
        try:
            return tweaked(card, code, name, by)
        except UnknownTweak as error:
            raise NoSuchTweak(code, str(error), error.name, list(knobs(card))) from error

    async def settings(self, code: IconCode) -> list[Setting]:
        """Return what icons of the code's model can be tweaked by, and where `code` stands. Raises as `draw`."""
        pinned = self.pin(code)
        if self._closed:
            raise StudioClosed(code, "The studio is closed.")
        sampler = self._sampler_for(pinned)
        return await asyncio.get_running_loop().run_in_executor(self._pool, sampler.settings, pinned)

    def ahead(self, owner: Hashable) -> int:
        """How many icons would be drawn before one that `owner` asked for now; those being drawn are not counted."""
        return self._waiting.ahead(owner)

    async def draw(
        self,
        code: IconCode,
        *,
        size: int | None = None,
        round: bool = False,  # noqa: A002 - reads well
        owner: Hashable = None,
    ) -> Drawing:
        """Draw `code`, `size` pixels a side; `round`: transparent outside of a circle; `owner`: for whose turn.

        Raises `UnknownStyle`, `UnknownModel`, `NoSuchTweak`, `StudioClosed`, or `DrawError` when the drawing itself
        failed (it has been logged with its code then).
        """
        sampler = self._sampler_for(code)
        card = sampler.card
        request = Request(sampler, code.pinned(card.style, card.short_hash), size or self.size, round)
        finished = self._cache.get((request.code, request.size, request.round))
        if finished is None:
            if self._closed:
                raise StudioClosed(code, "The studio is closed.")
            # shielded: one who stops waiting must not take the picture from another who still does
            finished = await asyncio.shield(self._results.get(request) or self._enqueue(request, owner))
        return Drawing(code.bare, card.style, card.short_hash, request.size, finished.png, finished.attributes)

    async def sheet(
        self, codes: Sequence[IconCode], *, owner: Hashable = None, first: NDArray[np.uint8] | None = None
    ) -> Sheet:
        """Draw `codes`, at least one, into one picture, each with its number below, from 1; raises as `draw`.

        `first` is a picture to compare them with, (64, 64, 3), that stands before them.
        """
        drawings = await asyncio.gather(*(self.draw(code, size=64, owner=owner) for code in codes))
        png = await self._aside(brushwork.lay_out, [drawing.png for drawing in drawings], (), first)
        return Sheet([drawing.pinned for drawing in drawings], png)

    async def lay_out(self, icons: Sequence[bytes], labels: Sequence[str] = ()) -> bytes:
        """Lay icons that were drawn before, PNGs of 64×64, on a sheet as `sheet` does; numbers are the usual labels.

        Raises `StudioClosed`.
        """
        return await self._aside(brushwork.lay_out, icons, labels)

    async def pack(self, files: Mapping[str, bytes]) -> bytes:
        """Return a zip of `files` by name."""
        return await self._aside(brushwork.pack, files)

    async def morph(self, codes: Sequence[IconCode], *, limit: int) -> bytes | None:
        """Return a GIF that leads through two to eight `codes` of one style and back, or None if over `limit` bytes.

        Raises as `draw`, and `DrawError` with the first code where the drawing failed.
        """
        pinned = [self.pin(code) for code in codes]
        if self._closed:
            raise StudioClosed(pinned[0], "The studio is closed.")
        sampler = self._sampler_for(pinned[0])
        try:
            return await self._aside(brushwork.morph, sampler, pinned, limit)
        except Exception as error:
            log.exception("morphing %s failed", " ".join(map(str, pinned)))
            raise DrawError(pinned[0], f"Morphing {pinned[0]} failed: {error}") from error

    async def enlarge(self, drawing: Drawing, size: int | None = None) -> Drawing:
        """Return a 64×64 drawing `size` pixels a side, as `draw` would have made it, whatever has become of its model.

        Raises `StudioClosed`.
        """
        size = size or self.size
        png = await self._in_thread(drawing, enlarge_png, drawing, size)
        return replace(drawing, size=size, png=png)

    async def close(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - what is late goes on in its thread
        """Refuse new requests, finish what was asked for, and let the threads go.

        Returns False when that took more than `timeout` seconds; Python then waits for the threads when it exits.
        """
        self._closed = True
        late: set[asyncio.Future[Finished]] = set()
        if self._results:
            _, late = await asyncio.wait(list(self._results.values()), timeout=timeout)
        for pool in (self._pool, self._slow_pool):
            pool.shutdown(wait=False, cancel_futures=True)
        return not late

    @property
    def attributes(self) -> dict[str, list[str]]:
        """What the style in use lets one choose: each attribute with its values; {} where that is nothing."""
        return {str(a["name"]): [str(value) for value in a["values"]] for a in self._default.card.attributes}

    async def search(self, wishes: Mapping[str, Sequence[str]]) -> Fit:
        """Find a seed of the style in use for which each attribute has one of its values in `wishes`, or come near.

        Raises ValueError for what `attributes` does not name, and `StudioClosed`.
        """
        sampler = self._default
        if self._searched is None or self._searched[0] is not sampler:
            self._searched = (sampler, brushwork.seed_search(sampler))
        found = await self._aside(brushwork.search, sampler, self._searched[1], self._eye, wishes)
        has = sampler.describe(found.code)
        met = {
            name: [has[name] if has[name] in values else values[0]]
            for name, values in wishes.items()
            if name not in found.unmet
        }
        return Fit(found.code, met, {name: list(wishes[name]) for name in found.unmet})

    async def resemble(
        self, picture: NDArray[np.uint8], encoder: Encoder | None, *, count: int = 3, owner: Hashable = None
    ) -> list[IconCode]:
        """Find `count` icons of the style in use that look like a picture, (64, 64, 3): pinned, the most alike first.

        `encoder` is to know the model in use; without one, fewer icons are looked at. It takes `RESEMBLING` seconds
        or a little more, once it is the owner's turn. Raises `StudioClosed`, and DrawError where it failed.
        """
        async with self._turns.take(owner):
            sampler = self._default
            if encoder is not None and not encoder.knows(sampler.card):
                encoder = None  # the style was changed while one waited
            if self._likeness is None or self._likeness[:2] != (sampler, encoder):
                self._likeness = (sampler, encoder, brushwork.likeness(sampler, encoder))
            try:
                found = await self._aside(brushwork.resemble, self._likeness[2], picture, count, RESEMBLING)
            except StudioClosed:
                raise
            except Exception as error:
                log.exception("the search for a likeness failed")
                raise DrawError(IconCode.from_seed(0), f"The search for a likeness failed: {error}") from error
        card = sampler.card
        return [match.code.pinned(card.style, card.short_hash) for match in found]

    async def _aside(self, work: Callable[..., _Result], *args: object) -> _Result:
        """Do `work` beside the drawing of single icons. Raises `StudioClosed`."""
        if self._closed:
            raise StudioClosed(IconCode.from_seed(0), "The studio is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._slow_pool, work, *args)

    async def _in_thread(self, drawing: Drawing, function: Callable[..., bytes], *arguments: object) -> bytes:
        """Do what needs no model where the icons are drawn: it waits for its turn as they do."""
        if self._closed:
            raise StudioClosed(drawing.code, "The studio is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)

    def _sampler_for(self, code: IconCode) -> Sampler:
        sampler = self._named(code)
        try:
            check_tweaks(sampler.card, code)
        except UnknownTweak as error:
            raise NoSuchTweak(code, str(error), error.name, list(knobs(sampler.card))) from error
        return sampler

    def _named(self, code: IconCode) -> Sampler:
        if code.style is None:
            return self._default
        names = [code.style, self._aliases.get(code.style)]
        if code.model:
            for name in names:
                if name and (exact := self._models.get((name, code.model))):
                    return exact
        sampler = next((self._samplers[name] for name in names if name in self._samplers), None)
        if sampler is None:
            raise UnknownStyle(code, f"There is no style {code.style}; there are: {', '.join(self.styles)}.")
        if code.model:
            raise UnknownModel(code, f"The model {code.model} of {code.style} is not here any more.")
        return sampler

    def _enqueue(self, request: Request, owner: Hashable) -> asyncio.Future[Finished]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Finished] = loop.create_future()
        future.add_done_callback(_retrieve)
        self._results[request] = future
        self._waiting.put(owner, request)
        if not self._called:
            # not at once: what arrives in the same turn of the loop joins the same batch
            self._called = True
            loop.call_soon(self._start)
        return future

    def _start(self) -> None:
        """Hand batches to the threads that are idle."""
        self._called = False
        while self._waiting and self._idle:
            sampler = self._waiting.peek().sampler
            batch: list[Request] = []
            while self._waiting and len(batch) < MAX_BATCH and self._waiting.peek().sampler is sampler:
                batch.append(self._waiting.take())
            self._idle -= 1
            task = asyncio.get_running_loop().create_task(self._run(sampler, batch))
            self._tasks.add(task)  # the loop itself keeps only a weak reference
            task.add_done_callback(self._tasks.discard)

    async def _run(self, sampler: Sampler, batch: list[Request]) -> None:
        loop = asyncio.get_running_loop()
        results: Sequence[Finished | Exception]
        try:
            results = await loop.run_in_executor(self._pool, paint, sampler, batch, self._eye)
        except Exception as failure:  # noqa: BLE001 - whatever it was, those who wait must hear of it
            results = [failure] * len(batch)
        self._idle += 1
        for request, result in zip(batch, results, strict=True):
            future = self._results.pop(request)
            if isinstance(result, Finished):
                self._cache.put((request.code, request.size, request.round), result)
                future.set_result(result)
            else:
                log.error("drawing %s at %d pixels failed", request.code, request.size, exc_info=result)
                error = DrawError(request.code, f"Drawing {request.code} failed: {result}")
                error.__cause__ = result
                future.set_exception(error)
        self._start()


def _load(weights: Path) -> Sampler:
    from gan.sampling import Sampler as GanSampler  # noqa: PLC0415 - imports PyTorch, which takes seconds

    return GanSampler.load(weights)


def _one_torch_thread() -> None:
    """Keep each worker on one core: two threads with an icon each are faster than two threads on one icon."""
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)


def _retrieve(future: asyncio.Future[Finished]) -> None:
    """Look at a failure, so that asyncio does not complain about one nobody waits for any more."""
    if not future.cancelled():
        future.exception()
