"""The names in the README and in docs/commands.md exist: icon codes of the shipped weights, commands, settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.app import COGS, build_bot
from bot.settings import Settings
from gan.checkpoint.weights import load_card
from gan.codes import IconCode
from gan.latent.edits import check_tweaks

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text("utf-8")
CARD = load_card(ROOT / "weights" / "default.safetensors")


def rows(page: str, heading: str) -> list[str]:
    """Return the first cells of the table below a heading of a page."""
    below = page.split(f"\n{heading}\n", 1)[1].split("\n|---|---|\n", 1)[1]
    return [line.removeprefix("| ").split(" | ")[0] for line in below.split("\n\n", 1)[0].splitlines()]


@pytest.mark.parametrize(
    "code", [code for cell in rows(COMMANDS, "## Icon codes") for code in re.findall("`([^`]+)`", cell)]
)
def test_icon_codes_can_be_drawn_with_the_shipped_weights(code: str) -> None:
    parsed = IconCode.parse(code)
    assert parsed.style in (None, CARD.style)
    check_tweaks(CARD, parsed)


async def test_commands_are_there() -> None:
    bot = build_bot(Settings(_env_file=None))
    for cog in COGS:
        await bot.add_cog(cog(bot))
    known = {command.qualified_name for command in bot.tree.walk_commands()}
    cells = rows(COMMANDS, "## All commands")
    in_readme = [name for cell in rows(README, "## Commands") for name in re.findall(r"`/([a-z-]+)", cell)]
    named = [name for cell in cells for name in re.findall(r"`/([a-z-]+)", cell)]
    assert len(in_readme) > 15
    named += in_readme
    named += [f"daily {name}" for cell in cells if "`/daily" in cell for name in re.findall(r"`(\w+)`", cell)]
    assert len(named) > 15
    assert [name for name in named if name not in known] == []


def test_settings_are_there() -> None:
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)=?`", README + COMMANDS))
    assert "DISCORD_TOKEN" in named
    assert {name for name in named if name.lower() not in Settings.model_fields} == set()
