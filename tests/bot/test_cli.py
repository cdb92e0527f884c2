"""The command line: everything has help, and help is quick."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from gan.__main__ import app as gan_app

COMMANDS = [info.name or (info.callback.__name__ if info.callback else "") for info in gan_app.registered_commands]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from bot.__main__ import app;"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0;"
        "print({'torch', 'discord', 'sqlalchemy', 'aiohttp', 'numpy', 'PIL'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"


def test_the_help_lists_the_bots_commands_and_the_models() -> None:
    text = CliRunner().invoke(app, ["--help"]).output
    assert COMMANDS
    for command in ("try", "bot", "run", *COMMANDS):
        assert f" {command} " in text


@pytest.mark.parametrize("command", ["try", "bot", "run", *COMMANDS])
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_an_unknown_command_is_an_error_with_code_two() -> None:
    result = CliRunner().invoke(app, ["paint"])
    assert result.exit_code == 2
