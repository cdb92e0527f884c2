"""A headless Chromium that looks at the chat page: finding it, opening pages, and the few gestures tests need."""

from __future__ import annotations

import base64
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.patience import ENOUGH

_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-quic --disable-dev-shm-usage"
)

# Runs before each page: what it gives up itself (GIVE_UP and PRESS_QUIET in pending.js), it gives up a hundred times as
# late, for on a busy machine the bot's answer may come after seconds.
_PATIENT = """
const after = window.setTimeout;
window.setTimeout = (work, ms, ...more) => after(work, [4000, 8000].includes(ms) ? 100 * ms : ms, ...more);
"""

# Runs in the page: the RGB of some pixels of a picture, as it was served.
_PIXELS = """
const [image, points, done] = arguments;
fetch(image.src).then((answer) => answer.blob()).then((blob) => createImageBitmap(blob)).then((bitmap) => {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  done({ size: [bitmap.width, bitmap.height],
         pixels: points.map(([x, y]) => [...context.getImageData(x, y, 1, 1).data].slice(0, 3)) });
});
"""

# Runs in the page: the bytes behind an address, as base64.
_BYTES = """
const [url, done] = arguments;
fetch(url).then((answer) => answer.arrayBuffer()).then((buffer) =>
  done(btoa(String.fromCharCode(...new Uint8Array(buffer)))));
"""


def missing() -> str | None:
    """Why no browser test can run here, or None."""
    if not find("chromium", "chromium-browser", "google-chrome"):
        return "Chromium is not installed"
    return None if find("chromedriver") else "chromedriver is not installed"


def find(*names: str) -> str | None:
    """The path of the first of these programs that exists."""
    return next((path for path in map(shutil.which, names) if path), None)


def launch(profile: Path) -> webdriver.Chrome:
    """A browser with an empty profile folder, 1200×800."""
    options = webdriver.ChromeOptions()
    options.binary_location = find("chromium", "chromium-browser", "google-chrome") or ""
    for flag in [*_FLAGS.split(), "--window-size=1200,800", f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(find("chromedriver")))
    driver.set_script_timeout(ENOUGH)
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _PATIENT})
    return driver


# Runs in the page: note whether something that fits a selector is ever there, however short.
_WATCH = """
const [selector] = arguments;
window.watchedFor = false;
const look = () => { window.watchedFor ||= document.querySelector(selector) !== null; };
new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
"""


# Runs in the page: the last message with this text that is no older than asked for; one question, however many
# messages there are.
_SEE = """
const [text, since] = arguments;
const bornAt = (message) => (BigInt(message.dataset.messageId) >> 22n) + 1420070400000n;
const parts = '[data-testid="message-content"], [data-testid="embed"], [data-testid="file"]';
const messages = [...document.querySelectorAll('[data-testid="message"]')];
return messages.filter((message) => bornAt(message) >= BigInt(since)).findLast((message) =>
  [...message.querySelectorAll(parts)].some((part) => part.innerText.includes(text))) ?? null;
"""


class Page:
    """The chat page as one persona sees it. Parts are named by their ``data-testid``."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        """`address`: the one that opens the page, with its key."""
        self.driver = driver
        self.address = address
        self.url = address.split("/?", maxsplit=1)[0]
        self.since = 0  # ms since 1970: `see` overlooks messages that are older

    def open(self, user: int | str | None = None) -> None:
        """Open the page anew, as a persona or as whoever the page chooses, and wait until the bot is there."""
        self.driver.get(self.address + (f"&user={user}" if user else ""))
        self.wait(lambda: "online" in self.one("bot-status").text, "the bot to be online")

    def forget(self) -> None:
        """Make the next page a first visit: nothing remembered, in the browser, in the tab or here."""
        self.since = time.time_ns() // 1_000_000
        wanted = {"origin": self.url, "storageTypes": "local_storage"}
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", wanted)
        if self.driver.current_url.startswith(self.url):
            self.driver.execute_script("localStorage.clear(); sessionStorage.clear()")

    def resize(self, width: int, height: int, *, phone: bool = False) -> None:
        """Look through a window of this size."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def prefer(self, scheme: str) -> None:
        """Let the system prefer "light" or "dark"."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def all(self, testid: str, within: WebElement | None = None) -> list[WebElement]:
        """Every such part that is shown."""
        found = (within or self.driver).find_elements(By.CSS_SELECTOR, f'[data-testid="{testid}"]')
        return [element for element in found if element.is_displayed()]

    def one(self, testid: str, within: WebElement | None = None) -> WebElement:
        """The last such part."""
        found = (within or self.driver).find_elements(By.CSS_SELECTOR, f'[data-testid="{testid}"]')
        assert found, f"there is no {testid} on the page"
        return found[-1]

    def click(self, testid: str, within: WebElement | Callable[[], WebElement] | None = None) -> None:
        """Click the last such part, which the page may be redrawing; so may be `within`, unless it is a function."""

        def clicked() -> bool:
            self.one(testid, within() if callable(within) else within).click()
            return True

        self.wait(clicked, f"a click on {testid}")

    def wait(self, check: Any, what: str, seconds: float = ENOUGH) -> Any:
        """Wait until `check()` returns something true, and return that."""

        def tried(_: webdriver.Chrome) -> Any:
            try:
                return check()
            except Exception:  # noqa: BLE001 - parts come and go while the page redraws
                return None

        return WebDriverWait(self.driver, seconds, 0.05).until(tried, f"waited {seconds:g} s for {what}")

    def watch(self, selector: str) -> None:
        """From now on, note whether this is ever on the page."""
        self.driver.execute_script(_WATCH, selector)

    def watched(self) -> bool:
        """Whether it was."""
        return bool(self.driver.execute_script("return window.watchedFor"))

    def see(self, text: str) -> WebElement:
        """Wait for a message with this in its text or its embed, and return the last one since `forget`."""
        return self.wait(lambda: self.driver.execute_script(_SEE, text, self.since), f"a message with {text!r}")

    def last(self) -> WebElement:
        """The message at the end."""
        return self.one("message")

    def message(self, message_id: str) -> WebElement | None:
        """The message with this id, if it is shown."""
        found = self.driver.find_elements(By.CSS_SELECTOR, f'[data-message-id="{message_id}"]')
        return found[0] if found else None

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(text)

    def say(self, text: str) -> None:
        """Type a line into the composer and press Enter."""
        self.one("composer").send_keys(text + Keys.ENTER)

    def become(self, role: str) -> None:
        """Switch to another persona."""
        self.click("persona")
        self.click(f"persona-{role}")
        self.wait(lambda: self.one("persona").get_attribute("data-role") == role, f"being the {role}")

    def button(self, message: WebElement, label: str) -> WebElement:
        """The button of a message with this label."""
        return next(b for b in self.all("button", message) if b.text == label)

    def pixels(self, image: WebElement, points: list[tuple[int, int]]) -> tuple[list[int], list[list[int]]]:
        """The size of a picture's file and the RGB at some of its points."""
        found = self.driver.execute_async_script(_PIXELS, image, points)
        return found["size"], found["pixels"]

    def bytes(self, url: str) -> bytes:
        """What the page gets from an address."""
        return base64.b64decode(self.driver.execute_async_script(_BYTES, url))

    def rect(self, element: WebElement) -> dict[str, float]:
        """Where a part is in the window: left, top, right and bottom in pixels."""
        return dict(self.driver.execute_script("return arguments[0].getBoundingClientRect().toJSON()", element))

    def hits(self, element: WebElement) -> bool:
        """Whether a click into the middle of a part would reach it: it is in the window, and nothing covers it."""
        script = (
            "const box = arguments[0].getBoundingClientRect();"
            "return arguments[0].contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));"
        )
        return bool(self.driver.execute_script(script, element))

    def show(self, channel: str) -> None:
        """Turn to a channel, whose entry the page may be redrawing."""

        def turned() -> bool:
            next(entry for entry in self.all("channel") if entry.text.startswith(channel)).click()
            return True

        self.wait(turned, f"a click on #{channel}")

    def errors(self) -> list[str]:
        """What the console complained about since the last look."""
        levels = {"SEVERE", "WARNING"}
        return [line["message"] for line in self.driver.get_log("browser") if line["level"] in levels]
