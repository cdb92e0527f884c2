"""Nothing that people ask for keeps the event loop busy, and nothing is done for it before it is charged.

Measured is the processor time of the loop's thread in each callback; the emulator runs in another thread. The tests
find out by themselves what there is, so that nothing new goes without.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.app import build_bot
from bot.client import MeliconBot
from bot.settings import Settings
from discord_emulator import Limits
from discord_emulator.reply import Reply
from tests.e2e.everything import Command, commands, components, kind, send_form, trust_the_client, values
from tests.elsewhere import Elsewhere
from tests.loopmeter import LoopMeter
from tests.patience import ENOUGH

MOST = 0.02  # seconds; on an idle machine nothing takes 5 ms, but others share its caches
TRIES = 10  # of which the fastest counts: the garbage collector may come in between
FULL = 500  # icons in a gallery
# what is slow to look at, as far as Discord lets it through: much punctuation, much to normalise, much to repeat
LONG = ("hair," * 40, "…" * 200, "\ufdfa" * 6000, "1+a:1" * 100, "9" * 6000)
LAST = ("unkeep", "gallery", "forget", "delete")

Ask = Callable[[], Coroutine[Any, Any, Any]]


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    """A patient Discord in another thread."""
    async with Elsewhere(Limits(rates={}, ack_seconds=60.0)) as elsewhere:
        yield elsewhere


@pytest.fixture
async def busy(elsewhere: Elsewhere, described_weights: Path, tmp_path: Path) -> AsyncIterator[MeliconBot]:
    """A bot with owners who keep much, in this thread."""
    emulator = elsewhere.emulator
    settings = Settings(
        _env_file=None,
        discord_token=SecretStr(emulator.token),
        discord_api_url=emulator.api_url,
        discord_gateway_url=emulator.gateway_url,
        discord_cdn_url=emulator.cdn_url,
        weights=described_weights,
        data_dir=tmp_path / "data",
        icon_size=64,
        cooldown_burst=1000,
        draw_threads=1,
    )
    settings.data_dir.mkdir()
    async with build_bot(settings) as bot:
        task = asyncio.create_task(bot.start(emulator.token))
        await elsewhere(emulator.wait_ready(60))
        await bot.wait_until_ready()
        yield bot
        await bot.close()
        await task


@pytest.fixture
def meter() -> Iterator[LoopMeter]:
    """Measures this thread's loop."""
    gc.collect()
    gc.freeze()
    with LoopMeter() as meter:
        yield meter
    gc.unfreeze()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make animations small and searches short: threads do that, and here it is about the loop."""
    monkeypatch.setattr("bot.inference.long_tasks._MORPH_SIZES", (64,))
    monkeypatch.setattr("bot.inference.search.RESEMBLING", 0.1)
    monkeypatch.setattr("gan.search.attribute_search.MOST", 0)


async def slow(meter: LoopMeter, what: str, ask: Ask) -> list[str]:
    """Ask until once no callback takes long; return what did, where that does not come."""
    for _ in range(TRIES):
        meter.reset()
        await ask()
        if meter.longest < MOST:
            return []
    return [f"{what}: {1000 * meter.longest:.0f} ms in {meter.what}"]


async def keep_much(bot: MeliconBot, user_id: int) -> None:
    """Fill a gallery, and what is remembered of the icons that were drawn."""
    drawing = await bot.studio.draw(_code("1"), size=64)
    one = {"user_id": user_id, "guild_id": None, "style": drawing.style, "model": drawing.model}
    for number in range(FULL):
        await bot.store.favourites.toggle(**one, code=str(number), picture=drawing.png)
        await bot.store.drawn_icons.add(**one, channel_id=1, code=f"{number}~1")


def _code(text: str) -> Any:
    from gan.codes import IconCode  # noqa: PLC0415

    return IconCode.parse(text)


async def test_no_command_and_no_suggestion_keeps_the_loop_busy(
    elsewhere: Elsewhere, busy: MeliconBot, meter: LoopMeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = elsewhere.emulator
    trust_the_client(emulator, monkeypatch)
    me = emulator.owner
    await keep_much(busy, me.id)
    found: list[str] = []
    asked = commands(emulator)
    assert len(asked) >= 20, "the walk finds no commands any more"
    for command in asked:
        found += await slow(meter, f"/{command.name}", _use(elsewhere, me, command, {}))
        for text in LONG if command.texts else ():
            what = f"/{command.name} {text[:6]}…"
            found += await slow(meter, what, _use(elsewhere, me, command, dict.fromkeys(command.texts, text)))
        for name in command.suggesting:
            for text in ("", "a", "12:00", *LONG):
                what = f"suggestions for /{command.name} {name}:{text[:6]}…"
                found += await slow(meter, what, _type(elsewhere, me, command, name, text))
    assert found == []


def _use(elsewhere: Elsewhere, user: Any, command: Command, options: dict[str, Any]) -> Ask:
    usual = command.usual(elsewhere.emulator, *options)
    return lambda: elsewhere(elsewhere.emulator.slash(user, command.name, usual | options, timeout=ENOUGH))


def _type(elsewhere: Elsewhere, user: Any, command: Command, name: str, text: str) -> Ask:
    return lambda: elsewhere(elsewhere.emulator.autocomplete(user, command.name, name, text, timeout=ENOUGH))


async def test_no_button_and_no_form_keeps_the_loop_busy(
    elsewhere: Elsewhere, busy: MeliconBot, meter: LoopMeter
) -> None:
    emulator = elsewhere.emulator
    me = emulator.owner
    await keep_much(busy, me.id)
    shown: dict[str, tuple[Any, Any]] = {}
    openers: list[Reply] = []
    found: list[str] = []
    messages: list[Any] = []

    async def take(asking: Awaitable[Reply]) -> None:
        reply = await asking
        messages.extend(m for m in [reply.message, *reply.followups] if m)
        if reply.modal:
            openers.append(reply)

    for command in commands(emulator):
        await take(_use(elsewhere, me, command, {})())
    while messages:
        message = messages.pop(0)
        for component in components(message):
            custom_id = component["custom_id"]
            if kind(custom_id) in shown or kind(custom_id) in LAST:
                continue
            shown[kind(custom_id)] = (message, component)
            press = _press(elsewhere, me, message, component)
            await take(press())
            found += await slow(meter, custom_id, press)
    assert len(shown) >= 10, "the walk finds no buttons any more"
    assert openers
    for opener in openers:
        custom_id = opener.modal["custom_id"]
        for text in LONG:
            sending = _send(elsewhere, me, opener, custom_id, text)
            found += await slow(meter, f"{custom_id} {text[:6]}…", sending)
    assert found == []


def _press(elsewhere: Elsewhere, user: Any, message: Any, component: Any) -> Ask:
    emulator = elsewhere.emulator

    def press() -> Coroutine[Any, Any, Reply]:
        # an earlier press may have changed the message, and so the ids
        (now,) = [m for m in emulator.messages(seen_by=user) if m["id"] == message["id"]]
        alike = [other for other in components(now) if kind(other["custom_id"]) == kind(component["custom_id"])]
        live = next((other for other in alike if other["custom_id"] == component["custom_id"]), alike[0])
        return elsewhere(emulator.press(user, message, live["custom_id"], values(live), timeout=ENOUGH))

    return press


def _send(elsewhere: Elsewhere, user: Any, opener: Reply, custom_id: str, text: str) -> Ask:
    return lambda: elsewhere(send_form(elsewhere.emulator, user, opener, custom_id, text))


async def test_a_slow_callback_is_found_by_processor_time_alone(meter: LoopMeter) -> None:
    async def work(count: int) -> None:
        sum(range(count))

    async def sleeping() -> None:
        import time  # noqa: PLC0415

        time.sleep(2 * MOST)  # noqa: ASYNC251 - as on a machine that has no time for us

    assert await slow(meter, "sleeping", sleeping) == []
    (line,) = await slow(meter, "working", lambda: asyncio.gather(asyncio.create_task(work(10_000_000))))  # type: ignore[arg-type,return-value]
    assert "work" in line


async def test_whoever_has_used_up_their_orders_is_refused_before_anything_is_done(
    elsewhere: Elsewhere, busy: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = elsewhere.emulator
    me = emulator.owner
    shown = await _buttons(elsewhere, me)
    busy.cooldowns._orders.burst, busy.cooldowns._orders.seconds = 1, 3600.0
    busy.cooldowns._typing.burst, busy.cooldowns._typing.seconds = 1, 3600.0
    done: list[str] = []
    pool = busy.store._engine.sync_engine.pool
    connect = pool.connect

    def connecting() -> Any:
        task = asyncio.current_task()
        if task is not None and task.get_name() not in {"retrain", "styles", "daily"}:  # which nobody asked for
            done.append("database")
        return connect()

    monkeypatch.setattr(pool, "connect", connecting)
    monkeypatch.setattr(busy.studio, "sampler_for", lambda *_: done.append("model"))
    monkeypatch.setattr(busy, "application_info", lambda *_: done.append("discord"))
    busy.cooldowns._orders._full_at[me.id] = busy.cooldowns._typing._full_at[me.id] = 1e9
    for command in commands(emulator):
        reply = await _use(elsewhere, me, command, dict.fromkeys(command.texts, LONG[0]))()
        assert reply.ephemeral
        assert "Not so fast" in reply.message["content"], command.name
        for name in command.suggesting:
            assert await _type(elsewhere, me, command, name, "")() == []
    for message, component in shown.values():
        reply = await _press(elsewhere, me, message, component)()
        assert "Not so fast" in reply.message["content"], component["custom_id"]
    assert done == []


async def _buttons(elsewhere: Elsewhere, user: Any) -> dict[str, tuple[Any, Any]]:
    """Return a message and a component for each kind of button below an icon, a sheet and a tweak."""
    shown = {}
    for name, options in (("melicon", {"seed": "1"}), ("grid", {}), ("tweak", {"code": "1"}), ("forget-me", {})):
        reply = await elsewhere(elsewhere.emulator.slash(user, name, options))
        for component in components(reply.message):
            shown[kind(component["custom_id"])] = (reply.message, component)
    return shown
