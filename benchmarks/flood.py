"""Measure the latency of `/melicon` while six accounts flood the bot.

Each command, each suggestion and each kind of button is flooded for a while, by six accounts that do not wait for
answers, with what is slowest to look at; meanwhile others use `/melicon`, no faster than their cooldown lets them. The
accounts may see the owner's commands, too, as an administrator of a server does. The bot is the real one, in a process
of its own, with the shipped weights, the usual cooldown and a new SQLite file; Discord is the emulator, in this one.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import math
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.daily_load import running_bot
from benchmarks.report import options, publish
from discord_emulator import Emulator, InteractionFailed, Limits, Permission, Reply, UsageError
from discord_emulator.model import Member, User

ACCOUNTS = 6
RATE = 5.0  # interactions a second of each account; people's clients send fewer
VICTIMS = 5  # they alternate, so that none hits the cooldown
EVERY = 0.5  # seconds between two `/melicon`
PATIENCE = 30.0  # seconds for an answer
# the most expensive texts; Discord's clients allow these lengths
LONG = ("hair," * 40, "\ufdfa" * 200, "…" * 200, "1+a:1" * 100, "9" * 200)
_STRING, _INTEGER, _USER, _CHANNEL, _ROLE, _NUMBER, _ATTACHMENT = 3, 4, 6, 7, 8, 10, 11
_GROUPS = (1, 2)

Json = dict[str, Any]
Ask = Callable[[User, str], Coroutine[Any, Any, object]]  # user and text


@dataclass
class Seen:
    """The victims' experience during one flood."""

    acknowledged: list[float] = field(default_factory=list)  # seconds
    answered: list[float] = field(default_factory=list)
    unanswered: int = 0  # or answered without a picture


def add_people(emulator: Emulator, name: str, count: int) -> list[User]:
    """Let more people join the server, where everybody is an administrator."""
    world = emulator.core.world
    guild = world.guild(emulator.guild)
    guild.roles[guild.id].permissions |= int(Permission.ADMINISTRATOR)
    people = [User(world.make_id(), f"{name}{n}", f"{name} {n}") for n in range(count)]
    for user in people:
        world.users[user.id] = user
        guild.members[user.id] = Member(user, time.time())
    return people


def targets(emulator: Emulator, people: list[User], own: dict[int, dict[str, tuple[Json, Json]]]) -> dict[str, Ask]:
    """Return what can be flooded, by name; `own`: for each account the messages and components that it sees."""
    found: dict[str, Ask] = {}
    for name, given in _commands(emulator):
        texts = [option["name"] for option in given if option["type"] == _STRING and not option.get("choices")]
        found[f"/{name}"] = _use(emulator, name, given, texts)
        for option in given:
            if option.get("autocomplete"):
                found[f"/{name} {option['name']}:…"] = _type(emulator, name, option["name"])
    for kind in own[people[0].id]:
        found[f"button {kind}"] = _press(emulator, own, kind)
    return found


def _commands(emulator: Emulator) -> Iterator[tuple[str, list[Json]]]:
    def leaves(command: Json, name: str) -> Iterator[tuple[str, list[Json]]]:
        inner = [option for option in command.get("options", []) if option["type"] in _GROUPS]
        if not inner:
            yield name, command.get("options", [])
        for option in inner:
            yield from leaves(option, f"{name} {option['name']}")

    for command in emulator.core.commands.all(None):
        if command["type"] == 1:
            yield from leaves(command, command["name"])


def _use(emulator: Emulator, name: str, given: list[Json], texts: list[str]) -> Ask:
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "orange").save(picture, "PNG")
    usual: dict[int, Any] = {
        _INTEGER: 9,
        _NUMBER: 1.0,
        _USER: emulator.owner,
        _CHANNEL: emulator.channel,
        _ROLE: emulator.guild,
        _ATTACHMENT: ("a.png", picture.getvalue()),
    }

    wanted = [o for o in given if o["name"] in texts or (o.get("required") and not o.get("choices"))]

    async def ask(user: User, text: str) -> object:
        filled = {
            o["name"]: text[: o.get("max_length", len(text))] if o["name"] in texts else usual[o["type"]]
            for o in wanted
        }
        return await emulator.slash(user, name, filled, timeout=PATIENCE)

    return ask


def _type(emulator: Emulator, name: str, option: str) -> Ask:
    async def ask(user: User, text: str) -> object:
        return await emulator.autocomplete(user, name, option, text, timeout=PATIENCE)

    return ask


def _press(emulator: Emulator, own: dict[int, dict[str, tuple[Json, Json]]], kind: str) -> Ask:
    async def ask(user: User, _: str) -> object:
        message, component = own[user.id][kind]
        chosen = [component["options"][0]["value"]] if "options" in component else None
        return await emulator.press(user, message, component["custom_id"], chosen, timeout=PATIENCE)

    return ask


async def buttons_of(emulator: Emulator, user: User) -> dict[str, tuple[Json, Json]]:
    """Return a message and a component for each kind of button visible to an account."""
    found: dict[str, tuple[Json, Json]] = {}

    def note(reply: Reply) -> Json:
        message = reply.message or {}
        for row in message.get("components", []):
            for item in row.get("components", []):
                if "custom_id" in item and not item.get("disabled"):
                    found.setdefault(item["custom_id"].split(":")[2], (message, item))
        return message

    icon = note(await emulator.slash(user, "melicon", {"seed": user.username}))
    for name, given in (("grid", {}), ("tweak", {"code": "1"}), ("forget-me", {})):
        note(await emulator.slash(user, name, given))
    await emulator.press(user, icon, found["keep"][1]["custom_id"])
    note(await emulator.press(user, icon, found["sizes"][1]["custom_id"]))
    note(await emulator.slash(user, "gallery"))
    return found


async def use_melicon(emulator: Emulator, victims: list[User], number: int, seen: Seen) -> None:
    """Use `/melicon` for a new icon."""
    victim = victims[number % len(victims)]
    began = time.perf_counter()
    try:
        reply = await emulator.slash(victim, "melicon", {"seed": str(number)}, acknowledged=True, timeout=PATIENCE)
        seen.acknowledged.append(time.perf_counter() - began)
        await reply.interaction.wait(lambda: reply.interaction.settled, PATIENCE)
    except InteractionFailed:
        seen.unanswered += 1
        return
    if reply.message and reply.message["attachments"]:
        seen.answered.append(time.perf_counter() - began)
    else:
        seen.unanswered += 1


async def flood(  # noqa: PLR0917 - who, what and for how long
    emulator: Emulator,
    people: list[User],
    victims: list[User],
    ask: Ask | None,
    seconds: float,
    numbers: Iterator[int],
) -> Seen:
    """Let all accounts repeat a request while others use `/melicon`; None: no flood."""
    seen = Seen()
    running: set[asyncio.Task[object]] = set()
    texts = itertools.cycle(LONG)
    end = time.perf_counter() + seconds

    async def quietly(user: User, text: str) -> None:
        # what the flooders are told is their affair, and what they may not see at all cannot be flooded by them
        with contextlib.suppress(InteractionFailed, UsageError):
            if ask is not None:
                await ask(user, text)

    async def keep_on(user: User) -> None:
        while time.perf_counter() < end:
            running.add(asyncio.create_task(quietly(user, next(texts))))
            await asyncio.sleep(1 / RATE)

    async def use() -> None:
        while time.perf_counter() < end:
            running.add(asyncio.create_task(use_melicon(emulator, victims, next(numbers), seen)))
            await asyncio.sleep(EVERY)

    await asyncio.gather(use(), *(keep_on(user) for user in people if ask is not None))
    await asyncio.gather(*running)
    return seen


async def measure(seconds: float, only: str) -> dict[str, Seen]:
    """Flood everything whose name contains `only`, one after the other, and nothing before and after that."""
    emulator = await Emulator.start(limits=Limits(requests_logged=1000))
    people = add_people(emulator, "flooder", ACCOUNTS)
    victims = add_people(emulator, "victim", VICTIMS)
    results: dict[str, Seen] = {}
    with tempfile.TemporaryDirectory(prefix="melicon-flood-") as name:
        folder = Path(name)
        async with running_bot(emulator, folder, f"sqlite+aiosqlite:///{folder / 'melicon.db'}", cooldown=None):
            numbers = itertools.count(1)
            await use_melicon(emulator, victims, 0, Seen())  # the first one warms up
            own = {user.id: await buttons_of(emulator, user) for user in people}
            results["nothing, before"] = await flood(emulator, people, victims, None, seconds, numbers)
            for what, ask in targets(emulator, people, own).items():
                if only in what:
                    results[what] = await flood(emulator, people, victims, ask, seconds, numbers)
                    print(".", end="", flush=True)
            results["nothing, after"] = await flood(emulator, people, victims, None, seconds, numbers)
    await emulator.close()
    print()
    return results


def p99(values: list[float]) -> float:
    """Return the 99th percentile, or the maximum of fewer than a hundred values; NaN for none."""
    return sorted(values)[max(0, math.ceil(0.99 * len(values)) - 1)] if values else math.nan


def main() -> int:
    """Measure and publish; the exit code is 1 where the promised latency is missed."""
    parser = options("flood", __doc__)
    parser.add_argument("--seconds", type=float, help="of each flood; default: 8, or 2 with --quick")
    parser.add_argument("--only", default="", help="what the name of a command or button contains; default: all")
    given = parser.parse_args()
    results = asyncio.run(measure(given.seconds or (2.0 if given.quick else 8.0), given.only))
    rows: list[tuple[object, ...]] = [
        (what, len(seen.acknowledged), 1000 * p99(seen.acknowledged), 1000 * p99(seen.answered), seen.unanswered)
        for what, seen in results.items()
    ]
    floods = [seen for what, seen in results.items() if not what.startswith("nothing")]
    every = [value for seen in floods for value in seen.acknowledged]
    answered = [value for seen in floods for value in seen.answered]
    lost = sum(seen.unanswered for seen in floods)
    rows.append(("all floods", len(every), 1000 * p99(every), 1000 * p99(answered), lost))
    columns = ("flooded", "/melicon", "acknowledged, p99, ms", "answered, p99, ms", "unanswered")
    title = f"/melicon while {ACCOUNTS} accounts flood something, each {RATE:g} times a second"
    publish(given.out, title, columns, rows)
    return int(lost > 0 or p99(every) >= 1.0)


if __name__ == "__main__":
    sys.exit(main())
