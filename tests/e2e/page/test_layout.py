"""Where things are on the page, on a desktop and on a phone: nothing off the screen, nothing over a picture."""

from __future__ import annotations

import io

import aiohttp
import pytest
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from discord_emulator import Emulator
from tests.discord_emulator.raw import RawBot, button, row
from tests.e2e.page.browser import Page
from tests.e2e.page.world import World

pytestmark = pytest.mark.browser

DESKTOP, PHONE = (1280, 800, False), (390, 844, True)


def resize(page: Page, size: tuple[int, int, bool]) -> None:
    page.resize(size[0], size[1], phone=size[2])


@pytest.mark.parametrize("size", [DESKTOP, PHONE, (360, 420, True)])
@pytest.mark.parametrize("block", ["start", "center", "end"])
def test_a_long_menu_is_on_the_screen_and_its_last_option_within_reach(
    page: Page, size: tuple[int, int, bool], block: str
) -> None:
    resize(page, size)
    page.say("/long")
    page.wait(lambda: page.one("select", page.last()), "the menu")
    page.say("something below")
    page.see("something below")
    menu = page.one("select", page.see("pick"))
    page.driver.execute_script("arguments[0].scrollIntoView({ block: arguments[1] })", menu, block)
    page.driver.execute_script("arguments[0].click()", menu)
    page.wait(lambda: page.all("select-option"), "the options")
    box = page.rect(page.driver.find_element(By.CLASS_NAME, "popover"))
    assert 0 <= box["left"] < box["right"] <= size[0]
    assert 0 <= box["top"] < box["bottom"] <= size[1]
    for key, number in ((Keys.END, 25), (Keys.HOME, 1), (Keys.ARROW_UP, 25)):
        menu.send_keys(key)
        option = page.all("select-option")[number - 1]
        assert "active" in str(option.get_attribute("class"))
        assert page.hits(option), f"option {number} can be seen"
    menu.send_keys(Keys.ENTER)
    page.wait(lambda: "picked 25" in page.last().text, "the answer")


def test_whoever_may_not_write_is_offered_no_commands(page: Page, world: World) -> None:
    page.become("member")
    page.type("half a sentence")
    page.show("read-only")
    placeholder = "You may not write in #read-only"
    page.wait(lambda: page.one("composer").get_attribute("placeholder") == placeholder, "the placeholder")
    page.wait(lambda: not page.one("composer").is_enabled(), "a field that is closed")
    assert page.one("composer").get_attribute("value") == ""
    assert not page.one("send").is_enabled()
    assert page.all("chip") == []
    page.show("icons")
    assert page.one("composer").get_attribute("value") == "half a sentence", "it has waited"
    assert page.all("chip")
    page.one("composer").clear()
    page.become("owner")
    page.show("read-only")
    page.say("/melicon seed:9")
    assert page.see("9")


def test_the_download_is_beside_the_picture_and_never_over_it(page: Page) -> None:
    page.say("/melicon seed:12")
    image = page.wait(lambda: page.one("picture", page.see("12")), "the picture")
    ActionChains(page.driver).move_to_element(image).perform()
    link = page.see("12").find_element(By.CSS_SELECTOR, "a[download]")
    page.wait(lambda: link.value_of_css_property("opacity") == "1", "the download")
    assert page.rect(link)["left"] >= page.rect(image)["right"]
    assert page.rect(link)["right"] <= page.driver.execute_script("return innerWidth")
    ActionChains(page.driver).move_to_element(link).perform()
    page.wait(lambda: page.hits(link), "it to be reached without a gap")
    resize(page, PHONE)
    page.wait(lambda: not link.is_displayed(), "it to give way on a phone")
    page.driver.execute_script("arguments[0].click()", image)
    box = page.wait(lambda: page.one("lightbox"), "the picture large")
    assert box.find_elements(By.CSS_SELECTOR, "a[download]"), "which has its own"
    page.type(Keys.ESCAPE)


def test_drawn_emojis_stand_on_the_line_of_their_text(page: Page) -> None:
    page.say("press ◀ or ▶ now")
    content = page.one("message-content", page.see("press"))
    page.wait(lambda: content.find_elements(By.CSS_SELECTOR, ".emoji svg"), "the drawings")
    script = """
    const range = document.createRange();
    const walker = document.createTreeWalker(arguments[0], NodeFilter.SHOW_TEXT);
    range.selectNodeContents(walker.nextNode());
    const middle = (part) => { const box = part.getBoundingClientRect(); return box.y + box.height / 2; };
    return [...arguments[0].querySelectorAll(".emoji svg")].map((svg) => middle(svg) - middle(range));
    """
    offsets = page.driver.execute_script(script, content)
    assert len(offsets) == 2
    assert all(abs(offset) <= 1.5 for offset in offsets), offsets


@pytest.mark.parametrize("size", [(1280, 640, False), (375, 667, True)])
def test_the_welcome_is_there_at_first_sight(page: Page, world: World, size: tuple[int, int, bool]) -> None:
    emulator = world.run(greeted())
    new = Page(page.driver, emulator.page_url)
    try:
        resize(page, size)
        page.driver.get(emulator.page_url)
        new.wait(lambda: len(new.all("message")) == 2, "both welcomes")
        new.wait(lambda: new.one("picture").get_property("complete"), "the picture")
        text = new.one("message-content", new.all("message")[0])
        assert "Welcome!" in text.text
        assert new.hits(text)
        new.say("hello")
        new.wait(lambda: new.hits(new.one("message-content", new.last())), "one's own words")
    finally:
        page.driver.get("about:blank")
        world.run(emulator.close())


async def greeted() -> Emulator:
    """An emulator as `melicon try` leaves it: the host's welcome and a picture of the bot's, with buttons."""
    emulator = await Emulator.start()
    picture = io.BytesIO()
    Image.new("RGB", (512, 512), "teal").save(picture, "PNG")
    async with aiohttp.ClientSession() as session:
        rows = [row(*(button(f"{line}{n}") for n in range(4))) for line in "ab"]
        body = {"content": "an icon", "components": rows}
        await RawBot(emulator, session).post(body, files={"files[0]": ("a.png", picture.getvalue())})
    return emulator
