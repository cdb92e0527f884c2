"""Mentions and their answers, against a real HTTP server."""

from __future__ import annotations

import asyncio
import io
import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from PIL import Image

from bot.fediverse.account import Account, Post, Unavailable
from bot.fediverse.mentions import Mentions
from bot.fediverse.state import State
from bot.fediverse.text import question_of
from gan import Icons
from gan.codes import IconCode
from tests.bot.fediverse.conftest import Bot, fault, picture
from tests.patience import ENOUGH


@pytest.fixture(scope="module")
def icons(weights: Path) -> Icons:
    return Icons.load(weights)


def said(reply: Any) -> str:
    """The text of a post."""
    return question_of(reply.content)


def pixels_of(picture: Any) -> np.ndarray | None:
    """A picture as the server serves it; None: it serves none."""
    answer = requests.get(picture.url, timeout=ENOUGH)
    return np.asarray(Image.open(io.BytesIO(answer.content)).convert("RGB")) if answer.ok else None


async def answered(bot: Bot, text: str, **options: Any) -> Any:
    question = bot.ask(text, **options)
    await (await bot.start()).look()
    return bot.reply(question, options.get("name", "ann"))


async def test_a_mention_alone_gets_an_unpredictable_icon(bot: Bot) -> None:
    first, second = bot.ask(""), bot.ask("")
    await (await bot.start()).look()
    assert said(bot.reply(first)) != said(bot.reply(second))


@pytest.mark.parametrize(
    "text", ["123", "naru", "123x456", "123x456@25~3", "123~4", "123+mouth:1", "good morning", "123/mel"]
)
async def test_a_code_or_a_word_gets_its_icon(bot: Bot, icons: Icons, text: str) -> None:
    reply = await answered(bot, text)
    (picture,) = reply.media_attachments
    if (pixels := pixels_of(picture)) is not None:
        np.testing.assert_array_equal(pixels, np.asarray(icons.draw(text, size=64)))
    assert said(reply) == f"{IconCode.parse(text).bare} · mel"
    assert reply.content.find("@ann") >= 0
    assert picture.description.startswith("Portrait drawn by Melicon: ")
    assert str(IconCode.parse(text).bare) in picture.description


async def test_a_description_is_searched_for(bot: Bot) -> None:
    reply = await answered(bot, "pink hair, cat ears and a zeppelin")
    assert "hair colour: pink" in said(reply)
    assert "I didn’t recognise a zeppelin." in said(reply)
    assert "pink" in reply.media_attachments[0].description


async def test_words_that_describe_nothing_are_a_seed(bot: Bot) -> None:
    assert said(await answered(bot, "zeppelin")) == f"{IconCode.parse('zeppelin')} · mel"


async def test_help_and_what_is_no_code_are_answered_without_a_picture(bot: Bot) -> None:
    helped, wrong, long = bot.ask("Help!"), bot.ask("123x"), bot.ask("x" * 480)
    await (await bot.start()).look()
    assert "pink hair, cat ears" in said(bot.reply(helped))
    assert "is not an icon code" in said(bot.reply(wrong))
    assert not bot.reply(helped).media_attachments + bot.reply(wrong).media_attachments
    assert len(bot.replies(long)) == 1


async def test_like_me_shows_the_icons_nearest_to_the_avatar(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.inference.search.RESEMBLING", 0.2)
    fetched = []

    async def download(url: str, own_server: str) -> bytes:
        fetched.append((url, own_server))
        return picture()

    monkeypatch.setattr("bot.fediverse.replies.download", download)
    reply = await answered(bot, "Like me!")
    assert [line[:3] for line in said(reply).split(" ")[::2]] == ["1.", "2.", "3."]
    assert "most similar icons" in reply.media_attachments[0].description
    assert fetched[0][0].startswith("http")


async def test_an_avatar_that_is_no_picture_is_said_to_be_none(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    async def download(*_: object) -> bytes:
        return b"PK\x03\x04 not a picture"

    monkeypatch.setattr("bot.fediverse.replies.download", download)
    assert "I can’t use avatar" in said(await answered(bot, "like me"))


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
async def test_an_answer_is_as_public_as_its_question(bot: Bot, visibility: str) -> None:
    bot.person("melicon").account_follow(bot.person("ann").account_verify_credentials().id)
    question = bot.ask("7", visibility=visibility, spoiler_text="portraits", sensitive=True)
    await (await bot.start()).look()
    replies = [post for post in bot.person("melicon").account_statuses(bot.account.id) if post.in_reply_to_id]
    assert [str(post.in_reply_to_id) for post in replies] == [str(question.id)]
    assert (replies[0].visibility, replies[0].spoiler_text, replies[0].sensitive) == (visibility, "portraits", True)


@pytest.mark.parametrize(
    ("language", "words", "answered_in"),
    [
        ("fr", "Portrait dessiné", "fr"),
        ("ja", "Melicon", "ja"),
        ("de", "Portrait drawn", "en"),
        (None, "Portrait", "en"),
    ],
)
async def test_the_answer_has_the_language_of_the_question(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, language: str | None, words: str, answered_in: str
) -> None:
    posted: list[Post] = []
    original = Account.post

    async def post(self: Account, what: Post) -> str:
        posted.append(what)
        return await original(self, what)

    monkeypatch.setattr(Account, "post", post)
    reply = await answered(bot, "7", language=language)
    assert words in reply.media_attachments[0].description
    assert posted[0].language == answered_in


async def test_a_question_in_french_is_read_in_french(bot: Bot) -> None:
    assert "couleur des cheveux" in said(await answered(bot, "cheveux roses", language="fr")).lower()


async def test_programs_the_account_itself_and_who_wants_no_bots_get_no_answer(bot: Bot) -> None:
    asked = [(bot.ask("1", name), name) for name in ("robot", "shy", "melicon")]
    seen = bot.ask("2")
    mentions = await bot.start()
    await mentions.look()
    await mentions.look()
    assert [bot.replies(question, name) for question, name in asked] == [[], [], []]
    assert bot.reply(seen)


async def test_who_asks_too_often_is_not_answered_for_a_while(bot: Bot) -> None:
    questions = [bot.ask(str(n)) for n in range(4)]
    other = bot.ask("9", "ben")
    await (await bot.start(burst=2, seconds=3600)).look()
    assert [len(bot.replies(question)) for question in questions] == [1, 1, 0, 0]
    assert bot.reply(other, "ben")


async def test_a_mention_is_answered_once_however_often_one_looks(bot: Bot) -> None:
    question = bot.ask("7")
    mentions = await bot.start()
    for _ in range(3):
        await mentions.look()
    await (await bot.start()).look()
    assert bot.reply(question)


async def test_many_mentions_of_an_absence_are_all_answered(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.fediverse.account.PAGE", 5)
    monkeypatch.setattr("bot.fediverse.mentions.PAGE", 5)
    questions = [bot.ask(str(n)) for n in range(12)]
    mentions = await bot.start()
    await mentions.look()
    questions += [bot.ask(str(n)) for n in range(20, 31)]
    await mentions.look()
    assert [len(bot.replies(question)) for question in questions] == [1] * 23


async def test_old_mentions_are_left_alone(bot: Bot) -> None:
    question = bot.ask("7")
    bot.now = timedelta(days=1, minutes=1)
    await (await bot.start()).look()
    assert not bot.replies(question)


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("knows_keys", [True, False], ids=["idempotent", "without keys"])
@pytest.mark.parametrize("where", ["upload", "uploaded", "post", "posted", "settle", "settled"])
async def test_a_kill_at_any_moment_leaves_one_answer(
    bot: Bot, monkeypatch: pytest.MonkeyPatch, where: str, knows_keys: bool
) -> None:
    target: type = State if where.startswith("settle") else Account
    name = where.removesuffix("ed") if where.startswith(("upload", "post")) else where.removesuffix("d")
    name = "settle" if where.startswith("settl") else name
    original = getattr(target, name)

    async def die(self: Any, *args: Any) -> None:
        if where != name:
            await original(self, *args)
        raise Killed

    if not knows_keys:  # as on servers that ignore Idempotency-Key
        call = Account.post
        numbers = iter(range(100))

        async def post(self: Account, what: Post) -> str:
            return await call(self, replace(what, key=f"{what.key}{next(numbers)}"))

        monkeypatch.setattr(Account, "post", post)
        original = getattr(target, name)
    question = bot.ask("7")
    with monkeypatch.context() as patch:
        patch.setattr(target, name, die)
        with pytest.raises(Killed):
            await (await bot.start()).look()
    await (await bot.start()).look()
    assert bot.reply(question)


async def test_a_lost_answer_to_the_post_makes_no_second_one(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    original, lost = Account.post, []

    async def post(self: Account, what: Post) -> str:
        made = await original(self, what)
        if not lost:
            lost.append(made)
            raise Unavailable("the connection broke")
        return made

    monkeypatch.setattr(Account, "post", post)
    monkeypatch.setattr("bot.fediverse.mentions._PAUSE", 0.0)
    question = bot.ask("7")
    mentions = await bot.start()
    with pytest.raises(Unavailable):
        await mentions.look()
    await mentions.look()
    assert bot.reply(question)


@pytest.mark.parametrize(
    "effect",
    [
        {"status": 500}, {"status": 503}, {"status": 429, "type": "ratelimit"}, {"type": "malformed"},
    ],
    ids=lambda effect: str(effect.get("status", "malformed")),
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/v1/notifications", "/api/v2/media", "/api/v1/statuses"])
async def test_a_server_in_trouble_is_asked_again(
    bot: Bot, server: Any, monkeypatch: pytest.MonkeyPatch, effect: dict[str, Any], path: str
) -> None:
    monkeypatch.setattr("bot.fediverse.mentions._PAUSE", 0.0)
    monkeypatch.setattr("bot.fediverse.account._LONGEST_WAIT", 0.0)
    question = bot.ask("7")
    mentions = await bot.start()
    with fault(server, path=path, count=2, **effect):
        for _ in range(2):
            with pytest.raises(Unavailable):
                await mentions.look()
        await mentions.look()
    assert bot.reply(question)


async def test_the_time_that_a_server_asks_for_is_waited(bot: Bot, server: Any) -> None:
    mentions = await bot.start()
    with fault(server, path="/api/v1/notifications", type="ratelimit", count=1), pytest.raises(Unavailable) as error:
        await mentions.look()
    assert error.value.wait is not None
    assert 250 < error.value.wait <= 310


@pytest.mark.parametrize("status", [403, 404, 422])
async def test_what_the_server_refuses_is_not_tried_again(
    bot: Bot, server: Any, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    refused, next_one = bot.ask("7"), bot.ask("8", "ben")
    mentions = await bot.start()
    with (
        fault(server, path="/api/v1/statuses", methods=["POST"], status=status, count=1),
        caplog.at_level(logging.INFO),
    ):
        await mentions.look()
    await mentions.look()
    assert not bot.replies(refused)
    assert bot.reply(next_one, "ben")
    lines = [record for record in caplog.records if "cannot be answered" in record.message]
    assert len(lines) == 1
    assert lines[0].exc_info is None


async def test_a_deleted_question_is_dropped(bot: Bot) -> None:
    question = bot.ask("7")
    mentions = await bot.start()
    await mentions._collect()
    bot.person("ann").status_delete(question.id)
    await mentions.look()
    assert not mentions._open


async def test_a_fault_of_our_own_is_tried_three_times_and_keeps_nobody_else_waiting(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.fediverse.mentions._PAUSE", 0.0)
    tries = []
    mentions: Mentions = await bot.start()
    make = mentions._replies.make

    async def failing(mention: Any) -> Any:
        if mention.author == "ann":
            tries.append(mention)
            raise RuntimeError("a bug")
        return await make(mention)

    monkeypatch.setattr(mentions._replies, "make", failing)
    bot.ask("7")
    other = bot.ask("8", "ben")
    for _ in range(5):
        await mentions.look()
        await asyncio.sleep(0)
    assert len(tries) == 3
    assert bot.reply(other, "ben")
