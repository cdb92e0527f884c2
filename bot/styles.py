"""The styles that were learnt or imported: files in DATA_DIR/styles, found again after a restart, drawn when needed.

    styles/<name>/<hash8>.safetensors, <hash8>.json, <hash8>-discriminator.safetensors
    styles/aliases.json        names that styles had before they were renamed

A style may have several models: learning it anew keeps the earlier ones, so that their codes go on drawing the same.
A folder's name is the style's name, whatever the card says; so renaming is one step, which cannot be half done.
"""

from __future__ import annotations

import io
import json
import logging
import re
import shutil
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gan.atomic import write_atomically, write_together
from gan.errors import MeliconError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gan.codes import IconCode
    from gan.model_card import ModelCard
    from gan.sampling import Sampler as GanSampler
    from gan.tweaking import Setting

log = logging.getLogger(__name__)

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
RESERVED = ("default", "scratch")  # what a training can begin with besides styles
_LOADED = 3  # lazily loaded models that are kept in memory; each has some 30 MB
_MODEL = re.compile(r"[0-9a-f]{8}")
_LARGEST = 64 * 2**20  # bytes of weights that are imported
_LARGEST_CARD = 2**20


class StyleProblem(MeliconError):  # noqa: N818 - it is an answer to a person
    """Something is wrong with a style; `key` names the phrase for the person, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key}: {values}")
        self.key = key
        self.values = values


@dataclass(frozen=True)
class StyleFile:
    """One model of one style on disk."""

    style: str
    path: Path  # .safetensors
    card: ModelCard  # whose style is the folder's name

    @property
    def model(self) -> str:
        """The first 8 hex digits of its hash."""
        return self.card.short_hash


class Loaded:
    """The models that are in memory, the latest used last."""

    def __init__(self, most: int = _LOADED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._samplers: OrderedDict[Path, GanSampler] = OrderedDict()

    def get(self, file: StyleFile) -> GanSampler:
        """Return a style's sampler, from memory or from disk. Raises gan.checkpoint.WeightsError. Thread-safe."""
        from gan.checkpoint import load_generator  # noqa: PLC0415 - imports PyTorch
        from gan.sampling import Sampler  # noqa: PLC0415

        with self._lock:
            sampler = self._samplers.get(file.path)
            if sampler is None or sampler.card.style != file.style:
                network, card = load_generator(file.path)
                sampler = self._samplers[file.path] = Sampler(network, _ours(card, file.style))
            self._samplers.move_to_end(file.path)
            while len(self._samplers) > self._most:
                self._samplers.popitem(last=False)
            return sampler


class LazySampler:
    """Knows its card at once and loads its weights when it first draws: what the studio is given for each style."""

    def __init__(self, file: StyleFile, loaded: Loaded) -> None:
        self.file = file
        self.card = file.card
        self._loaded = loaded

    def load(self) -> GanSampler:
        """Return the sampler itself. Raises gan.checkpoint.WeightsError."""
        return self._loaded.get(self.file)

    def draw(self, codes: Sequence[IconCode]) -> NDArray[np.uint8]:
        """Draw as gan.sampling.Sampler does."""
        return self.load().draw(codes)

    @property
    def free(self) -> int:
        """How many numbers of a latent choose no attribute."""
        return self.card.z_dim - int(sum(self.card.architecture.get("attributes", ())))

    def resolved(self, codes: Sequence[IconCode]) -> NDArray[np.float64]:
        """Resolve as gan.sampling.Sampler does."""
        return self.load().resolved(codes)

    def points(self, normal: NDArray[np.float64]) -> NDArray[np.float64]:
        """Resolve as gan.sampling.Sampler does."""
        return self.load().points(normal)

    def seed_points(self, seeds: Iterable[int]) -> NDArray[np.float64]:
        """Resolve as gan.sampling.Sampler does."""
        return self.load().seed_points(seeds)

    def choices(self, latents: NDArray[np.float64]) -> NDArray[np.int64]:
        """Choose as gan.sampling.Sampler does."""
        return self.load().choices(latents)

    def sketch(self, resolved: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Draw as gan.sampling.Sampler does."""
        return self.load().sketch(resolved)

    def describe(self, code: IconCode) -> dict[str, str]:
        """Describe as gan.sampling.Sampler does."""
        return self.load().describe(code)

    def settings(self, code: IconCode) -> list[Setting]:
        """Tell as gan.sampling.Sampler does."""
        return self.load().settings(code)


class Library:
    """The folder of styles. Every method reads or writes files: call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loaded = Loaded()

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
                found.append(StyleFile(name, path, _ours(card, name)))
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
        return StyleFile(style, path, _ours(card, style))

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
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(f"{file.style}.safetensors", file.path.read_bytes())
            archive.writestr(f"{file.style}.json", card.to_json())
        return packed.getvalue()

    def bring_in(self, files: Sequence[tuple[str, bytes]], name: str | None, built_in: str) -> StyleFile:
        """Install what `export` gave, or its two files by themselves; `name` in place of the card's.

        A style of the name `built_in` would hide the one that the bot came with.
        Raises StyleProblem where it is no style, and OSError.
        """
        from tempfile import TemporaryDirectory  # noqa: PLC0415

        from gan.checkpoint import WeightsError, load_card  # noqa: PLC0415

        weights, card_text = _parts(files)
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


def _ours(card: ModelCard, style: str) -> ModelCard:
    """Return a card as the bot uses it: under the folder's name, and silent about attributes that were not learnt.

    What began with labelled icons and went on with pictures that nothing is known of still has a latent that chooses
    hair and eyes, but nobody saw to it that the icons obey.
    """
    labelled = str(card.dataset.get("source", "")).startswith("artist:")
    return replace(card, style=style, attributes=card.attributes if labelled else [])


def _first_code() -> IconCode:
    from gan.codes import IconCode  # noqa: PLC0415

    return IconCode.from_seed(0)


def _parts(files: Sequence[tuple[str, bytes]]) -> tuple[bytes, bytes]:
    """Return weights and card out of a zip or two files. Raises StyleProblem."""
    found: dict[str, bytes] = {}
    for name, data in files:
        if not data.startswith(b"PK"):
            found[Path(name).suffix.lower()] = data
            continue
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for entry in archive.infolist()[:4]:
                    suffix = Path(entry.filename).suffix.lower()
                    most = _LARGEST if suffix == ".safetensors" else _LARGEST_CARD
                    with archive.open(entry) as file:
                        found[suffix] = file.read(most + 1)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
            raise StyleProblem("style.import.broken", reason=str(error)[:200]) from error
    weights, card = found.get(".safetensors"), found.get(".json")
    if weights is None or card is None:
        raise StyleProblem("style.import.parts")
    if len(weights) > _LARGEST or len(card) > _LARGEST_CARD:
        raise StyleProblem("style.import.big", most=_LARGEST // 2**20)
    return weights, card
