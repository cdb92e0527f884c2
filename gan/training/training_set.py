"""The training set: pictures and, for the house artist's icons, labels and conditions.

A copy is kept in the run's folder, so that a run can be resumed after its source has gone.
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
from gan.second_stages.photomontage import MAX_SOURCES, SourcePictures

_SOURCES = "source_"  # prefix of their arrays


@dataclass(frozen=True)
class TrainingSet:
    """Pictures uint8 (N, 64, 64, 3), their source, labels and conditions.

    The house artist's icons carry two int64 tables (N, attributes): ``labels``, the values that a picture shows, with
    ``label_sizes`` values each; and ``conditions``, the values requested of the generator, as listed in
    ``attributes`` (name, values and probabilities, as in a model card); see gan/artist/conditions.py. ``sources`` is
    None for the artist's icons.
    """

    images: NDArray[np.uint8]
    source: dict[str, Any] = field(default_factory=dict)  # {"source", "count", "fingerprint"}
    labels: NDArray[np.int64] | None = None
    label_sizes: list[int] = field(default_factory=list)
    conditions: NDArray[np.int64] | None = None
    attributes: list[dict[str, Any]] = field(default_factory=list)
    sources: SourcePictures | None = None  # the same pictures at higher resolution, for the photomontage

    @property
    def priors(self) -> list[list[float]]:
        """For each attribute the probabilities of its values."""
        uniform = [[1 / len(attribute["values"])] * len(attribute["values"]) for attribute in self.attributes]
        return [a.get("probabilities", even) for a, even in zip(self.attributes, uniform, strict=True)]

    def unlabelled(self) -> TrainingSet:
        """The same pictures without labels, conditions and attributes."""
        return replace(self, labels=None, label_sizes=[], conditions=None, attributes=[])

    @classmethod
    def load(
        cls, source: Path | str | Sequence[Path], progress: Callable[[int], None] | None = None
    ) -> tuple[TrainingSet, Report]:
        """Read `source` as ``gan.dataset.load_images`` does; icons of the house style get labels and conditions.

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
        """Serialise to bytes, compressed if ``small``."""
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
        """Read what `packed` returned. Raises OSError, ValueError, KeyError, TypeError or BadZipFile when damaged."""
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            about = json.loads(str(archive["about"]))
            known = {
                field: archive[name]
                for name, field in (("labels", "labels"), ("wishes", "conditions"))
                if name in archive
            }
            own = {
                name.removeprefix(_SOURCES): torch.from_numpy(archive[name])
                for name in archive
                if name.startswith(_SOURCES)
            }
            sources = SourcePictures.from_tensors(own) if own else None
            return cls(archive["images"], **about, **known, sources=sources)

    def save(self, path: Path) -> None:
        """Write atomically. Raises OSError."""
        write_atomically(path, self.packed(small=True))

    @classmethod
    def open(cls, path: Path) -> TrainingSet:
        """Read what `save` wrote. Raises MeliconError when it is missing or damaged."""
        try:
            return cls.unpacked(path.read_bytes())
        except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise MeliconError(f"cannot read the run's pictures from {path}: {error}") from error


def _house_indices(report: Report) -> list[int] | None:
    """The artist's indices of the accepted icons; None for other sources and other drawing styles."""
    if artist_style(report.source) != artist.HOUSE:
        return None
    return [int(name.removeprefix("icon ")) for name in report.accepted]


def _table(rows: list[dict[str, str]], slots: list[str], values: list[list[str]]) -> NDArray[np.int64]:
    return np.array([[v.index(row[s]) for s, v in zip(slots, values, strict=True)] for row in rows], dtype=np.int64)
