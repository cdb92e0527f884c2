"""The folder of styles: find, install, rename, delete, export and import."""

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
RESERVED = ("auto", "default", "scratch")  # initial weights other than styles
_MODEL = re.compile(r"[0-9a-f]{8}")
_ABANDONED = 3600.0  # seconds after which a partly written file counts as abandoned


class Library:
    """The folder of styles. All methods do file I/O: call them in a thread.

    `use` converts the card of a model for use under its folder's name.
    """

    def __init__(self, folder: Path, use: Callable[[ModelCard, str], ModelCard] = as_used) -> None:
        self.folder = folder
        self.loaded = Loaded()
        self._use = use

    def scan(self) -> list[StyleFile]:
        """Return every model of every style, oldest first; damaged ones are logged and skipped."""
        from gan.checkpoint.weights import WeightsError, load_card  # noqa: PLC0415 - imports PyTorch

        found = []
        for path in sorted(self.folder.glob("*/*.safetensors")):
            name = path.parent.name
            if not (NAME.fullmatch(name) and _MODEL.fullmatch(path.stem)):
                continue
            try:
                card = load_card(path)
            except WeightsError as error:
                log.warning("skipped a style: %s", error)
                continue
            if card.short_hash == path.stem:
                found.append(StyleFile(name, path, self._use(card, name)))
        return sorted(found, key=lambda file: (file.style, file.card.created, file.model))

    def aliases(self) -> dict[str, str]:
        """Return former style names and their current ones."""
        return self._read("aliases.json")

    def stamp(self) -> tuple[object, ...]:
        """Return a value that changes whenever the folder does."""
        paths = [*sorted(self.folder.glob("*/*.json")), self.folder / "aliases.json"]
        return tuple((str(path), path.stat().st_mtime_ns) for path in paths if path.exists())

    def install(self, style: str, generator: Path, discriminator: Path | None) -> StyleFile:
        """Copy a generator and the card beside it as a model of `style`.

        Raises WeightsError, OSError, and StyleProblem if another model has the same short hash.
        """
        from gan.checkpoint.weights import load_generator  # noqa: PLC0415

        _, card = load_generator(generator)  # rejects damaged files
        opponent = None if discriminator is None or not discriminator.exists() else discriminator.read_bytes()
        return self._add(style, generator.read_bytes(), card, opponent)

    def _add(self, style: str, weights: bytes, card: ModelCard, discriminator: bytes | None = None) -> StyleFile:
        """Write a validated model, unless one with the same short hash exists."""
        card = replace(card, style=style)
        path = self.folder / style / f"{card.short_hash}.safetensors"
        there = self._whole(path)
        if there is not None and there.hash != card.hash:
            raise StyleProblem("style.import.clash", style=style, model=card.short_hash)
        if there is not None:
            return StyleFile(style, path, self._use(there, style))
        if discriminator is not None:
            write_atomically(path.with_name(f"{path.stem}-discriminator.safetensors"), discriminator)
        # the card last: weights without a card are ignored
        write_together({path: weights, path.with_suffix(".json"): card.to_json().encode()})
        return StyleFile(style, path, self._use(card, style))

    @staticmethod
    def _whole(path: Path) -> ModelCard | None:
        """Return the card of an intact installed model."""
        from gan.checkpoint.weights import WeightsError, load_generator  # noqa: PLC0415

        try:
            return load_generator(path)[1]
        except WeightsError:
            return None

    def rename(self, old: str, new: str) -> None:
        """Rename a style; codes with the old name stay valid. Raises StyleProblem and OSError."""
        self.check_name(new)
        if (self.folder / new).exists():
            raise StyleProblem("style.taken", style=new)
        aliases = {name: new if now == old else now for name, now in self.aliases().items() if name != new}
        # the alias first: after a crash in between, the style is still found
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
        """Return a zip of weights and card. Raises WeightsError and OSError."""
        from gan.checkpoint.weights import load_card  # noqa: PLC0415

        card = replace(load_card(file.path), style=file.style)
        return packed(file.style, file.path.read_bytes(), card)

    def bring_in(
        self, weights: bytes, card: ModelCard, name: str | None, built_in: str, came_with: Library
    ) -> StyleFile:
        """Install a style validated by `bot.features.styles.importing`, optionally renamed to `name`.

        `built_in` is a reserved name; `came_with` are the built-in models that codes may name. Raises StyleProblem if
        the name or the short hash is taken, and OSError.
        """
        style = name or card.style
        self.check_name(style, built_in)
        # codes with a style's former name still name its models
        named = {style, self.aliases().get(style, style)}
        others = [file.card for library in (self, came_with) for file in library.scan() if file.style in named]
        if any(card.short_hash in other.names and other.hash != card.hash for other in others):
            raise StyleProblem("style.import.clash", style=style, model=card.short_hash)
        former = card.former_hash[:8]
        if former and any(former in other.names and other.hash != card.hash for other in others):
            card = replace(card, former_hash="")  # codes mean the model that was here first
        if former and self._deleted().get(card.former_hash, card.hash) != card.hash:
            card = replace(card, former_hash="")
        return self._add(style, weights, card)

    def tidy(self) -> None:
        """Delete leftovers of earlier versions and interrupted writes."""
        for left in self.folder.glob(".import-*"):
            shutil.rmtree(left, ignore_errors=True)
        for left in self.folder.glob(".*.deleted"):
            shutil.rmtree(left, ignore_errors=True)
        for left in self.folder.glob("*/.*.part"):
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < time.time() - _ABANDONED:  # another process may be writing it
                    left.unlink()

    def _deleted(self) -> dict[str, str]:
        """Return the deleted models by their version 1 hash, which covered the weights alone."""
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
            log.warning("cannot read %s in the folder of styles: %s", name, error)
            return {}

    @staticmethod
    def check_name(name: str, built_in: str | None = None) -> None:
        """Raise StyleProblem for an invalid style name; `built_in` is reserved."""
        if not NAME.fullmatch(name):
            raise StyleProblem("style.name")
        if name in RESERVED:
            raise StyleProblem("style.taken", style=name)
        if name == built_in:
            raise StyleProblem("style.built_in", style=name)
