"""A browser on the page of an emulator, in which a small bot answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.page import browser as chromium
from tests.e2e.page.browser import Page
from tests.e2e.page.world import World, running_world


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    """The emulator with the small bot of tests.e2e.page.bot."""
    reason = chromium.missing()
    if reason:
        pytest.skip(f"{reason}: the page cannot be looked at")
    with running_world() as world:
        world.start_bot()
        yield world


@pytest.fixture(scope="package")
def browser(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for all tests of the page: starting it takes seconds."""
    driver = chromium.launch(tmp_path_factory.mktemp("chromium"))
    yield Page(driver, world.emulator.page_url)
    driver.quit()


@pytest.fixture
def page(browser: Page, world: World) -> Iterator[Page]:
    """The page as the owner sees it on a first visit; whatever a test does, the console stays clean."""
    browser.resize(1200, 800)
    browser.prefer("light")
    browser.forget()
    browser.open(world.emulator.owner.id)
    browser.errors()
    yield browser
    assert browser.errors() == []
