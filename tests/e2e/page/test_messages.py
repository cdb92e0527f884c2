"""Messages on the page: their buttons, menus, forms, files and pictures, and markup that stays text."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.e2e.page.bot import SIDE, colour
from tests.e2e.page.browser import Page
from tests.e2e.page.world import World

INSIDE = [(SIDE // 2, SIDE // 2), (0, 0)]

pytestmark = pytest.mark.browser


def test_buttons_edit_add_and_delete_and_a_silent_one_is_reported(page: Page, world: World) -> None:
    page.say("/melicon seed:40")
    message = page.see("40")
    assert not page.button(message, "Off").is_enabled()
    page.button(message, "Another").click()
    more = page.see("one more")
    page.watch('button[aria-busy="true"]')
    page.button(more, "Ignore").click()
    page.wait(world.unanswered, "the press to arrive")
    world.pass_deadlines()
    failed = page.wait(lambda: page.one("interaction-failed", page.see("one more")), "the failure")
    assert failed.text == "This interaction failed"
    assert page.watched(), "the button was busy until then"
    page.button(page.see("one more"), "Keep").click()
    kept = page.see("kept")
    favourite_id = str(kept.get_attribute("data-message-id"))
    page.button(kept, "Delete").click()
    page.wait(lambda: page.message(favourite_id) is None, "the deletion")


def test_menus_send_what_was_chosen(page: Page) -> None:
    page.say("/menus")
    # found anew each time: what is shown while the bot is waited for gives way to the message
    page.wait(lambda: page.all("select", page.see("choose")), "the menus")
    message = page.see("choose")
    page.all("select", message)[0].click()
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
    page.click("author", message)
    page.wait(lambda: page.one("user-card"), "the card")
    page.click("app-command")
    assert page.see("hello @Mel")


def test_files_go_with_messages_and_into_options(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("twelve bytes")
    page.one("file-input").send_keys(str(file))
    assert page.one("tray-file").text.startswith("notes.txt")
    page.say("see this")
    assert "notes.txt" in page.one("file", page.see("see this")).text
    page.say("/look")
    page.click("send")
    assert page.wait(lambda: page.one("problem").text, "a problem") == "file needs a file"
    page.one("option-file-file").send_keys(str(file))
    page.click("send")
    assert page.see("notes.txt: 12 bytes")


def test_enter_sends_once_a_file_was_chosen(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("twelve bytes")
    page.type("/look")
    page.wait(lambda: page.all("command-row"), "the menu")
    page.type(Keys.TAB)
    page.one("option-file-file").send_keys(str(file))
    assert page.driver.switch_to.active_element.text == "notes.txt"
    page.type(Keys.ENTER)
    assert page.see("notes.txt: 12 bytes")
    page.type("/look" + Keys.TAB)
    page.one("option-file-file").send_keys(str(file))
    page.type(Keys.BACKSPACE)
    assert page.one("option-file").text == "Choose a file"
    page.one("option-file-file").send_keys(str(file))
    page.type(Keys.CONTROL + Keys.ENTER)
    page.wait(lambda: len([m for m in page.all("message") if "12 bytes" in m.text]) == 2, "the second answer")


def test_files_that_wait_go_into_the_options_one_by_one_and_none_is_lost(page: Page, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.txt" for name in "abc"]
    for file in files:
        file.write_text("twelve bytes")
    page.one("file-input").send_keys("\n".join(map(str, files)))
    page.say("/compare")
    problem = page.wait(lambda: page.one("problem").text, "a problem")
    assert problem == "/compare takes at most 2 files; what is left waits for a message."
    page.click("send")
    assert page.see("a.txt and b.txt")
    page.say("and this")
    assert "c.txt" in page.one("file", page.see("and this")).text


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
