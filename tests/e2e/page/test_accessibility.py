"""What axe-core says of the page in each of its states."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.page.accessibility import violations
from tests.e2e.page.browser import Page
from tests.e2e.page.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def page(page: Page) -> Page:
    """A page with some of everything in it."""
    page.driver.set_script_timeout(120)
    page.say("/menus")
    page.wait(lambda: page.all("select", page.see("choose")), "the menus")
    page.say("/gallery count:4 person:@Taro")
    page.say("**hello** <@1> `code` ◀")
    page.say("/help")
    page.see("bold and code")
    page.say("/melicon seed:1")
    page.wait(lambda: page.one("picture", page.see("1")), "a picture")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800, False), (390, 844, True)])
def test_messages_of_all_kinds(page: Page, scheme: str, size: tuple[int, int, bool]) -> None:
    page.prefer(scheme)
    page.resize(size[0], size[1], phone=size[2])
    assert violations(page) == []
    if size[2]:
        page.driver.find_element(By.ID, "drawer-button").click()
        page.wait(lambda: page.all("persona"), "the drawer")
        assert violations(page) == []


def test_the_composer(page: Page) -> None:
    for command in ("gallery", "look"):
        page.type("/" + command)
        page.wait(lambda: page.all("command-row"), "the commands")
        assert violations(page) == []
        page.type(Keys.TAB)
        page.wait(lambda: page.all("command-chip"), "its options")
        assert violations(page) == []
        page.type(Keys.ESCAPE + Keys.CONTROL + "a" + Keys.NULL + Keys.BACKSPACE)


def test_what_opens_over_the_page(page: Page) -> None:
    page.all("select", page.see("choose"))[1].click()
    page.wait(lambda: page.all("select-option"), "the options")
    assert violations(page) == []
    page.type(Keys.ESCAPE)
    page.click("persona")
    page.wait(lambda: page.all("persona-member"), "the personas")
    assert violations(page) == []
    page.type(Keys.ESCAPE)
    page.click("author", lambda: page.see("hello"))
    page.wait(lambda: page.all("user-card"), "the card")
    assert violations(page) == []
    page.type(Keys.ESCAPE)
    page.all("picture", page.see("4 of"))[0].click()
    page.wait(lambda: page.all("lightbox"), "the light box")
    assert violations(page) == []
    page.type(Keys.ESCAPE)
    page.say("/form")
    page.wait(lambda: page.all("modal"), "the form")
    assert violations(page) == []
    page.type(Keys.ESCAPE)


def test_a_channel_where_one_may_not_write(page: Page) -> None:
    page.become("stranger")
    page.show("read-only")
    assert violations(page) == []


def test_the_locked_page(page: Page, world: World) -> None:
    page.driver.delete_all_cookies()
    page.driver.get(world.emulator.url)
    assert "This page is locked" in page.driver.find_element(By.TAG_NAME, "h1").text
    assert violations(page) == []
    page.errors()  # of the 403
