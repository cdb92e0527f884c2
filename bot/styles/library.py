"""The folder of styles: finding, installing, renaming, deleting, exporting and importing them."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.styles.files import StyleFile, StyleProblem, as_used
from bot.styles.lazy import Loaded
from bot.styles.packing import packed, unpacked
from gan.atomic import write_atomically, write_together

if TYPE_CHECKING:
    from gan.codes import IconCode
    from gan.model_card import ModelCard

log = logging.getLogger(__name__)

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
RESERVED = ("default", "scratch")  # what a training can begin with besides styles
_MODEL = re.compile(r"[0-9a-f]{8}")


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
        from gan.checkpoint import WeightsError, load_card  # noqa: PLC0415 - imports PyTorch

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
        try:
            return dict(json.loads((self.folder / "aliases.json").read_text("utf-8")))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError) as error:
            log.warning("the earlier names of styles cannot be read: %s", error)
            return {}

    def stamp(self) -> tuple[object, ...]:
        """Return something that changes when anything here does."""
        paths = [*sorted(self.folder.glob("*/*.json")), self.folder / "aliases.json"]
        return tuple((str(path), path.stat().st_mtime_ns) for path in paths if path.exists())

    def install(self, style: str, generator: Path, discriminator: Path | None) -> StyleFile:
        """Copy a generator, with its card beside it, in as a model of `style`. Raises WeightsError and OSError."""
        from gan.checkpoint import load_generator  # noqa: PLC0415

        _, card = load_generator(generator)  # nothing damaged gets in
        card = replace(card, style=style)
        path = self.folder / style / f"{card.short_hash}.safetensors"
        if discriminator is not None and discriminator.exists():
            write_atomically(path.with_name(f"{path.stem}-discriminator.safetensors"), discriminator.read_bytes())
        # the card last: without one, weights are not there
        write_together({path: generator.read_bytes(), path.with_suffix(".json"): card.to_json().encode()})
        return StyleFile(style, path, self._use(card, style))

    def rename(self, old: str, new: str) -> None:
        """Give a style another name; codes with the old one go on drawing the same. Raises StyleProblem and OSError."""
        self._check_name(new)
        if (self.folder / new).exists():
            raise StyleProblem("style.taken", style=new)
        aliases = {name: new if now == old else now for name, now in self.aliases().items() if name != new}
        # first: killed between the two steps, the style is still found under its old name
        write_atomically(self.folder / "aliases.json", json.dumps(aliases | {old: new}).encode())
        (self.folder / old).rename(self.folder / new)

    def delete(self, style: str) -> None:
        """Delete every model of a style. Raises OSError."""
        gone = self.folder / f".{style}.deleted"
        shutil.rmtree(gone, ignore_errors=True)
        (self.folder / style).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)

    def export(self, file: StyleFile) -> bytes:
        """Return a zip with the weights and the card. Raises WeightsError and OSError."""
        from gan.checkpoint import load_card  # noqa: PLC0415

        card = replace(load_card(file.path), style=file.style)
        return packed(file.style, file.path.read_bytes(), card)

    def bring_in(self, files: Sequence[tuple[str, bytes]], name: str | None, built_in: str) -> StyleFile:
        """Install what `export` gave, or its two files by themselves; `name` in place of the card's.

        A style of the name `built_in` would hide the one that the bot came with.
        Raises StyleProblem where it is no style, and OSError.
        """
        from tempfile import TemporaryDirectory  # noqa: PLC0415

        from gan.checkpoint import WeightsError, load_card  # noqa: PLC0415

        weights, card_text = unpacked(files)
        self.folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.folder, prefix=".import-") as place:
            path = Path(place) / "style.safetensors"
            path.write_bytes(weights)
            path.with_suffix(".json").write_bytes(card_text)
            try:
                style = name or load_card(path).style
                self._check_name(style)
                if style == built_in:
                    raise StyleProblem("style.built_in", style=style)
                file = self.install(style, path, None)
                self.loaded.get(file).draw([_first_code()])  # what cannot draw is no style
            except WeightsError as error:
                raise StyleProblem("style.import.broken", reason=str(error).replace(str(path), "it")[:300]) from error
        return file

    def _check_name(self, name: str) -> None:
        if not NAME.fullmatch(name):
            raise StyleProblem("style.name")
        if name in RESERVED:
            raise StyleProblem("style.taken", style=name)


def _first_code() -> IconCode:
    from gan.codes import IconCode  # noqa: PLC0415

    return IconCode.from_seed(0)
