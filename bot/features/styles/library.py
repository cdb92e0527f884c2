"""The folder of styles: finding, installing, renaming, deleting, exporting and importing them."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.features.styles.files import StyleFile, StyleProblem, as_used
from bot.features.styles.lazy import Loaded
from bot.features.styles.packing import packed
from gan.atomic import write_atomically, write_together

if TYPE_CHECKING:
    from gan.checkpoint.model_card import ModelCard

log = logging.getLogger(__name__)

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
RESERVED = ("default", "scratch")  # what a training can begin with besides styles
_MODEL = re.compile(r"[0-9a-f]{8}")
_ABANDONED = 3600.0  # seconds after which a file that is still being written belongs to nobody


class Library:
    """The folder of styles. Every method reads or writes files: call them in a thread.

    `use` says how the bot uses the card of a model there, under the name of its folder.
    """

    def __init__(self, folder: Path, use: Callable[[ModelCard, str], ModelCard] = as_used) -> None:
        self.folder = folder
        self.loaded = Loaded()
        self._use = use

    def scan(self) -> list[StyleFile]:
        """Return every model of every style, the oldest of each style first; what is damaged is logged and left out."""
        from gan.checkpoint.weights import WeightsError, load_card  # noqa: PLC0415 - imports PyTorch

        found = []
        for path in sorted(self.folder.glob("*/*.safetensors")):
            name = path.parent.name
            if not (NAME.fullmatch(name) and _MODEL.fullmatch(path.stem)):
                continue
            try:
                card = load_card(path)
            except WeightsError as error:
                log.warning("a style is left out: %s", error)
                continue
            if card.short_hash == path.stem:
                found.append(StyleFile(name, path, self._use(card, name)))
        return sorted(found, key=lambda file: (file.style, file.card.created, file.model))

    def aliases(self) -> dict[str, str]:
        """Return the names that styles had before, and the ones they have now."""
        return self._read("aliases.json")

    def stamp(self) -> tuple[object, ...]:
        """Return something that changes when anything here does."""
        paths = [*sorted(self.folder.glob("*/*.json")), self.folder / "aliases.json"]
        return tuple((str(path), path.stat().st_mtime_ns) for path in paths if path.exists())

    def install(self, style: str, generator: Path, discriminator: Path | None) -> StyleFile:
        """Copy a generator, with its card beside it, in as a model of `style`.

        Raises WeightsError, OSError, and StyleProblem where another model has the same short hash.
        """
        from gan.checkpoint.weights import load_generator  # noqa: PLC0415

        _, card = load_generator(generator)  # nothing damaged gets in
        opponent = None if discriminator is None or not discriminator.exists() else discriminator.read_bytes()
        return self._add(style, generator.read_bytes(), card, opponent)

    def _add(self, style: str, weights: bytes, card: ModelCard, discriminator: bytes | None = None) -> StyleFile:
        """Write a model that has been checked. One that is here stays as it is, whatever has the same short hash."""
        card = replace(card, style=style)
        path = self.folder / style / f"{card.short_hash}.safetensors"
        there = self._whole(path)
        if there is not None and there.hash != card.hash:
            raise StyleProblem("style.import.clash", style=style, model=card.short_hash)
        if there is not None:
            return StyleFile(style, path, self._use(there, style))
        if discriminator is not None:
            write_atomically(path.with_name(f"{path.stem}-discriminator.safetensors"), discriminator)
        # the card last: without one, weights are not there
        write_together({path: weights, path.with_suffix(".json"): card.to_json().encode()})
        return StyleFile(style, path, self._use(card, style))

    @staticmethod
    def _whole(path: Path) -> ModelCard | None:
        """Return the card of a model that is here and undamaged."""
        from gan.checkpoint.weights import WeightsError, load_generator  # noqa: PLC0415

        try:
            return load_generator(path)[1]
        except WeightsError:
            return None

    def rename(self, old: str, new: str) -> None:
        """Give a style another name; codes with the old one go on drawing the same. Raises StyleProblem and OSError."""
        self.check_name(new)
        if (self.folder / new).exists():
            raise StyleProblem("style.taken", style=new)
        aliases = {name: new if now == old else now for name, now in self.aliases().items() if name != new}
        # first: killed between the two steps, the style is still found under its old name
        write_atomically(self.folder / "aliases.json", json.dumps(aliases | {old: new}).encode())
        (self.folder / old).rename(self.folder / new)

    def delete(self, style: str) -> None:
        """Delete every model of a style. Raises OSError."""
        self._remember_deleted(style)
        gone = self.folder / f".{style}.deleted"
        shutil.rmtree(gone, ignore_errors=True)
        (self.folder / style).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def export(self, file: StyleFile) -> bytes:
        """Return a zip with the weights and the card. Raises WeightsError and OSError."""
        from gan.checkpoint.weights import load_card  # noqa: PLC0415

        card = replace(load_card(file.path), style=file.style)
        return packed(file.style, file.path.read_bytes(), card)

    def bring_in(
        self, weights: bytes, card: ModelCard, name: str | None, built_in: str, came_with: Library
    ) -> StyleFile:
        """Install a style that `bot.features.styles.importing` has checked; `name` in place of the card's.

        A style of the name `built_in` would hide the one that the bot came with; `came_with` are the models that codes
        name besides those here. Raises StyleProblem where something else has its name or its short hash, and OSError.
        """
        style = name or card.style
        self.check_name(style, built_in)
        # by a name that a style had before, codes go on naming its models
        named = {style, self.aliases().get(style, style)}
        others = [file.card for library in (self, came_with) for file in library.scan() if file.style in named]
        if any(card.short_hash in other.names and other.hash != card.hash for other in others):
            raise StyleProblem("style.import.clash", style=style, model=card.short_hash)
        former = card.former_hash[:8]
        if former and any(former in other.names and other.hash != card.hash for other in others):
            card = replace(card, former_hash="")  # codes mean the one that was here first
        if former and self._deleted().get(card.former_hash, card.hash) != card.hash:
            card = replace(card, former_hash="")
        return self._add(style, weights, card)

    def tidy(self) -> None:
        """Clear away what earlier versions and interrupted writes left behind."""
        for left in self.folder.glob(".import-*"):
            shutil.rmtree(left, ignore_errors=True)
        for left in self.folder.glob(".*.deleted"):
            shutil.rmtree(left, ignore_errors=True)
        for left in self.folder.glob("*/.*.part"):
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < time.time() - _ABANDONED:  # another process may be writing it
                    left.unlink()

    def _deleted(self) -> dict[str, str]:
        """Return which model a hash of version 1 named that covered the weights alone, for models that were deleted."""
        return self._read("deleted.json")

    def _remember_deleted(self, style: str) -> None:
        from gan.checkpoint.model_hash import of_this_version  # noqa: PLC0415
        from gan.checkpoint.weights import WeightsError, load_card  # noqa: PLC0415

        gone = {}
        for path in (self.folder / style).glob("*.json"):
            with contextlib.suppress(WeightsError):
                card = load_card(path)
                if weights := card.hash if card.hash_version == 1 else card.former_hash:
                    gone[weights] = of_this_version(weights, card).hash
        if gone:
            write_atomically(self.folder / "deleted.json", json.dumps(gone | self._deleted()).encode())

    def _read(self, name: str) -> dict[str, str]:
        try:
            return dict(json.loads((self.folder / name).read_text("utf-8")))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError) as error:
            log.warning("%s in the folder of styles cannot be read: %s", name, error)
            return {}

    @staticmethod
    def check_name(name: str, built_in: str | None = None) -> None:
        """Raise StyleProblem where no style may be called `name`; `built_in` is what the bot came with."""
        if not NAME.fullmatch(name):
            raise StyleProblem("style.name")
        if name in RESERVED:
            raise StyleProblem("style.taken", style=name)
        if name == built_in:
            raise StyleProblem("style.built_in", style=name)
