"""The chat page in a real browser, on the real emulator, with a real discord.py client behind it."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from bot.client import build_bot
from tests.e2e import page_browser
from tests.e2e.page_bot import SIDE, colour
from tests.e2e.page_browser import Page
from tests.e2e.page_world import World, running_world

pytestmark = pytest.mark.browser
HERE = Path(__file__).parent
INSIDE = [(SIDE // 2, SIDE // 2), (0, 0)]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The emulator with the small bot of page_bot."""
    reason = page_browser.missing()
    if reason:
        pytest.skip(f"{reason}: the page cannot be looked at")
    with running_world() as world:
        world.start_bot()
        yield world


@pytest.fixture(scope="module")
def browser(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One browser for the module: starting it takes seconds."""
    driver = page_browser.launch(tmp_path_factory.mktemp("chromium"))
    yield Page(driver, world.emulator.url)
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
    page.one("hint-close").click()
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
    page.one("add-person").click()
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
    page.one("dismiss", page.see("bold and code")).click()
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
    assert "Dessiner une icône" in rows[0].text
    assert not [row for row in rows if "/tend" in row.text]
    page.type("melicon graine:5" + Keys.ENTER)
    message = page.see("5")
    assert "Camille used" in " ".join(page.one("used", message).text.split())


def test_buttons_edit_add_and_delete_and_a_silent_one_is_reported(page: Page) -> None:
    page.say("/melicon seed:40")
    message = page.see("40")
    assert not page.button(message, "Off").is_enabled()
    page.button(message, "Another").click()
    more = page.see("one more")
    page.watch('button[aria-busy="true"]')
    page.button(more, "Ignore").click()
    failed = page.wait(lambda: page.one("interaction-failed", page.see("one more")), "the failure")
    assert failed.text == "This interaction failed"
    assert page.watched(), "the button was busy until then"
    page.button(page.see("one more"), "Keep").click()
    kept = page.see("kept")
    kept_id = str(kept.get_attribute("data-message-id"))
    page.button(kept, "Delete").click()
    page.wait(lambda: page.message(kept_id) is None, "the deletion")


def test_menus_send_what_was_chosen(page: Page) -> None:
    page.say("/menus")
    message = page.see("choose")
    page.wait(lambda: page.all("select", message), "the menus")[0].click()
    page.type(Keys.ARROW_DOWN + Keys.ARROW_DOWN + Keys.ENTER)
    assert page.see("style l")
    page.wait(lambda: not page.all("select", message)[0].get_attribute("aria-busy"), "the answer")
    page.all("select", message)[1].click()
    page.type(Keys.ARROW_DOWN + Keys.ENTER + Keys.ARROW_DOWN + Keys.ENTER + Keys.ESCAPE)
    assert page.see("@Mel @Juno")


def test_a_form_is_checked_and_handed_in(page: Page) -> None:
    page.say("/form")
    modal = page.wait(lambda: page.one("modal"), "the form")
    page.type("a" + Keys.ENTER)
    assert "Name must have at least 2 characters" in modal.text
    page.type("b" + Keys.ENTER)
    assert page.see("named ab")
    assert page.all("modal") == []


def test_commands_of_the_message_and_user_menus(page: Page) -> None:
    page.say("hello everyone")
    message = page.see("hello everyone")
    page.driver.execute_script("arguments[0].click()", page.one("message-menu", message))
    page.wait(lambda: page.one("app-command"), "the menu").click()
    assert page.see(f"message {message.get_attribute('data-message-id')}")
    page.one("author", message).click()
    page.wait(lambda: page.one("user-card"), "the card")
    page.one("app-command").click()
    assert page.see("hello @Mel")


def test_files_go_with_messages_and_into_options(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("twelve bytes")
    page.one("file-input").send_keys(str(file))
    assert page.one("tray-file").text.startswith("notes.txt")
    page.say("see this")
    assert "notes.txt" in page.one("file", page.see("see this")).text
    page.say("/look")
    page.one("send").click()
    assert page.wait(lambda: page.one("problem").text, "a problem") == "file needs a file"
    page.one("option-file-file").send_keys(str(file))
    page.one("send").click()
    assert page.see("notes.txt: 12 bytes")


def test_several_pictures_are_a_grid_and_one_opens_large(page: Page) -> None:
    page.say("/gallery count:4")
    grid = page.wait(lambda: page.one("picture-grid", page.see("4 of nobody")), "a grid")
    pictures = page.all("picture", grid)
    assert len(pictures) == 4
    assert page.pixels(pictures[2], INSIDE[:1])[1] == [list(colour("40"))]
    pictures[2].click()
    box = page.wait(lambda: page.one("lightbox"), "the light box")
    assert "Icon 40" in box.text
    page.type(Keys.ARROW_RIGHT)
    assert "Icon 60" in box.text
    page.type(Keys.ESCAPE)
    page.wait(lambda: not page.all("lightbox"), "the light box to close")


@pytest.mark.parametrize(
    "attack",
    [
        "<img src=x onerror=hacked=1>",
        "<script>hacked=1</script>",
        "[click](javascript:hacked=1) <javascript:hacked=1>",
        "**<svg onload=hacked=1>** ||<b>x|| `<i>` > <u>",
    ],
)
def test_markup_in_messages_is_shown_and_never_run(page: Page, attack: str) -> None:
    page.say(attack)
    message = page.wait(lambda: page.all("message")[-1], "the message")
    page.wait(lambda: "=1" in page.all("message")[-1].text, "its text")
    assert page.driver.execute_script("return typeof hacked") == "undefined"
    inside = "img:not(.avatar img), script, svg:not(.icon), b, i, u, a[href^='javascript']"
    content = page.one("message-content", message)
    assert content.find_elements(By.CSS_SELECTOR, inside) == []


def test_markup_in_names_is_shown_and_never_run(page: Page, world: World) -> None:
    name = "<img src=x onerror=hacked=1>"
    member = next(u for u in world.emulator.core.world.users.values() if u.id == world.emulator.member.id)
    channel = next(c for g in world.emulator.core.world.guilds.values() for c in g.channels.values())
    before = member.name, channel.topic
    try:
        member.name, channel.topic = name, name
        page.open(member.id)
        page.say("it is me")
        page.see("it is me")
        assert name in page.one("persona").text
        assert page.driver.execute_script("return typeof hacked") == "undefined"
        assert page.driver.find_elements(By.CSS_SELECTOR, 'img[src="x"]') == []
    finally:
        member.name, channel.topic = before


def test_the_theme_follows_the_system_until_it_is_chosen(page: Page) -> None:
    def ground() -> int:
        colour_text = page.driver.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")
        return sum(int(part) for part in colour_text[colour_text.index("(") + 1 : -1].split(",")[:3])

    assert ground() > 700
    page.prefer("dark")
    assert ground() < 120
    page.one("theme").click()
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
        message = page.see("123")
        image = page.wait(lambda: page.one("picture", message), "its picture")
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
    node = page_browser.find("node")
    if not node:
        pytest.skip("node is not installed: the page's scripts cannot be tested alone")
    tests = [str(HERE / "page_commands.test.mjs"), str(HERE / "page_markdown.test.mjs")]
    done = subprocess.run([node, "--test", *tests], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
