"""`melicon code`: the icon code in a file."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from PIL import Image
from typer import Typer
from typer.testing import CliRunner

from gan.cli.code import code_command
from gan.rendering import encode_png


def invoke(*files: Path) -> Result:
    app = Typer()
    app.command()(code_command)
    return CliRunner().invoke(app, [str(file) for file in files])


@pytest.fixture
def icon(tmp_path: Path) -> Path:
    """A file with an icon's code, under another name."""
    file = tmp_path / "avatar (1).png"
    pixels = np.zeros((64, 64, 3), np.uint8)
    file.write_bytes(encode_png(pixels, code="123x456@25~3/mel#00000000", style="mel", model="0" * 64))
    return file


def test_one_file_is_answered_with_its_code_alone(icon: Path) -> None:
    result = invoke(icon)
    assert (result.exit_code, result.stdout) == (0, "123x456@25~3/mel#00000000\n")


def test_several_files_are_told_apart_and_those_without_a_code_are_named(icon: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.png"
    out = io.BytesIO()
    with Image.open(icon) as picture:
        Image.fromarray(np.asarray(picture)).save(out, "PNG")  # without the text chunks
    again.write_bytes(out.getvalue())
    (tmp_path / "words.txt").write_text("hello")
    assert "\x1b" not in invoke(tmp_path / "\x1b[2J.png").stderr, "a name controls no terminal"
    result = invoke(icon, again, tmp_path / "words.txt", tmp_path / "gone.png", tmp_path)
    assert result.exit_code == 1
    assert result.stdout == f"{icon}: 123x456@25~3/mel#00000000\n"
    lines = result.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        str(path) for path in (again, tmp_path / "words.txt", tmp_path / "gone.png", tmp_path)
    ]
    assert "saved again" in lines[0]
    assert "No such file" in lines[2]
    assert "directory" in lines[3]
