"""One process on Discord and on the fediverse."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from tests.e2e.conftest import StartBot
from tests.patience import ENOUGH

mock = pytest.importorskip("mastodon_mock.testing", reason="mastodon-mock is not installed")


async def test_the_bot_on_discord_answers_mentions_where_an_account_is_configured(start_bot: StartBot) -> None:
    with mock.MockServer() as server:
        asker, bot_side = server.client("bob"), server.client("alice")
        question = asker.status_post("@alice 7")
        token = SecretStr("alice_token")
        async with start_bot(fediverse_url=server.base_url, fediverse_token=token, fediverse_daily=False):
            async with asyncio.timeout(ENOUGH):
                while not (found := bot_side.status_context(question.id).descendants):  # noqa: ASYNC110 - another server
                    await asyncio.sleep(0.1)
        assert [reply.account.username for reply in found] == ["alice"]
