"""What is checked of a style that is to be imported: by the checker itself, and through its confined process."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.features.styles import checker, importing
from bot.features.styles.checker import check
from bot.features.styles.files import StyleProblem
from bot.features.styles.importing import check_style
from gan.checkpoint.model_card import ModelCard
from gan.shipped import DEFAULT_WEIGHTS
from tests.bot.retrain.hostile import declaring, encrypted, entry, zipped
from tests.gan.models import LABELLED, save

Files = Sequence[tuple[str, bytes]]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[bytes, dict[str, Any]]:
    """Weights, and their card."""
    path = save(tmp_path, LABELLED)
    return path.read_bytes(), json.loads(path.with_suffix(".json").read_text())


def files(pair: tuple[bytes, dict[str, Any]], **changes: Any) -> Files:
    weights, card = pair
    return [("a.safetensors", weights), ("a.json", json.dumps(card | changes).encode())]


def archive(method: int, **entries: bytes) -> Files:
    return [("a.zip", zipped({name.replace("_", "."): data for name, data in entries.items()}, method))]


def problem(handed: Files) -> str:
    with pytest.raises(StyleProblem) as caught:
        check(handed)
    return f"{caught.value.key}: {caught.value.values.get('reason', '')}"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_style_is_taken_as_two_files_or_as_a_zip_of_them(pair: tuple[bytes, dict[str, Any]], method: int) -> None:
    weights, text = check(files(pair))
    assert weights == pair[0]
    assert json.loads(text) == pair[1]
    assert check([("a.zip", zipped(dict(files(pair)), method))]) == (weights, text)
    run = {f"run/{name}": data for name, data in files(pair)} | {
        "run/discriminator.safetensors": b"x",
        "run/b.png": b"",
    }
    assert check([("run.zip", zipped(run))]) == (weights, text)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_that_unpack_without_bound_are_refused_unread(
    pair: tuple[bytes, dict[str, Any]], method: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = archive(method, a_safetensors=bytes(2**26), a_json=b"{}")
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    assert "packed by an uncommon method" in problem(bomb)


@pytest.mark.parametrize(
    ("handed", "said"),
    [
        ([("a.zip", zipped({"a.json": bytes(2**20), "a.safetensors": bytes(2**25)}))], "times smaller"),
        ([("a.zip", zipped({f"{n}.json": b"" for n in range(2_000)}))], "too many files"),
        ([("a.zip", zipped({f"{n}.json": b"" for n in range(17)}))], "may hold 16"),
        ([("a.zip", declaring(40 << 20, {"a.json": b"x", "a.safetensors": b"x"}))], "may unpack to 65 MiB"),
        ([("a.zip", encrypted().replace(b"secret.png", b"aaaaa.json"))], "encrypted"),
        ([("a.zip", zipped({entry("a.json", 0o120777): b"/etc/passwd", "a.safetensors": b"x"}))], "a link"),
        ([("a.zip", zipped({"../a.json": b"{}", "a.safetensors": b"x"}))], "leads out"),
        ([("a.zip", zipped({"a.json": zipped({}), "a.safetensors": b"x"}))], "archive in the archive"),
        ([("a.zip", b"PK\x03\x04" + bytes(100))], "cut off"),
        ([("a.safetensors", b"x"), ("a.json", b" " * (2**20 + 1))], "its card is larger than 1 MiB"),
        ([("a.safetensors", b"x"), ("a.json", b"[" * 2**20)], "is not a model card"),
        ([("a.safetensors", b"x"), ("a.json", b"\xff")], "is not a model card"),
        ([("a.safetensors", b"x")], "style.import.parts"),
        ([("a.safetensors", b"x"), ("b.safetensors", b"x"), ("c.json", b"{}")], "style.import.parts"),
        ([("a.png", b"x"), ("b.txt", b"y")], "style.import.parts"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_archives_and_files_that_are_none_are_refused(handed: Files, said: str) -> None:
    assert said in problem(handed)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"architecture": LABELLED | {"widths": [1] * 2_000}}, "a list of more than 128 numbers"),
        ({"architecture": LABELLED | {"widths": [1] * 10_000}}, "a list of more than 128 numbers"),
        ({"architecture": LABELLED | {"widths": [4096] * 4}}, "million parameters; the limit is 20 million"),
        ({"architecture": LABELLED | {"widths": [1, 1, 800, 800]}}, "13,379 million multiplications"),
        ({"architecture": {"name": "article", "z_dim": 20, "width": 4096}}, "million parameters"),
        ({"attributes": [{"name": "a", "values": ["v"]}] * 5_000}, "more than 128 attributes"),
        ({"options": {"truncation": "x"}}, "truncation is 'x'"),
        ({"options": {"truncation": 0.5}}, "does not match the hash"),
        ({"options": {"flat": True}}, "does not match the hash"),
        ({"hash": "0" * 64}, "does not match the hash"),
        ({"parts": {"halo": "0" * 64}}, "parts that this version does not know"),
        ({"parts": {"upscaler": "0" * 64}}, "does not match the hash"),
        ({"style": "../up"}, "up to 32 small letters"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_cards_that_ask_for_too_much_or_lie_are_refused(
    pair: tuple[bytes, dict[str, Any]], changes: dict[str, Any], said: str
) -> None:
    assert said in problem(files(pair, **changes))


def test_the_largest_network_that_is_taken_is_larger_than_the_shipped_one() -> None:
    from gan.checkpoint.weights import load_card  # noqa: PLC0415
    from gan.networks.cost import multiplications, parameters  # noqa: PLC0415

    shipped = load_card(DEFAULT_WEIGHTS).architecture
    assert 4 * parameters(shipped) < checker.MOST_PARAMETERS
    assert 8 * multiplications(shipped) < checker.MOST_MULTIPLICATIONS


def test_what_does_not_draw_is_no_style(pair: tuple[bytes, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    from gan.sampling.sampler import Sampler  # noqa: PLC0415

    drawn = []
    monkeypatch.setattr(Sampler, "draw", lambda _self, codes: drawn.append(codes))
    check(files(pair))
    assert [str(code) for code in drawn[0]] == ["0", "0+d1:1"]

    def fail(_self: Sampler, _codes: object) -> None:
        raise RuntimeError("shapes do not fit")

    monkeypatch.setattr(Sampler, "draw", fail)
    assert "shapes do not fit" in problem(files(pair))


def test_an_upscaler_that_does_not_fit_the_network_is_refused(tmp_path: Path) -> None:
    """The network alone draws; only the picture that people see fails."""
    from gan.checkpoint.weights import load_generator, save_generator  # noqa: PLC0415
    from gan.second_stages.upscaler.network import Upscaler  # noqa: PLC0415
    from gan.second_stages.upscaler.spec import Spec, Stage  # noqa: PLC0415
    from gan.second_stages.upscaler.stage import PlainUpscaler  # noqa: PLC0415

    spec = Spec((Stage(32, 12, width=4, convolutions=1, grows=4), Stage(64, 7, width=4, convolutions=1, grows=4)))
    path = tmp_path / "a.safetensors"
    generator, card = load_generator(save(tmp_path, LABELLED))
    save_generator(path, generator, card, PlainUpscaler(spec, Upscaler(spec).whole()))
    assert "broken" in problem([(file.name, file.read_bytes()) for file in (path, path.with_suffix(".json"))])


# ---- through the process


async def test_the_process_draws_the_shipped_style_at_full_size() -> None:
    shipped = (DEFAULT_WEIGHTS, DEFAULT_WEIGHTS.with_suffix(".json"))
    _, card = await check_style([(path.name, path.read_bytes()) for path in shipped])
    assert "upscaler" in card.parts


async def test_the_process_hands_back_what_it_was_given(pair: tuple[bytes, dict[str, Any]]) -> None:
    weights, card = await check_style(files(pair))
    assert weights == pair[0]
    assert card == ModelCard.from_json(json.dumps(pair[1]))


async def test_the_process_says_what_is_wrong_in_one_line() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_BZIP2) as zipped_:
        zipped_.writestr("a.safetensors", bytes(2**24))
        zipped_.writestr("a.json", "{}")
    assert len(bomb.getvalue()) < 2**12
    with pytest.raises(StyleProblem, match="uncommon method"):
        await check_style([("bomb.zip", bomb.getvalue())])


async def test_a_style_that_needs_more_memory_than_it_gets_costs_the_process_alone() -> None:
    with pytest.raises(StyleProblem, match="crashed the reading process"):
        await check_style([("a.safetensors", bytes(2**25)), ("a.json", b"{}")], memory=2**20)


def test_too_little_memory_is_a_reason(pair: tuple[bytes, dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(checker, "_draw", fail)
    assert "does not fit into memory" in problem(files(pair))


async def test_a_style_that_keeps_the_processor_busy_is_ended_by_the_system(
    pair: tuple[bytes, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importing.start_confined

    async def start(_module: str, *arguments: str) -> Any:
        return await real("tests.bot.system.busy", *arguments)

    monkeypatch.setattr(importing, "start_confined", start)
    with pytest.raises(StyleProblem, match="crashed the reading process"):
        await check_style(files(pair))


async def test_a_process_that_takes_too_long_is_ended() -> None:
    with pytest.raises(StyleProblem, match=r"took longer than 0\.01 seconds"):
        await check_style([("a.json", b"{}")], seconds=0.01)


async def test_a_process_that_dies_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importing.start_confined

    async def start(_module: str, *_arguments: str) -> Any:
        return await real("bot.features.styles.no_such_module")

    monkeypatch.setattr(importing, "start_confined", start)
    with pytest.raises(StyleProblem, match="crashed the reading process"):
        await check_style([("a.json", b"{}")])


async def test_too_large_files_are_not_even_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "start_confined", None)
    monkeypatch.setattr(importing, "LARGEST", 10)
    with pytest.raises(StyleProblem, match=r"style\.import\.big"):
        await check_style([("a.safetensors", bytes(11))])
