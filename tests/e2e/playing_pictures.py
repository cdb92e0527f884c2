"""Takes the pictures of docs/commands.md: `python -m tests.e2e.playing_pictures`.

The shipped weights, the real client, and the chat page in a real browser, where one person tries everything. After new
weights, or a change to the page, run it and look at what it made.
"""

from __future__ import annotations

import argparse
import dataclasses
import io
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import discord
from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from bot.app import build_bot
from gan.checkpoint.weights import load_generator
from gan.codes import IconCode
from gan.rendering import contact_sheet
from gan.sampling.sampler import Sampler
from tests.e2e.page import browser as chromium
from tests.e2e.page.browser import Page
from tests.e2e.page.world import World, running_world
from tests.patience import ENOUGH

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "weights" / "default.safetensors"
TWEAKED = ("hair", "hair_colour", "eyes", "mouth", "headwear", "background")
CELL = 96  # pixels a side of an icon on a sheet
KEPT = ("123", "456", "naru", "7", "8", "2026", "31")

Message = dict[str, Any]

DAILY: dict[str, Any] = {"time": "9:00", "timezone": "Tokyo", "server_icon": True, "monthly": True}


class Photographer:
    """One person at the page, with a camera."""

    def __init__(self, world: World, page: Page, out: Path) -> None:
        self._world = world
        self._page = page
        self._out = out
        self.me = world.emulator.moderator
        self.channel = world.emulator.channel

    def order(self, command: str, **options: Any) -> Message:
        """Return the message that answers a slash command."""
        reply = self._world.run(self._world.emulator.slash(self.me, command, options, timeout=ENOUGH), ENOUGH)
        return dict(reply.message)

    def press(self, message: Message, what: str, values: list[str] | None = None) -> Any:
        """Press the button, or choose from the menu, whose custom id begins with `what`; returns the reply."""
        found = next(c for c in _components(message) if str(c.get("custom_id", "")).startswith(f"mel:v1:{what}"))
        return self._world.run(
            self._world.emulator.press(self.me, message, found["custom_id"], values, timeout=ENOUGH), ENOUGH
        )

    def look(self, message: Message) -> WebElement:
        """Scroll to a message and wait until its pictures are there."""

        def seen() -> Any:
            element = self._page.message(message["id"])
            images = element.find_elements(By.TAG_NAME, "img") if element else []
            loaded = all(i.get_property("complete") and i.get_property("naturalWidth") for i in images)
            return element if element and images and loaded else None

        found: WebElement = self._page.wait(seen, message["id"], ENOUGH)
        # the hint for newcomers would cover the last message
        self._page.driver.execute_script("document.querySelector('[data-testid=hint-close]')?.click()")
        self._page.driver.execute_script("arguments[0].scrollIntoView({block: 'end'})", found)
        time.sleep(0.5)  # until the page has scrolled
        return found

    def take(self, name: str, message: Message) -> None:
        """Photograph a message."""
        self.keep(name, self.look(message).screenshot_as_png)

    def take_page(self, name: str) -> None:
        """Photograph all that is to be seen."""
        time.sleep(1)  # until what opens is open
        self.keep(name, self._page.driver.get_screenshot_as_png())

    def click(self, message: Message, label: str) -> None:
        """Click a button as a person does."""
        self._page.button(self.look(message), label).click()

    def keep(self, name: str, png: bytes) -> None:
        """Write a screenshot with few colours, small enough for a repository."""
        self.write(name, Image.open(io.BytesIO(png)).convert("RGB").quantize(256))

    def write(self, name: str, picture: Image.Image) -> None:
        """Write a picture."""
        picture.save(self._out / f"play-{name}.png", optimize=True)
        print(f"play-{name}.png", picture.size, flush=True)


def _components(message: Message) -> list[dict[str, Any]]:
    return [c for row in message.get("components", []) for c in row.get("components", [row])]


def _options(message: Message) -> dict[str, str]:
    """Return the labels of a message's menus with their values."""
    return {o["label"]: o["value"] for c in _components(message) for o in c.get("options", [])}


def photograph(camera: Photographer) -> None:
    """Try everything and take its picture."""
    icon = camera.order("melicon", seed="123")
    camera.take("icon", icon)
    camera.take("variations", camera.press(icon, "variations").message)
    camera.take("grid", camera.order("grid", count=16))
    camera.take("mix", camera.order("mix", a="123", b="2026"))
    camera.take("describe", camera.order("describe", text="pink hair, round glasses, wings", beard="full beard"))
    camera.take("like-me", camera.order("like-me", user=camera.me))

    tweaked = camera.order("tweak", code="123")
    tweaked = camera.press(tweaked, "knob", [_options(tweaked)["hair colour"]]).message
    for _ in range(3):
        forward = next(c["custom_id"] for c in _components(tweaked) if "+:" in str(c.get("custom_id")))
        tweaked = camera.press(tweaked, forward.removeprefix("mel:v1:")).message
    camera.take("tweak", tweaked)

    for code in KEPT:
        camera.press(camera.order("melicon", seed=code), "keep")
    camera.take("gallery", camera.order("gallery"))
    camera.take("top", camera.order("top"))

    camera.take("settings", camera.order("settings", language="server"))
    camera.take("daily", camera.order("daily set", channel=camera.channel, **DAILY))

    camera.click(camera.order("melicon", seed="456"), "Mix")
    camera.take_page("form")


def sheets(camera: Photographer) -> None:
    """Draw what the page cannot show at once: tweaks, directions, and a morph's frames."""
    network, card = load_generator(WEIGHTS)
    sampler, base = Sampler(network, card), IconCode.parse("123")
    tweaks = [(name, base.tweak(name, n) if n else base) for name in TWEAKED for n in range(-2, 7)]
    values = [sampler.describe(code)[name].replace("_", " ") for name, code in tweaks]
    camera.write(
        "tweak-sheet", Image.fromarray(contact_sheet(sampler.render([code for _, code in tweaks], CELL), 9, 8, values))
    )
    nameless = Sampler(network, dataclasses.replace(card, attributes=[]))
    steps = [(f"d{d}", n) for d in range(1, 7) for n in range(-8, 9, 2)]
    icons = nameless.draw([base.tweak(name, n) if n else base for name, n in steps])
    camera.write(
        "tweak-directions", Image.fromarray(contact_sheet(icons, 9, 8, [f"{n}:{s}" if s else "123" for n, s in steps]))
    )
    ends = [base, IconCode.parse("2026")]
    frames = sampler.render_morph(ends, CELL)[:25:3]
    camera.write("morph", Image.fromarray(contact_sheet(frames, 9, 8)))


def main() -> int:
    """Take all pictures; 1 where there is no browser."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images", help="the folder for the pictures")
    out: Path = parser.parse_args().out
    if why := chromium.missing():
        print(why, file=sys.stderr)
        return 1
    out.mkdir(parents=True, exist_ok=True)
    with running_world() as world, tempfile.TemporaryDirectory() as folder:
        emulator = world.emulator
        settings = world.settings(WEIGHTS, Path(folder), cooldown_burst=1000)

        def bot() -> discord.Client:
            return build_bot(settings)

        world.start_bot(bot)
        driver = chromium.launch(Path(folder) / "chrome")
        try:
            page = Page(driver, emulator.page_url)
            page.open(emulator.moderator.id)
            page.resize(760, 900)
            page.prefer("light")
            camera = Photographer(world, page, out)
            photograph(camera)
            sheets(camera)
        finally:
            driver.quit()
            world.stop_bot()
    return 0


if __name__ == "__main__":
    sys.exit(main())
