"""`/retrain` from the pictures to the new style in use, as its owner and as others see it."""

from __future__ import annotations

import asyncio
import io
import os
import re
import resource
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.client import MeliconBot
from bot.features.retrain.job_folder import JobFolder
from bot.features.retrain.notifier import EDIT_EVERY
from discord_emulator import Emulator
from tests.e2e.conftest import StartBot
from tests.e2e.retrain.jobs import ENOUGH, begin, buttons, propose, result, shown, training_zip
from tests.gan.odd_pictures import BAD, plain


async def test_a_job_from_the_zip_to_the_style_in_use_and_after_a_restart(
    emulator: Emulator, start_bot: StartBot
) -> None:
    async with start_bot() as bot:
        model = await learn_and_use(emulator, bot)
        first = await emulator.slash(emulator.member, "melicon", {"seed": "9"})
    async with start_bot() as bot:
        assert bot.studio.style == "fan"
        again = await emulator.slash(emulator.member, "melicon", {"seed": f"9/fan#{model}"})
        assert await emulator.attachment_bytes(again.message) == await emulator.attachment_bytes(first.message)

        await begin(emulator, style="later", start="fan", zip_=training_zip(first=40))
        done = await result(emulator, "later")
        await emulator.press(emulator.owner, done, buttons(done)["keep"], timeout=ENOUGH)
        file = bot.styles.find("later")
        assert file is not None
        assert file.card.notes == f"continued from fan {model}"


async def learn_and_use(emulator: Emulator, bot: MeliconBot) -> str:
    """Give a training job, look at all that is said on the way, and use the style; return its model."""
    before = await emulator.slash(emulator.member, "melicon", {"seed": "7"})
    proposal = await propose(emulator, style="fan")
    assert "**12** pictures" in proposal.message["content"]
    assert "Fewer than 50" in proposal.message["content"]
    assert "That takes about 3 s" in proposal.message["content"]
    sheet = Image.open(io.BytesIO(await emulator.attachment_bytes(proposal.message)))
    assert sheet.size == (684, 140)
    assert set(buttons(proposal.message)) == {"start", "drop"}

    await emulator.press(emulator.owner, proposal.message, buttons(proposal.message)["start"])
    proposal.interaction.created -= 3600  # its token is no more
    progress = await emulator.wait_message(matches=lambda m: "cancel" in buttons(m), timeout=ENOUGH)
    during = await emulator.slash(emulator.member, "melicon", {"seed": "7"})
    assert await emulator.attachment_bytes(during.message) == await emulator.attachment_bytes(before.message)

    done = await result(emulator)
    assert set(buttons(done)) == {"use", "more", "keep", "discard"}
    assert done["mentions"][0]["id"] == str(emulator.owner.id)
    assert "pictures seen" in done["content"]
    Image.open(io.BytesIO(await emulator.attachment_bytes(done))).verify()
    ended = next(m for m in emulator.messages() if m["id"] == progress["id"])
    assert not buttons(ended)
    edits = [r.at for r in emulator.requests if r.method == "PATCH" and r.path.endswith(progress["id"])]
    assert edits
    gaps = [later - earlier for earlier, later in pairwise(edits[:-1])]  # the last one says that it has ended
    assert all(gap > 0.25 for gap in gaps), "messages are not edited too often"

    old_style = bot.studio.style
    used = await emulator.press(emulator.owner, done, buttons(done)["use"], timeout=ENOUGH)
    assert "is now the default style" in used.message["content"]
    assert not buttons(used.message)
    assert bot.studio.style == "fan"
    after = await emulator.slash(emulator.stranger, "melicon", {"seed": "7"})
    assert "fan" in after.message["content"]
    assert await emulator.attachment_bytes(after.message) != await emulator.attachment_bytes(before.message)
    again = await emulator.slash(emulator.member, "melicon", {"seed": "7", "style": old_style})
    assert await emulator.attachment_bytes(again.message) == await emulator.attachment_bytes(before.message)
    assert not list((bot.settings.data_dir / "runs").iterdir())
    return bot.studio.in_use.card.short_hash


def test_a_message_is_edited_every_ten_seconds_at_most() -> None:
    assert EDIT_EVERY >= 10


async def test_refused_pictures_are_named_while_the_rest_goes_on(emulator: Emulator, bot: MeliconBot) -> None:
    bad = {f"images{n}": (name, BAD[name][0]()) for n, name in enumerate(("cut.png", "words.txt", "bomb.png"), 2)}
    reply = await propose(emulator, **bad)
    text = reply.message["content"]
    assert "accepted **12** pictures and refused 3." in text
    for name in ("cut.png", "words.txt", "bomb.png"):
        assert f"`{name}`: " in text
    assert "larger than 50 megapixels" in text
    dropped = await emulator.press(emulator.owner, reply.message, buttons(reply.message)["drop"])
    assert "cancelled" in dropped.message["content"]
    assert not list((bot.settings.data_dir / "runs").iterdir())


async def test_a_job_chooses_its_initial_weights_itself(emulator: Emulator, bot: MeliconBot) -> None:
    """The small model of the tests was trained on such pictures."""
    proposal = await propose(emulator, style="fan", start="auto")
    assert "In the first minute I measure" in proposal.message["content"]
    told = await shown(emulator, lambda m: "only about 30–60 pictures" in m["content"], seen_by=emulator.owner)
    assert told["id"] == proposal.message["id"]
    assert set(buttons(told)) == {"start", "drop"}
    await emulator.press(emulator.owner, proposal.message, buttons(proposal.message)["start"])
    done = await result(emulator)
    assert "I started from the current model" in done["content"]
    assert "The rows show: before" in done["content"]


async def test_a_finished_job_can_be_continued(
    emulator: Emulator, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.features.retrain.buttons.MORE_MINUTES", 0.05)
    async with start_bot() as bot:
        await begin(emulator, style="fan")
        first = await result(emulator)
    async with start_bot() as bot:
        pressed = await emulator.press(emulator.owner, first, buttons(first)["more"])
        assert "more minutes" in pressed.message["content"]
        assert not buttons(pressed.message)
        second = await shown(emulator, lambda m: "use" in buttons(m) and m["id"] != first["id"])
        assert pictures_seen(second) > pictures_seen(first)
        again = await emulator.press(emulator.owner, second, buttons(second)["keep"], timeout=ENOUGH)
        assert "is saved" in again.message["content"]
        assert "fan" in bot.studio.styles


def pictures_seen(message: dict[str, Any]) -> int:
    """Return the number of pictures that a result mentions."""
    found = re.search(r"([\d,]+) pictures seen", message["content"])
    assert found
    return int(found[1].replace(",", ""))


async def test_too_few_pictures_begin_nothing(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await propose(emulator, zip_=training_zip(3))
    assert "At least 8 are needed" in reply.message["content"]
    assert not buttons(reply.message)


async def test_one_learns_at_a_time_and_the_owner_alone_decides(emulator: Emulator, bot: MeliconBot) -> None:
    await begin(emulator, style="one", minutes=5)
    await begin(emulator, style="two", zip_=training_zip(first=40), start="scratch")
    await begin(emulator, style="three", zip_=training_zip(first=60))
    waiting = await emulator.wait_message(matches=lambda m: "position 1" in m["content"], timeout=ENOUGH)
    assert "**two**" in waiting["content"]
    status = await emulator.slash(emulator.owner, "retrain")
    assert "**one**" in status.message["content"]
    assert "**two** is queued at position 1" in status.message["content"]
    assert "**three** is queued at position 2" in status.message["content"]
    marks = [button for row in status.message["components"] for button in row["components"]]
    assert [mark["label"] for mark in marks] == ["one", "two", "three"]
    cancelled = await emulator.press(emulator.owner, status.message, marks[2]["custom_id"])
    assert "**three** was cancelled" in cancelled.followups[0]["content"]
    progress = await shown(emulator, lambda m: "pictures seen" in m["content"] and bool(m["attachments"]))
    for part in ("▱", "per second", "left", "**one**"):
        assert part in progress["content"]
    await check_trainer(bot)
    cancelled = await emulator.press(emulator.owner, progress, buttons(progress)["cancel"])
    assert "Stopping **one**" in cancelled.followups[0]["content"]
    first = await result(emulator, "one")
    assert "stopped early" in first["content"]
    second = await result(emulator, "two")
    assert "stopped early" not in second["content"]
    # begun from nothing and taught for three seconds
    assert "Not recommended" in second["content"]
    assert "Use anyway" in str(second["components"])
    assert "The rows show: the result" in second["content"]
    sheet = Image.open(io.BytesIO(await emulator.attachment_bytes(second)))
    assert sheet.size[1] < 3 * 128, "no row for what was before"

    for what in ("use", "keep", "discard"):
        reply = await emulator.press(emulator.stranger, first, buttons(first)[what])
        assert reply.ephemeral
        assert "propriétaire" in reply.message["content"]
    old_style = bot.studio.style
    await emulator.press(emulator.owner, first, buttons(first)["keep"], timeout=ENOUGH)
    assert bot.studio.style == old_style
    choices = await emulator.autocomplete(emulator.stranger, "melicon", "style", "ON")
    assert [choice["value"] for choice in choices] == ["one"]
    drawn = await emulator.slash(emulator.stranger, "melicon", {"seed": "1", "style": "one"})
    assert "1/one" in drawn.message["content"]

    pressed = await emulator.press(emulator.owner, second, buttons(second)["discard"], timeout=ENOUGH)
    assert "discarded" in pressed.message["content"]
    assert bot.studio.styles == ["one", old_style]
    assert not list((bot.settings.data_dir / "runs").iterdir())


async def check_trainer(bot: MeliconBot) -> None:
    """The training process gives way, is bounded and knows no secret."""
    found = [JobFolder(path).trainer() for path in (bot.settings.data_dir / "runs").iterdir()]
    (trainer,) = [pid for pid in found if pid]
    assert os.getpriority(os.PRIO_PROCESS, trainer) == os.getpriority(os.PRIO_PROCESS, 0) + 1
    assert resource.prlimit(trainer, resource.RLIMIT_DATA) == (3000 * 2**20, 3000 * 2**20)
    environment = (await asyncio.to_thread(Path(f"/proc/{trainer}/environ").read_bytes)).split(b"\0")
    assert b"OMP_NUM_THREADS=1" in environment
    assert bot.settings.discord_token.get_secret_value().encode() not in b"\0".join(environment)
    score = await asyncio.to_thread(Path(f"/proc/{trainer}/oom_score_adj").read_text)
    assert score.strip() == "1000", "short of memory, the system takes it first"


async def test_a_message_can_be_learnt_from(emulator: Emulator, bot: MeliconBot) -> None:
    files = [(f"{seed}.png", plain(seed)) for seed in range(10)]
    message = await emulator.post_message(emulator.member, content="my drawings", files=files)
    reply = await emulator.context_menu(emulator.owner, "Learn from this message", message, timeout=ENOUGH)
    assert "**10** pictures" in reply.message["content"]
    empty = await emulator.post_message(emulator.member, content="no drawings")
    reply = await emulator.context_menu(emulator.owner, "Learn from this message", empty, timeout=ENOUGH)
    assert "no picture or zip" in reply.message["content"]


async def test_a_forwarded_message_can_be_learnt_from(emulator: Emulator, bot: MeliconBot) -> None:
    files = [(f"{seed}.png", plain(seed)) for seed in range(10)]
    original = await emulator.post_message(emulator.member, emulator.channels["fanart"], files=files)
    forwarded = await emulator.forward(emulator.owner, original)
    reply = await emulator.context_menu(emulator.owner, "Learn from this message", forwarded, timeout=ENOUGH)
    assert "**10** pictures" in reply.message["content"]
    original = await emulator.post_message(emulator.member, files=[("mine.zip", training_zip())])
    forwarded = await emulator.forward(emulator.owner, original)
    reply = await emulator.context_menu(emulator.owner, "Learn from this message", forwarded, timeout=ENOUGH)
    assert "**12** pictures" in reply.message["content"]
    assert "**mine**" in reply.message["content"]


async def test_forwarded_pictures_of_a_channel_are_learnt_from(emulator: Emulator, bot: MeliconBot) -> None:
    emulator.core.privileged_intents = 1 << 15
    place = emulator.channels["fanart"]
    for first in (0, 10):
        files = [(f"{seed}.png", plain(seed)) for seed in range(first, first + 10)]
        original = await emulator.post_message(emulator.member, files=files)
        await emulator.forward(emulator.member, original, place)
    reply = await emulator.slash(emulator.owner, "retrain", {"channel": place}, timeout=ENOUGH)
    assert "**20** pictures" in reply.message["content"]
    reply = await emulator.slash(emulator.owner, "retrain", {"channel": place, "limit": 9}, timeout=ENOUGH)
    assert "**9** pictures" in reply.message["content"]


async def test_forwarded_pictures_that_are_hidden_say_what_to_turn_on(emulator: Emulator, bot: MeliconBot) -> None:
    place = emulator.channels["fanart"]
    original = await emulator.post_message(emulator.member, files=[(f"{s}.png", plain(s)) for s in range(10)])
    await emulator.forward(emulator.member, original, place)
    reply = await emulator.slash(emulator.owner, "retrain", {"channel": place}, timeout=ENOUGH)
    assert "Message Content Intent" in reply.message["content"]


async def test_a_channel_without_the_intent_says_what_to_turn_on(emulator: Emulator, bot: MeliconBot) -> None:
    files = [(f"{seed}.png", plain(seed)) for seed in range(10)]
    place = emulator.channels["fanart"]
    await emulator.post_message(emulator.member, place, files=files)
    reply = await emulator.slash(emulator.owner, "retrain", {"channel": place}, timeout=ENOUGH)
    assert "Message Content Intent" in reply.message["content"]
    emulator.core.privileged_intents = 1 << 15
    reply = await emulator.slash(emulator.owner, "retrain", {"channel": place, "limit": 9}, timeout=ENOUGH)
    assert "**9** pictures" in reply.message["content"]
    assert "**fanart**" in reply.message["content"]


async def test_beginning_from_nowhere_is_explained(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await propose(emulator, start="nowhere")
    assert "`default`" in reply.message["content"]
    reply = await propose(emulator, style="No Good")
    assert "lower-case letters" in reply.message["content"]
