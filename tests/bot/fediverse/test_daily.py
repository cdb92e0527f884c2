"""The icon of the day: once a local date, whatever happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.fediverse.account import Account, Post, Unavailable
from bot.fediverse.daily import DailyOptions, FediverseDaily
from bot.fediverse.state import State
from bot.localtime.due_dates import Schedule
from tests.bot.fediverse.conftest import Bot, fault

DAY = date(2026, 11, 23)


async def daily(bot: Bot, **options: Any) -> FediverseDaily:
    await bot.start()
    state = State(bot.services.store, f"{bot.account.url} {bot.account.id}")
    given: dict[str, Any] = {
        "schedule": Schedule(9 * 60, "Europe/Paris"),
        "catch_up": timedelta(hours=24),
        "language": None,
        "visibility": "public",
    }
    return FediverseDaily(bot.account, bot.services, state, DailyOptions(**given | options))


def set_clock(bot: Bot, moment: datetime) -> None:
    bot.now = moment - datetime.now(UTC)


def posts(bot: Bot) -> list[Any]:
    return list(bot.person("melicon").account_statuses(bot.account.id))


async def test_the_icon_is_posted_once_a_local_date_with_its_description(bot: Bot) -> None:
    job = await daily(bot, visibility="unlisted")
    moment = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    counts = []
    for minutes in (0, 59, 60, 61, 600, 24 * 60, 25 * 60, 25 * 60 + 1):  # due at 8:00 UTC
        set_clock(bot, moment + timedelta(minutes=minutes))
        await job.look()
        counts.append(len(posts(bot)))
    assert counts == [0, 0, 1, 1, 1, 1, 2, 2]
    first = posts(bot)[-1]
    drawing = await bot.services.icons.get(DAY)
    assert "Monday 23 November 2026" in first.content
    assert bot.services.studio.shown(drawing.pinned) in first.content
    assert (first.visibility, first.tags) == ("unlisted", [])
    assert "#" not in first.content
    assert first.media_attachments[0].description.startswith("Portrait drawn by Melicon")
    stored = await bot.services.store.daily_icons.get(DAY)
    assert stored is not None, "Discord shows the same icon"


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("knows_keys", [True, False], ids=["idempotent", "without keys"])
@pytest.mark.parametrize("where", ["upload", "post", "posted", "note_date"])
async def test_a_kill_at_any_moment_leaves_one_post(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, where: str, knows_keys: bool
) -> None:
    set_clock(bot, datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    original = Account.post
    numbers = iter(range(100))

    async def post(self: Account, what: Post) -> str:
        return await original(self, what if knows_keys else replace(what, key=f"{what.key}{next(numbers)}"))

    async def die(self: Any, *args: Any) -> None:
        if where == "posted":
            await post(self, *args)
        raise Killed

    monkeypatch.setattr(Account, "post", post)
    with monkeypatch.context() as patch:
        patch.setattr(State if where == "note_date" else Account, where.removesuffix("ed"), die)
        with pytest.raises(Killed):
            await (await daily(bot)).look()
    for language in ("fr", None):  # whatever the language was
        await (await daily(bot, language=language)).look()
    assert len(posts(bot)) == 1


async def test_an_answer_with_the_date_in_it_is_no_post_of_the_day(bot: Bot) -> None:
    set_clock(bot, datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    job = await daily(bot)
    question = bot.ask("7")
    bot.person("melicon").status_post("Monday 23 November 2026", in_reply_to_id=question.id)
    await job.look()
    assert len([post for post in posts(bot) if post.in_reply_to_id is None]) == 1


async def test_a_server_in_trouble_gets_the_post_later(bot: Bot, server: Any) -> None:
    set_clock(bot, datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    job = await daily(bot)
    for path in (f"/api/v1/accounts/{bot.account.id}/statuses", "/api/v2/media", "/api/v1/statuses"):
        with fault(server, path=path, status=502, count=1), pytest.raises(Unavailable):
            await job.look()
    await job.look()
    await job.look()
    assert len(posts(bot)) == 1


async def test_a_post_that_was_missed_for_too_long_is_skipped(bot: Bot) -> None:
    set_clock(bot, datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
    await (await daily(bot, catch_up=timedelta(hours=1))).look()
    assert not posts(bot)
