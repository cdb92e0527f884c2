"""Who owns the bot is asked of Discord before the owner's commands, or said by OWNER_IDS."""

from __future__ import annotations

import pytest

from bot.access.owners import FRESH
from bot.client import MeliconBot
from discord_emulator import Emulator
from discord_emulator.permissions import Permission
from tests.e2e.conftest import StartBot

APPLICATION = "/applications/@me"


def show_to_everyone(emulator: Emulator) -> None:
    guild = next(iter(emulator.core.world.guilds.values()))
    guild.roles[guild.id].permissions |= int(Permission.ADMINISTRATOR)


def asked(emulator: Emulator) -> int:
    return sum(request.path == APPLICATION for request in emulator.requests)


async def told(emulator: Emulator, user: object, command: str = "retrain") -> str:
    reply = await emulator.slash(user, command)  # type: ignore[arg-type]
    assert reply.ephemeral
    return str(reply.message["content"])


async def test_who_is_taken_off_the_team_loses_the_owners_rights_at_once(
    emulator: Emulator, start_bot: StartBot
) -> None:
    show_to_everyone(emulator)
    team = emulator.core.world.team
    team[emulator.owner.id] = ("admin", 2)
    async with start_bot() as bot:
        now = 0.0
        bot.owners._clock = lambda: now
        assert "Only my owner" in await told(emulator, emulator.moderator)
        team[emulator.moderator.id] = ("developer", 2)
        now += FRESH
        assert "No training" in await told(emulator, emulator.moderator), "who joins has them"
        del team[emulator.moderator.id]
        now += FRESH
        for command in ("retrain", "style list"):
            assert "Only my owner" in await told(emulator, emulator.moderator, command)
        assert bot.owner_ids == {emulator.owner.id}


async def test_buttons_ask_too(emulator: Emulator, start_bot: StartBot) -> None:
    show_to_everyone(emulator)
    emulator.core.world.team[emulator.moderator.id] = ("admin", 2)
    async with start_bot() as bot:
        from bot.features.retrain.buttons import proposal_buttons  # noqa: PLC0415
        from bot.ui.persistent_items import Buttons  # noqa: PLC0415

        channel = bot.get_partial_messageable(emulator.channel)
        sent = await channel.send("?", view=Buttons(*proposal_buttons(1, bot.catalogues.words(None))))
        reply = await emulator.press(emulator.moderator, sent.id, "mel:v1:retrain:start:1")
        assert "Only my owner" not in reply.message["content"]
        del emulator.core.world.team[emulator.moderator.id]
        now = bot.owners._clock() + FRESH
        bot.owners._clock = lambda: now
        reply = await emulator.press(emulator.moderator, sent.id, "mel:v1:retrain:start:1")
        assert "Only my owner" in reply.message["content"]


async def test_many_commands_at_once_ask_discord_once(emulator: Emulator, bot: MeliconBot) -> None:
    show_to_everyone(emulator)
    bot.owners._clock = lambda: 0.0
    before = asked(emulator)
    for _ in range(5):
        await told(emulator, emulator.stranger)
    assert asked(emulator) == before + 1


async def test_where_discord_does_not_say_who_owns_the_bot_nobody_does(emulator: Emulator, bot: MeliconBot) -> None:
    emulator.fail_next("GET", APPLICATION, 403)
    assert "can’t tell me" in await told(emulator, emulator.owner)
    assert "No training" in await told(emulator, emulator.owner)


async def test_the_owners_may_be_named(emulator: Emulator, start_bot: StartBot) -> None:
    show_to_everyone(emulator)
    async with start_bot(owner_ids=(emulator.moderator.id,)) as bot:
        before = asked(emulator)
        assert "No training" in await told(emulator, emulator.moderator)
        assert "Only my owner" in await told(emulator, emulator.owner)
        assert asked(emulator) == before, "there is nothing to ask"
        assert bot.owner_ids == {emulator.moderator.id}


async def test_the_application_is_asked_for_where_discord_documents_it(emulator: Emulator, bot: MeliconBot) -> None:
    assert asked(emulator) == 1
    assert not any("oauth2" in request.path for request in emulator.requests)


async def test_an_older_server_is_asked_as_the_library_does(emulator: Emulator, start_bot: StartBot) -> None:
    emulator.fail_next("GET", "^/applications/@me$", 404, body={"message": "404: Not Found", "code": 0})
    async with start_bot() as bot:
        assert bot.owner_id == emulator.owner.id


@pytest.mark.parametrize("missing", ["owner", "verify_key", "description", "icon", "bot_public", "name"])
async def test_an_application_that_says_little_is_enough(
    missing: str, emulator: Emulator, start_bot: StartBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from discord_emulator.rest import users  # noqa: PLC0415

    complete = users.application_json
    monkeypatch.setattr(
        users, "application_json", lambda *given: {k: v for k, v in complete(*given).items() if k != missing}
    )
    show_to_everyone(emulator)
    async with start_bot() as bot:
        assert (bot.owner_id == emulator.owner.id) == (missing != "owner")
        assert ("Only my owner" in await told(emulator, emulator.owner)) == (missing == "owner")
