"""`/tweak` over the wire: ◀ and ▶ change one thing, the way back is exact, and everybody has a message of their own."""

from __future__ import annotations

import asyncio
import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bot.client import MeliconBot
from bot.features.styles import Library
from discord_emulator import Emulator
from gan.artist import ATTRIBUTES
from gan.codes import IconCode
from gan.rendering import read_code
from tests.e2e.conftest import StartBot
from tests.e2e.test_bot_buttons import LONG, press
from tests.e2e.test_bot_icons import buttons


async def tweak(emulator: Emulator, code: str = "123", user: Any = None) -> Any:
    return (await emulator.slash(user or emulator.moderator, "tweak", {"code": code})).message


def arrow(message: Any, way: str) -> dict[str, Any]:
    """The button that goes "+", "-", or "0", all the way back."""
    (found,) = [
        b for b in buttons(message) if b["custom_id"].startswith("mel:v1:turn:") and f"{way}:" in b["custom_id"]
    ]
    return found


async def turn(emulator: Emulator, message: Any, way: str, user: Any = None) -> Any:
    return await emulator.press(user or emulator.moderator, message, arrow(message, way)["custom_id"])


def menu(message: Any) -> dict[str, Any]:
    (found,) = [item for item in buttons(message) if item["custom_id"].startswith("mel:v1:knob:")]
    return found


async def choose(emulator: Emulator, message: Any, label: str, user: Any = None) -> Any:
    (value,) = [option["value"] for option in menu(message)["options"] if option["label"] == label]
    return (await emulator.press(user or emulator.moderator, message, menu(message)["custom_id"], [value])).message


def code_of(message: Any) -> str:
    return str(message["content"].rpartition("`")[0].rpartition("`")[2])


async def picture(emulator: Emulator, message: Any) -> bytes:
    png = await emulator.attachment_bytes(message)
    assert (read_code(png) or "").split("/")[0] == code_of(message), "the caption says what the picture is"
    return png


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


async def test_a_step_on_and_a_step_back_give_the_very_same_file_even_after_a_restart(
    emulator: Emulator, start_bot: StartBot, described_weights: Path
) -> None:
    async with start_bot(weights=described_weights) as bot:
        first = await tweak(emulator)
        original = await picture(emulator, first)
        has = (await bot.studio.draw(IconCode.parse("123"))).attributes["hair"]
    values = ATTRIBUTES["hair"]
    following = values[(values.index(has) + 1) % len(values)]
    words = bot.catalogues.words("en").attributes
    changed = f"hair: {words.value('hair', has)} → {words.value('hair', following)}"
    async with start_bot(weights=described_weights, cache_mib=0):
        assert arrow(first, "+")["label"] == f"hair: {words.value('hair', following)}"
        there = (await turn(emulator, first, "+")).message
        assert there["id"] == first["id"], "the message itself changes"
        assert code_of(there) == "123+hair:1"
        assert changed in there["content"]
        assert changed in there["attachments"][0]["description"]
        assert there["attachments"][0]["filename"] == "melicon-123-hair-1.png"
        assert (pixels(await picture(emulator, there)) != pixels(original)).any()
    async with start_bot(weights=described_weights, cache_mib=0):
        back = (await turn(emulator, there, "-")).message
        assert code_of(back) == "123"
        assert await picture(emulator, back) == original


async def test_going_round_or_back_at_once_ends_at_the_icon_itself(
    emulator: Emulator, described_bot: MeliconBot
) -> None:
    message = await tweak(emulator)
    original = await picture(emulator, message)
    message = await choose(emulator, message, "nose")
    assert [option["label"] for option in menu(message)["options"] if option.get("default")] == ["nose"]
    codes = []
    for _ in ATTRIBUTES["nose"]:
        message = (await turn(emulator, message, "+")).message
        codes.append(code_of(message))
    assert codes == ["123+nose:1", "123+nose:-1", "123"]
    assert await picture(emulator, message) == original
    message = (await turn(emulator, message, "-")).message
    message = await choose(emulator, message, "mouth")
    message = (await turn(emulator, message, "+")).message
    assert code_of(message) == "123+mouth:1+nose:-1"
    message = (await turn(emulator, message, "0")).message
    assert await picture(emulator, message) == original


async def test_another_person_gets_a_copy_of_their_own_that_nobody_else_sees(
    emulator: Emulator, described_bot: MeliconBot
) -> None:
    message = await tweak(emulator)
    copy = await turn(emulator, message, "+", emulator.stranger)
    assert copy.ephemeral
    assert copy.message["content"].startswith("Voici votre propre copie")
    assert code_of(copy.message) == "123+hair:1"
    (untouched,) = [m for m in emulator.messages() if m["id"] == message["id"]]
    assert code_of(untouched) == "123"
    assert arrow(untouched, "+") == arrow(message, "+")
    again = await turn(emulator, copy.message, "+", emulator.stranger)
    assert again.message["id"] == copy.message["id"]
    assert code_of(again.message) == "123+hair:2"
    chosen = await choose(emulator, message, "eyes", emulator.stranger)
    assert chosen["id"] != message["id"]


async def test_two_presses_at_once_come_to_one_step_and_nothing_is_mixed_up(
    emulator: Emulator, described_bot: MeliconBot
) -> None:
    message = await tweak(emulator)
    once, twice = await asyncio.gather(*(turn(emulator, message, "+") for _ in range(2)))
    assert code_of(once.message) == code_of(twice.message) == "123+hair:1"
    message = once.message
    await asyncio.gather(turn(emulator, message, "+"), turn(emulator, message, "-"))
    (message,) = [m for m in emulator.messages() if m["id"] == message["id"]]
    assert code_of(message) in {"123", "123+hair:2"}
    await picture(emulator, message)
    assert arrow(message, "+")["custom_id"].split(":", 5)[5].startswith(code_of(message))


async def test_everything_is_said_in_the_users_language(emulator: Emulator, described_bot: MeliconBot) -> None:
    message = await tweak(emulator, "123", emulator.member)
    assert "変えるところ" in message["content"]
    message = await choose(emulator, message, "髪の色", emulator.member)
    reply = await turn(emulator, message, "+", emulator.member)
    assert "髪の色: " in reply.message["content"]
    assert "変更: 髪の色: " in reply.message["attachments"][0]["description"]
    french = await tweak(emulator, "123", emulator.stranger)
    assert "appuyez sur ◀ ou ▶" in french["content"]
    assert "couleur" in str(menu(french)["options"])
    command = described_bot.tree.get_command("tweak")
    assert command is not None
    told = command.to_dict(described_bot.tree)
    assert sorted(told["contexts"]) == [0, 1, 2]
    assert sorted(told["integration_types"]) == [0, 1]


async def test_a_style_without_labels_is_tweaked_along_directions(emulator: Emulator, bot: MeliconBot) -> None:
    message = await tweak(emulator)
    original = await picture(emulator, message)
    assert [option["label"] for option in menu(message)["options"]] == [f"Direction {n}" for n in range(1, 7)]
    seen = [pixels(original)]
    for _ in range(8):
        assert not arrow(message, "+").get("disabled")
        message = (await turn(emulator, message, "+")).message
        seen.append(pixels(await picture(emulator, message)))
    assert arrow(message, "+")["disabled"], "it has an end"
    assert "Direction 1: 0 → +8" in message["content"]
    assert all((a != b).mean() > 0.05 for a, b in itertools.pairwise(seen))
    message = (await turn(emulator, message, "0")).message
    assert await picture(emulator, message) == original


async def test_the_menu_names_the_attributes_and_marks_what_is_chosen_be_it_a_direction(
    emulator: Emulator, described_bot: MeliconBot
) -> None:
    labels = [option["label"] for option in menu(await tweak(emulator))["options"]]
    assert len(labels) == len(ATTRIBUTES)
    assert not any("Direction" in label for label in labels)
    message = await tweak(emulator, "123+d3:2")
    (chosen,) = [option for option in menu(message)["options"] if option.get("default")]
    assert (chosen["label"], chosen["description"]) == ("Direction 3", "+2")
    assert code_of((await turn(emulator, message, "+")).message) == "123+d3:3"


async def test_the_button_under_an_icon_leads_there_however_long_its_code(
    emulator: Emulator, start_bot: StartBot
) -> None:
    long = LONG + "+d1:8+d2:-8+d3:7+d4:-7+d5:6"
    async with start_bot():
        icon = (await emulator.slash(emulator.member, "melicon", {"seed": long})).message
        opened = (await press(emulator, emulator.moderator, icon, "tweak")).message
        assert code_of(opened) == long
        for message in (icon, opened):
            assert all(len(item["custom_id"]) <= 100 for item in buttons(message))
            assert all(len(row["components"]) <= 5 for row in message["components"])
        kept = await press(emulator, emulator.moderator, opened, "keep")
        assert "in your favourites" in kept.message["content"]
    async with start_bot():
        moved = (await turn(emulator, opened, "-")).message
        assert code_of(moved) == long.replace("+d1:8", "+d1:7")
        mixed = await press(emulator, emulator.moderator, moved, "mix")
        assert mixed.ephemeral
        assert "cannot be mixed" in mixed.message["content"]
        varied = await press(emulator, emulator.moderator, await tweak(emulator, "123+d2:1"), "variations")
        assert "123~1+d2:1" in str(varied.message["components"])


async def test_a_session_leaves_one_icon_among_the_recent_ones(emulator: Emulator, described_bot: MeliconBot) -> None:
    me = emulator.moderator
    message = (await emulator.slash(me, "melicon", {"seed": "123"})).message
    message = (await press(emulator, me, message, "tweak")).message
    for _ in range(3):
        message = (await turn(emulator, message, "+")).message
    recent = await described_bot.store.drawn_icons.recent_codes(me.id)
    assert [str(code.bare) for code in recent] == ["123+hair:3", "123"]
    found = await emulator.autocomplete(me, "tweak", focused="code", value="+hair_")
    assert found == [], "an underscore stands for itself"
    found = await emulator.autocomplete(me, "tweak", focused="code", value="+hair")
    assert [choice["value"] for choice in found] == ["123+hair:3"]


async def test_a_session_forgets_no_icon_but_those_of_its_own_steps(
    emulator: Emulator, described_bot: MeliconBot
) -> None:
    me = emulator.moderator

    async def recent() -> list[str]:
        return [str(code.bare) for code in await described_bot.store.drawn_icons.recent_codes(me.id)]

    await emulator.slash(me, "melicon", {"seed": "123+hair:2"})
    message = await tweak(emulator, "123+hair:1")
    message = await choose(emulator, message, "hair")
    for _ in range(2):
        message = (await turn(emulator, message, "+")).message
    assert await recent() == ["123+hair:3", "123+hair:1", "123+hair:2"], "typed, and so remembered"
    message = (await turn(emulator, await choose(emulator, message, "mouth"), "+")).message
    assert await recent() == ["123+hair:3+mouth:1", "123+hair:1", "123+hair:2"]


async def test_a_learnt_style_can_be_tweaked_while_another_is_in_use(
    emulator: Emulator, start_bot: StartBot, described_weights: Path, tmp_path: Path
) -> None:
    Library(tmp_path / "data" / "styles").install("ink", described_weights, None)
    async with start_bot() as bot:
        assert bot.studio.styles == ["ink", "tiny"]
        message = await tweak(emulator, "123/ink")
        message = (await turn(emulator, message, "+")).message
        assert code_of(message) == "123+d1:1/ink", "nobody saw to it that its icons obey their attributes"
        plain = await emulator.slash(emulator.moderator, "tweak", {"code": "123+hair:1"})
        assert plain.ephemeral
        assert "`hair` is not possible" in plain.message["content"]
        other = await emulator.slash(emulator.moderator, "tweak", {"code": "123+hair:1/ink"})
        assert "For example `123+d1:1/ink`" in other.message["content"]
