"""The daily post: what it shows, its stars, the favourites of a month, and every server's the same."""

from __future__ import annotations

import asyncio
import io
import re
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bot.client import MeliconBot
from bot.features.daily.choice import DISTANCE, WINDOW
from bot.inference.rendering import read_pixels
from bot.store import DailyIcon
from discord_emulator import Emulator
from gan.dataset.lookalikes import thumbnails
from tests.e2e.conftest import StartBot
from tests.e2e.daily.conftest import Subscribe, Virtual
from tests.e2e.daily.posts import dates, labels, posts


async def test_a_post_has_its_date_code_picture_and_buttons_in_the_servers_language(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await subscribe(bot, locale="fr")
    clock.to("2026-03-02 09:00")
    await bot.daily.poster.drain()
    ((day, message),) = posts(emulator)
    assert day == date(2026, 3, 2)
    assert "lundi 2 mars 2026" in message["content"]
    icon = await bot.store.daily_icons.get(day)
    assert icon is not None
    assert f"`{icon.code}`" in message["content"]
    (attachment,) = message["attachments"]
    assert attachment["description"]
    buttons = labels(message)
    assert buttons["mel:v1:star:2026-03-02"] == "0"
    assert "mel:v1:another" in buttons
    assert not any("keep" in button for button in buttons), "one ⭐ is enough: it counts, and keeps the icon"
    assert not message["mention_everyone"]


async def test_stars_are_counted_on_the_post_one_for_each_person(
    emulator: Emulator, start_bot: StartBot, clock: Virtual, subscribe: Subscribe
) -> None:
    star = "mel:v1:star:2026-03-02"
    async with start_bot() as bot:
        await subscribe(bot)
        clock.to("2026-03-02 09:00")
        await bot.daily.poster.drain()
        ((_, message),) = posts(emulator)
        before = labels(message)
        people = (emulator.owner, emulator.moderator, emulator.member, emulator.stranger)
        await asyncio.gather(*(emulator.press(user, message, star) for user in people))
        assert labels(posts(emulator)[0][1]) == before | {star: "4"}, "and nothing else has changed"
        reply = await emulator.press(emulator.member, message, star)
        assert labels(posts(emulator)[0][1])[star] == "3"
        await reply.more(3)
        assert "外しました" in reply.followups[0]["content"]
        assert await bot.store.favourites.count(int(emulator.member.id)) == 0
        (kept,) = await bot.store.favourites.of_user(int(emulator.owner.id))
        icon = await bot.store.daily_icons.get(date(2026, 3, 2))
        assert icon is not None
        assert (kept.code, kept.picture) == (icon.code, icon.png), "a star keeps the icon too"
    async with start_bot():
        reply = await emulator.press(emulator.member, message, star)
        assert labels(reply.message)[star] == "4", "counted on after a restart"
        await reply.more(3)
        assert reply.followups[0]["flags"] & 64, "and told to whoever pressed alone"


async def test_a_star_and_its_icon_come_and_go_together_however_quick_the_presses(
    emulator: Emulator, bot: MeliconBot, subscribe: Subscribe, clock: Virtual, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = bot.store.favourites.add

    async def slowly(**icon: Any) -> None:
        await asyncio.sleep(0.3)
        await keep(**icon)

    monkeypatch.setattr(bot.store.favourites, "add", slowly)
    await subscribe(bot)
    clock.to("2026-03-02 09:00")
    await bot.daily.poster.drain()
    ((_, message),) = posts(emulator)
    star = "mel:v1:star:2026-03-02"
    for reply in await asyncio.gather(*(emulator.press(emulator.member, message, star) for _ in range(2))):
        await reply.more(2)
    assert labels(posts(emulator)[0][1])[star] == "0"
    assert await bot.store.favourites.count(int(emulator.member.id)) == 0


async def test_the_best_of_a_month_are_one_picture_in_order_of_their_stars(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    none = await emulator.slash(emulator.moderator, "daily best", {})
    assert none.ephemeral
    assert "March 2026" in none.message["content"]
    await subscribe(bot)
    given = {2: [], 3: [emulator.owner], 4: [emulator.owner, emulator.member], 5: [emulator.stranger]}
    for day, fans in given.items():
        clock.to(f"2026-03-{day:02} 09:00")
        await bot.daily.poster.drain()
        for user in fans:
            await emulator.press(user, posts(emulator)[-1][1], f"mel:v1:star:2026-03-{day:02}")
    reply = await emulator.slash(emulator.moderator, "daily best", {})
    assert not reply.ephemeral
    lines = reply.message["content"].splitlines()
    assert [re.findall(r"\d+", line)[:2] for line in lines[1:]] == [["1", "4"], ["2", "3"], ["3", "5"]]
    assert lines[1].endswith("2 ⭐")
    assert len(reply.message["attachments"]) == 1
    picture = Image.open(io.BytesIO(await emulator.attachment_bytes(reply.message)))
    assert picture.width > 2 * 64
    offered = await emulator.autocomplete(emulator.moderator, "daily best", focused="month", value="mar")
    assert offered == [{"name": "March 2026", "value": "2026-03"}]
    same = await emulator.slash(emulator.moderator, "daily best", {"month": "2026-03"})
    assert same.message["content"] == reply.message["content"]
    bad = await emulator.slash(emulator.moderator, "daily best", {"month": "13"})
    assert bad.ephemeral
    assert "`2026-11`" in bad.message["content"]


async def test_on_a_date_every_server_gets_the_same_icon_whatever_becomes_of_the_model(
    emulator: Emulator, start_bot: StartBot, clock: Virtual, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start_bot(icon_size=64) as bot:
        await subscribe(bot)
        clock.to("2026-03-02 09:00")
        await bot.daily.poster.drain()
    guild = emulator.add_guild("West")
    channel = next(iter(guild.channels))

    class Others:
        """Another model."""

        from tests.e2e.daily.worker import Patches  # noqa: PLC0415

        card = SimpleNamespace(style=Patches.card.style, short_hash="5e5e5e5e")

        generate, enlarge = Patches.generate, Patches.enlarge

        def draw(self, codes):  # type: ignore[no-untyped-def]  # as Patches.draw
            """Draw the negative."""
            return 255 - self.Patches().draw(codes)

    monkeypatch.setattr("bot.inference.studio._load", lambda _: Others())
    async with start_bot(icon_size=64) as bot:
        await subscribe(bot, 540, "America/Los_Angeles", guild)
        clock.to("2026-03-02 17:00")
        await bot.daily.poster.drain()
        files = [await emulator.attachment_bytes(posts(emulator, place)[0][1]) for place in (emulator.channel, channel)]
    assert dates(emulator, channel) == ["2026-03-02"]
    assert files[0] == files[1]


async def test_no_icon_resembles_one_of_the_sixty_days_before(
    emulator: Emulator, start_bot: StartBot, clock: Virtual
) -> None:
    async with start_bot(icon_size=64) as bot:
        first = date(2026, 3, 2)
        # a neighbour that looks exactly like what the date would get
        wanted = await bot.daily.icons.get(first)
        await bot.store.daily_icons.add(
            DailyIcon(
                date=first + timedelta(days=WINDOW), code="1", style="patches", model="0a1b2c3d",
                png=wanted.png, chosen_at=datetime.now(UTC),
            ), 0, set(),
        )  # fmt: skip
        days = [first + timedelta(days=n) for n in range(1, 20)]
        for day in days:
            await bot.daily.icons.get(day)
        icons = await bot.daily.icons.small(days)
    pictures = thumbnails(np.stack([read_pixels(icons[day].png) for day in days]))
    assert len({str(icon.code) for icon in icons.values()}) == len(days)
    for one, other in combinations(pictures, 2):
        assert np.sqrt(np.square(one - other, dtype=np.float64).mean()) >= DISTANCE
