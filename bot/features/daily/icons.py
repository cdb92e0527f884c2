"""The icon of a date: selected once for all servers and processes, and stored with its pixels.

A date's icon is used for more than two days, from the first time zone to the last, while models may change or differ
between processes. So the 64×64 pixels are stored under the date, and every post shows those.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date, datetime

from bot.features.daily.choice import WINDOW, choose
from bot.inference import Drawing, Studio
from bot.store import DailyIcon, Store
from gan.codes import IconCode

_MOST_CACHED = 8  # cached pictures; at most three dates are current at once, in two sizes
_SMALL = 64


class DateIcons:
    """Icons by date, with a cache."""

    def __init__(self, store: Store, studio: Studio, clock: Callable[[], datetime]) -> None:
        self._store = store.daily_icons
        self._studio = studio
        self._clock = clock
        self._ready: OrderedDict[tuple[date, int], Drawing] = OrderedDict()
        self._lock = asyncio.Lock()

    async def get(self, day: date, size: int | None = None) -> Drawing:
        """Return a date's icon at `size` pixels (None: the usual), selecting it on first use. Raises DrawError."""
        key = (day, size or self._studio.size)
        if key in self._ready:
            return self._ready[key]
        # serialised: many servers request the same picture at once
        async with self._lock:
            if key not in self._ready:
                self._ready[key] = await self._studio.enlarge(_drawing(await self._stored(day)), key[1])
                while len(self._ready) > _MOST_CACHED:
                    self._ready.popitem(last=False)
            return self._ready[key]

    async def small(self, days: Sequence[date]) -> dict[date, Drawing]:
        """Return the stored 64×64 icons of those dates that have one."""
        return {day: _drawing(icon) for day, icon in (await self._store.of(list(days))).items()}

    async def _stored(self, day: date) -> DailyIcon:
        icon = await self._store.get(day)
        while icon is None:
            others = await self._store.around(day, WINDOW)
            drawing = await choose(self._draw, day, [other.png for other in others])
            chosen = DailyIcon(
                date=day,
                code=str(drawing.code),
                style=drawing.style,
                model=drawing.model,
                png=drawing.png,
                chosen_at=self._clock(),
            )
            icon = await self._store.add(chosen, WINDOW, {other.date for other in others})
        return icon

    async def _draw(self, code: IconCode) -> Drawing:
        return await self._studio.draw(code, size=_SMALL)


def _drawing(icon: DailyIcon) -> Drawing:
    return Drawing(IconCode.parse(icon.code), icon.style, icon.model, _SMALL, icon.png)
