"""Commands on the page: typed, picked from menus, suggested, refused, and for each persona."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.page.bot import SIDE, colour
from tests.e2e.page.browser import Page
from tests.e2e.page.world import World

INSIDE = [(SIDE // 2, SIDE // 2), (0, 0)]

pytestmark = pytest.mark.browser


def test_a_typed_command_draws_the_picture_of_its_seed(page: Page) -> None:
    page.watch('[data-testid="thinking"]')
    page.say("/melicon seed:123")
    message = page.see("123")
    assert page.watched(), "it was thinking before"
    image = page.wait(lambda: page.one("picture", message), "a picture")
    assert page.pixels(image, INSIDE) == ([SIDE, SIDE], [list(colour("123")), [255, 255, 255]])
    assert image.get_attribute("alt") == "Icon 123"
    assert image.size["width"] >= 4 * SIDE, "a small picture is shown enlarged"
    assert image.value_of_css_property("image-rendering") == "pixelated", "and not smoothed"
    assert "Mel used /melicon" in " ".join(page.one("used", message).text.split())
    link = message.find_element(By.CSS_SELECTOR, "a[download]")
    assert page.bytes(link.get_attribute("href")).startswith(b"\x89PNG")


def test_a_chip_of_the_first_visit_runs_its_command_and_hints_can_be_closed(page: Page) -> None:
    chips = page.all("chip")
    assert [chip.get_attribute("data-line") for chip in chips] == ["/melicon", "/melicon seed:hello", "/help"]
    chips[1].click()
    page.wait(lambda: page.one("picture", page.see("hello")), "the picture of hello")
    page.click("hint-close")
    assert page.all("chip") == []
    page.open()
    assert page.all("chip") == [], "closed hints stay closed"


def test_the_command_menu_filters_and_tab_turns_to_option_pills(page: Page) -> None:
    page.type("/")
    rows = page.wait(lambda: page.all("command-row"), "the menu")
    assert [row.text.startswith(name) for row, name in zip(rows, ("/melicon", "/help"), strict=False)] == [True, True]
    page.type("gal")
    rows = page.wait(lambda: [r for r in page.all("command-row") if "gallery" in r.text], "the filter")
    page.type(Keys.TAB)
    assert page.one("command-chip").text == "/gallery"
    page.type("12" + Keys.ENTER)
    problem = page.wait(lambda: page.one("problem").text, "a word about the wrong value")
    assert problem == "count must be a whole number between 1 and 9"
    page.type(Keys.BACKSPACE)  # 1 is left
    page.click("add-person")
    page.type("tar")
    page.wait(lambda: [row.text for row in page.all("suggestion")] == ["Taro\ntaro"], "one suggestion")
    page.type(Keys.ARROW_DOWN + Keys.ENTER + Keys.ENTER)
    assert page.see("1 of @Taro, tidy False")
    page.type(Keys.ARROW_UP)
    assert page.one("composer").get_attribute("value").startswith("/gallery count:1 person:")


def test_a_command_that_lacks_something_says_what(page: Page) -> None:
    page.say("/daily set channel:#fanart")
    assert page.wait(lambda: page.one("problem").text, "a problem") == "time is required"
    page.type("9 am" + Keys.ENTER)
    assert page.see("every day at 9 am in #fanart")
    page.say("/melicon sed:5")
    assert page.one("problem").text == "/melicon has no option “sed”; it knows: seed."
    page.type(Keys.ESCAPE + Keys.CONTROL + "a" + Keys.BACKSPACE)


def test_suggestions_of_the_bot_are_offered_and_taken(page: Page) -> None:
    page.type("/melicon seed:na")
    page.wait(lambda: [row.text for row in page.all("suggestion")] == ["recent naru"], "the bot's suggestion")
    page.type(Keys.ARROW_DOWN + Keys.ENTER)
    assert page.one("composer").get_attribute("value") == "/melicon seed:naru "
    page.type(Keys.ENTER)
    assert page.see("naru")


def test_an_ephemeral_reply_is_for_one_person_and_can_be_dismissed(page: Page) -> None:
    page.say("/help")
    message = page.see("bold and code")
    assert message.get_attribute("data-ephemeral") == "true"
    assert "Only you can see this" in message.text
    message_id = str(message.get_attribute("data-message-id"))
    page.become("member")
    assert page.message(message_id) is None
    page.become("owner")
    page.click("dismiss", lambda: page.see("bold and code"))
    page.open()
    assert page.message(message_id) is None


def test_each_persona_has_its_own_language_and_commands(page: Page, world: World) -> None:
    page.type("/ten")
    assert page.wait(lambda: [r for r in page.all("command-row") if "/tend" in r.text], "a moderator's command")
    page.become("stranger")
    assert f"user={world.emulator.stranger.id}" in page.driver.current_url
    page.one("composer").clear()
    page.one("composer").send_keys("/")
    rows = page.wait(lambda: page.all("command-row"), "the menu")
    assert "graine" in rows[0].text
    assert "Dessiner une nouvelle icône" in rows[0].text
    assert not [row for row in rows if "/tend" in row.text]
    page.type("melicon graine:5" + Keys.ENTER)
    message = page.see("5")
    assert "Camille used" in " ".join(page.one("used", message).text.split())
