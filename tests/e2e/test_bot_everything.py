"""Every command, option, button and form: with hostile input, twice at once, by anybody, after a restart.

The tests find out by themselves what there is, so that nothing new goes without.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from discord import ui

from bot.app import BUTTONS, FORMS
from bot.client import MeliconBot
from discord_emulator import Emulator, Limits
from discord_emulator.errors import UsageError
from discord_emulator.reply import Reply
from tests.e2e.conftest import StartBot
from tests.e2e.everything import (
    HOSTILE,
    Command,
    commands,
    components,
    kind,
    made_up,
    send_form,
    trust_the_client,
    values,
)  # fmt: skip
from tests.e2e.test_bot_gallery import keep

# shown only with a scheduled post, a training job or a file: daily/, retrain/ and test_bot_uploads.py press them
ELSEWHERE = {"star", "retrain", "leave", "add", "hide", "hidden"}
LAST = ("unkeep", "gallery", "forget", "delete")  # these change or take away messages: pressed last, in this order


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """A small Discord that is patient: what is asked here is whether hundreds of requests are answered, not when."""
    emulator = await Emulator.start(deadline_clock=time.process_time, limits=Limits(rates={}, ack_seconds=30.0))
    yield emulator
    await emulator.close()


@pytest.fixture
def settings(settings: Any, described_weights: Path) -> Any:
    """A bot that knows attributes, and draws small pictures."""
    return settings.model_copy(update={"weights": described_weights, "icon_size": 64})


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make animations small and searches short: what is asked here is whether they are answered."""
    monkeypatch.setattr("bot.inference.long_tasks._MORPH_SIZES", (64,))
    monkeypatch.setattr("gan.latent.interpolation.FRAMES", 12)
    monkeypatch.setattr("gan.latent.interpolation._PROBES", 3)
    monkeypatch.setattr("gan.search.attribute_search.MOST", 0)


@pytest.fixture(autouse=True)
def _nothing_breaks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever is asked, no traceback and no error goes to the log."""
    yield
    assert [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR] == []


def check(reply: Reply, bot: MeliconBot, what: object) -> None:
    """Whatever came, it is an answer, and polite: no traceback, no apology for a fault, nobody pinged."""
    sent = [reply.message, *reply.followups]
    gone = any(event.kind == "delete" for event in reply.events)
    assert reply.modal or gone or any(sent), what
    for message in filter(None, sent):
        assert message["content"] or message["attachments"] or message["embeds"], what
        assert not message["mention_everyone"], what
        assert not message["mentions"], what
        assert not message["mention_roles"], what
        text = str(message["content"]) + str(message["embeds"])
        assert "Traceback" not in text, what
        assert not re.search(r'File "|Error\b|Exception\b', text), what
        for language in ("en", "fr", "ja"):
            apology = bot.catalogues.words(language)("error.unexpected", error_id="")
            assert apology.partition("``")[0] not in text, what


async def check_alive(emulator: Emulator) -> None:
    reply = await emulator.slash(emulator.owner, "melicon", {"seed": "123"})
    assert reply.message["attachments"]


async def test_every_text_option_of_every_command_bears_whatever_is_typed_into_it(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust_the_client(emulator, monkeypatch)
    asked = [(command, name) for command in commands(emulator) for name in command.texts]
    assert len(asked) >= 30, "the walk finds no options any more"
    for command, name in asked:
        replies = await asyncio.gather(
            *(
                emulator.slash(emulator.owner, command.name, command.usual(emulator, name) | {name: text})
                for text in HOSTILE
            )
        )
        for text, reply in zip(HOSTILE, replies, strict=True):
            check(reply, bot, f"/{command.name} {name}:{text[:30]!r}")
    await check_alive(emulator)


async def test_every_suggestion_bears_whatever_is_typed(emulator: Emulator, bot: MeliconBot) -> None:
    asked = [(command, name) for command in commands(emulator) for name in command.suggesting]
    assert len(asked) >= 20, "the walk finds no suggestions any more"
    for command, name in asked:
        offered = await asyncio.gather(
            *(emulator.autocomplete(emulator.owner, command.name, name, text) for text in HOSTILE)
        )
        assert all(isinstance(choices, list) for choices in offered), (command.name, name)
    await check_alive(emulator)


async def ask(emulator: Emulator, user: Any, command: Command) -> Reply | None:
    """Use a command with what it needs; None where Discord does not show it to `user`."""
    try:
        return await emulator.slash(user, command.name, command.usual(emulator))
    except UsageError:
        return None


async def test_every_command_is_answered_twice_at_once_and_whoever_uses_it(emulator: Emulator, bot: MeliconBot) -> None:
    people = [emulator.owner, emulator.owner, emulator.moderator, emulator.member, emulator.stranger]
    found = commands(emulator)
    assert len(found) >= 20, "the walk finds no commands any more"
    for command in found:
        replies = await asyncio.gather(*(ask(emulator, user, command) for user in people))
        assert replies[0], command.name
        for user, reply in zip(people, replies, strict=True):
            if reply is not None:
                check(reply, bot, f"/{command.name} by {user.name}")
        answers = [reply.message["id"] for reply in replies if reply is not None and reply.message]
        assert len(set(answers)) == len(answers), "each has an answer of their own"
    await check_alive(emulator)


def current(emulator: Emulator, message: Any, component: Any) -> Any:
    """Return what has become of a component: a press may have changed its message since, and so the ids."""
    (now,) = [m for m in emulator.messages(seen_by=emulator.owner) if m["id"] == message["id"]]
    alike = [other for other in components(now) if kind(other["custom_id"]) == kind(component["custom_id"])]
    return next((other for other in alike if other["custom_id"] == component["custom_id"]), alike[0])


async def explore(emulator: Emulator, bot: MeliconBot) -> dict[str, tuple[Any, Any]]:
    """Use every command once, then one button of every kind there is, and those of what these bring, and so on.

    Returns for each kind a message and its component; what comes LAST has not been pressed.
    """
    me = emulator.owner
    await keep(bot, emulator, me, *map(str, range(20)))
    replies = [reply for command in commands(emulator) if (reply := await ask(emulator, me, command))]
    gallery = next(reply.message for reply in replies if "gallery:" in str((reply.message or {}).get("components")))
    seen: dict[str, tuple[Any, Any]] = {}
    messages = [gallery, *(message for reply in replies for message in [reply.message, *reply.followups] if message)]
    while messages:
        message = messages.pop(0)
        for component in components(message):
            what = kind(component["custom_id"])
            if what in seen or not component["custom_id"].startswith("mel:"):
                continue
            seen[what] = (message, component)
            if what not in LAST:
                live = current(emulator, message, component)
                reply = await emulator.press(me, message, live["custom_id"], values(live))
                check(reply, bot, live["custom_id"])
                messages += [m for m in [reply.message, *reply.followups] if m]
    return seen


async def test_every_button_works_after_a_restart_twice_at_once_and_by_the_wrong_person(
    emulator: Emulator, start_bot: StartBot
) -> None:
    async with start_bot() as bot:
        seen = await explore(emulator, bot)
    ours = {kind(pressable.__discord_ui_compiled_template__.pattern) for pressable in BUTTONS}
    kinds = {re.sub(r"\W.*", "", what) for what in ours}
    assert kinds - ELSEWHERE <= set(seen), "every kind of button is shown somewhere"
    async with start_bot() as bot:
        for what in sorted(seen, key=lambda what: LAST.index(what) if what in LAST else -1):
            message = seen[what][0]
            component = current(emulator, *seen[what])
            custom_id, chosen = component["custom_id"], values(component)
            public = not message["flags"] & 64
            people = [emulator.owner, emulator.owner, *([emulator.stranger] * public)]
            if what == "delete":
                people.reverse()
            replies = await asyncio.gather(*(emulator.press(user, message, custom_id, chosen) for user in people))
            for user, reply in zip(people, replies, strict=True):
                check(reply, bot, f"{custom_id} by {user.name}")
            if not public:
                with pytest.raises(UsageError, match="no such message"):
                    await emulator.press(emulator.stranger, message, custom_id, chosen)
        await check_alive(emulator)


async def test_every_form_bears_whatever_is_sent_with_it(emulator: Emulator, bot: MeliconBot) -> None:
    seen = await explore(emulator, bot)
    forms: dict[str, Reply] = {}
    for message, shown in seen.values():
        if kind(shown["custom_id"]) not in LAST:
            component = current(emulator, message, shown)
            reply = await emulator.press(emulator.owner, message, component["custom_id"], values(component))
            if reply.modal:
                forms[kind(reply.modal["custom_id"])] = reply
    for form in FORMS:
        opener = forms[re.split(r"\W", form.template.pattern)[2]]
        opened = opener.modal["custom_id"]
        for user in (emulator.owner, emulator.stranger):
            for custom_id in (opened, *made_up(form.template, 4)):
                replies = await asyncio.gather(
                    *(send_form(emulator, user, opener, custom_id, text) for text in (*HOSTILE, "", "123", "9" * 30))
                )
                for reply in replies:
                    check(reply, bot, f"{custom_id} by {user.name}")
    await check_alive(emulator)


@pytest.mark.parametrize("pressable", BUTTONS)
async def test_a_button_of_what_does_not_exist_is_answered(
    pressable: type[Any], emulator: Emulator, bot: MeliconBot
) -> None:
    template = pressable.__discord_ui_compiled_template__
    channel = bot.get_partial_messageable(int(emulator.channel))
    for custom_id in made_up(template):
        match = template.fullmatch(custom_id)
        menu = isinstance(pressable.from_match(match.groupdict()).item, ui.Select)
        view = ui.View(timeout=None)
        if menu:
            select: ui.Select[Any] = ui.Select(custom_id=custom_id)
            for value in ("x" * 100, "!" + "0" * 16, "9" * 40, "7/nobody#00000000", "'; DROP TABLE kept_icons"):
                select.add_option(label=value, value=value)
            view.add_item(select)
        else:
            view.add_item(ui.Button(label="made up", custom_id=custom_id))
        view.stop()  # the library is to know nothing of it
        sent = await channel.send("made up", view=view)
        chosen = [[option.value] for option in select.options] if menu else [None]
        presses = [emulator.press(emulator.owner, sent.id, custom_id, value) for value in chosen]
        for reply in await asyncio.gather(*presses):
            check(reply, bot, custom_id)
    await check_alive(emulator)


async def test_people_take_the_bot_along_to_servers_where_it_is_not(emulator: Emulator, bot: MeliconBot) -> None:
    guild = emulator.add_guild("Elsewhere", with_bot=False)
    place = next(iter(guild.channels))
    shown = {command["name"] for command in emulator.core.commands.visible_to(emulator.member, guild.channels[place])}
    assert {"melicon", "grid", "gallery", "me"} <= shown
    assert not shown & {"top", "daily", "settings"}, "these are about a server that has the bot"
    reply = await emulator.slash(emulator.member, "melicon", {"seed": "123"}, channel=place)
    check(reply, bot, "/melicon elsewhere")
    for component in components(reply.message):
        if kind(component["custom_id"]) != "delete":
            check(await emulator.press(emulator.stranger, reply.message, component["custom_id"]), bot, component)
    gallery = await emulator.slash(emulator.stranger, "gallery", channel=place)
    assert gallery.message["attachments"]
    check(await emulator.press(emulator.member, reply.message, f"mel:v1:delete:{emulator.member.id}"), bot, "delete")
