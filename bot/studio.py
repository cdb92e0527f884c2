"""The one door to the model: icons are asked for here, drawn in worker threads, and kept for a while.

    studio = await Studio.open(Path("weights/default.safetensors"))
    drawing = await studio.draw(IconCode.parse("123"))
    drawing.png

Requests that wait are drawn together, in the order they came; the same icon asked for twice is drawn once. The event
loop never waits: NumPy and PyTorch run in `threads` worker threads. A draw that fails fails alone.
"""

from __future__ import annotations

import asyncio
import io
import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from bot.cache import ByteCache
from gan.codes import IconCode
from gan.errors import MeliconError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gan.checkpoint import ModelCard

log = logging.getLogger(__name__)

MAX_BATCH = 4  # float64 icons gain little from larger batches, and the first of them would wait for the last


class DrawError(MeliconError):
    """An icon could not be drawn; `code` is the one that was asked for."""

    def __init__(self, code: IconCode, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnknownStyle(DrawError):  # noqa: N818 - says what is the matter
    """The code names a style that is not here."""


class UnknownModel(DrawError):  # noqa: N818
    """The code is pinned to a model of its style that is not here any more."""


class StudioClosed(DrawError):  # noqa: N818
    """The studio takes no more requests: the process is about to end."""


class Sampler(Protocol):
    """What the studio needs of `gan.sampling.Sampler`."""

    @property
    def card(self) -> ModelCard:
        """The model's card: its style and its hash."""

    def draw(self, codes: Sequence[IconCode]) -> NDArray[np.uint8]:
        """Return (N, 64, 64, 3) pixels; thread-safe."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished icon."""

    code: IconCode  # bare: without style and model
    style: str
    model: str  # the first 8 hex digits of its hash
    size: int  # pixels a side
    png: bytes  # carries the pinned code in a text chunk

    @property
    def pinned(self) -> IconCode:
        """The full code: this very picture, whatever style and model are in use later."""
        return self.code.pinned(self.style, self.model)

    @property
    def filename(self) -> str:
        """A name that is safe everywhere, for example `melicon-123.png`."""
        return f"melicon-{self.code.filename}.png"


@dataclass(frozen=True, slots=True)
class _Request:
    sampler: Sampler
    code: IconCode  # pinned
    size: int


class Studio:
    """Draws icons; made and used in one event loop. Call `close` when done."""

    def __init__(self, sampler: Sampler, *, size: int = 512, threads: int = 1, cache_bytes: int = 64 * 2**20) -> None:
        self.size = size
        self._samplers: dict[str, Sampler] = {}
        self._default = sampler
        self.use(sampler)
        self._cache = ByteCache(cache_bytes)
        self._waiting: deque[_Request] = deque()
        self._results: dict[_Request, asyncio.Future[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = threads
        self._called = False
        self._closed = False
        self._pool = ThreadPoolExecutor(threads, "studio", initializer=_one_torch_thread)

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
        if default or self._default.card.style == sampler.card.style:
            self._default = sampler

    async def draw(self, code: IconCode, *, size: int | None = None) -> Drawing:
        """Draw `code`, `size` pixels a side.

        Raises `UnknownStyle`, `UnknownModel`, `StudioClosed`, or `DrawError` when the drawing itself failed (it has
        been logged with its code then).
        """
        sampler = self._sampler_for(code)
        card = sampler.card
        request = _Request(sampler, code.pinned(card.style, card.short_hash), size or self.size)
        png = self._cache.get((request.code, request.size))
        if png is None:
            if self._closed:
                raise StudioClosed(code, "The studio is closed.")
            # shielded: one who stops waiting must not take the picture from another who still does
            png = await asyncio.shield(self._results.get(request) or self._enqueue(request))
        return Drawing(code.bare, card.style, card.short_hash, request.size, png)

    async def enlarge(self, drawing: Drawing, size: int | None = None) -> Drawing:
        """Return a 64×64 drawing `size` pixels a side, as `draw` would have made it, whatever has become of its model.

        Raises `StudioClosed`.
        """
        size = size or self.size
        png = await self._in_thread(drawing, _enlarge, drawing, size)
        return replace(drawing, size=size, png=png)

    async def sheet(self, drawings: Sequence[Drawing], columns: int, labels: Sequence[str], side: int = 192) -> bytes:
        """Lay 64×64 drawings out in one picture, each `side` pixels wide with its label below; return a PNG.

        Raises `StudioClosed`.
        """
        return await self._in_thread(drawings[0], _lay_out, drawings, columns, labels, side)

    async def close(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - what is late goes on in its thread
        """Refuse new requests, finish what was asked for, and let the threads go.

        Returns False when that took more than `timeout` seconds; Python then waits for the threads when it exits.
        """
        self._closed = True
        late: set[asyncio.Future[bytes]] = set()
        if self._results:
            _, late = await asyncio.wait(list(self._results.values()), timeout=timeout)
        self._pool.shutdown(wait=False, cancel_futures=True)
        return not late

    async def _in_thread(self, drawing: Drawing, function: Callable[..., bytes], *arguments: object) -> bytes:
        """Do what needs no model where the icons are drawn: it waits for its turn as they do."""
        if self._closed:
            raise StudioClosed(drawing.code, "The studio is closed.")
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *arguments)

    def _sampler_for(self, code: IconCode) -> Sampler:
        sampler = self._samplers.get(code.style) if code.style else self._default
        if sampler is None:
            raise UnknownStyle(code, f"There is no style {code.style}; there are: {', '.join(self.styles)}.")
        if code.model and code.model != sampler.card.short_hash:
            raise UnknownModel(code, f"The model {code.model} of {code.style} is not here any more.")
        return sampler

    def _enqueue(self, request: _Request) -> asyncio.Future[bytes]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bytes] = loop.create_future()
        future.add_done_callback(_retrieve)
        self._results[request] = future
        self._waiting.append(request)
        if not self._called:
            # not at once: what arrives in the same turn of the loop joins the same batch
            self._called = True
            loop.call_soon(self._start)
        return future

    def _start(self) -> None:
        """Hand batches to the threads that are idle."""
        self._called = False
        while self._waiting and self._idle:
            sampler = self._waiting[0].sampler
            batch: list[_Request] = []
            while self._waiting and len(batch) < MAX_BATCH and self._waiting[0].sampler is sampler:
                batch.append(self._waiting.popleft())
            self._idle -= 1
            task = asyncio.get_running_loop().create_task(self._run(sampler, batch))
            self._tasks.add(task)  # the loop itself keeps only a weak reference
            task.add_done_callback(self._tasks.discard)

    async def _run(self, sampler: Sampler, batch: list[_Request]) -> None:
        loop = asyncio.get_running_loop()
        results: Sequence[bytes | Exception]
        try:
            results = await loop.run_in_executor(self._pool, _paint, sampler, batch)
        except Exception as failure:  # noqa: BLE001 - whatever it was, those who wait must hear of it
            results = [failure] * len(batch)
        self._idle += 1
        for request, result in zip(batch, results, strict=True):
            future = self._results.pop(request)
            if isinstance(result, bytes):
                self._cache.put((request.code, request.size), result)
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


def _paint(sampler: Sampler, batch: Sequence[_Request]) -> list[bytes | Exception]:
    """Draw a batch in this thread; where it fails, halve it until only those that fail have failed."""
    try:
        pixels = sampler.draw([request.code for request in batch])
    except Exception as error:  # noqa: BLE001 - a model may fail in any way; one icon must not take the others along
        if len(batch) == 1:
            return [error]
        middle = len(batch) // 2
        return _paint(sampler, batch[:middle]) + _paint(sampler, batch[middle:])
    return [_finish(request, icon) for request, icon in zip(batch, pixels, strict=True)]


def _finish(request: _Request, icon: NDArray[np.uint8]) -> bytes | Exception:
    """Enlarge and encode one icon; (64, 64, 3) -> PNG bytes."""
    from gan.rendering import encode_png, upscale  # noqa: PLC0415

    card = request.sampler.card
    try:
        shown = upscale(icon, request.size)
        return encode_png(shown, code=str(request.code), style=card.style, model=card.short_hash)
    except Exception as error:  # noqa: BLE001 - as above
        return error


def _enlarge(drawing: Drawing, size: int) -> bytes:
    from gan.rendering import encode_png, upscale  # noqa: PLC0415

    shown = upscale(read_pixels(drawing.png), size)
    return encode_png(shown, code=str(drawing.pinned), style=drawing.style, model=drawing.model)


def _lay_out(drawings: Sequence[Drawing], columns: int, labels: Sequence[str], side: int) -> bytes:
    from gan.rendering import contact_sheet, encode_plain_png, upscale  # noqa: PLC0415

    icons = [upscale(read_pixels(drawing.png), side) for drawing in drawings]
    return encode_plain_png(contact_sheet(icons, columns, 8, labels))


def read_pixels(png: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a drawing's PNG, uint8 RGB (size, size, 3)."""
    import numpy as np  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


def _retrieve(future: asyncio.Future[bytes]) -> None:
    """Look at a failure, so that asyncio does not complain about one nobody waits for any more."""
    if not future.cancelled():
        future.exception()
