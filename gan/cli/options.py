"""Options shared by several commands, and parsing of their values."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gan.codes import MAX_SEED
from gan.errors import MeliconError

MAX_ICONS = 100_000  # per call

Weights = Annotated[
    Path,
    typer.Option(
        "--weights", "-w", metavar="F", show_default="weights/default.safetensors", help="The model that draws."
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files that Melicon has not written, too.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what was written as JSON.")]


def read_seeds(text: str) -> list[int]:
    """Parse seeds such as `0-63` or `1,5,9` or both, in the order given; raises MeliconError."""
    seeds: list[int] = []
    for part in text.replace(" ", "").split(","):
        found = re.fullmatch(r"([0-9]{1,10})(?:-([0-9]{1,10}))?", part)
        if found is None:
            raise MeliconError(f"--seeds {text!r}: {part!r} is no seed or range; write 0-63 or 1,5,9")
        first = int(found[1])
        last = int(found[2] or first)
        if last < first or last > MAX_SEED:
            raise MeliconError(
                f"--seeds {text!r}: a range goes up, and no further than {MAX_SEED}; write 0-63 or 1,5,9"
            )
        if len(seeds) + last - first >= MAX_ICONS:
            raise MeliconError(f"--seeds {text!r}: at most {MAX_ICONS:,} icons in one call")
        seeds.extend(range(first, last + 1))
    return seeds


def check_size(size: int, low: int, high: int) -> None:
    """Raise MeliconError for a --size out of range."""
    if not low <= size <= high:
        raise MeliconError(f"--size {size}: an icon's side goes from {low} to {high} pixels; 64 is the model's own")


def check_target(path: Path, *, force: bool = False) -> None:
    """Raise MeliconError if `path` is a file that Melicon has not written, unless `force`.

    Melicon's pictures are recognised by a text chunk and overwritten.
    """
    from gan.rendering import is_ours  # noqa: PLC0415  # imports Pillow

    try:
        if force or not path.exists() or (path.is_file() and is_ours(path.read_bytes())):
            return
    except OSError:
        return  # writing reports the error
    raise MeliconError(f"{path} is there already, and is no picture of Melicon's: name another, or add --force")


def write_file(path: Path, data: bytes) -> None:
    """Write a file atomically and report new folders. Raises MeliconError."""
    from gan.checkpoint.weights import write_atomically  # noqa: PLC0415  # imports torch

    with says_new_folder(path.parent):
        try:
            write_atomically(path, data)
        except OSError as error:
            raise MeliconError(f"cannot write {path}: {error.strerror or error}") from error


@contextlib.contextmanager
def says_new_folder(folder: Path) -> Iterator[None]:
    """Report `folder` if the block creates it."""
    was_there = folder.exists()
    yield
    if not was_there and folder.is_dir():
        typer.echo(f"made the folder {folder}", err=True)
