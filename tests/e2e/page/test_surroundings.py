"""The page around the chat: theme, phone, a lost connection, a bot that leaves, and Melicon itself in it."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import pytest
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from bot.app import build_bot
from tests.e2e.page import browser as chromium
from tests.e2e.page.browser import Page
from tests.e2e.page.world import World
from tests.patience import ENOUGH

HERE = Path(__file__).parent

pytestmark = pytest.mark.browser


def test_the_theme_follows_the_system_until_it_is_chosen(page: Page) -> None:
    def ground() -> int:
        colour_text = page.driver.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")
        return sum(int(part) for part in colour_text[colour_text.index("(") + 1 : -1].split(",")[:3])

    assert ground() > 700
    page.prefer("dark")
    assert ground() < 120
    page.click("theme")
    assert ground() > 700, "the button chooses light"
    page.open()
    assert ground() > 700, "and the choice is remembered"


def test_it_fits_a_phone(page: Page) -> None:
    page.resize(360, 740, phone=True)
    page.say("/gallery count:9 person:@Taro tidy:true")
    page.see("9 of @Taro")
    assert page.driver.execute_script("return document.documentElement.scrollWidth") <= 360
    assert page.all("persona") == []
    page.driver.find_element(By.ID, "drawer-button").click()
    page.wait(lambda: page.all("persona"), "the drawer")
    page.type(Keys.ESCAPE)
    page.wait(lambda: not page.all("persona"), "the drawer to close")


def test_a_lost_connection_is_shown_and_comes_back_with_what_was_missed(page: Page, world: World) -> None:
    hub = world.emulator.core.pages
    most = hub.most

    async def cut() -> None:
        hub.most = 0
        await hub.close()

    try:
        world.run(cut())
        page.wait(lambda: page.all("connection"), "the banner")
        world.run(world.emulator.slash(world.emulator.member, "melicon", {"seed": "88"}))
    finally:
        hub.most = most
    assert page.see("88")
    page.wait(lambda: not page.all("connection"), "the banner to go")
    assert all("/chat/ws" in line for line in page.errors()), "only the refused socket is complained about"


def test_a_bot_that_leaves_and_returns_is_shown_so(page: Page, world: World) -> None:
    world.stop_bot()
    page.wait(lambda: "offline" in page.one("bot-status").text, "the bot to be offline")
    page.say("/melicon")
    page.wait(world.unanswered, "the command to arrive")
    world.pass_deadlines()
    assert "did not respond" in page.wait(lambda: page.one("interaction-failed").text, "the failure")
    world.start_bot()
    page.wait(lambda: "online" in page.one("bot-status").text, "the bot to be online")
    page.say("/melicon")
    assert page.see("7")


def test_melicon_itself_draws_on_the_page(page: Page, world: World, weights: Path, tmp_path: Path) -> None:
    emulator = world.emulator
    settings = world.settings(weights, tmp_path, icon_size=256, draw_threads=1)
    world.stop_bot()
    try:
        world.start_bot(lambda: build_bot(settings))
        page.open()
        page.wait(lambda: page.all("chip"), "its commands")
        page.say("/melicon seed:123")
        # found anew each time: the message that says that it is being drawn gives way to the one with the picture
        image = page.wait(lambda: page.one("picture", page.see("123")), "its picture")
        posted = emulator.messages(emulator.channel)[-1]
        file = Image.open(io.BytesIO(world.run(emulator.attachment_bytes(posted)))).convert("RGB")
        points = [(8, 8), (128, 60), (128, 128), (200, 250)]
        assert page.pixels(image, points) == ([256, 256], [list(file.getpixel(point)) for point in points])
        assert page.wait(lambda: page.all("button", page.see("123")), "its buttons")
        page.say("/help")
        assert page.see("icon code")
    finally:
        world.stop_bot()
        world.start_bot()


def test_the_scripts_hold_what_they_say() -> None:
    """The parts without a DOM (command lines, option values, markdown) under Node."""
    node = chromium.find("node")
    if not node:
        pytest.skip("node is not installed: the page's scripts cannot be tested alone")
    tests = [str(HERE / "commands.test.mjs"), str(HERE / "markdown.test.mjs")]
    done = subprocess.run([node, "--test", *tests], capture_output=True, text=True, timeout=ENOUGH, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
