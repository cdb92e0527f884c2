"""The command line: everything has help, and help is quick."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
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


@pytest.mark.parametrize("program", [app, gan_app])
def test_the_version_is_that_of_the_package(program: typer.Typer) -> None:
    result = CliRunner().invoke(program, ["--version"])
    assert (result.exit_code, result.output) == (0, f"melicon {version('melicon')}\n")


def test_what_a_console_cannot_show_ends_no_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "draw", "日本", "1", "--size", "64", "--out", "アイコン"]
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"\\u30a2" in done.stdout
    assert sorted(path.name for path in (tmp_path / "アイコン").iterdir()) == ["1.png", "日本.png"]


def test_each_wrong_setting_is_a_line_of_its_own(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ICON_SIZE=big\nDISCORD_TOKN=x\n")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-m", "bot", "run"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert [line.split()[:2] for line in lines] == [["melicon:", "ICON_SIZE"], ["melicon:", "DISCORD_TOKN"]]
