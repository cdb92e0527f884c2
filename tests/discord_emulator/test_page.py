"""The page protocol: what the chat page can ask and what it is told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from discord.ext import commands

from discord_emulator import Emulator, ManualClock
from discord_emulator.model import User
from tests.discord_emulator.raw import PNG, RawBot, button, row
from tests.patience import ENOUGH


class Page:
    """A chat page without a browser."""

    def __init__(self, emulator: Emulator, http: aiohttp.ClientSession, user: User) -> None:
        self.emulator = emulator
        self.http = http
        self.user = user
        self.headers = {"Cookie": emulator.cookie}
        self.socket: aiohttp.ClientWebSocketResponse

    async def open(self) -> Page:
        """Connect the live socket."""
        url = f"{self.emulator.url}/chat/ws?user={self.user.id}"
        self.socket = await self.http.ws_connect(url, headers=self.headers)
        return self

    async def state(self) -> dict[str, Any]:
        """Load everything, as a page does first."""
        url = f"{self.emulator.url}/chat/state?user={self.user.id}"
        async with self.http.get(url, headers=self.headers) as response:
            assert response.status == 200
            return dict(await response.json())

    async def event(self, name: str) -> Any:
        """Skip to the next event of a name."""
        while True:
            payload = json.loads((await self.socket.receive(timeout=ENOUGH)).data)
            if payload["t"] == name:
                return payload["d"]

    async def post(self, path: str, files: dict[str, tuple[str, bytes]] | None = None, **body: Any) -> tuple[int, Any]:
        """Send JSON, or a form where there are (or may be) files; return status and answer."""
        body = {"user": str(self.user.id), "channel_id": str(self.emulator.channel)} | body
        options: dict[str, Any] = {"json": body}
        if files is not None:
            form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
            form.add_field("payload_json", json.dumps(body))
            for field, (name, data) in files.items():
                form.add_field(field, data, filename=name)
            options = {"data": form}
        url = f"{self.emulator.url}/chat/{path}"
        async with self.http.post(url, headers=self.headers, **options) as response:
            return response.status, await response.json()

    async def command(self, name: str, **body: Any) -> tuple[int, Any]:
        """Run a command by name."""
        commands_ = (await self.state())["commands"]
        command_id = next(command["id"] for command in commands_ if command["name"] == name)
        return await self.post("command", body.pop("files", {}), command_id=command_id, **body)


@pytest.fixture
async def page(emulator: Emulator, http: aiohttp.ClientSession) -> Page:
    """The member's page, open."""
    return await Page(emulator, http, emulator.member).open()


async def test_the_state_has_all_a_page_shows(page: Page, emulator: Emulator, raw: RawBot) -> None:
    await raw.sync(
        {"name": "ask", "description": "Ask"}, {"name": "a", "description": "A", "default_member_permissions": "8"}
    )
    state = await page.state()
    assert [user["role"] for user in state["users"]] == ["owner", "moderator", "member", "stranger"]
    assert state["me"]["username"] == "taro"
    assert state["bot"]["online"]
    assert [channel["name"] for channel in state["channels"]] == ["icons", "fanart", "read-only"]
    assert [command["name"] for command in state["commands"]] == ["ask"]
    (welcome,) = state["messages"][str(emulator.channel)]
    assert "melicon" in welcome["content"]
    assert welcome["author"]["username"] == "juno"
    for address in (state["me"]["avatar_url"], state["bot"]["avatar_url"]):
        async with page.http.get(address) as response:
            assert (response.status, response.headers["Content-Type"]) == (200, "image/png")


async def test_each_channel_has_the_commands_that_may_be_used_there(
    page: Page, emulator: Emulator, raw: RawBot
) -> None:
    private = emulator.direct_channel(emulator.member)
    contexts = {"contexts": [0]}
    await raw.sync({"name": "ask", "description": "Ask"}, {"name": "here", "description": "Here"} | contexts)
    offered = [await page.event("COMMANDS"), await page.state()]
    for told in offered:
        names = {command["id"]: command["name"] for command in told["commands"]}
        here = {channel: [names[number] for number in ids] for channel, ids in told["allowed"].items()}
        assert here[str(emulator.channel)] == ["ask", "here"]
        assert here[str(private)] == ["ask"]
        assert here[str(emulator.channels["read-only"])] == [], "who may not write may not use commands either"
    owner = await Page(emulator, page.http, emulator.owner).state()
    assert len(owner["allowed"][str(emulator.channels["read-only"])]) == 2
    assert str(private) not in owner["allowed"]


async def test_messages_with_files_are_posted_and_heard_by_every_tab(
    page: Page, emulator: Emulator, http: aiohttp.ClientSession
) -> None:
    other = await Page(emulator, http, emulator.owner).open()
    status, sent = await page.post("messages", {"files[0]": ("a.png", PNG)}, content="look", nonce="n1")
    assert status == 200
    for tab in (page, other):
        heard = await tab.event("MESSAGE_CREATE")
        assert heard["id"] == sent["id"]
        assert heard["attachments"][0]["url"].startswith(emulator.url + "/attachments/")
    status, problem = await page.post("messages", content="")
    assert (status, problem["message"]) == (400, "The message is empty.")


async def test_a_deferred_command_thinks_and_then_shows(page: Page, small_bot: commands.Bot) -> None:
    status, started = await page.command("draw", nonce="n7", options=[])
    assert (status, list(started)) == (200, ["interaction_id"])
    thinking = await page.event("MESSAGE_CREATE")
    assert thinking["flags"] & 128
    assert thinking["interaction_metadata"]["id"] == started["interaction_id"]
    drawn = await page.event("MESSAGE_UPDATE")
    assert drawn["id"] == thinking["id"]
    assert not drawn["flags"] & 128
    assert drawn["attachments"]


async def test_a_file_option_travels_under_its_name(page: Page, small_bot: commands.Bot) -> None:
    options = [{"name": "file", "type": 11, "value": "file"}]
    status, _ = await page.command("measure", options=options, files={"file": ("a.png", PNG)}, nonce="x")
    assert status == 200
    assert (await page.event("MESSAGE_CREATE"))["content"] == f"a.png: {len(PNG)} 1"


async def test_ephemeral_answers_reach_one_page(
    page: Page, small_bot: commands.Bot, emulator: Emulator, http: aiohttp.ClientSession
) -> None:
    other = await Page(emulator, http, emulator.owner).open()
    options = [{"name": "text", "type": 3, "value": "psst"}, {"name": "hidden", "type": 5, "value": True}]
    await page.command("echo", options=options, nonce="1")
    assert (await page.event("MESSAGE_CREATE"))["flags"] & 64
    await emulator.post_message(emulator.owner, content="after")
    assert (await other.event("MESSAGE_CREATE"))["content"] == "after"
    assert all(message["content"] != "psst" for message in (await other.state())["messages"][str(emulator.channel)])


async def test_suggestions_buttons_and_modals_work_from_the_page(page: Page, small_bot: commands.Bot) -> None:
    suggest = next(c for c in (await page.state())["commands"] if c["name"] == "suggest")
    options = [{"name": "word", "type": 3, "value": "a", "focused": True}]
    status, answer = await page.post("autocomplete", command_id=suggest["id"], options=options)
    assert status == 200
    assert answer["choices"][0] == {"name": "a0", "value": "a-0"}
    await page.command("count", nonce="c")
    message = await page.event("MESSAGE_CREATE")
    press = {"message_id": message["id"], "custom_id": "count:0", "component_type": 2, "values": [], "nonce": "p"}
    assert (await page.post("component", **press))[0] == 200
    assert (await page.event("MESSAGE_UPDATE"))["content"] == "pressed 1"
    await page.command("form", nonce="f")
    modal = await page.event("MODAL")
    assert (modal["title"], modal["nonce"]) == ("A question", "f")
    components = [{"type": 18, "component": {"type": 4, "custom_id": "name", "value": "Taro"}}]
    sent = {"interaction_id": modal["interaction_id"], "custom_id": modal["custom_id"], "components": components}
    assert (await page.post("modal", nonce="m", **sent))[0] == 200
    assert (await page.event("MESSAGE_CREATE"))["content"] == "hello Taro"
    assert (await page.post("modal", nonce="m", **sent))[0] == 400, "a modal is sent once"


async def test_a_context_menu_works_from_the_page(page: Page, small_bot: commands.Bot, emulator: Emulator) -> None:
    await page.command("Wave", target_id=str(emulator.owner.id), nonce="w")
    assert (await page.event("MESSAGE_CREATE"))["content"] == "waves at Mel"


async def test_a_failed_interaction_is_told_to_its_page(page: Page, raw: RawBot, clock: ManualClock) -> None:
    message = (await raw.post({"content": "x", "components": [row(button())]})).json
    await page.post("component", message_id=message["id"], custom_id="b", component_type=2, values=[], nonce="n9")
    clock.advance(3.1)
    failed = await page.event("INTERACTION_FAILED")
    assert (failed["nonce"], failed["message"]) == ("n9", "This interaction failed")


async def test_the_page_hears_of_commands_typing_and_the_bot(
    page: Page, stranger_bot: RawBot, emulator: Emulator
) -> None:
    await stranger_bot.identify()
    assert await page.event("BOT") == {"online": True}
    await stranger_bot.sync({"name": "ask", "description": "Ask"})
    assert [command["name"] for command in (await page.event("COMMANDS"))["commands"]] == ["ask"]
    await stranger_bot.api("POST", f"/channels/{emulator.channel}/typing")
    assert (await page.event("TYPING"))["user"]["username"] == "Melicon"
    message = (await stranger_bot.post({"content": "x"})).json
    await stranger_bot.api("DELETE", f"/channels/{emulator.channel}/messages/{message['id']}")
    gone = await page.event("MESSAGE_DELETE")
    assert (gone["id"], gone["channel_id"]) == (message["id"], str(emulator.channel))
    await stranger_bot.socket.close()
    assert await page.event("BOT") == {"online": False}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("messages", {"user": "1", "content": "x"}),
        ("messages", {"user": None, "content": "x"}),
        ("messages", {"channel_id": "1", "content": "x"}),
        ("messages", {"content": ["x"]}),
        ("command", {"command_id": "1"}),
        ("command", {"command_id": {}}),
        ("autocomplete", {"command_id": "x", "options": "x"}),
        ("component", {"message_id": "1", "custom_id": "b"}),
        ("component", {"message_id": [], "custom_id": "b"}),
        ("modal", {"interaction_id": "1", "custom_id": "m"}),
    ],
)
async def test_nonsense_from_a_page_is_refused_politely(path: str, body: dict[str, Any], page: Page) -> None:
    status, answer = await page.post(path, **body)
    assert status in (400, 404)
    assert answer["message"]


async def test_nobody_presses_what_they_cannot_see(page: Page, raw: RawBot, emulator: Emulator) -> None:
    interaction, task = await raw.asked()
    data = {"content": "psst", "flags": 64, "components": [row(button(), button("off", disabled=True))]}
    await raw.callback(interaction, {"type": 4, "data": data})
    message = (await task).message
    press = {"message_id": message["id"], "component_type": 2, "values": [], "nonce": "1"}
    stranger = Page(emulator, page.http, emulator.stranger)
    assert (await stranger.post("component", custom_id="b", **press))[0] == 400
    assert (await page.post("component", custom_id="off", **press))[0] == 400
    assert (await page.post("component", custom_id="other", **press))[0] == 400
    task = asyncio.create_task(page.post("component", custom_id="b", **press))
    assert (await raw.event("INTERACTION_CREATE"))["message"]["flags"] & 64
    assert (await task)[0] == 200
