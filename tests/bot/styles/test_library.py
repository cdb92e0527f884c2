"""What an import may change in the folder of styles: nothing that codes name already."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path

import numpy as np
import pytest

from bot.features.styles import Library, StyleFile, StyleProblem
from bot.features.styles.files import as_built_in
from bot.features.styles.lazy import LazySampler
from bot.inference.model_registry import ModelRegistry
from gan.checkpoint.model_card import ModelCard
from gan.checkpoint.model_hash import of_this_version
from gan.checkpoint.weights import load_generator, read_tensors, tensors_hash
from gan.codes import IconCode
from tests.e2e.conftest import write_weights
from tests.gan.models import as_version_1

CODE = IconCode.from_seed(7)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Those of the built-in model."""
    return write_weights(tmp_path_factory.mktemp("built-in") / "tiny.safetensors")


@pytest.fixture
def fan(tmp_path: Path) -> Path:
    return write_weights(tmp_path / "fan.safetensors", style="fan", seed=5)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "styles")


@pytest.fixture
def came_with(tmp_path: Path) -> Library:
    return Library(tmp_path / "built-in", as_built_in)


def otherwise(path: Path, **options: object) -> ModelCard:
    """Return the card of the same weights, made to draw in another way, with the hash that belongs to it."""
    _, card = load_generator(path)
    weights = tensors_hash(read_tensors(path))
    return of_this_version(weights, dataclasses.replace(card, options=options))


def bring_in(library: Library, came_with: Library, path: Path, card: ModelCard, name: str | None = None) -> StyleFile:
    return library.bring_in(path.read_bytes(), card, name, "mel", came_with)


def drawn(library: Library, came_with: Library, built_in: Path, code: IconCode) -> np.ndarray:
    """Draw as the bot does after a start."""
    from gan.sampling.sampler import Sampler  # noqa: PLC0415

    models = ModelRegistry(Sampler.load(built_in))
    samplers = [LazySampler(file, library.loaded) for file in library.scan()]
    former = [LazySampler(file, came_with.loaded) for file in came_with.scan()]
    models.stock(samplers, library.aliases(), models.built_in, former)
    return models.sampler_for(code).draw([models.pin(code)])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_another_card_of_the_same_weights_is_another_model(
    library: Library, came_with: Library, fan: Path, weights: Path
) -> None:
    first = library.install("fan", fan, None)
    pinned = CODE.pinned("fan", first.model)
    before = drawn(library, came_with, weights, pinned), contents(library.folder)
    second = bring_in(library, came_with, fan, otherwise(fan, truncation=0.2))
    assert second.model != first.model
    assert np.array_equal(drawn(library, came_with, weights, pinned), before[0])
    assert not np.array_equal(drawn(library, came_with, weights, CODE.pinned("fan", second.model)), before[0])
    assert before[1].items() <= contents(library.folder).items()


def test_a_model_that_is_here_is_left_as_it_is(library: Library, came_with: Library, fan: Path) -> None:
    first = library.install("fan", fan, None)
    before = contents(library.folder)
    card = dataclasses.replace(load_generator(fan)[1], notes="said by somebody else", created="1970")
    assert bring_in(library, came_with, fan, card).model == first.model
    assert library.install("fan", fan, None).model == first.model
    assert contents(library.folder) == before


def test_a_damaged_model_is_mended_by_importing_it_anew(library: Library, came_with: Library, fan: Path) -> None:
    first = library.install("fan", fan, None)
    first.path.write_bytes(first.path.read_bytes()[:100])
    assert bring_in(library, came_with, fan, load_generator(fan)[1]).model == first.model
    assert first.path.read_bytes() == fan.read_bytes()


@pytest.mark.parametrize("where", ["the style", "a renamed style", "the models the bot came with"])
def test_a_model_with_the_short_hash_of_another_is_refused(
    library: Library, came_with: Library, fan: Path, where: str
) -> None:
    owner = came_with if where == "the models the bot came with" else library
    first = owner.install("fan", fan, None)
    if where == "a renamed style":
        library.rename("fan", "lorelei")
    before = contents(library.folder)
    forged = dataclasses.replace(otherwise(fan, truncation=0.2), hash=first.card.hash[:8] + "0" * 56)
    with pytest.raises(StyleProblem, match=r"style\.import\.clash"):
        bring_in(library, came_with, fan, forged)
    assert contents(library.folder) == before


@pytest.mark.parametrize("name", ["scratch", "default", "mel", "../up", "", "a" * 33])
def test_names_that_cannot_be_given_are_refused(library: Library, came_with: Library, fan: Path, name: str) -> None:
    card = dataclasses.replace(load_generator(fan)[1], style=name)
    with pytest.raises(StyleProblem):
        bring_in(library, came_with, fan, card)
    assert not library.folder.exists()


# ---- hashes of version 1, which covered the weights alone


def installed_before(library: Library, path: Path, style: str = "fan") -> IconCode:
    """Put a style into the folder as earlier versions did; returns a code that names it."""
    was = as_version_1(path)
    there = library.folder / style / f"{was[:8]}.safetensors"
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_bytes(path.read_bytes())
    there.with_suffix(".json").write_bytes(path.with_suffix(".json").read_bytes())
    return CODE.pinned(style, was[:8])


def imported_card(path: Path, **options: object) -> ModelCard:
    """Return the card as the checker hands it on, of an export of an earlier version with other `options`."""
    was = as_version_1(path)
    card = json.loads(path.with_suffix(".json").read_text())
    return of_this_version(was, ModelCard.from_json(json.dumps(card | {"options": options})))


def test_installed_styles_are_drawn_by_the_codes_that_name_them(
    library: Library, came_with: Library, fan: Path, weights: Path
) -> None:
    from gan.sampling.sampler import Sampler  # noqa: PLC0415

    before = Sampler.load(fan).draw([CODE])
    code = installed_before(library, fan)
    assert np.array_equal(drawn(library, came_with, weights, code), before)
    assert library.install("fan", fan, None).model == code.model


def test_an_export_of_an_earlier_version_answers_to_the_hash_it_had(
    library: Library, came_with: Library, fan: Path, weights: Path
) -> None:
    from gan.sampling.sampler import Sampler  # noqa: PLC0415

    before = Sampler.load(fan).draw([CODE])
    card = imported_card(fan)
    file = bring_in(library, came_with, fan, card)
    assert file.model != card.former_hash[:8]
    for model in file.card.names:
        assert np.array_equal(drawn(library, came_with, weights, CODE.pinned("fan", model)), before)


@pytest.mark.parametrize("deleted", [False, True])
def test_a_former_hash_goes_on_naming_the_model_that_had_it(
    library: Library, came_with: Library, fan: Path, weights: Path, deleted: bool
) -> None:
    code = installed_before(library, fan)
    before = drawn(library, came_with, weights, code)
    if deleted:
        library.delete("fan")
    file = bring_in(library, came_with, fan, imported_card(fan, truncation=0.2))
    assert file.card.names == (file.model,)
    if not deleted:
        assert np.array_equal(drawn(library, came_with, weights, code), before)
        return
    again = bring_in(library, came_with, fan, imported_card(fan))
    assert code.model in again.card.names
    assert np.array_equal(drawn(library, came_with, weights, code), before)


def test_an_exact_hash_comes_before_a_former_one(
    library: Library, came_with: Library, fan: Path, weights: Path
) -> None:
    bring_in(library, came_with, fan, imported_card(fan, truncation=0.2))
    code = installed_before(library, fan)
    from gan.sampling.sampler import Sampler  # noqa: PLC0415

    assert np.array_equal(drawn(library, came_with, weights, code), Sampler.load(fan).draw([CODE]))


# ---- leftovers


def test_leftovers_are_cleared_away(library: Library, fan: Path) -> None:
    file = library.install("fan", fan, None)
    kept = contents(library.folder)
    for name in (".import-abc", ".old.deleted"):
        (library.folder / name).mkdir()
        (library.folder / name / "style.safetensors").touch()
    for name, age in ((".a.part", 7_200), (".b.part", 0)):
        part = file.path.with_name(name)
        part.touch()
        os.utime(part, (part.stat().st_mtime - age,) * 2)
    library.tidy()
    assert contents(library.folder) == kept | {"fan/.b.part": b""}, "which another process may be writing"
    Library(library.folder / "nowhere").tidy()


def test_weights_that_became_another_model_are_not_drawn_with(library: Library, fan: Path, tmp_path: Path) -> None:
    from gan.checkpoint.weights import WeightsError  # noqa: PLC0415

    file = library.install("fan", fan, None)
    other = write_weights(tmp_path / "other.safetensors", style="fan", seed=6)
    for suffix in (".safetensors", ".json"):
        file.path.with_suffix(suffix).write_bytes(other.with_suffix(suffix).read_bytes())
    with pytest.raises(WeightsError, match="is no longer"):
        library.loaded.get(file)
