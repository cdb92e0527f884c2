"""A process that is killed between a change on Discord and its record: what follows a post happens once."""

from __future__ import annotations

import io
import random
from datetime import UTC, date, datetime

from PIL import Image

from bot.store import DailyIcon, DailyPost, DailySubscription, Store
from bot.store.models import DailyStar
from tests.e2e.daily.test_chaos import SCHEDULE, World, world
from tests.e2e.daily.worker import FOLLOWING

__all__ = ["world"]

STARRED = date(2026, 2, 10)


async def prepare(world: World) -> None:
    """Subscribe the server to everything; its icon of `STARRED` has a star."""
    store = await Store.open(None if world.database == "-" else world.database, world.folder)
    guild, at = world.emulator.guild, datetime(2026, 2, 10, 9, tzinfo=UTC)
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "green").save(picture, "PNG")
    day, due = SCHEDULE.first_after(world.clock())
    subscription = DailySubscription(
        guild_id=guild, channel_id=world.emulator.channel, minute=SCHEDULE.minute, timezone=SCHEDULE.timezone,
        locale="en-US", set_by=1, next_date=day, next_at=due, server_icon=True, monthly=True,
    )  # fmt: skip
    await store.subscriptions.put(subscription, SCHEDULE.following)
    times = {"due_at": at, "deadline": at, "wake_at": at, "posted_at": at}
    post = DailyPost(guild_id=guild, date=STARRED, channel_id=1, state="posted", attempt=1, **times)
    icon = DailyIcon(date=STARRED, code="5", style="patches", model="0a1b2c3d", png=picture.getvalue(), chosen_at=at)
    async with store._session.begin() as session:
        session.add_all([post, icon])
        await session.flush()
        session.add(DailyStar(post_id=post.id, user_id=1))
    await store.close()


async def test_killed_before_the_record_the_next_process_repeats_nothing(world: World) -> None:
    await prepare(world)
    worker = await world.start()
    world.next_day(random.Random(0))
    world.tell_time(worker)
    await worker.drain()
    for point in FOLLOWING:
        world.tell_time(worker)
        worker.say(f"die {point}")
        worker.say("follow")
        await worker.ended()
        assert worker.process.exitcode == -9, "it came to the point"
        world.later(3600)
        worker = await world.start()
    worker.say("follow")
    assert await worker.hear() == "followed"
    await worker.kill()
    messages = [m for m in world.emulator.messages() if "melicon-month-2026-02" in str(m["attachments"])]
    assert len(messages) == 1
    path = f"/guilds/{world.emulator.guild}"
    assert [r.status for r in world.emulator.requests if r.method == "PATCH" and r.path == path] == [200]
    store = await Store.open(None if world.database == "-" else world.database, world.folder)
    row = await store.server_icons.get(world.emulator.guild)
    assert row is not None
    assert row.hash == world.emulator.core.world.guild(world.emulator.guild).icon_hash
    await store.close()
