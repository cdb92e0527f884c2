"""Walking through all the bot can be asked: every command that it synced, every button and form that it shows.

Nothing here knows the commands by name, so whatever is added later is walked through too.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from discord_emulator import Emulator
from discord_emulator.interactions import MODAL_SUBMIT
from discord_emulator.invocation import launch
from discord_emulator.reply import Reply
from discord_emulator.validation.modals import fields
from discord_emulator.validation.options import (
    ATTACHMENT,
    BOOLEAN,
    CHANNEL,
    GROUP,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    SUB_COMMAND,
    USER,
)  # fmt: skip
from tests.patience import ENOUGH

Json = dict[str, Any]

# what people type who mean no good, or whose keyboard is strange
HOSTILE = (
    "9" * 10_000,
    "123~" * 2_500,
    "@everyone <@1> <@&1> **b** `c` [d](https://e.f)",
    "'; DROP TABLE kept_icons; --",
    "\u202e\u2066olleh\u200b\u200d\ufeff\u00ad",
    "a" + "\u0334\u0489" * 90,
    "\ud83d\udc4d".encode("utf-16", "surrogatepass").decode("utf-16") + "\ud800 \udfff",
    "a\x00b\x1b[31m\r\nc\u2028d",
    "\ufdfa" * 50,
    "../../etc/passwd%00 ${jndi:ldap://x} {0.__class__} {asked}",
    " ",
)


@dataclass(frozen=True)
class Command:
    """A command as it is typed, such as ``daily set``, with its options as Discord has them."""

    name: str
    options: tuple[Json, ...]

    def usual(self, emulator: Emulator, *but: str) -> Json:
        """Return harmless values for what must be filled in, except for the options `but`."""
        return {
            option["name"]: _usual(emulator, option)
            for option in self.options
            if option.get("required") and option["name"] not in but
        }

    @property
    def texts(self) -> list[str]:
        """Which options take what people type."""
        return [option["name"] for option in self.options if option["type"] == STRING and not option.get("choices")]

    @property
    def suggesting(self) -> list[str]:
        """Which of these offer something while it is typed."""
        return [o["name"] for o in self.options if o["type"] == STRING and o.get("autocomplete")]


def commands(emulator: Emulator) -> list[Command]:
    """Return every slash command that the bot has synced for everywhere."""
    synced = [command for command in emulator.core.commands.all(None) if command["type"] == 1]
    return [found for command in synced for found in _leaves(command, command["name"])]


def trust_the_client(emulator: Emulator, monkeypatch: Any) -> None:
    """Let texts of any length through, as if nobody but the bot kept an eye on them."""
    monkeypatch.setattr("discord_emulator.resolving._MAX_STRING", 10**6)
    for command in emulator.core.commands.all(None):
        for option in _all_options(command):
            option.pop("max_length", None)
            option.pop("min_length", None)


def components(message: Json) -> Iterator[Json]:
    """Yield the buttons and menus of a message that send something."""
    for row in message["components"]:
        yield from (item for item in row.get("components", []) if "custom_id" in item and not item.get("disabled"))


def kind(custom_id: str) -> str:
    """Return what a button, menu or form is for: the third part of mel:v1:keep:123 without digits."""
    return custom_id.split(":")[2]


def values(component: Json) -> list[str] | None:
    """Return the first choice of a menu; None for a button."""
    return [component["options"][0]["value"]] if "options" in component else None


async def send_form(emulator: Emulator, user: Any, opener: Reply, custom_id: str, text: str) -> Reply:
    """Send the fields of the form that `opener` opened, all filled with `text`, under an id; none is checked."""
    modal = opener.modal
    assert modal is not None
    filled = []
    for n, field in enumerate(fields(modal["components"])):
        answer = {"values": [text]} if "options" in field else {"value": text}
        sent = {"type": field["type"], "id": n, "custom_id": field["custom_id"], **answer}
        filled.append({"type": 18, "id": 100 + n, "component": sent})
    source = opener.interaction.source
    channel = opener.interaction.channel
    data = {"custom_id": custom_id, "components": filled}
    interaction = launch(emulator.core, MODAL_SUBMIT, user, channel, data, source=source, parent=opener.interaction)
    await interaction.wait(lambda: interaction.settled, ENOUGH)
    return Reply(emulator.core, interaction)


def made_up(pattern: re.Pattern[str], count: int = 12) -> list[str]:
    """Return custom_ids that fit a pattern, and name things that most likely do not exist; always the same ones."""
    found: set[str] = set()

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    def collect(custom_id: str) -> None:
        if len(custom_id) <= 100:
            found.add(custom_id)

    collect()
    return sorted(found)


def _leaves(command: Json, name: str) -> Iterator[Command]:
    options = command.get("options", [])
    inner = [option for option in options if option["type"] in (SUB_COMMAND, GROUP)]
    if not inner:
        yield Command(name, tuple(options))
    for option in inner:
        yield from _leaves(option, f"{name} {option['name']}")


def _all_options(command: Json) -> Iterator[Json]:
    for option in command.get("options", []):
        yield option
        yield from _all_options(option)


def _usual(emulator: Emulator, option: Json) -> Any:
    if option.get("choices"):
        return option["choices"][0]["value"]
    picture = io.BytesIO()
    Image.new("RGB", (80, 80), "orange").save(picture, "PNG")
    return {
        STRING: str(1000 + sum(option["name"].encode())),  # two options of one command are not to be the same icon
        INTEGER: option.get("min_value", 1),
        NUMBER: option.get("min_value", 1.0),
        BOOLEAN: True,
        USER: emulator.member,
        MENTIONABLE: emulator.member,
        CHANNEL: emulator.channel,
        ROLE: emulator.guild,
        ATTACHMENT: ("a.png", picture.getvalue()),
    }[option["type"]]
