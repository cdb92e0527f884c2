"""Syncing commands, checked as Discord checks them, and who may use them where."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discord_emulator import Emulator, UsageError
from discord_emulator.validation.names import valid_name
from tests.discord_emulator.raw import RawBot

GOOD: dict[str, Any] = {"name": "draw", "description": "Draw"}


def option(**changes: Any) -> dict[str, Any]:
    return {"type": 3, "name": "seed", "description": "The seed"} | changes


def with_options(*options: Any) -> dict[str, Any]:
    return GOOD | {"options": list(options)}


@pytest.mark.parametrize(
    ("command", "path"),
    [
        (GOOD | {"name": "Draw"}, ["name"]),
        (GOOD | {"name": "two words"}, ["name"]),
        (GOOD | {"name": "x" * 33}, ["name"]),
        (GOOD | {"name": ""}, ["name"]),
        ({"description": "Draw"}, ["name"]),
        ({"name": "draw"}, ["description"]),
        (GOOD | {"description": "x" * 101}, ["description"]),
        (GOOD | {"type": 5}, ["type"]),
        ({"name": "Wave", "type": 2, "description": "no"}, ["description"]),
        (GOOD | {"name_localizations": {"xx": "a"}}, ["name_localizations", "xx"]),
        (GOOD | {"name_localizations": {"fr": "Deux Mots"}}, ["name_localizations", "fr"]),
        (GOOD | {"description_localizations": {"ja": "x" * 101}}, ["description_localizations", "ja"]),
        (GOOD | {"contexts": [3]}, ["contexts", 0]),
        (GOOD | {"integration_types": [2]}, ["integration_types", 0]),
        (GOOD | {"default_member_permissions": "all"}, ["default_member_permissions"]),
        (with_options(*(option(name=f"o{n}") for n in range(26))), ["options"]),
        (with_options(option(type=12)), ["options", 0, "type"]),
        (with_options(option(name="A")), ["options", 0, "name"]),
        (with_options(option(), option()), ["options", 1, "name"]),
        (with_options(option(), option(name="b", required=True)), ["options", 1, "required"]),
        (with_options(option(choices=[{"name": "a", "value": "a"}] * 26)), ["options", 0, "choices"]),
        (with_options(option(choices=[{"name": "a", "value": 1.5}] * 2)), ["options", 0, "choices", 1, "name"]),
        (with_options(option(choices=[{"name": "a" * 101, "value": "a"}])), ["options", 0, "choices", 0, "name"]),
        (with_options(option(choices=[{"name": "a", "value": "a" * 101}])), ["options", 0, "choices", 0, "value"]),
        (with_options(option(type=4, choices=[{"name": "a", "value": "a"}])), ["options", 0, "choices", 0, "value"]),
        (with_options(option(type=5, autocomplete=True)), ["options", 0, "autocomplete"]),
        (with_options(option(autocomplete=True, choices=[{"name": "a", "value": "a"}])), ["options", 0, "choices"]),
        (with_options(option(max_length=6001)), ["options", 0, "max_length"]),
        (with_options(option(type=4, min_value=0.5)), ["options", 0, "min_value"]),
        (with_options(option(type=1, name="sub"), option()), ["options"]),
        (
            with_options(option(type=1, name="sub", options=[option(type=1, name="deep")])),
            ["options", 0, "options", 0, "type"],
        ),
        (with_options(option(type=2, name="group", options=[option()])), ["options", 0, "options", 0, "type"]),
        (with_options({"name": "x"}), ["options", 0, "type"]),
        (with_options("x"), ["options", 0]),
        (GOOD | {"options": {}}, ["options"]),
        (
            with_options(
                *(
                    option(name=f"o{n}", choices=[{"name": f"{c:0100}", "value": "v" * 99} for c in range(25)])
                    for n in (1, 2)
                )
            ),
            [],
        ),
    ],
)
async def test_a_bad_command_is_refused_where_it_is_wrong(
    command: Any, path: list[str | int], stranger_bot: RawBot, emulator: Emulator
) -> None:
    answer = await stranger_bot.sync({"name": "fine", "description": "Fine"}, command)
    assert (answer.status, answer.code) == (400, 50035), answer.data
    assert answer.error(1, *path)
    assert not emulator.sync_calls
    assert not emulator.core.commands.all(None)


async def test_names_are_unique_and_at_most_a_hundred(stranger_bot: RawBot) -> None:
    assert (await stranger_bot.sync(GOOD, GOOD)).error(1) == "APPLICATION_COMMANDS_DUPLICATE_NAME"
    many = [GOOD | {"name": f"c{n}"} for n in range(101)]
    answer = await stranger_bot.sync(*many)
    assert (answer.status, answer.code) == (400, 30032)
    assert (await stranger_bot.sync(*many[:100])).status == 200


async def test_a_synced_command_keeps_its_id_and_has_every_field(stranger_bot: RawBot, emulator: Emulator) -> None:
    command = with_options(option(required=True), option(name="größe", type=4, min_value=64, max_value=2048))
    first = (await stranger_bot.sync(command)).json[0]
    assert first["application_id"] == str(emulator.application_id)
    assert first["contexts"] is None
    again = (await stranger_bot.sync(command)).json[0]
    assert (again["id"], again["version"]) == (first["id"], first["version"])
    changed = (await stranger_bot.sync(command | {"description": "New"})).json[0]
    assert changed["id"] == first["id"]
    assert changed["version"] != first["version"]
    assert [len(call.commands) for call in emulator.sync_calls] == [1, 1, 1]


async def test_single_commands_are_made_changed_and_removed(stranger_bot: RawBot, emulator: Emulator) -> None:
    base = f"/applications/{emulator.application_id}/guilds/{emulator.guild}/commands"
    made = await stranger_bot.api("POST", base, GOOD)
    assert made.status == 201
    assert (await stranger_bot.api("POST", base, GOOD | {"description": "Again"})).status == 200
    path = f"{base}/{made.json['id']}"
    assert (await stranger_bot.api("PATCH", path, {"description": "Changed"})).json["name"] == "draw"
    assert (await stranger_bot.api("GET", base)).json[0]["description"] == "Changed"
    assert (await stranger_bot.api("DELETE", path)).status == 204
    assert (await stranger_bot.api("GET", path)).code == 10063
    assert (await stranger_bot.api("GET", "/applications/1/commands")).status == 403
    other = f"/applications/{emulator.application_id}/guilds/1/commands"
    assert (await stranger_bot.api("PUT", other, [])).code == 50001


async def test_creations_a_day_are_limited(stranger_bot: RawBot, emulator: Emulator) -> None:
    emulator.limits.command_creates_per_day = 3
    assert (await stranger_bot.sync(*(GOOD | {"name": f"a{n}"} for n in range(3)))).status == 200
    assert (await stranger_bot.sync(*(GOOD | {"name": f"a{n}"} for n in range(3)))).status == 200, "no new names"
    assert (await stranger_bot.sync(GOOD | {"name": "b"})).code == 30034


async def test_commands_are_hidden_from_those_who_may_not_use_them(stranger_bot: RawBot, emulator: Emulator) -> None:
    manage, nobody = GOOD | {"name": "m", "default_member_permissions": "32"}, GOOD | {"name": "n"}
    await stranger_bot.sync(
        GOOD, manage, nobody | {"default_member_permissions": "0"}, GOOD | {"name": "s", "contexts": [0]}
    )
    guild = f"/applications/{emulator.application_id}/guilds/{emulator.guild}/commands"
    await stranger_bot.api("PUT", guild, [GOOD | {"name": "g"}])
    channel = emulator.core.default_channel

    def names(user: Any) -> set[str]:
        return {command["name"] for command in emulator.core.commands.visible_to(user, channel)}

    assert names(emulator.owner) == {"draw", "m", "n", "s", "g"}
    assert names(emulator.moderator) == {"draw", "m", "s", "g"}
    assert names(emulator.member) == {"draw", "s", "g"}
    with pytest.raises(UsageError, match="has no command 'm'"):
        await emulator.slash(emulator.member, "m")
    direct = emulator.core.world.channel(emulator.direct_channel(emulator.member))
    found = {command["name"] for command in emulator.core.commands.visible_to(emulator.member, direct)}
    assert found == {"draw", "m", "n"}, "a guild's commands and those for servers alone are not in private"
    assert names(emulator.stranger) == {"draw", "s", "g"}
    emulator.set_overwrite(emulator.channel, emulator.stranger, deny=1 << 31)
    assert names(emulator.stranger) == set()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "'seed' is required"),
        ({"seed": 5}, "is a text"),
        ({"seed": "x" * 11}, "takes 0 to 10 characters"),
        ({"seed": "x", "size": 63}, "takes 64 to 512"),
        ({"seed": "x", "size": "64"}, "is a number"),
        ({"seed": "x", "style": "c"}, "takes one of: a, b"),
        ({"seed": "x", "other": 1}, "no option 'other'"),
        ({"seed": "x", "user": 5}, "no user"),
        ({"seed": "x", "loud": "yes"}, "true or false"),
        ({"seed": "x", "file": "a.png"}, "needs a file"),
    ],
)
async def test_what_discords_client_would_not_send_is_refused(
    options: dict[str, Any], problem: str, raw: RawBot, emulator: Emulator
) -> None:
    choices = [{"name": "A", "value": "a"}, {"name": "B", "value": "b"}]
    await raw.sync(
        with_options(
            option(required=True, max_length=10),
            option(name="size", type=4, min_value=64, max_value=512),
            option(name="style", choices=choices),
            option(name="user", type=6),
            option(name="loud", type=5),
            option(name="file", type=11),
        )
    )
    with pytest.raises(UsageError, match=problem):
        await emulator.slash(emulator.member, "draw", options)


@given(st.text(max_size=40))
def test_a_valid_name_is_short_and_in_lower_case(name: str) -> None:
    if valid_name(name):
        assert 1 <= len(name) <= 32
        assert name == name.lower()
        assert not set(name) & set(' /#@.,;:!?"\n\t')


@pytest.mark.parametrize("name", ["melicon", "größe", "アイコン", "a-b_c", "тест", "l'icône", "1"])
def test_names_in_any_script_are_valid(name: str) -> None:
    assert valid_name(name)
