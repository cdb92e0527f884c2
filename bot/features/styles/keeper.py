"""Synchronises the studio's styles with the folder and the owner's choice, in every process.

The choice is a database row; changes to it and to the folder are polled every `EVERY` seconds. The studio swaps models
between two drawings, so no request is dropped.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.features.styles.files import StyleFile, as_built_in
from bot.features.styles.importing import check_style
from bot.features.styles.lazy import LazySampler
from bot.features.styles.library import Library
from gan.errors import MeliconError

if TYPE_CHECKING:
    from bot.inference import Sampler, Studio
    from bot.store import Store

log = logging.getLogger(__name__)

EVERY = 5.0
_KEY = "style"


class StyleKeeper:
    """The styles of one process; call `start` once and `close` at the end."""

    def __init__(self, store: Store, studio: Studio, data_dir: Path) -> None:
        self.library = Library(data_dir / "styles")
        self.built_in = Library(data_dir / "built-in", as_built_in)
        self.files: list[StyleFile] = []
        self._store = store
        self._studio = studio
        self._seen: object = None
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self, weights: Path) -> None:
        """Load the styles and start polling; `weights` are the built-in model's."""
        await asyncio.to_thread(self.library.tidy)
        await asyncio.to_thread(self._remember, weights)
        await self.refresh()
        self._task = asyncio.create_task(self._keep(), name="styles")

    async def close(self) -> None:
        """Stop polling."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def refresh(self) -> None:
        """Reload what has changed."""
        async with self._lock:
            choice = await self._store.get(_KEY) or ""
            seen = (choice, await asyncio.to_thread(self.library.stamp))
            if seen == self._seen:
                return
            self.files = await asyncio.to_thread(self.library.scan)
            aliases = await asyncio.to_thread(self.library.aliases)
            in_use = await self._chosen(choice, aliases)
            samplers: list[Sampler] = [LazySampler(file, self.library.loaded) for file in self.files]
            earlier = await asyncio.to_thread(self.built_in.scan)
            former: list[Sampler] = [LazySampler(file, self.built_in.loaded) for file in earlier]
            self._studio.stock(samplers, aliases, in_use, former)
            self._seen = seen
            log.info("default style %s; %d models of other styles", in_use.card.style, len(self.files))

    async def use(self, file: StyleFile | None) -> None:
        """Set the default style, in all processes; None: the built-in one.

        Raises gan.checkpoint.weights.WeightsError if it cannot be loaded; the old one stays then.
        """
        if file is not None:
            await asyncio.to_thread(self.library.loaded.get, file)
        await self._store.put(_KEY, json.dumps({"style": file.style, "model": file.model}) if file else "")
        await self.refresh()

    async def bring_in(self, files: Sequence[tuple[str, bytes]], name: str | None) -> StyleFile:
        """Validate and install a foreign style given as files (names and bytes), optionally renamed to `name`.

        Raises StyleProblem if it is invalid or the name is taken, and OSError.
        """
        built_in = self._studio.built_in.card.style
        if name is not None:
            self.library.check_name(name, built_in)
        weights, card = await check_style(files)
        file = await asyncio.to_thread(self.library.bring_in, weights, card, name, built_in, self.built_in)
        await self.refresh()
        return file

    def find(self, style: str, model: str | None = None) -> StyleFile | None:
        """Return a model of a style: the given one, else the default one."""
        found = [file for file in self.files if file.style == style and model in (None, *file.card.names)]
        in_use = self._studio.in_use.card.short_hash
        return next((file for file in found if file.model == in_use), found[-1] if found else None)

    @property
    def names(self) -> list[str]:
        """The names of the styles in the folder."""
        return sorted({file.style for file in self.files})

    async def _chosen(self, choice: str, aliases: dict[str, str]) -> Sampler:
        """Return the model to use: the built-in one if the chosen one is missing or damaged."""
        if not choice:
            return self._studio.built_in
        wanted = json.loads(choice)
        names = {wanted["style"], aliases.get(wanted["style"])}
        file = next((f for f in self.files if f.style in names and f.model == wanted["model"]), None)
        if file is None:
            log.error("the style %s#%s is gone: using the built-in one", wanted["style"], wanted["model"])
            return self._studio.built_in
        try:
            # stays loaded while in use
            return await asyncio.to_thread(self.library.loaded.get, file)
        except (MeliconError, OSError) as error:
            log.error("the style %s cannot be used: %s", file.style, error)  # noqa: TRY400 - one line says it
            return self._studio.built_in

    def _remember(self, weights: Path) -> None:
        """Copy the built-in model: the next version may ship another, and its codes must stay valid."""
        from gan.checkpoint.weights import discriminator_beside  # noqa: PLC0415 - imports PyTorch

        card = self._studio.built_in.card
        if (self.built_in.folder / card.style / f"{card.short_hash}.json").exists():
            return
        try:
            self.built_in.install(card.style, weights, discriminator_beside(weights))
        except (MeliconError, OSError) as error:
            log.warning("could not copy %s, so its codes will break after an update: %s", weights, error)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            try:
                await self.refresh()
            except Exception:
                # e.g. the database is unavailable; the next poll retries
                log.exception("could not check the styles")
