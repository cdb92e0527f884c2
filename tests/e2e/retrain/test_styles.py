"""`/style` as the owner uses it, and what becomes of codes meanwhile."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from bot.client import MeliconBot
from discord_emulator import Emulator
from discord_emulator.reply import Reply
from gan.checkpoint.model_hash import of_this_version
from gan.checkpoint.weights import ModelCard, load_card, read_tensors, tensors_hash
from tests.e2e.conftest import StartBot, write_weights


@pytest.fixture
def fan(tmp_path: Path) -> Path:
    """Weights of a style called fan."""
    return write_weights(tmp_path / "fan.safetensors", style="fan", seed=5, attributes={"hair": ["long", "short"]})


def raw(path: Path) -> bytes:
    return path.read_bytes()


def packed(path: Path) -> tuple[str, bytes]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in (path, path.with_suffix(".json")):
            archive.writestr(file.name, file.read_bytes())
    return f"{path.stem}.zip", buffer.getvalue()


async def style(emulator: Emulator, command: str, **options: object) -> str:
    reply = await emulator.slash(emulator.owner, f"style {command}", options)
    return str(reply.message["content"])


async def draw(emulator: Emulator, seed: str, **options: object) -> Reply:
    return await emulator.slash(emulator.member, "melicon", {"seed": seed, **options})


async def pixels(emulator: Emulator, reply: Reply) -> bytes:
    return await emulator.attachment_bytes(reply.message)


async def test_a_style_is_imported_used_renamed_exported_and_deleted(
    emulator: Emulator, bot: MeliconBot, fan: Path
) -> None:
    built_in = bot.studio.style
    model = load_card(fan).short_hash
    assert f"`fan` (`#{model}`) was imported" in await style(emulator, "import", file=packed(fan))
    first = await draw(emulator, f"5/fan#{model}")
    listed = (await emulator.slash(emulator.owner, "style list")).message
    assert f"**`{built_in}`" in listed["content"]
    sheet = Image.open(io.BytesIO(await emulator.attachment_bytes(listed)))
    assert sheet.size[0] > 4 * 64, "some icons of each style are shown"

    assert "now the default style" in await style(emulator, "use", style="fan")
    assert bot.studio.style == "fan"
    assert await pixels(emulator, await draw(emulator, "5")) == await pixels(emulator, first)

    assert "now called `lorelei`" in await style(emulator, "rename", style="fan", name="lorelei")
    assert bot.studio.style == "lorelei"

    def icon(data: bytes) -> bytes:
        return Image.open(io.BytesIO(data)).convert("RGB").tobytes()

    renamed = await draw(emulator, f"5/fan#{model}")
    assert icon(await pixels(emulator, renamed)) == icon(await pixels(emulator, first)), "old codes draw the same"
    renamed = await draw(emulator, "5/fan")
    assert icon(await pixels(emulator, renamed)) == icon(await pixels(emulator, first))

    reply = await emulator.slash(emulator.owner, "style export", {"style": "lorelei"})
    with zipfile.ZipFile(io.BytesIO(await emulator.attachment_bytes(reply.message))) as archive:
        assert json.loads(archive.read("lorelei.json"))["style"] == "lorelei"
        assert archive.read("lorelei.safetensors") == raw(fan)

    exported = ("lorelei.zip", await emulator.attachment_bytes(reply.message))
    assert "`again` (" in await style(emulator, "import", file=exported, name="again")
    assert "was deleted" in await style(emulator, "delete", style="again")

    assert "is the default style" in await style(emulator, "delete", style="lorelei")
    await style(emulator, "use", style=built_in)
    assert bot.studio.style == built_in
    assert "was deleted" in await style(emulator, "delete", style="lorelei")
    assert bot.studio.styles == [built_in]


async def test_a_second_model_of_a_style_leaves_the_codes_of_the_first_alone(
    emulator: Emulator, bot: MeliconBot, fan: Path, tmp_path: Path
) -> None:
    await style(emulator, "import", file=packed(fan))
    first = load_card(fan).short_hash
    before = await pixels(emulator, await draw(emulator, f"5/fan#{first}"))
    other = write_weights(tmp_path / "later.safetensors", style="fan", seed=6)
    await style(emulator, "import", file=packed(other))
    second = load_card(other).short_hash
    assert await pixels(emulator, await draw(emulator, f"5/fan#{first}")) == before
    assert await pixels(emulator, await draw(emulator, f"5/fan#{second}")) != before
    await style(emulator, "use", style="fan", model=first)
    assert await pixels(emulator, await draw(emulator, "5/fan")) == before


async def test_no_command_is_dropped_while_styles_are_swapped(emulator: Emulator, bot: MeliconBot, fan: Path) -> None:
    import asyncio  # noqa: PLC0415

    await style(emulator, "import", file=packed(fan))
    built_in = bot.studio.style

    async def many() -> int:
        return sum([bool((await draw(emulator, str(n))).message["attachments"]) for n in range(40)])

    drawing = asyncio.create_task(many())
    for name in ("fan", built_in) * 4:
        await style(emulator, "use", style=name)
    assert await drawing == 40


async def test_what_is_no_style_is_refused(emulator: Emulator, bot: MeliconBot, fan: Path) -> None:
    told = await style(emulator, "import", file=("a.safetensors", b"nonsense"))
    assert "I need a .safetensors file and its .json" in told
    card = raw(fan.with_suffix(".json"))
    told = await style(emulator, "import", file=("a.safetensors", b"nonsense"), card=("a.json", card))
    assert "I can’t use that" in told
    damaged = raw(fan)[:-8] + b"12345678"
    told = await style(emulator, "import", file=("a.safetensors", damaged), card=("a.json", card))
    assert "I can’t use that" in told
    built_in = bot.studio.style
    assert "the built-in style" in await style(emulator, "import", file=packed(fan), name=built_in)
    same = write_weights(fan.with_name("same.safetensors"), style=built_in, seed=9)
    assert "the built-in style" in await style(emulator, "import", file=packed(same))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.safetensors", bytes(2**24))
        archive.writestr("a.json", card)
    told = await style(emulator, "import", file=("bomb.zip", bomb.getvalue()))
    assert told == "I can’t use that: packed by an uncommon method; pack it again as an ordinary zip"
    assert "lower-case letters" in await style(emulator, "import", file=packed(fan), name="../up")
    assert "already" in await style(emulator, "import", file=packed(fan), name="scratch")
    assert bot.studio.styles == [built_in]
    assert not [p for p in bot.styles.library.folder.rglob("*") if p.is_file() and p.name != "aliases.json"]


async def test_no_import_changes_what_is_drawn_in_the_style_in_use(
    emulator: Emulator, start_bot: StartBot, fan: Path
) -> None:
    def changed(**options: object) -> tuple[str, bytes]:
        card = json.loads(fan.with_suffix(".json").read_text())
        other = fan.with_name("changed.safetensors")
        other.write_bytes(raw(fan))
        other.with_suffix(".json").write_text(json.dumps(card | {"options": options}))
        if tidy:
            of = ModelCard.from_json(other.with_suffix(".json").read_text())
            of = of_this_version(tensors_hash(read_tensors(other)), of)
            other.with_suffix(".json").write_text(of.to_json())
        return packed(other)

    async with start_bot() as bot:
        await style(emulator, "import", file=packed(fan))
        await style(emulator, "use", style="fan")
        code = f"5/fan#{load_card(fan).short_hash}"
        before = await pixels(emulator, await draw(emulator, code))
        kept = sorted(path.name for path in bot.styles.library.folder.rglob("*"))
        tidy = False  # the card says one thing and its hash another
        for options in ({"truncation": "x"}, {"truncation": 0.2}, {"flat": True}):
            told = await style(emulator, "import", file=changed(**options))
            assert "I can’t use that" in told
        assert sorted(path.name for path in bot.styles.library.folder.rglob("*")) == kept
        tidy = True  # whoever wrote the card knew how to make the hash
        assert "was imported" in await style(emulator, "import", file=changed(truncation=0.2))
        (bot.styles.library.folder / ".import-left").mkdir()
    async with start_bot() as bot:
        assert bot.studio.style == "fan"
        assert not (bot.styles.library.folder / ".import-left").exists()
        assert await pixels(emulator, await draw(emulator, code)) == before
        assert await pixels(emulator, await draw(emulator, "5/fan")) == before


async def test_a_chosen_style_that_is_gone_leaves_the_built_in_one(
    emulator: Emulator, start_bot: StartBot, fan: Path
) -> None:
    async with start_bot() as bot:
        built_in = bot.studio.style
        await style(emulator, "import", file=packed(fan))
        await style(emulator, "use", style="fan")
        folder = bot.styles.library.folder
    for path in folder.rglob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:100])
    async with start_bot() as bot:
        assert bot.studio.style == built_in
        assert (await draw(emulator, "1")).message["attachments"]


async def test_a_style_option_that_contradicts_the_code_is_refused(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await draw(emulator, "1/fan", style=bot.studio.style)
    assert reply.ephemeral
    reply = await draw(emulator, "1", style="nowhere")
    assert reply.ephemeral
