"""The subprocess that validates a style before import, confined like the picture reader.

    python -m bot.features.styles.checker MEMORY_BYTES

Standard input: a JSON line with `files`, a list of [name, size], and the bytes of each. Standard output: a JSON line
with the missing confinement layers (`missing`), then one with either `problem` and `values`, as of
`bot.features.styles.files.StyleProblem`, or `sizes`: of the weights and the card, which follow. The card's hash then
has the newest version. Archive, card, weights and a first drawing are all checked here; the bot only stores the result.
"""

from __future__ import annotations

import importlib
import io
import json
import pkgutil
import sys
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import gan.dataset
from bot.features.styles.files import LARGEST, StyleProblem, as_used
from bot.system.confinement import address_space, confine
from bot.system.subprocesses import say_missing
from gan.dataset import Limits, reasons
from gan.dataset.limits import ArchiveError, Refusal
from gan.dataset.reasons import Reason
from gan.dataset.sources import handed_in
from gan.process_priority import lower_priority

if TYPE_CHECKING:
    from gan.checkpoint.model_card import ModelCard

CPU_SECONDS = 90  # five for PyTorch and the warm-up, five for the largest style
LIMITS = Limits(max_entries=16, max_file=LARGEST, max_unpacked=LARGEST + 2**20)
# four times the shipped network's parameters (8 bytes each, plus a rearranged copy for inference), and eight times its
# multiplications, which take a second of one core
MOST_PARAMETERS, MOST_MULTIPLICATIONS = 20_000_000, 3_000_000_000


def check(files: Sequence[tuple[str, bytes]]) -> tuple[bytes, str]:
    """Return the weights and card of a usable style. Raises StyleProblem."""
    from gan.checkpoint.model_hash import of_this_version  # noqa: PLC0415
    from gan.checkpoint.weights import WeightsError, assemble, parse_tensors, tensors_hash  # noqa: PLC0415 - imports PyTorch

    weights, card = _pair(_unpacked(files))
    try:
        described = _described(card)
        _check_cost(described)
        tensors = parse_tensors(weights, "the file")
        network = assemble(tensors, described, "the file", "its card")
        described = of_this_version(tensors_hash(tensors), described)
        _draw(network, described)
    except MemoryError as error:
        raise StyleProblem("style.import.broken", reason=Reason("memory")) from error
    except (WeightsError, ValueError, TypeError, RuntimeError, RecursionError) as error:
        raise StyleProblem("style.import.broken", reason=str(error) or type(error).__name__) from error
    return weights, described.to_json()


def _unpacked(files: Sequence[tuple[str, bytes]]) -> list[tuple[PurePosixPath, bytes]]:
    """Return the weights and cards among the files and inside zips."""
    found = []
    try:
        for name, data in files:
            for inner, file in handed_in(name, data, LIMITS):
                path = PurePosixPath(inner.replace("\\", "/"))
                if path.suffix.lower() not in (".safetensors", ".json"):
                    continue
                if isinstance(file, Refusal):
                    raise StyleProblem("style.import.broken", reason=file.reason)
                found.append((path, file.read()))
    except ArchiveError as error:
        raise StyleProblem("style.import.broken", reason=error.reason) from error
    return found


def _pair(found: Sequence[tuple[PurePosixPath, bytes]]) -> tuple[bytes, bytes]:
    """Return the matching weights and card: the only ones, or those of one name."""
    weights = [(path, data) for path, data in found if path.suffix.lower() == ".safetensors"]
    cards = [(path, data) for path, data in found if path.suffix.lower() == ".json"]
    pairs = [(w, c) for w in weights for c in cards]
    if len(pairs) > 1:
        pairs = [(w, c) for w, c in pairs if w[0].with_suffix("") == c[0].with_suffix("")]
    if len(pairs) != 1:
        raise StyleProblem("style.import.parts")
    ((_, tensors), (_, card)) = pairs[0]
    return tensors, card


def _described(card: bytes) -> ModelCard:
    from gan.checkpoint.model_card import ModelCard  # noqa: PLC0415
    from gan.checkpoint.weights import LARGEST_CARD  # noqa: PLC0415

    if len(card) > LARGEST_CARD:
        raise ValueError(f"its card is larger than {LARGEST_CARD // 2**20} MiB")
    try:
        return ModelCard.from_json(card.decode("utf-8"))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"its card is not a model card: {error}") from error


def _check_cost(card: ModelCard) -> None:
    from gan.networks.cost import multiplications, parameters  # noqa: PLC0415

    # the parameters first: counting the multiplications allocates them
    if (count := parameters(card.architecture)) > MOST_PARAMETERS:
        raise ValueError(
            f"its network has {count / 1e6:,.0f} million parameters; the limit is {MOST_PARAMETERS // 10**6} million"
        )
    if (count := multiplications(card.architecture)) > MOST_MULTIPLICATIONS:
        raise ValueError(
            f"its network takes {count / 1e6:,.0f} million multiplications for an icon;"
            f" the limit is {MOST_MULTIPLICATIONS // 10**6:,} million"
        )


def _draw(network: object, card: ModelCard) -> None:
    """Draw an icon and a tweaked one; a style that fails at either is invalid."""
    from gan.checkpoint.weights import second_stage_of  # noqa: PLC0415
    from gan.codes import IconCode  # noqa: PLC0415
    from gan.latent.edits import edit_axes  # noqa: PLC0415
    from gan.sampling.sampler import Sampler  # noqa: PLC0415
    from gan.second_stages.photomontage import Photomontage  # noqa: PLC0415

    sampler = Sampler(network, as_used(card, card.style))  # type: ignore[arg-type]  # PyTorch is not imported above
    code = IconCode.from_seed(0)
    codes = [code, *(code.tweak(name, 1) for name in (*edit_axes(sampler.card), "")[:1] if name)]
    sampler.draw(codes)
    stage = second_stage_of(network)  # type: ignore[arg-type]  # as above
    if not isinstance(stage, Photomontage):  # numba would compile that one for many seconds; its pictures are checked
        sampler.render(codes, 512)
    sampler.describe(code)


def _rehearse() -> None:
    """Warm up with a small style, so that PyTorch's lazily loaded parts are loaded."""
    from gan.checkpoint.weights import ModelCard, build_generator, dump_generator  # noqa: PLC0415

    architecture = {"name": "fast", "z_dim": 8, "widths": [4, 4, 4, 4], "detail": 4}
    weights, card = dump_generator(build_generator(architecture), ModelCard("rehearsal", architecture))
    check([("a.safetensors", weights), ("a.json", card.to_json().encode())])


def main() -> None:
    """Answer one request."""
    lower_priority(0)  # a user is waiting; but when memory is short, kill this process first
    for module in pkgutil.walk_packages(gan.dataset.__path__, "gan.dataset."):
        importlib.import_module(module.name)
    _rehearse()
    say_missing(confine(address_space() + int(sys.argv[1]), CPU_SECONDS))
    header = json.loads(sys.stdin.buffer.readline())
    files = [(str(name), sys.stdin.buffer.read(size)) for name, size in header["files"]]
    out = io.BytesIO()
    try:
        weights, card = check(files)
        text = card.encode()
        out.write(json.dumps({"sizes": [len(weights), len(text)]}).encode() + b"\n" + weights + text)
    except StyleProblem as problem:
        values = {name: reasons.to_json(value) for name, value in problem.values.items()}
        out.write(json.dumps({"problem": problem.key, "values": values}).encode() + b"\n")
    sys.stdout.buffer.write(out.getvalue())
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
