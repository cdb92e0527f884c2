"""What a run learns from: pictures, and for the house artist's icons the labels that come with them.

It is kept inside the run's folder, so that a run can be resumed long after its source has gone.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gan import artist
from gan.atomic import write_atomically
from gan.dataset import Report, load_images, load_large
from gan.dataset.sources import artist_style, is_artist, is_balanced
from gan.errors import MeliconError
from gan.photomontage import MAX_SOURCES, SourcePictures

_SOURCES = "source_"  # before the names of their arrays


@dataclass(frozen=True)
class TrainingSet:
    """Pictures uint8 (N, 64, 64, 3), where they come from, and what is known of each.

    For the house artist's icons two things are known, both int64 (N, attributes): ``labels``, the values that the
    picture shows, counted in ``label_sizes``; and ``wishes``, the values that a latent would choose to get this
    picture, counted in ``attributes`` (name, values and probabilities of each, as in a model card); see
    gan/artist/conditions.py. The artist's icons have no ``sources``: there is no end of them.
    """

    images: NDArray[np.uint8]
    source: dict[str, Any] = field(default_factory=dict)  # {"source", "count", "fingerprint"}
    labels: NDArray[np.int64] | None = None
    label_sizes: list[int] = field(default_factory=list)
    conditions: NDArray[np.int64] | None = None
    attributes: list[dict[str, Any]] = field(default_factory=list)
    sources: SourcePictures | None = None  # the same pictures, larger: what icons are composed of

    @property
    def priors(self) -> list[list[float]]:
        """For each attribute how often each value is to be chosen."""
        uniform = [[1 / len(attribute["values"])] * len(attribute["values"]) for attribute in self.attributes]
        return [a.get("probabilities", even) for a, even in zip(self.attributes, uniform, strict=True)]

    def unlabelled(self) -> TrainingSet:
        """The pictures alone."""
        return replace(self, labels=None, label_sizes=[], conditions=None, attributes=[])

    @classmethod
    def load(
        cls, source: Path | str | Sequence[Path], progress: Callable[[int], None] | None = None
    ) -> tuple[TrainingSet, Report]:
        """Read `source` as ``gan.dataset.load_images`` does; icons of the artist's house hand get their labels.

        Raises DatasetError.
        """
        images, report = load_images(source, progress=progress)
        described = {"source": report.source, "count": len(images), "fingerprint": report.fingerprint}
        if not is_artist(source):
            large = load_large(source, report.positions, MAX_SOURCES)
            return cls(images, described, sources=SourcePictures.from_pictures(large)), report
        indices = _house_indices(report)
        if indices is None:
            return cls(images, described), report
        style = artist.load_style(artist.HOUSE)
        shares = artist.condition_shares(style)
        shown = [list(artist.ATTRIBUTES[slot]) for slot in shares]
        requested = [list(values) for values in shares.values()]
        attributes = [
            {"name": slot, "values": list(values), "probabilities": [round(p, 6) for p in values.values()]}
            for slot, values in shares.items()
        ]
        if is_balanced(report.source):
            known = [artist.balanced_sample(i, style) for i in indices]
        else:
            known = [(artist.labels(i), artist.sample_conditions(i, style)) for i in indices]
        labels = _table([seen for seen, _ in known], list(shares), shown)
        conditions = _table([asked for _, asked in known], list(shares), requested)
        return cls(images, described, labels, [len(v) for v in shown], conditions, attributes), report

    def packed(self, *, small: bool = False) -> bytes:
        """Everything in one piece, compressed if it is to be ``small``."""
        buffer = io.BytesIO()
        arrays: dict[str, NDArray[Any]] = {"images": self.images}
        if self.labels is not None and self.conditions is not None:
            arrays |= {"labels": self.labels, "wishes": self.conditions}
        if self.sources is not None:
            arrays |= {f"{_SOURCES}{name}": tensor.numpy() for name, tensor in self.sources.tensors().items()}
        about = json.dumps({"attributes": self.attributes, "label_sizes": self.label_sizes, "source": self.source})
        (np.savez_compressed if small else np.savez)(buffer, about=np.array(about), **arrays)  # type: ignore[arg-type]  # their stubs say bool
        return buffer.getvalue()

    @classmethod
    def unpacked(cls, data: bytes) -> TrainingSet:
        """Read what ``packed`` gave. Raises OSError, ValueError, KeyError, TypeError or BadZipFile when damaged."""
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            about = json.loads(str(archive["about"]))
            known = {name: archive[name] for name in ("labels", "wishes") if name in archive}
            own = {
                name.removeprefix(_SOURCES): torch.from_numpy(archive[name])
                for name in archive
                if name.startswith(_SOURCES)
            }
            sources = SourcePictures.from_tensors(own) if own else None
            return cls(archive["images"], **about, **known, sources=sources)

    def save(self, path: Path) -> None:
        """Write everything into one file, whole or not at all. Raises OSError."""
        write_atomically(path, self.packed(small=True))

    @classmethod
    def open(cls, path: Path) -> TrainingSet:
        """Read what ``save`` wrote. Raises MeliconError when it is missing or damaged."""
        try:
            return cls.unpacked(path.read_bytes())
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise MeliconError(f"cannot read the run's pictures from {path}: {error}") from error


def _house_indices(report: Report) -> list[int] | None:
    """The artist's indices of the accepted icons; None for any other source or another of its hands."""
    if artist_style(report.source) != artist.HOUSE:
        return None
    return [int(name.removeprefix("icon ")) for name in report.accepted]


def _table(rows: list[dict[str, str]], slots: list[str], values: list[list[str]]) -> NDArray[np.int64]:
    return np.array([[v.index(row[s]) for s, v in zip(slots, values, strict=True)] for row in rows], dtype=np.int64)
