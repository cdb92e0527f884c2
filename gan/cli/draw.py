"""`melicon draw` and `melicon sheet`: draw icons as PNG files."""

from __future__ import annotations

import itertools
import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gan.cli.options import AsJson, Force, Weights, check_size, check_target, read_seeds, write_file
from gan.codes import IconCode
from gan.errors import MeliconError
from gan.shipped import DEFAULT_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gan.sampling.sampler import Sampler

AT_ONCE = 16  # icons kept in memory
_LONGEST_NAME = 100  # bytes of a word used as a file name
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")  # device names on Windows
MAX_SHEET = 1024  # icons


def draw_command(
    codes: Annotated[
        list[str] | None,
        typer.Argument(metavar="CODE…", help="Icon codes: 123, naru, 123~4, 123x456@25, 123+mouth:1."),
    ] = None,
    *,
    seeds: Annotated[str | None, typer.Option(metavar="RANGE", help="Seeds as well: 0-63 or 1,5,9.")] = None,
    size: Annotated[int, typer.Option(help="Side in pixels, 16 to 2048; 64 is the model's native size.")] = 512,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="PATH", help="A .png for one icon, a folder for several: naru.png, 123-v4.png, …"
        ),
    ] = None,
    weights: Weights = DEFAULT_WEIGHTS,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Draw icons: the same code and model give the same pixels on every machine.

    A single icon is written to a file, by default NAME.png; several are written to a folder, by default `icons`. NAME
    is the word given, or the code. Each PNG carries its code, style and model.
    """
    from gan.rendering import MAX_SIZE, MIN_SIZE, encode_png  # noqa: PLC0415
    from gan.sampling.sampler import Sampler  # noqa: PLC0415  # imports torch, which takes seconds

    typed = [*(codes or []), *(str(seed) for seed in (read_seeds(seeds) if seeds else []))]
    wanted = [IconCode.parse(code) for code in typed]
    if not wanted:
        raise MeliconError("nothing to draw: give codes, as in `melicon draw 123 naru`, or --seeds 0-63")
    check_size(size, MIN_SIZE, MAX_SIZE)
    paths = _paths(_stems(typed, wanted), out)
    for path in paths:
        check_target(path, force=force)
    sampler = Sampler.load(weights)
    card = sampler.card
    written = []
    for code, path, icon in zip(wanted, paths, _icons(sampler, wanted, size), strict=True):
        full = str(code.pinned(card.style, card.short_hash))
        write_file(path, encode_png(icon, code=full, style=card.style, model=card.short_hash))
        written.append({"code": full, "file": str(path), "size": size})
    if as_json:
        typer.echo(json.dumps(written, indent=2))
    elif len(written) == 1:
        typer.echo(f"{written[0]['file']}  {written[0]['code']}")
    else:
        typer.echo(f"{paths[0].parent}: {len(written):,} icons, {paths[0].name} to {paths[-1].name}")


def sheet_command(
    *,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="PATH", help="The .png to write.")],
    seeds: Annotated[str, typer.Option(metavar="RANGE", help="Seeds: 0-63 or 1,5,9.")] = "0-63",
    columns: Annotated[int, typer.Option(help="Icons in a row.")] = 8,
    size: Annotated[int, typer.Option(help="Side of each icon in pixels, 16 to 512.")] = 64,
    labels: Annotated[bool, typer.Option("--labels", help="Write each icon's seed below it.")] = False,
    weights: Weights = DEFAULT_WEIGHTS,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Draw many icons onto a contact sheet."""
    from gan.rendering import MIN_SIZE, contact_sheet, encode_plain_png  # noqa: PLC0415
    from gan.sampling.sampler import Sampler  # noqa: PLC0415  # imports torch, which takes seconds

    numbers = read_seeds(seeds)
    if len(numbers) > MAX_SHEET:
        raise MeliconError(f"--seeds {seeds!r}: a sheet holds at most {MAX_SHEET:,} icons")
    if columns < 1:
        raise MeliconError(f"--columns {columns}: at least one icon in a row")
    check_size(size, MIN_SIZE, 512)
    path = _png(out)
    check_target(path, force=force)
    icons = _icons(Sampler.load(weights), [IconCode.from_seed(seed) for seed in numbers], size)
    gap = size // 8 if labels else 0
    names = [str(seed) for seed in numbers] if labels else None
    sheet = contact_sheet(list(icons), columns, gap, names)
    write_file(path, encode_plain_png(sheet))
    if as_json:
        typer.echo(
            json.dumps({"file": str(path), "icons": len(numbers), "width": sheet.shape[1], "height": len(sheet)})
        )
    else:
        typer.echo(f"{path}: {len(numbers):,} icon{'' if len(numbers) == 1 else 's'}")


def _icons(sampler: Sampler, codes: Sequence[IconCode], size: int) -> Iterator[NDArray[np.uint8]]:
    """Draw the icons lazily; all codes are checked before the first is drawn."""
    for code in codes:
        sampler.check(code)
    for start in range(0, len(codes), AT_ONCE):
        yield from sampler.render(codes[start : start + AT_ONCE], size)


def _stems(typed: Sequence[str], codes: Sequence[IconCode]) -> list[str]:
    """Return a unique file name without suffix for each icon: the word that was typed, or its code."""
    taken: set[str] = set()
    stems = []
    for text, code in zip(typed, codes, strict=True):
        word = re.sub(r"[\W_]+", "-", unicodedata.normalize("NFKC", text).casefold()).strip("-")
        is_word = re.match(r"[^\W\d_]", word) and not _RESERVED.fullmatch(word) and len(word.encode()) <= _LONGEST_NAME
        wanted = word if is_word else code.filename
        stem = next(s for n in itertools.count(1) if (s := wanted if n == 1 else f"{wanted}-{n}") not in taken)
        taken.add(stem)
        stems.append(stem)
    return stems


def _paths(stems: Sequence[str], out: Path | None) -> list[Path]:
    """Return the path of each icon; raises MeliconError for an unsuitable --out."""
    if len(stems) == 1:
        if out is None or out.is_dir():
            return [(out or Path()) / f"{stems[0]}.png"]
        return [_png(out)]
    folder = out or Path("icons")
    if folder.suffix.lower() == ".png" or folder.is_file():
        raise MeliconError(f"--out {folder}: {len(stems)} icons go to a folder, and this names a file")
    return [folder / f"{stem}.png" for stem in stems]


def _png(path: Path) -> Path:
    if path.is_dir():
        raise MeliconError(f"--out {path} is a folder; name the .png file to write")
    if path.suffix.lower() != ".png":
        raise MeliconError(f"--out {path}: pictures are written as PNG; name it {path.with_suffix('.png').name}")
    return path
