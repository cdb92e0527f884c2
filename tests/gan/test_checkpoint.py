"""Weights on disk: round trips, and one-line errors for files that do not fit."""

from __future__ import annotations

import os
import pickle
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from gan.checkpoint.model_hash import model_hash
from gan.checkpoint.weights import ModelCard, WeightsError, load_card, load_generator, save_generator, tensors_hash
from gan.codes import IconCode
from gan.sampling.sampler import Sampler
from tests.gan.models import ARTICLE, LABELLED, SMALL, build, edit_card, refusal, save

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return save(tmp_path, SMALL)


def rewrite(path: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    """Change the tensors, and the card's hash with them: as someone would who means it."""
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)
    edit_card(path, hash=model_hash(tensors_hash(tensors), load_card(path)))


# ---- what fits


@pytest.mark.parametrize("architecture", [SMALL, LABELLED, {**SMALL, "mapping": 8}, ARTICLE])
def test_a_generator_comes_back_as_it_was_stored_in_float64_and_eval_mode(
    tmp_path: Path, architecture: dict[str, Any]
) -> None:
    path = save(tmp_path, architecture, kimg=1.5, notes="é")
    module, card = load_generator(path)
    assert (card.kimg, card.notes, card.architecture) == (1.5, "é", architecture)
    assert not any(m.training for m in module.modules())
    stored, original = load_file(path), build(architecture).state_dict()
    assert stored.keys() == original.keys()
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, stored[name].to(tensor.dtype))
        assert tensor.dtype == (torch.float64 if original[name].is_floating_point() else torch.int64)
        torch.testing.assert_close(stored[name].float(), original[name].float(), rtol=1e-3, atol=1e-4)


def test_saving_again_what_was_loaded_gives_the_same_hash(weights: Path, tmp_path: Path) -> None:
    module, card = load_generator(weights)
    again = save_generator(tmp_path / "again.safetensors", module, card)
    assert again.hash == card.hash
    assert re.fullmatch("[0-9a-f]{64}", card.hash)
    assert card.short_hash == card.hash[:8]


def test_the_hash_tells_names_shapes_types_and_values_apart() -> None:
    base = {"a": torch.zeros(2, 3), "b": torch.ones(2)}
    others: list[dict[str, torch.Tensor]] = [
        {"a": torch.zeros(2, 3), "c": torch.ones(2)},
        {"a": torch.zeros(3, 2), "b": torch.ones(2)},
        {"a": torch.zeros(2, 3).half(), "b": torch.ones(2)},
        {"a": torch.zeros(2, 3), "b": torch.tensor([1.0, 1.0000001])},
        {"a": torch.zeros(2, 3)},
    ]
    hashes = {tensors_hash(tensors) for tensors in [base, *others]}
    assert len(hashes) == 6
    assert tensors_hash(dict(reversed(base.items()))) == tensors_hash(base)


def test_a_card_survives_json(tmp_path: Path) -> None:
    card = ModelCard(
        style="ink-2",
        architecture=LABELLED,
        kimg=12.5,
        attributes=[{"name": "eyes", "values": ["a", "b"], "probabilities": [0.5, 0.5]}],
        metrics={"kid": 0.1},
    )
    assert ModelCard.from_json(card.to_json()) == card


def test_a_card_of_a_later_version_is_read_as_far_as_it_is_known(weights: Path) -> None:
    edit_card(weights, mood="good")
    assert load_generator(weights)[1].style == "test"


def test_loading_leaves_the_random_numbers_of_the_process_alone(weights: Path) -> None:
    before = torch.get_rng_state()
    load_generator(weights)
    assert torch.equal(before, torch.get_rng_state())


# ---- what does not fit


def test_missing_files_are_named(weights: Path, tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.safetensors").startswith(f"cannot read weights from {tmp_path}")
    weights.unlink()
    assert refusal(weights) == f"cannot read weights from {weights}: No such file or directory"


def test_a_card_that_does_not_say_how_long_a_latent_is_is_refused(weights: Path) -> None:
    edit_card(weights, architecture={name: value for name, value in SMALL.items() if name != "z_dim"})
    assert "does not say how many numbers a latent has" in refusal(weights)


def test_a_folder_in_place_of_a_file_is_named(weights: Path) -> None:
    weights.unlink()
    weights.mkdir()
    assert refusal(weights) == f"cannot read weights from {weights}: Is a directory"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("to_rgb.bias"), "it lacks to_rgb.bias"),
        (lambda t: t.update(extra=torch.zeros(1)), "it has an unknown extra"),
        (lambda t: t.update({"to_rgb.bias": torch.zeros(4)}), "it has to_rgb.bias as (4,), not (3,)"),
        (lambda t: t["to_rgb.bias"].fill_(float("nan")), "it has values in to_rgb.bias that are not finite"),
        (lambda t: t["to_rgb.weight"][0].fill_(float("inf")), "it has values in to_rgb.weight that are not finite"),
    ],
)
def test_each_tensor_that_does_not_fit_is_named(
    weights: Path, change: Callable[[dict[str, torch.Tensor]], None], said: str
) -> None:
    rewrite(weights, change)
    assert refusal(weights) == f"{weights} does not fit the network: {said}"


def test_of_many_misfits_three_are_named_and_the_rest_counted(weights: Path) -> None:
    rewrite(weights, dict.clear)
    count = len(build(SMALL).state_dict())
    assert refusal(weights).count("lacks") == 3
    assert refusal(weights).endswith(f"(and {count - 3} more)")


def test_a_changed_number_is_noticed_by_the_hash(weights: Path) -> None:
    tensors = load_file(weights)
    tensors["to_rgb.bias"][0] += 1e-6
    save_file(tensors, weights)
    assert "does not match the hash in test.json" in refusal(weights)


def test_a_file_cut_off_anywhere_is_damaged(weights: Path) -> None:
    whole = weights.read_bytes()
    for length in (0, 4, 8, 100, len(whole) // 2, len(whole) - 1):
        weights.write_bytes(whole[:length])
        assert "is damaged or not a safetensors file" in refusal(weights)


def test_what_was_never_safetensors_is_refused(weights: Path) -> None:
    for content in (b"PK\x03\x04" + bytes(100), b"<html>" * 100, b"\xff" * 100, bytes(100)):
        weights.write_bytes(content)
        assert "is damaged or not a safetensors file" in refusal(weights)


def test_a_huge_file_is_refused_before_it_is_read(weights: Path) -> None:
    with weights.open("r+b") as file:
        file.truncate(300 * 2**20)  # a hole: takes no room
    assert "is larger than 256 MiB" in refusal(weights)


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("writer", [pickle.dump, lambda trap, file: torch.save({"trap": trap}, file)])
def test_a_pickle_by_another_name_is_refused_and_never_unpickled(
    weights: Path, tmp_path: Path, writer: Callable[[Any, Any], None]
) -> None:
    with weights.open("wb") as file:
        writer(Trap(tmp_path / "sprung"), file)
    assert "is damaged or not a safetensors file" in refusal(weights)
    assert not (tmp_path / "sprung").exists()


def test_nothing_in_the_project_can_unpickle() -> None:
    forbidden = re.compile(r"torch\.load\(|\bimport (c?[pP]ickle|dill|shelve|marshal|joblib)|allow_pickle\s*=\s*True")
    sources = [path for room in ("gan", "bot") for path in (ROOT / room).rglob("*.py")]
    assert len(sources) > 50
    assert [path.name for path in sources if forbidden.search(path.read_text())] == []


def test_loading_unpickles_nothing_by_the_interpreters_own_account(weights: Path) -> None:
    events = []
    armed = True
    sys.addaudithook(lambda event, _args: events.append(event) if armed and event.startswith("pickle.") else None)
    load_generator(weights)
    assert events == []
    pickle.loads(pickle.dumps(Path()))  # noqa: S301  our own: shows that the hook hears
    assert events
    armed = False


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_flipped_byte_gets_past_the_hash(tmp_path_factory: pytest.TempPathFactory, at: int, flip: int) -> None:
    folder = tmp_path_factory.getbasetemp() / "flipped"
    folder.mkdir(exist_ok=True)
    path = folder / "test.safetensors"
    if not path.with_suffix(".json").exists():
        save(folder, SMALL)
        path.rename(folder / "whole")
    whole = bytearray((folder / "whole").read_bytes())
    header = 8 + int.from_bytes(whole[:8], "little")
    whole[at % (2 * header)] ^= flip
    path.write_bytes(whole)
    try:
        module, card = load_generator(path)
    except WeightsError:
        return
    stored = load_file(folder / "whole")
    assert model_hash(tensors_hash(stored), card) == card.hash  # what the header says for people is all that may differ
    assert all(torch.equal(t, stored[name].to(t.dtype)) for name, t in module.state_dict().items())


# ---- the pair


def test_a_refused_write_leaves_the_pair_before_it_whole(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Sampler.load(weights).draw([IconCode.from_seed(1)])
    written = []

    def fsync(handle: int) -> None:
        written.append(handle)
        if len(written) == 2:  # the weights were written, the card is not
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(OSError, match="No space"):
            save_generator(weights, build(SMALL, seed=5), load_card(weights))
    assert (Sampler.load(weights).draw([IconCode.from_seed(1)]) == before).all()
    assert sorted(path.name for path in weights.parent.iterdir()) == ["test.json", "test.safetensors"]
