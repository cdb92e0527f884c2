"""An open page when Melicon is started again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from discord_emulator import Emulator
from tests.e2e.page.browser import Page
from tests.e2e.page.world import World

pytestmark = pytest.mark.browser

LONG = 60  # seconds; the page tries again after ten at most


@pytest.fixture
def start(page: Page, world: World) -> Iterator[Callable[..., Emulator]]:
    """Start an emulator beside the other one, always on the same port; the one before is closed."""
    running: list[Emulator] = []

    def begin(**options: Any) -> Emulator:
        port = running[-1].port if running else 0
        if running:
            world.run(running[-1].close())
        running.append(world.run(Emulator.start(port=port, **options)))
        return running[-1]

    yield begin
    page.driver.get("about:blank")
    world.run(running[-1].close())
    page.errors()  # of requests to a server that is not there


def test_an_open_page_goes_on_after_a_restart(page: Page, start: Callable[..., Emulator], tmp_path: Path) -> None:
    first = start(folder=tmp_path)
    tab = Page(page.driver, first.page_url)
    page.driver.get(f"{first.page_url}&user={first.member.id}")
    tab.wait(lambda: tab.all("channel"), "the page")
    tab.show("fanart")
    tab.say("before")
    tab.see("before")
    tab.type("half a sentence")
    second = start(folder=tmp_path)
    tab.wait(lambda: tab.all("connection"), "the banner", LONG)
    tab.wait(lambda: not tab.all("connection"), "the connection", LONG)
    assert tab.see("before")
    assert tab.one("composer").get_attribute("value") == "half a sentence"
    tab.one("composer").clear()
    tab.say("after")
    assert tab.see("after")
    posted = second.messages(second.channels["fanart"])
    assert [(m["content"], m["author"]["id"]) for m in posted] == [
        ("before", str(second.member.id)),
        ("after", str(second.member.id)),
    ]


def test_an_open_page_finds_its_persona_and_channel_where_all_ids_are_new(
    page: Page, start: Callable[..., Emulator]
) -> None:
    first = start(key="the same")
    tab = Page(page.driver, first.page_url)
    page.driver.get(f"{first.page_url}&user={first.stranger.id}")
    tab.wait(lambda: tab.all("channel"), "the page")
    tab.show("fanart")
    second = start(key="the same")
    assert second.stranger.id != first.stranger.id
    tab.wait(lambda: f"user={second.stranger.id}" in page.driver.current_url, "the new id", LONG)
    tab.wait(lambda: not tab.all("connection"), "the connection", LONG)
    tab.say("hello again")
    assert tab.see("hello again")
    (posted,) = second.messages(second.channels["fanart"])
    assert posted["author"]["id"] == str(second.stranger.id)


def test_an_open_page_says_that_its_key_is_no_longer_good(page: Page, start: Callable[..., Emulator]) -> None:
    first = start()
    tab = Page(page.driver, first.page_url)
    page.driver.get(first.page_url)
    tab.wait(lambda: tab.all("channel"), "the page")
    second = start()
    tab.wait(lambda: "open the address" in tab.one("connection").text, "what to do", LONG)
    page.driver.execute_script("fetch(arguments[0])", second.page_url)  # as opening it in another tab does
    tab.wait(lambda: not tab.all("connection"), "the connection", LONG)
    tab.say("hello")
    assert tab.see("hello")
